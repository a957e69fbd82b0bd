"""Excel: typed cells, nothing that runs, a limit that it admits to."""

from __future__ import annotations

import io
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import override_settings

from audit_plugin.export import ExportStream, plan_for
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Context, Entry
from tests.export.conftest import TENANT, add_entry, content, planned
from tests.export.test_csv import FORMULAS

pytestmark = pytest.mark.django_db


def workbook(**choices: Any) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content(planned(format="xlsx", **choices))))


def rows(book: openpyxl.Workbook) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def about(book: openpyxl.Workbook) -> dict[str, str]:
    return dict(book.worksheets[1].iter_rows(values_only=True))


def test_the_summary(ann: Context) -> None:
    add_entry(ann)
    book = workbook()
    assert rows(book) == [
        ["Date & Time", "User", "Action", "Table", "Changes"],
        [datetime(2026, 1, 15, 14, 30, 45), "ann@example.org", "Updated", "Author", "name: Ann → Anna"],  # noqa: DTZ001 - Excel knows no zones
    ]
    assert book.worksheets[0]["A2"].number_format == "dd/mm/yyyy hh:mm:ss"
    assert book.worksheets[0].freeze_panes == "A2"


def test_iso_dates(ann: Context) -> None:
    add_entry(ann)
    assert workbook(dates="iso").worksheets[0]["A2"].number_format == "yyyy-mm-dd hh:mm:ss"


@pytest.mark.parametrize(
    "value", [*(text for text in FORMULAS if "\r" not in text), "#N/A", "TRUE", "12", "2026-01-01"]
)
def test_text_is_text(ann: Context, value: str) -> None:
    add_entry(ann, object_repr=value)
    cell = workbook(columns="subject_name").worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", value)


def test_characters_that_xml_can_t_hold(ann: Context) -> None:
    add_entry(ann, object_repr="a\x01b\x1f\uffffc\td\ne 🎈")
    assert workbook(columns="subject_name").worksheets[0]["A2"].value == "a\ufffdb\ufffd\ufffdc\td\ne 🎈"


def test_what_is_too_long_for_a_cell_says_so(ann: Context) -> None:
    add_entry(ann, changes={"text": [None, "🎈" * 20_000]})
    book = workbook(columns="changes")
    value = book.worksheets[0]["A2"].value
    assert value.startswith("text: – → 🎈") and value.endswith("(cut: Excel holds 32767 characters a cell)")
    assert len(value.encode("utf-16-le")) // 2 in (32_766, 32_767)
    assert about(book)["Not complete"] == "1 cells were too long for Excel and are cut."


@override_settings(AUDIT_EXPORT_XLSX_CAP=3)
def test_the_limit(ann: Context) -> None:
    for number in range(4):
        add_entry(ann, object_id=str(number))
    stream = ExportStream(planned(format="xlsx", columns="subject_id"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(stream)))
    assert rows(book) == [["Subject ID"], ["3"], ["2"], ["1"]]
    assert about(book)["Not complete"].startswith(
        "More entries match the filters: only the newest 3 are here."
    )
    assert about(book)["Entries"] == "3"
    assert stream.count == 3 and stream.export.truncated


@override_settings(AUDIT_EXPORT_XLSX_CAP=3)
def test_exactly_the_limit_is_complete(ann: Context) -> None:
    for _ in range(3):
        add_entry(ann)
    book = workbook()
    assert len(rows(book)) == 4 and "Not complete" not in about(book)


def test_the_second_sheet_tells_of_the_export(ann: Context) -> None:
    add_entry(ann)
    export = plan_for(Entry.objects.filter(tenant=TENANT), EntryFilter(object_id="1"), format="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content(export)))
    assert about(book) == {
        "Exported at": export.exported_at,
        "Time zone": "Europe/Berlin",
        "Entries": "1",
        "record": "1",
    }


def test_more_columns_than_letters(ann: Context) -> None:
    add_entry(ann)
    header, row = rows(workbook(columns="extended"))
    assert len(header) == len(row) > 26
    assert header[26] == "Sequence number"


def test_no_temporary_file_is_left(ann: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry(ann)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stream = ExportStream(planned(format="xlsx"))
    monkeypatch.setattr(stream.reader, "rows", lambda statement: iter([("not a date",) * 5]))
    with pytest.raises(ValueError, match="not a date"):
        next(stream)
    assert content(planned(format="xlsx"))
    assert list(tmp_path.iterdir()) == []
