"""Exports of the log: what, in which format, for whom; streamed, and themselves in the log."""

from audit_plugin.export.choice import Confirmation, plan_from
from audit_plugin.export.columns import COLUMNS, SELECTIONS, Column, columns_of
from audit_plugin.export.errors import ExportError, ExportRefusedError
from audit_plugin.export.formats import FORMATS, Format, format_of
from audit_plugin.export.plan import DATE_FORMATS, Export, plan, plan_for
from audit_plugin.export.response import ExportResponse
from audit_plugin.export.stream import ExportStream

__all__ = [
    "COLUMNS",
    "DATE_FORMATS",
    "FORMATS",
    "SELECTIONS",
    "Column",
    "Confirmation",
    "Export",
    "ExportError",
    "ExportRefusedError",
    "ExportResponse",
    "ExportStream",
    "Format",
    "columns_of",
    "format_of",
    "plan",
    "plan_for",
    "plan_from",
]
