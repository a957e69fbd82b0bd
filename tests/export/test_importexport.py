"""The export in the manner of django-import-export."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path
from import_export.signals import post_export

from audit_plugin.admin import EntryAdmin
from audit_plugin.export import SELECTIONS
from audit_plugin.export.importexport import (
    CSV,
    JSON,
    EntryExportMixin,
    EntryResource,
    JSONLines,
    SummaryResource,
)
from audit_plugin.models import Context, Entry
from audit_plugin.visibility import Refusal
from tests.conftest import Log
from tests.export.conftest import TENANT, add_entry, csv_rows, make_user, planned
from tests.export.test_record import ends

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

URL = "/admin/audit_plugin/entry/export/"


class ExportingAdmin(EntryExportMixin, EntryAdmin):
    """As a host writes it."""


site = AdminSite()
site.register(Entry, ExportingAdmin)
urlpatterns = [path("admin/", site.urls)]


def closed(request: HttpRequest) -> Refusal:
    return Refusal("Not in your plan.", "/plans/")


@pytest.fixture
def staff(exporter: User, client: Client) -> User:
    exporter.is_staff = True
    exporter.save()
    client.force_login(exporter)
    return exporter


def form(resource: int = 0, format: int = 0, *fields: str) -> dict[str, Any]:
    """Return what import-export's form sends."""
    classes = ["summaryresource", "entryresource", "extendedresource"]
    selected = fields or list(SELECTIONS.values())[resource]
    return {"resource": resource, "format": format} | {
        f"{classes[resource]}_{name}": "on" for name in selected
    }


def test_the_form_offers_formats_and_resources(client: Client, staff: User) -> None:
    page = client.get(URL).content.decode()
    for text in ("Summary", "All", "Extended", "csv", "json", "ndjson", "xlsx"):
        assert text in page


def test_the_form_exports(client: Client, staff: User, ann: Context, log: Log) -> None:
    add_entry(ann), add_entry(ann, tenant="elsewhere"), add_entry(ann, model="testapp.book")
    sent: list[Any] = []
    post_export.connect(lambda model, **kwargs: sent.append(model), weak=False, dispatch_uid="test")
    response = client.post(f"{URL}?tenant={TENANT}", form())
    post_export.disconnect(dispatch_uid="test")
    assert response.streaming and sent == [Entry]
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Date & Time", "User", "Action", "Table", "Changes"]
    assert len(rows) == 2
    [details] = ends(log)
    assert (details["filters"], details["count"]) == ({"tenant": TENANT}, 1)


def test_the_form_chooses_format_and_fields(client: Client, staff: User, ann: Context) -> None:
    entry = add_entry(ann)
    response = client.post(f"{URL}?tenant={TENANT}", form(1, 2, "id", "subject_id"))
    assert json.loads(b"".join(response)) == {"id": str(entry.pk), "subject": {"id": "1"}}


def test_a_bad_filter_is_a_message(client: Client, staff: User) -> None:
    response = client.post(f"{URL}?since=2026-02-31", form())
    assert response.status_code == 200 and "There is no such date" in response.content.decode()


def test_without_the_permission(client: Client) -> None:
    viewer = make_user("viewer", "audit_plugin.view_entry")
    viewer.is_staff = True
    viewer.save()
    client.force_login(viewer)
    assert client.get(URL).status_code == client.post(URL, form()).status_code == 403


@override_settings(AUDIT_GATE=closed)
def test_a_closed_log(client: Client, staff: User, log: Log) -> None:
    response = client.post(URL, form())
    assert (response.status_code, response["Location"]) == (302, "/plans/")
    assert ends(log) == []


def test_nothing_leaves_that_somebody_may_not_see(rf: Any, exporter: User, ann: Context) -> None:
    add_entry(ann, model="auth.user")
    visible = add_entry(ann)

    class Careless(ExportingAdmin):
        def get_export_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
            return Entry.objects.filter(tenant=TENANT)

    request = rf.post(URL)
    request.user = exporter
    admin = Careless(Entry, site)
    response = admin._do_file_export(JSONLines(), request, admin.get_export_queryset(request))
    [line] = b"".join(response).splitlines()  # type: ignore[arg-type]
    assert json.loads(line)["table"] == "Author" and visible.model == "testapp.author"
    request.user = make_user("ben")
    with pytest.raises(PermissionDenied):
        admin._do_file_export(JSONLines(), request, Entry.objects.all())


@pytest.mark.parametrize("resource", [SummaryResource, EntryResource])
def test_import_export_s_own_way_makes_the_same(ann: Context, resource: type[EntryResource]) -> None:
    add_entry(ann, object_repr="=1+1"), add_entry(ann, operation="D", action="delete", changes={"name": None})
    dataset = resource().export(Entry.objects.filter(tenant=TENANT).order_by("-id"))
    text = CSV().export_data(dataset)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    wanted = csv_rows(planned(columns=resource.selection))
    if resource is EntryResource:
        # The spaces in JSON are another library's.
        for row in (*rows[1:], *wanted[1:]):
            row[-1] = json.loads(row[-1])
    assert rows == wanted


def test_import_export_s_own_way_in_json(ann: Context) -> None:
    add_entry(ann), add_entry(ann)
    dataset = SummaryResource().export(Entry.objects.filter(tenant=TENANT))
    assert len(json.loads(JSON().export_data(dataset))) == 2
    assert [json.loads(line)["Table"] for line in JSONLines().export_data(dataset).splitlines()] == [
        "Author"
    ] * 2


def test_nothing_can_be_imported() -> None:
    assert EntryResource().get_import_fields() == []
