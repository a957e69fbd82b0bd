"""What somebody may export, and what they are told when they ask for something else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory, override_settings

from audit_plugin.export import (
    COLUMNS,
    FORMATS,
    SELECTIONS,
    Confirmation,
    ExportError,
    ExportRefusedError,
    columns_of,
    format_of,
    plan,
    plan_for,
    plan_from,
)
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Context, Entry
from audit_plugin.visibility import Refusal
from tests.export.conftest import TENANT, add_entry, content, csv_rows, make_user, planned

pytestmark = pytest.mark.django_db


def closed(request: HttpRequest) -> Refusal:
    return Refusal("Your plan has no audit log.", "/plans/")


def only_north(user: Any) -> set[str]:
    return {"north"}


def asking(user: Any, query: str = "", **data: Any) -> HttpRequest:
    path = f"/export/?{query}"
    request = RequestFactory().post(path, data) if data else RequestFactory().get(path)
    request.user = user
    return request


def ids(export: Any) -> set[str]:
    return {row[0] for row in csv_rows(export)[1:]}


@pytest.mark.parametrize("permissions", [[], ["audit_plugin.view_entry"], ["audit_plugin.export_entry"]])
def test_who_may_not(permissions: list[str]) -> None:
    with pytest.raises(ExportRefusedError):
        plan(make_user("ben", *permissions))


def test_nobody_and_the_dismissed_may_not(exporter: User) -> None:
    exporter.is_active = False
    for user in (AnonymousUser(), exporter):
        with pytest.raises(ExportRefusedError):
            plan(user)


@override_settings(AUDIT_GATE=closed)
def test_a_closed_log_is_closed_to_exports(exporter: User) -> None:
    with pytest.raises(ExportRefusedError, match="Your plan has no audit log"):
        plan(exporter, request=asking(exporter))
    with pytest.raises(ExportRefusedError):
        plan_from(asking(exporter, format="csv"))
    with pytest.raises(ExportRefusedError):
        Confirmation(asking(exporter))


def test_only_models_that_somebody_may_view(exporter: User, ann: Context) -> None:
    author, event = (
        add_entry(ann),
        add_entry(ann, model="", action="auth.login", operation=None, changes=None),
    )
    add_entry(ann, model="testapp.book")
    add_entry(ann, model="auth.user")
    found = ids(plan(exporter, EntryFilter(tenant=TENANT), columns="id"))
    assert found == {str(author.pk), str(event.pk)}


@override_settings(AUDIT_TENANT_SCOPE=only_north)
def test_only_tenants_that_somebody_belongs_to(exporter: User, ann: Context) -> None:
    north = add_entry(ann, tenant="north")
    add_entry(ann, tenant="south")
    add_entry(ann, tenant=None)
    assert ids(plan(exporter, columns="id")) == {str(north.pk)}
    assert ids(plan(exporter, EntryFilter(tenant="south"), columns="id")) == set()


def test_a_filter_narrows_down(exporter: User, ann: Context) -> None:
    add_entry(ann)
    wanted = add_entry(ann, action="delete", operation="D", changes={"name": "Ann"})
    assert ids(plan(exporter, EntryFilter(tenant=TENANT, action="delete"), columns="id")) == {str(wanted.pk)}


def test_a_filter_that_makes_no_sense_is_no_empty_file() -> None:
    backwards = EntryFilter(since=date(2026, 2, 1), until=date(2026, 1, 1))
    with pytest.raises(ExportError, match="until: The end is before the start"):
        planned(given=backwards)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"format": "pdf"}, "no format “pdf”. There are: csv, json, ndjson, xlsx"),
        ({"columns": "chanegs"}, "Did you mean “changes”"),
        ({"columns": ["id", "password"]}, "no column “password”"),
        ({"columns": "id,id"}, "each only once"),
        ({"columns": ","}, "at least one column"),
        ({"columns": []}, "at least one column"),
        ({"dates": "mdy"}, "no date format “mdy”"),
    ],
)
def test_unknown_choices(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=re.escape(message)):
        planned(**choice)


def test_each_selection_and_format_exists() -> None:
    assert {name for names in SELECTIONS.values() for name in names} == set(COLUMNS)
    for name in SELECTIONS:
        assert [column.name for column in columns_of(name)] == list(SELECTIONS[name])
    for name in FORMATS:
        assert format_of(name).name == name


def test_people_get_a_summary_and_machines_all() -> None:
    def names(format: str) -> list[str]:
        return [column.name for column in planned(format=format).columns]

    assert names("csv") == names("xlsx") == list(SELECTIONS["summary"])
    assert names("json") == names("ndjson") == list(SELECTIONS["all"])
    with override_settings(AUDIT_EXPORT_COLUMNS=["id", "user"]):
        assert names("csv") == names("json") == ["id", "user"]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("audit-logs-%Y-%m-%d", "audit-logs-2026-03-04.csv"),
        ("audit-log-%Y%m%dT%H%M%SZ", "audit-log-20260304T233001Z.csv"),
    ],
)
def test_the_name_of_the_file(pattern: str, name: str) -> None:
    export = planned()
    export.begun = datetime(2026, 3, 4, 23, 30, 1, tzinfo=UTC)
    with override_settings(AUDIT_EXPORT_FILENAME=pattern):
        assert export.filename == name


def test_the_default_name_is_the_day() -> None:
    assert re.fullmatch(r"audit-logs-\d{4}-\d\d-\d\d\.csv", planned().filename)


def test_a_form_chooses(exporter: User, ann: Context) -> None:
    add_entry(ann)
    request = asking(exporter, f"tenant={TENANT}", format="csv", column=["action", "table"], dates="iso")
    export = plan_from(request)
    assert csv_rows(export) == [["Action", "Table"], ["Updated", "Author"]]
    assert (export.filters, export.moments) == ({"tenant": TENANT}, "iso")


@pytest.mark.parametrize(
    "bad", ["since=2026-02-31", "since=2026-02-01&until=2026-01-01", "context=x", "period=ever"]
)
def test_a_form_with_a_bad_filter(exporter: User, bad: str) -> None:
    with pytest.raises(ExportError):
        plan_from(asking(exporter, bad, format="csv"))
    confirmation = Confirmation(asking(exporter, bad))
    assert confirmation.errors and confirmation.count.value == 0


def test_the_confirmation_counts_and_names_the_filters(exporter: User, ann: Context) -> None:
    for _ in range(3):
        add_entry(ann)
    add_entry(ann, model="testapp.book")
    confirmation = Confirmation(asking(exporter, f"tenant={TENANT}&action=update"))
    assert confirmation.count.value == 3 and not confirmation.count.capped
    assert sorted(confirmation.filters) == [("action", "update"), ("tenant", TENANT)]
    assert confirmation.errors == {} and confirmation.notes == []
    assert [name for name, _ in confirmation.selections] == list(SELECTIONS)


@override_settings(AUDIT_EXPORT_XLSX_CAP=2)
def test_the_confirmation_warns_of_the_limit(exporter: User, ann: Context) -> None:
    for _ in range(3):
        add_entry(ann)
    [note] = Confirmation(asking(exporter, f"tenant={TENANT}")).notes
    assert "the newest 2 entries only" in note


def test_the_confirmation_comes_back_with_what_is_wrong(exporter: User) -> None:
    confirmation = Confirmation(asking(exporter, "", format="pdf"))
    assert "pdf" in confirmation.errors["export"]


def test_the_confirmation_is_for_exporters() -> None:
    with pytest.raises(ExportRefusedError):
        Confirmation(asking(make_user("ben", "audit_plugin.view_entry")))


def test_the_order_of_the_queryset_does_not_count(ann: Context) -> None:
    for number in range(3):
        add_entry(ann, object_id=str(number))
    entries = Entry.objects.filter(tenant=TENANT).order_by("seq")
    assert content(plan_for(entries, columns="subject_id")).decode("utf-8-sig") == "Subject ID\n2\n1\n0\n"


def test_query_dicts_and_mappings_are_read_alike() -> None:
    from audit_plugin.export.choice import chosen

    assert chosen(QueryDict("format=json&columns=all")) == chosen({"format": "json", "columns": "all"})
    assert chosen(QueryDict("column=id&column=user"))["columns"] == ["id", "user"]
    assert chosen({}) == {"format": "csv", "columns": None, "dates": None}
