"""Excel files, by openpyxl. They can't be streamed, so they hold a limited number of entries and say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from audit_plugin.export.statement import table_statement

if TYPE_CHECKING:
    from audit_plugin.export.plan import Export
    from audit_plugin.export.reading import Reader

#: The most that a cell of Excel holds, in UTF-16 units. openpyxl would cut it off without a word.
_CELL = 32_767
#: Characters that XML can't hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHUNK = 64 * 1024
_DATES = {"dmy": "dd/mm/yyyy hh:mm:ss", "iso": "yyyy-mm-dd hh:mm:ss"}


def workbook(export: Export, reader: Reader) -> Iterator[bytes]:
    """Yield the bytes of a workbook: a sheet of entries, and one about the export.

    Args:
        export: What is exported.
        reader: Where its rows come from.
    """
    book = Workbook(write_only=True)
    with TemporaryFile() as file:
        try:
            sheet = _Sheet(book, export)
            statement = table_statement(export.entries, export.columns, export.cap + 1)
            for row in reader.rows(statement):
                if reader.count > export.cap:
                    # The one row more that was asked for, to learn whether there are more.
                    reader.count = export.cap
                    export.truncated = True
                else:
                    sheet.add(row)
            _about(book, export, reader.count, sheet.cut)
        finally:
            # Also removes the files in which openpyxl keeps the sheets.
            book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


class _Sheet:
    def __init__(self, book: Workbook, export: Export) -> None:
        self.sheet = book.create_sheet(_("Audit log")[:31])
        self.sheet.freeze_panes = "A2"
        self.columns = export.columns
        self.date_format = _DATES[export.moments]
        self.cut = 0
        for number, column in enumerate(self.columns, 1):
            width = 60 if column.name in ("changes", "properties", "description") else 22
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self.sheet.append([_bold(self.sheet, column.header) for column in self.columns])

    def add(self, row: tuple[str | None, ...]) -> None:
        cells: list[Any] = []
        for text, column in zip(row, self.columns, strict=True):
            if text is None:
                cells.append(None)
            elif column.kind == "moment":
                cell = WriteOnlyCell(self.sheet, datetime.fromisoformat(text))
                cell.number_format = self.date_format
                cells.append(cell)
            else:
                cells.append(_text(self.sheet, self._fitting(text)))
        self.sheet.append(cells)

    def _fitting(self, text: str) -> str:
        units = len(text.encode("utf-16-le")) // 2
        if units <= _CELL:
            return text
        self.cut += 1
        note = _("… (cut: Excel holds %(limit)s characters a cell)") % {"limit": _CELL}
        kept = text.encode("utf-16-le")[: 2 * (_CELL - len(note))].decode("utf-16-le", "ignore")
        return kept + note


def _about(book: Workbook, export: Export, count: int, cut: int) -> None:
    sheet = book.create_sheet(_("About")[:31])
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 80
    rows = [
        (_("Exported at"), export.exported_at),
        (_("Time zone"), str(export.zone)),
        (_("Entries"), str(count)),
    ]
    rows += list(export.filters.items())
    if export.truncated:
        note = _("More entries match the filters: only the newest %(count)s are here. CSV and JSON hold all.")
        rows.append((_("Not complete"), note % {"count": count}))
    if cut:
        rows.append(
            (_("Not complete"), _("%(count)s cells were too long for Excel and are cut.") % {"count": cut})
        )
    for name, value in rows:
        sheet.append([_bold(sheet, name), _text(sheet, value)])


def _text(sheet: Any, text: object) -> WriteOnlyCell:
    """Return a cell that is text whatever it looks like: no formula, no number, no error."""
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", str(text)))
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, text: object) -> WriteOnlyCell:
    cell = _text(sheet, text)
    cell.font = Font(bold=True)
    return cell
