"""Pages that people sign in by and look at records on, in the ways that hosts have them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views import View
from django.views.generic import DetailView, ListView
from import_export.admin import ImportExportMixin
from import_export.resources import ModelResource
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from audit_plugin.contrib.drf import ReadMixin as ApiReadMixin
from audit_plugin.contrib.views import ReadMixin
from tests.testapp.models import Author, Tag


class EmailBackend:
    """Signs in by e-mail address, as allauth's does."""

    def authenticate(self, request: Any, email: str | None = None, password: str | None = None) -> Any:
        user = User.objects.filter(email=email).first() if email else None
        return user if user is not None and user.check_password(str(password)) else None

    def get_user(self, key: Any) -> Any:
        return User.objects.filter(pk=key).first()


def own_login(request: HttpRequest) -> HttpResponse:
    user = authenticate(request, email=request.POST.get("login"), password=request.POST.get("password"))
    if user is None:
        return HttpResponse("no", status=200)
    login(request, user)
    return HttpResponse("yes")


def own_logout(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse()


class Tokens(BaseAuthentication):
    """The token is the username."""

    def authenticate(self, request: Any) -> Any:
        _scheme, _space, key = get_authorization_header(request).decode().partition(" ")
        user = User.objects.filter(username=key).first()
        if user is None:
            raise AuthenticationFailed
        return user, key

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class AuthorSerializer(ModelSerializer):
    class Meta:
        model = Author
        fields = ("id", "name")


class Authors(ApiReadMixin, ModelViewSet):
    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    authentication_classes = (Tokens,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)


class AuthorPage(ReadMixin, DetailView):
    model = Author

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        if "broken" in self.request.GET:
            return HttpResponse(status=500)
        return HttpResponse(context["object"].name)


class AsyncAuthorPage(ReadMixin, View):
    async def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.object = await Author.objects.filter(pk=pk).afirst()
        return HttpResponse(self.object.name) if self.object else HttpResponse(status=404)


class AuthorList(ListView):
    model = Author

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(len(context["object_list"]))


class TagResource(ModelResource):
    class Meta:
        model = Tag
        fields = ("id", "name")


class TagAdmin(ImportExportMixin, admin.ModelAdmin):
    resource_classes = (TagResource,)
    search_fields = ("name",)


site = admin.AdminSite()
site.register(Author)
site.register(Tag, TagAdmin)
site.register(User)

urlpatterns = [
    path("admin/", site.urls),
    path("login/", own_login),
    path("logout/", own_logout),
    path("password/", PasswordChangeView.as_view(success_url="/")),
    path("accounts/", include("django.contrib.auth.urls")),
    path("authors/", AuthorList.as_view()),
    path("authors/<int:pk>/", AuthorPage.as_view()),
    path("async-authors/<int:pk>/", AsyncAuthorPage.as_view()),
    path("api/authors/", Authors.as_view({"get": "list"})),
    path("api/authors/<int:pk>/", Authors.as_view({"get": "retrieve", "delete": "destroy"})),
    path("hijack/", include("hijack.urls")),
]
