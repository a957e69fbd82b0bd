"""Exports as a host would offer them, and one that keeps the database busy."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from audit_plugin.export import ExportError, ExportRefusedError, ExportResponse, plan
from audit_plugin.export.choice import chosen
from audit_plugin.filters import EntryFilter


def download(request: HttpRequest) -> HttpResponseBase:
    given, _errors = EntryFilter.parse(request.GET)
    try:
        export = plan(request.user, given, request=request, **chosen(request.GET))
    except ExportRefusedError as error:
        raise PermissionDenied(str(error)) from error
    except ExportError as error:
        return HttpResponse(str(error), status=400)
    if "sleep" in request.GET:
        seconds = float(request.GET["sleep"])
        export.entries = export.entries.extra(where=["pg_sleep(%s) IS NOT NULL"], params=[seconds])
    return ExportResponse(export, request)


urlpatterns = [path("export/", download)]
