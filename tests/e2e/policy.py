"""What the browser tests hold the demo to: a strict content security policy, and a log that is part of a plan."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit_plugin.visibility import Refusal

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def strict(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send the policy with every page: nothing inline, nothing evaluated, nothing from elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return middleware


def gate(request: HttpRequest) -> Refusal | None:
    """Close the log to a browser that says it is on the small plan."""
    return (
        Refusal("The audit log is part of the Enterprise plan.")
        if request.COOKIES.get("plan") == "small"
        else None
    )
