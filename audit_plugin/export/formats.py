"""The formats of a file. A format says what its bytes are; where rows come from and who gets them is
elsewhere."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin.export.errors import ExportError
from audit_plugin.export.statement import csv_statement, json_statement

if TYPE_CHECKING:
    from audit_plugin.export.plan import Export
    from audit_plugin.export.reading import Reader

#: What Excel needs to read a CSV as UTF-8.
BOM = b"\xef\xbb\xbf"

_CHUNK = 64 * 1024
_PATIENCE = 1.0


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        name: What it is called in URLs and commands, and the ending of the file.
        label: What people read.
        content_type: Its media type.
        chunks: Makes the file: takes what is exported and where its rows come from, and yields bytes.
        for_reading: Whether it is a table for people, who want few columns.
        capped: Whether it holds no more than `AUDIT_EXPORT_XLSX_CAP` entries.
    """

    name: str
    label: str | Promise
    content_type: str
    chunks: Callable[[Export, Reader], Iterator[bytes]]
    for_reading: bool = True
    capped: bool = False


def _csv(export: Export, reader: Reader) -> Iterator[bytes]:
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(str(column.header) for column in export.columns)
    yield BOM + header.getvalue().encode()
    statement = csv_statement(export.entries, export.columns, export.moments)
    yield from _gathered(reader.lines(statement))


def _json(export: Export, reader: Reader) -> Iterator[bytes]:
    head = {"exported_at": export.exported_at, "filters": export.filters}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "entries": [\n'
    # Each line but the first begins with the comma that parts it from the one before.
    statement = json_statement(export.entries, export.columns, start=",")
    chunks = _gathered(reader.lines(statement))
    yield next(chunks, b"")[1:]
    yield from chunks
    yield b'], "count": %d}\n' % reader.count


def _ndjson(export: Export, reader: Reader) -> Iterator[bytes]:
    yield from _gathered(reader.lines(json_statement(export.entries, export.columns)))


def _xlsx(export: Export, reader: Reader) -> Iterator[bytes]:
    try:
        from audit_plugin.export.workbook import workbook
    except ImportError as error:
        raise ExportError(_("Excel files need the package openpyxl.")) from error
    return workbook(export, reader)


def _gathered(lines: Iterable[memoryview | bytes]) -> Iterator[bytes]:
    """Put lines together to pieces that are worth sending, without keeping a slow reader waiting."""
    parts: list[memoryview | bytes] = []
    size, sent = 0, time.monotonic()
    for line in lines:
        parts.append(line)
        size += len(line)
        if size >= _CHUNK or time.monotonic() - sent > _PATIENCE:
            yield b"".join(parts)
            parts, size, sent = [], 0, time.monotonic()
    if parts:
        yield b"".join(parts)


FORMATS = {
    format.name: format
    for format in [
        Format("csv", gettext_lazy("CSV"), "text/csv; charset=utf-8", _csv),
        Format("json", gettext_lazy("JSON"), "application/json", _json, for_reading=False),
        Format("ndjson", gettext_lazy("JSON lines"), "application/x-ndjson", _ndjson, for_reading=False),
        Format(
            "xlsx",
            gettext_lazy("Excel"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _xlsx,
            capped=True,
        ),
    ]
}


def format_of(name: str) -> Format:
    """Return a format by its name.

    Raises:
        ExportError: There is none of that name.
    """
    if name not in FORMATS:
        raise ExportError(
            _("There is no format “%(name)s”. There are: %(known)s.")
            % {"name": name, "known": ", ".join(FORMATS)}
        )
    return FORMATS[name]
