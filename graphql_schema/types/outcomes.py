"""What a restore did, or why it did nothing."""

from __future__ import annotations

from audit_plugin.restore import RestoreError, Result
from graphql_schema.spec import ID, View, attribute, each
from graphql_schema.types.restores import AuditRestorePlan
from graphql_schema.types.values import capped, entry_id


class AuditRestoreDone(View[Result]):
    """The restore was carried out."""

    plan: AuditRestorePlan = attribute("What was done.", AuditRestorePlan)
    count: int = attribute("How many entries the log got from it.", capped)
    entries: list[ID] = attribute(
        "The ids of those entries, oldest first; of very many the first thousand.", each(entry_id)
    )


class AuditRestoreConflict(View[RestoreError]):
    """Nothing was done: there are conflicts to decide, or the data has changed since the preview."""

    code: str = attribute("`conflicts` or `stale`.", str)
    message: str = attribute("The same for people, in the language of the request.", str)

    @property
    def plan(self) -> AuditRestorePlan:
        """The plan as it is now, with the conflicts and a new token."""
        assert self._source.plan is not None  # noqa: S101 - what tells this from a refusal
        return AuditRestorePlan(self._source.plan)


class AuditRestoreRefused(View[RestoreError]):
    """Nothing was done, and deciding conflicts would not help."""

    code: str = attribute("Why; the codes are in docs/reference/restore-errors.md.", str)
    message: str = attribute("The same for people, in the language of the request.", str)
