"""The page in which people try queries."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme

from graphql_schema.errors import ApiError, Code
from graphql_schema.viewer import viewer_of


def explorer(request: HttpRequest) -> HttpResponseBase:
    """Return the page, for who may view the log.

    Raises:
        PermissionDenied: They may not, or the log is closed to them.
    """
    viewer = viewer_of(request)
    try:
        viewer.require()
    except ApiError as error:
        if (error.extensions or {})["code"] == Code.UNAUTHENTICATED:
            return redirect_to_login(request.get_full_path())
        raise PermissionDenied(error.message) from None
    response = TemplateResponse(request, "graphql_schema/explorer.html", {"user": viewer.user})
    response["Content-Security-Policy"] = _policy(request)
    return response


def _policy(request: HttpRequest) -> str:
    """Return what the page may load: its own files, from wherever the host serves static files, and nothing else."""
    address = static("graphql_schema/explorer.js")
    ours = "'self'"
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        parts = urlsplit(address, scheme=request.scheme or "")
        ours += f" {parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src {ours}; style-src {ours}; img-src data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
