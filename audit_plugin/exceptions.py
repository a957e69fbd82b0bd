"""What can go wrong. The docstring of an error is its default message."""

from __future__ import annotations


class AuditError(Exception):
    """Something went wrong in the audit log."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class AppendOnlyError(AuditError):
    """The audit log is append-only: entries and contexts can't be changed or deleted."""


class NotCapturedError(AuditError):
    """This model can't be captured."""


class NotOwnerError(AuditError):
    """The audit log belongs to a database role that the current one may not act as."""


class BusyError(AuditError):
    """Others kept the audit log locked: a write or a query that takes long. Try again at a quieter time."""


class ConfigurationError(AuditError):
    """The audit log is configured wrongly."""


class InvalidCursor(AuditError):
    """This cursor is not one of ours, or belongs to another order."""


class EventError(AuditError):
    """This event can't be recorded as it was given."""
