"""Why an export does not happen."""

from __future__ import annotations

from audit_plugin.exceptions import AuditError


class ExportError(AuditError):
    """This can't be exported."""


class ExportRefusedError(ExportError):
    """You may not export the audit log."""
