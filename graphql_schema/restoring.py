"""Restores: previewed, carried out, with an answer for every way it may end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from django.utils.translation import gettext as _

from audit_plugin import restore as engine
from audit_plugin.filters import start_of
from audit_plugin.restore import Ask, Code, RestoreError
from graphql_schema.errors import bad_input
from graphql_schema.ids import Kind, decode_id
from graphql_schema.spec import ID, OneOf
from graphql_schema.types.enums import AuditRestoreChoice
from graphql_schema.types.outcomes import AuditRestoreConflict, AuditRestoreDone, AuditRestoreRefused
from graphql_schema.types.restores import AuditRestorePlan
from graphql_schema.viewer import Viewer

#: More entries than this are better named by their request.
MAX_ENTRIES = 200

Preview = Annotated[
    AuditRestorePlan | AuditRestoreRefused,
    OneOf("AuditRestorePreview", "What a restore would do, or why there can be none."),
]
Outcome = Annotated[
    AuditRestoreDone | AuditRestoreConflict | AuditRestoreRefused,
    OneOf("AuditRestoreOutcome", "How a restore ended."),
]


@dataclass(frozen=True)
class AuditUndo:
    """Undo what one entry says: put changed fields back, bring a deleted record back, delete a created one.

    Attributes:
        entry: The id of the entry.
        with_related: For a deletion: whether what was deleted along with the record comes back as well.
    """

    entry: ID
    with_related: bool = False


@dataclass(frozen=True)
class AuditVersion:
    """Put a record back to what it was right after an entry, or right before it.

    Attributes:
        entry: The id of the entry.
        before: Whether the state before the entry is wanted.
    """

    entry: ID
    before: bool = False


@dataclass(frozen=True)
class AuditAsOf:
    """Put a record back to what it was at a time.

    Attributes:
        model: The label of its model.
        object_id: Its key.
        at: The time. Without a time zone it is the server's.
    """

    model: str
    object_id: str
    at: datetime


@dataclass(frozen=True)
class AuditDeleted:
    """Bring a deleted record back, by its key.

    Attributes:
        model: The label of its model.
        object_id: Its key.
        with_related: Whether what was deleted along with it comes back as well.
    """

    model: str
    object_id: str
    with_related: bool = False


@dataclass(frozen=True)
class AuditRestoreAsk:
    """What is to be restored: exactly one of these.

    Attributes:
        undo: Undo one entry.
        version: Put a record back to one entry.
        as_of: Put a record back to a time.
        deleted: Bring a deleted record back.
        request: Undo everything that one request did; its request id.
        context: Undo everything that was done in one context; its id.
        entries: Undo several entries as one, newest first; their ids, 200 at most.
    """

    undo: AuditUndo | None = None
    version: AuditVersion | None = None
    as_of: AuditAsOf | None = None
    deleted: AuditDeleted | None = None
    request: str | None = None
    context: ID | None = None
    entries: list[ID] | None = None


@dataclass(frozen=True)
class AuditResolution:
    """How a conflict is to be resolved.

    Attributes:
        conflict: The id of the conflict, or a code for all conflicts of that kind.
        choice: The choice.
    """

    conflict: str
    choice: AuditRestoreChoice


def preview_restore(
    viewer: Viewer,
    ask: AuditRestoreAsk,
    resolutions: list[AuditResolution] | None = None,
    validate: bool = False,
) -> Preview:
    """Find out what a restore would do, by doing it and rolling it back.

    Args:
        ask: What is to be restored.
        resolutions: Choices for conflicts.
        validate: Whether each record has to pass the validation of its model.
    """
    viewer.require("restore")
    try:
        return AuditRestorePlan(
            engine.plan(read_ask(ask), user=viewer.user, resolutions=_choices(resolutions), validate=validate)
        )
    except RestoreError as error:
        return AuditRestoreRefused(error)


def restore(
    viewer: Viewer,
    ask: AuditRestoreAsk,
    token: str | None = None,
    resolutions: list[AuditResolution] | None = None,
    validate: bool = False,
    reason: str | None = None,
    partial: bool = False,
) -> Outcome:
    """Restore, all of it or nothing.

    Args:
        ask: What is to be restored.
        token: The token of the preview that somebody has confirmed. Without it, whatever the plan turns out to be is done.
        resolutions: Choices for conflicts, the same as in the preview.
        validate: Whether each record has to pass the validation of its model, the same as in the preview.
        reason: Why, in the words of the person. Kept in the log.
        partial: Whether to do what can be done where conflicts remain: what is in conflict stays as it is.
    """
    viewer.require("restore")
    try:
        return AuditRestoreDone(
            engine.apply(
                read_ask(ask),
                token=token,
                user=viewer.user,
                resolutions=_choices(resolutions),
                validate=validate,
                reason=reason,
                partial=partial,
            )
        )
    except RestoreError as error:
        if error.plan is not None and error.code in (Code.CONFLICTS, Code.STALE):
            return AuditRestoreConflict(error)
        return AuditRestoreRefused(error)


def read_ask(given: AuditRestoreAsk) -> Ask:
    """Return what a client wants to have restored.

    Raises:
        ApiError: It isn't exactly one thing, or an id is none of ours.
    """
    wanted = [name for name, value in vars(given).items() if value is not None]
    if len(wanted) != 1:
        raise bad_input(ask=_("Give exactly one of its fields."))
    if given.undo:
        return engine.Undo(decode_id(Kind.ENTRY, given.undo.entry), given.undo.with_related)
    if given.version:
        return engine.Version(decode_id(Kind.ENTRY, given.version.entry), given.version.before)
    if given.as_of:
        return engine.AsOf(given.as_of.model, given.as_of.object_id, start_of(given.as_of.at))
    if given.deleted:
        return engine.Deleted(given.deleted.model, given.deleted.object_id, given.deleted.with_related)
    if given.context:
        return engine.Request(str(decode_id(Kind.CONTEXT, given.context)))
    if given.request:
        return engine.Request(given.request)
    keys = [decode_id(Kind.ENTRY, key) for key in given.entries or []]
    if not 0 < len(keys) <= MAX_ENTRIES:
        raise bad_input(entries=_("Give from 1 to %(most)d.") % {"most": MAX_ENTRIES})
    return engine.Entries(keys)


def _choices(resolutions: list[AuditResolution] | None) -> Mapping[str, str]:
    return {resolution.conflict: resolution.choice.value for resolution in resolutions or []}
