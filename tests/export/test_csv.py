"""CSV: what a spreadsheet reads, and what it must not run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils import timezone, translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit_plugin.export import SELECTIONS, ExportStream, plan_for
from audit_plugin.export.quoting import neutralised
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Context, Entry
from tests.export.conftest import TENANT, add_entry, content, csv_rows, one_cell, planned

pytestmark = pytest.mark.django_db


def test_the_summary_has_the_five_columns_of_the_page(ann: Context) -> None:
    add_entry(ann, changes={"name": ["Ann", "Anna"], "email": [None, "a@example.org"]})
    assert csv_rows(planned()) == [
        ["Date & Time", "User", "Action", "Table", "Changes"],
        [
            "15/01/2026 14:30:45",
            "ann@example.org",
            "Updated",
            "Author",
            "name: Ann → Anna; email: – → a@example.org",
        ],
    ]


def test_all_columns(ann: Context) -> None:
    entry = add_entry(ann)
    header, row = csv_rows(planned(columns="all"))
    assert header == [
        "ID", "Timestamp", "Channel", "Event", "Description", "Actor e-mail", "Actor ID", "Subject type", "Subject ID",
        "Subject name", "Properties",
    ]  # fmt: skip
    assert row == [
        str(entry.id), "2026-01-15T13:30:45.123456Z", "data", "update", "Ann Archer changed name of Author Ann (1)",
        "ann@example.org", "7", "testapp.author", "1", "Ann",
        '{"operation":"update","changes":{"name":{"old":"Ann","new":"Anna"}},"details":null}',
    ]  # fmt: skip


def test_a_spreadsheet_is_told_that_it_is_utf_8(ann: Context) -> None:
    add_entry(ann, object_repr="Zoë 王 🎈")
    data = content(planned(columns="subject_name"))
    assert data.startswith(b"\xef\xbb\xbfSubject name\n")
    assert data.count(b"\xef\xbb\xbf") == 1
    assert data.decode("utf-8-sig") == "Subject name\nZoë 王 🎈\n"


def test_the_newest_comes_first(ann: Context) -> None:
    for number in range(20):
        add_entry(ann, object_id=str(number))
    assert [row[0] for row in csv_rows(planned(columns="subject_id"))[1:]] == [
        str(n) for n in reversed(range(20))
    ]


def test_the_newest_comes_first_over_all_months(ann: Context) -> None:
    # Some years have no partition of their own; the entries come in no order.
    years = [2019, 2026, 2003, 2041, 2025, 2033]
    for year in years:
        moment = int(datetime(year, 5, 1, tzinfo=UTC).timestamp() * 1000)
        add_entry(ann, id=UUID(int=moment << 80 | 7 << 76 | 2 << 62 | year), object_id=str(year))
    found = [row[0] for row in csv_rows(planned(columns="subject_id"))[1:]]
    assert found == [str(year) for year in sorted(years, reverse=True)]


def test_without_entries_there_is_a_header(db: None) -> None:
    assert csv_rows(planned()) == [["Date & Time", "User", "Action", "Table", "Changes"]]
    assert csv_rows(plan_for(Entry.objects.none())) == [["Date & Time", "User", "Action", "Table", "Changes"]]


@pytest.mark.parametrize(
    ("dates", "zone", "wanted"),
    [
        ("dmy", "Europe/Berlin", "15/01/2026 14:30:45"),
        ("iso", "Europe/Berlin", "2026-01-15T14:30:45+01:00"),
        ("iso", "America/St_Johns", "2026-01-15T10:00:45-03:30"),
        ("dmy", timezone.get_fixed_timezone(330), "15/01/2026 19:00:45"),
        ("iso", timezone.get_fixed_timezone(-570), "2026-01-15T04:00:45-09:30"),
        ("iso", "UTC", "2026-01-15T13:30:45+00:00"),
    ],
)
def test_moments_are_in_the_time_zone_of_whoever_exports(
    ann: Context, dates: str, zone: str, wanted: str
) -> None:
    add_entry(ann)
    with timezone.override(zone):
        assert csv_rows(planned(columns="date_time,timestamp", dates=dates))[1] == [
            wanted,
            "2026-01-15T13:30:45.123456Z",
        ]


def test_labels_are_in_the_language_of_whoever_exports(ann: Context) -> None:
    add_entry(ann, model="auth.user")
    with translation.override("de"):
        assert one_cell("table") == "Benutzer"


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "   -1",
    '"=1',
    "'=1",
    "\" '=1",
    "\u00a0=1",
    "\ufeff=1",
]
FULL_WIDTH = ["＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("value", [*FORMULAS, *FULL_WIDTH])
def test_formulas_are_text(ann: Context, value: str) -> None:
    add_entry(ann, object_repr=value)
    assert one_cell("subject_name") == f"'{value}" == neutralised(value)


@pytest.mark.parametrize(
    "value", ["", "x=1", "1-1", "a@example.org", "–1", " x", "'x", "\\=1", "%s %% %(a)s", "é=1"]
)
def test_other_cells_are_as_they_are(ann: Context, value: str) -> None:
    add_entry(ann, object_repr=value)
    assert one_cell("subject_name") == value == neutralised(value)


@pytest.mark.parametrize(
    "column", [name for name in SELECTIONS["extended"] if name.startswith(("actor_", "subject_"))]
)
def test_no_text_of_others_makes_a_formula(db: None, column: str) -> None:
    from tests.export.conftest import add_context

    evil = "=HYPERLINK(1)"
    context = add_context(actor_id=evil, actor_label=evil, actor_email=evil)
    add_entry(context, object_id=evil, object_repr=evil, model=evil)
    cell = one_cell(column)
    assert cell == f"'{evil}" or not cell.startswith(tuple("=+-@"))


# Anything that PostgreSQL takes for text, so no NUL and no lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT)
@example('a "quoted" word, and\r\na line')
@example("\\N")
@example("\\.")
@example("\\x00\\u0000 \x01\x02\x7f")
@example(";=1")
def test_every_text_comes_back(ann: Context, text: str) -> None:
    tenant = f"{TENANT}-{add_entry(ann).pk}"
    add_entry(ann, tenant=tenant, object_repr=text, changes={"name": [None, text]})
    export = plan_for(Entry.objects.filter(tenant=tenant), columns="subject_name,changes")
    rows = list(csv.reader(io.StringIO(b"".join(ExportStream(export)).decode("utf-8-sig"), newline="")))
    assert rows[1:] == [[neutralised(text), f"name: – → {text}"]]


def test_a_filter_with_percent_signs_and_quotes(ann: Context) -> None:
    wanted = add_entry(ann, object_id="100%s '%%' \\ \"x\"")
    add_entry(ann)
    export = planned(given=EntryFilter(object_id=wanted.object_id), columns="id")
    assert csv_rows(export)[1:] == [[str(wanted.id)]]


def test_each_row_is_counted(ann: Context) -> None:
    for _ in range(7):
        add_entry(ann, changes={"text": ["a\nb", "c\n\nd"]})
    stream = ExportStream(planned())
    assert stream.count == 0
    list(stream)
    assert stream.count == 7
