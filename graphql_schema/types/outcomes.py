"""What a restore did, or why it did nothing."""

from __future__ import annotations

from audit_plugin.restore import RestoreError, Result
from graphql_schema.ids import Kind, encode_id
from graphql_schema.spec import ID, View
from graphql_schema.types.activity import MAX_INT
from graphql_schema.types.restores import AuditRestorePlan


class AuditRestoreDone(View[Result]):
    """The restore was carried out."""

    @property
    def plan(self) -> AuditRestorePlan:
        """What was done."""
        return AuditRestorePlan(self._source.plan)

    @property
    def count(self) -> int:
        """How many entries the log got from it."""
        return min(self._source.count, MAX_INT)

    @property
    def entries(self) -> list[ID]:
        """The ids of those entries, oldest first; of very many the first thousand."""
        return [encode_id(Kind.ENTRY, key) for key in self._source.entries]


class AuditRestoreConflict(View[RestoreError]):
    """Nothing was done: there are conflicts to decide, or the data has changed since the preview."""

    @property
    def code(self) -> str:
        """`conflicts` or `stale`."""
        return self._source.code.value

    @property
    def message(self) -> str:
        """The same for people, in the language of the request."""
        return str(self._source.message)

    @property
    def plan(self) -> AuditRestorePlan:
        """The plan as it is now, with the conflicts and a new token."""
        assert self._source.plan is not None  # noqa: S101 - what tells this from a refusal
        return AuditRestorePlan(self._source.plan)


class AuditRestoreRefused(View[RestoreError]):
    """Nothing was done, and deciding conflicts would not help."""

    @property
    def code(self) -> str:
        """Why; the codes are in docs/reference/restore-errors.md."""
        return self._source.code.value

    @property
    def message(self) -> str:
        """The same for people, in the language of the request."""
        return str(self._source.message)
