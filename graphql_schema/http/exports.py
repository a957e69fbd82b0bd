"""Where an exported file is fetched from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from audit_plugin.export import ExportError, ExportRefusedError, ExportResponse
from graphql_schema.errors import ApiError
from graphql_schema.exports import SignedExport


@method_decorator(never_cache, name="dispatch")
class AuditGraphQLExportView(View):
    """Streams an export to who has its address: the signature says who asked, their rights are looked up anew."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """Return the file.

        Args:
            request: The request.
            token: What was signed. By this name it is masked where the request is recorded.
        """
        try:
            export = SignedExport.read(token)
        except ApiError:
            return _refused(404, _("There is no such export."))
        if export.expired:
            return _refused(410, _("This address is no longer good. Ask for the export again."))
        visitor: Any = getattr(request, "user", None)
        if visitor is not None and visitor.is_authenticated and str(visitor.pk) != export.user_key:
            return _refused(403, _("Somebody else has asked for this export."))
        if export.user is None:
            return _refused(403, _("You may not export the audit log."))
        # A client without cookies is known by the signature alone; what it does is done in that name.
        request.user = export.user
        try:
            return ExportResponse(export.plan(request), request)
        except ExportRefusedError as error:
            return _refused(403, str(error))
        except ExportError as error:
            return _refused(400, str(error))


def _refused(status: int, message: str) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
