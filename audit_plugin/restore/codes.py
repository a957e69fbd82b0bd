"""What can stand in the way of a restore, in codes that programs read and texts that people read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class Code(StrEnum):
    """Why something can't be restored, or not as it was. Each is described in docs/reference/restore-errors.md."""

    # Conflicts: a person has to decide.
    CHANGED_SINCE = "changed_since"
    GONE = "gone"
    PARENT_MISSING = "parent_missing"
    DUPLICATE = "duplicate"
    KEY_EXISTS = "key_exists"
    REFERENCED = "referenced"
    PROTECTED = "protected"
    CHECK_FAILED = "check_failed"
    NOT_NULL = "not_null"
    VALIDATION = "validation"
    SCHEMA_CHANGED = "schema_changed"
    REFUSED = "refused"
    NO_PERMISSION = "no_permission"

    # Errors: there is no plan, or it may not be carried out.
    NOT_FOUND = "not_found"
    NOT_YET = "not_yet"
    PRUNED = "pruned"
    NOTHING = "nothing"
    STALE = "stale"
    LOCKED = "locked"
    CONFLICTS = "conflicts"

    # Notes: what is left out or done otherwise, and why.
    SECRET = "secret"  # noqa: S105 - the name of a code
    ERASED = "erased"
    FILE = "file"
    DEFAULT = "default"
    ADJUSTED = "adjusted"
    DANGLING = "dangling"
    SEPARATE = "separate"
    AUTOMATIC = "automatic"
    NOT_RECORDED = "not_recorded"
    RECONSTRUCTED = "reconstructed"


class Choice(StrEnum):
    """How a conflict can be resolved. Cancelling needs no choice: the plan is not applied."""

    OVERWRITE = "overwrite"
    KEEP = "keep"
    RESTORE_PARENT = "restore_parent"
    BRING_BACK = "bring_back"
    CLEAR = "clear"
    CASCADE = "cascade"

    @property
    def label(self) -> Promise:
        """What the choice does, in words."""
        return CHOICES[self]


CHOICES = {
    Choice.OVERWRITE: _("Overwrite it"),
    Choice.KEEP: _("Leave it as it is"),
    Choice.RESTORE_PARENT: _("Bring that record back too"),
    Choice.BRING_BACK: _("Bring the record back first"),
    Choice.CLEAR: _("Leave the field empty"),
    Choice.CASCADE: _("Delete those records too"),
}

TEXTS = {
    "changed_since": _("{field} was changed by {actor} on {when}, after what is to be undone."),
    "changed_unrecorded": _("{field} was changed since, and the log doesn't say by whom."),
    "changed_record": _("{record} was changed since its creation ({fields}); deleting it loses that."),
    "gone": _("{record} no longer exists."),
    "gone_owner": _("{record} no longer exists, so its links in {field} can't be restored."),
    "parent_missing": _("{field} refers to {target}, which no longer exists."),
    "duplicate": _("Another record already has this value: {holder} ({constraint})."),
    "duplicate_unknown": _("Another record already has this value ({constraint})."),
    "key_exists": _("A record with this key exists again: {record}."),
    "referenced": _("Other records refer to {record} and would be deleted with it: {referrers}."),
    "protected": _("{record} can't be deleted, since other records refer to it: {referrers}."),
    "check_failed": _("A rule doesn't allow it: {rule}"),
    "not_null": _("{field} may no longer be empty."),
    "not_null_new": _("{field} is required and has neither a recorded value nor a default."),
    "validation": _("Validation fails: {messages}"),
    "schema_model": _("There is no model {model} any more."),
    "schema_key": _("The key of {model} is of another type now."),
    "schema_type": _("{field} can't hold the recorded value any more: {reason}"),
    "schema_field": _("{field} no longer exists; it is left out."),
    "refused": _("The restore was refused: {reason}"),
    "deferred": _("A constraint of the database doesn't allow the result: {reason}"),
    "no_permission": _("You don't have the permission to restore this: {permission}."),
    "no_permission_restore": _("You don't have the permission to restore from the audit log."),
    "no_permission_hidden": _("Part of what was done there isn't visible to you, so you can't undo it."),
    "not_found": _("There is no such entry in the audit log."),
    "not_found_request": _("The log has nothing of this request."),
    "not_found_deleted": _("The log doesn't say that this record was deleted."),
    "not_yet": _("The record didn't exist then."),
    "pruned": _("The log goes back to {when} only; what is older may be in an archive."),
    "nothing": _("There is nothing to restore: everything is as it was already."),
    "nothing_recorded": _("This entry doesn't change a record, so there is nothing to undo."),
    "nothing_clean": _("There is nothing that can be restored without deciding the conflicts first."),
    "stale": _("The data changed while you looked at the preview. Look at it again."),
    "locked": _("Somebody else is writing to these records right now. Try again in a moment."),
    "conflicts": _("There are conflicts to decide first: {count}."),
    "secret": _("{field} is a secret: its value was never recorded, so it can't be restored."),
    "secret_default": _(
        "{field} is a secret and was never recorded; it gets a new default and has to be set again."
    ),
    "erased": _("{field} held personal data that was erased on {when}; it can't be restored."),
    "file": _("{field}: only the reference to the file is restored, not the file itself."),
    "default": _("{field} was not recorded; it gets its default."),
    "adjusted": _("{field}: the database made something else of the recorded value."),
    "dangling": _("{field} refers to {target}, which doesn't exist."),
    "separate": _("The links in {field} are records of their own and stay as they are."),
    "automatic": _("{field} sets itself whenever the record is saved. It was saved since, so it stays."),
    "not_recorded": _("{model} is not recorded any more, so this restore leaves no entries about it."),
    "reconstructed": _("There is no entry from before that time; the state follows from later entries."),
}


def text(key: str, **values: Any) -> Promise:
    """Return a text of `TEXTS`, translated when it is shown.

    Args:
        key: Its key.
        **values: What its placeholders stand for.
    """
    return format_lazy(TEXTS[key], **values) if values else TEXTS[key]
