"""What every page of the log does first: who may see it, whether it is open, which clock it shows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import get_select2_language
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit_plugin.admin.preferences import wanted_zone, zone_of
from audit_plugin.admin.watching import note_view
from audit_plugin.display import looking_up_once
from audit_plugin.models import Entry
from audit_plugin.rollup import reading_once
from audit_plugin.visibility import gate, may_view

TEMPLATES = "admin/audit_plugin/entry"


class LogPage:
    """One page of the log. Subclasses say what is on it.

    Args:
        site: The admin site that shows it.
        request: The request.
    """

    #: The whole page, and the part of it that each target of an htmx request gets instead.
    template: ClassVar[str]
    parts: ClassVar[dict[str, str]] = {}
    #: The methods that the page answers.
    methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD")
    #: What the page is called in the log, where looking at it is recorded.
    viewed: ClassVar[str] = ""
    #: Whether the page has a field that looks choices up while somebody types.
    typeahead: ClassVar[bool] = False

    def __init__(self, site: AdminSite, request: HttpRequest) -> None:
        self.site = site
        self.request = request
        self.user = request.user

    def respond(self, **kwargs: Any) -> HttpResponseBase:
        """Answer the request.

        Raises:
            PermissionDenied: The person may not view the log.
        """
        if not may_view(self.user):
            raise PermissionDenied
        if self.request.method not in self.methods:
            return HttpResponseNotAllowed(self.methods)
        refusal = gate(self.request)
        if refusal is not None:
            messages.warning(self.request, str(refusal.message))
            return HttpResponseRedirect(refusal.url or reverse("admin:index", current_app=self.site.name))
        if any("\x00" in str(part) for part in kwargs.values()):
            raise Http404(self.nothing)  # No text in PostgreSQL holds one, and asking for it is an error.
        # AdminSite.admin_view doesn't set it; `{% url "admin:…" %}` would lead to the default site.
        self.request.current_app = self.site.name
        with timezone.override(zone_of(self.request)), reading_once(), looking_up_once():
            response = self.get(**kwargs)
            if isinstance(response, TemplateResponse):
                response.render()
        if response.status_code == 200:
            note_view(self.viewed, self.request, **kwargs)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def get(self, **kwargs: Any) -> HttpResponseBase:
        """Return the page, or the part of it that was asked for."""
        part = self.parts.get(self.request.headers.get("HX-Target", "")) if self.is_htmx else None
        context = {**self.shared(), **self.context(**kwargs), "part": part}
        return TemplateResponse(self.request, f"{TEMPLATES}/{part or self.template}", context)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the template shows."""
        raise NotImplementedError

    @property
    def is_htmx(self) -> bool:
        """Whether only a part of the page is wanted."""
        return self.request.headers.get("HX-Request") == "true"

    def shared(self) -> dict[str, Any]:
        """Return what the frame around every page needs."""
        language = get_select2_language()
        return {
            **self.site.each_context(self.request),
            "opts": Entry._meta,
            "htmx": apps.is_installed("django_htmx"),
            "typeahead": self.typeahead,
            "select2_language": f"admin/js/vendor/select2/i18n/{language}.js" if language else None,
            "wanted_zone": wanted_zone(self.request),
            "zone": timezone.get_current_timezone_name(),
            "zone_cookie_path": reverse("admin:index", current_app=self.site.name),
        }

    def url(self, name: str, *arguments: Any) -> str:
        """Return the address of one of the log's pages."""
        return reverse(f"admin:audit_plugin_entry_{name}", args=arguments, current_app=self.site.name)

    def crumbs(self, *last: dict[str, str]) -> list[dict[str, str]]:
        """Return the way to this page, after "Home"."""
        home = {"label": capfirst(str(Entry._meta.verbose_name_plural)), "url": self.url("changelist")}
        return [home, *last] if last else [{"label": home["label"]}]

    @property
    def nothing(self) -> str:
        """What to say of something that isn't there, or isn't for this person: nobody is to learn which."""
        return _("There is no such entry, or you may not see it.")
