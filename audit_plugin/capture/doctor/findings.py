"""What `audit_doctor` can find, why it matters and how it is mended. docs/reference/commands.md lists the codes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SEVERITIES = ("info", "warning", "error")

FIX = "Run audit_doctor --fix as the role that runs your migrations."
MIGRATE = "Run migrate."


@dataclass(frozen=True)
class Kind:
    """A kind of finding.

    Attributes:
        severity: `error`: writes go unrecorded or the log can be changed. `warning`: they soon will, or it needs a look.
            `info`: as it may well be meant.
        why: Why it matters.
        hint: How it is mended.
        fixable: Whether `--fix` does so.
    """

    severity: str
    why: str
    hint: str = FIX
    fixable: bool = True


_UNSEEN = "Writes leave no entry as long as that is so."
_BEFORE = "Entries can be changed or removed by whoever may do so with the table."
_SHARED = "Every capture trigger depends on it. If you have just installed another version, migrate brings it up to date."
_MONTH = "Entries of that month go to the default partition. That works, but they are slower to find and to archive."

KINDS = {
    "log-missing": Kind("error", "Nothing can be recorded without its tables.", MIGRATE, fixable=False),
    "log-altered": Kind(
        "error",
        "What stands between a capture trigger and the log can change or swallow entries.",
        "Find out who made it and what for, then drop it.",
        fixable=False,
    ),
    "log-owner": Kind("error", "Whoever owns a part of the log can change what is in it."),
    "log-grant": Kind(
        "warning",
        "Whoever may write to the log can forge entries.",
        "Run audit_harden, or revoke the right.",
        fixable=False,
    ),
    "capture-off": Kind(
        "warning",
        "AUDIT_CAPTURE is meant for test settings: migrate removes the triggers while it is False.",
        "Remove AUDIT_CAPTURE from the settings, then run migrate.",
        fixable=False,
    ),
    "trigger-missing": Kind("error", _UNSEEN),
    "trigger-disabled": Kind(
        "error", f"{_UNSEEN} Somebody has disabled it, or restored it in a form that replication skips."
    ),
    "trigger-altered": Kind(
        "error", f"{_UNSEEN} Somebody has narrowed it down or handed it to another function."
    ),
    "trigger-outdated": Kind(
        "error", "It was made for other columns or options than there are now: entries miss what is new."
    ),
    "trigger-migrating": Kind(
        "warning",
        "A migration began and did not end. Writes are recorded completely, at several times the cost.",
        "Run migrate to its end, or audit_doctor --fix.",
    ),
    "trigger-leftover": Kind(
        "warning", "A model that is no longer to be recorded still is.", "Run migrate, or audit_doctor --fix."
    ),
    "function-missing": Kind("error", "The writes themselves fail."),
    "function-tampered": Kind(
        "error",
        "It belongs to the wrong role, runs under the caller's settings, or may be called by everybody.",
    ),
    "shared-missing": Kind("error", "The writes themselves fail."),
    "shared-altered": Kind("error", _SHARED),
    "guard-missing": Kind("error", _BEFORE),
    "guard-disabled": Kind("error", _BEFORE),
    "guard-altered": Kind("error", _BEFORE),
    "partition-current": Kind("warning", _MONTH),
    "partition-ahead": Kind("warning", _MONTH),
    "partition-no-default": Kind(
        "error", "Without it a write of your application fails when a month has no partition."
    ),
    "partition-name-taken": Kind(
        "error",
        "The partition of that month can't be made while something else has its name.",
        "Rename or drop what is there.",
        fixable=False,
    ),
    "partition-default-rows": Kind(
        "warning",
        "They are slower to find, and their months can't be archived. Writes to recorded tables wait while --fix moves them.",
    ),
    "partition-default-dates": Kind(
        "warning",
        "Their ids are of no plausible time: a clock was wrong, or somebody else made them.",
        "Look at them: SELECT * FROM the default partition.",
        fixable=False,
    ),
    "counts-missing": Kind(
        "warning",
        "The choices of the filters, the histogram and estimated numbers know the newest entries only.",
    ),
    "counts-behind": Kind(
        "info",
        "The choices of the filters, the histogram and estimated numbers lack them until somebody reads the log.",
        "Run audit_optimise every night.",
        fixable=False,
    ),
    "month-unindexed": Kind(
        "info",
        "Rare combinations of filters, and searches, take longer the more such months there are.",
        "Run audit_optimise every night.",
        fixable=False,
    ),
    "clock-skew": Kind(
        "warning",
        "The ids of contexts come from the application's clock, those of entries from the database's.",
        "Set both clocks by NTP.",
        fixable=False,
    ),
    "clock-future": Kind(
        "warning",
        "New entries seem older than that one until the time has come. The database server's clock was or is wrong.",
        "Set the clock by NTP.",
        fixable=False,
    ),
    "table-missing": Kind("warning", "Its migration has not been applied here.", MIGRATE, fixable=False),
    "table-uncapturable": Kind(
        "error", _UNSEEN, "Exclude the model, or record the tables behind it.", fixable=False
    ),
    "model-unrecorded": Kind(
        "info",
        "Writes to it leave no trace.",
        "Add it to AUDIT_MODELS, or to AUDIT_UNRECORDED if that is meant.",
        fixable=False,
    ),
    "baseline-missing": Kind(
        "info",
        "What an older row held before its first recorded change is known only field by field.",
        "Run audit_baseline.",
        fixable=False,
    ),
    "level": Kind(
        "info",
        "The level says how much the log is worth against somebody who has the application's database password.",
        "docs/how-to/harden.md shows the way to level 2.",
        fixable=False,
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        code: One of `KINDS`.
        subject: What it was found at: a trigger, a table, a model.
        message: What is the matter.
        severity: That of its kind, unless it was asked for more.
    """

    code: str
    subject: str
    message: str
    severity: str = ""

    def __post_init__(self) -> None:
        if not self.severity:
            object.__setattr__(self, "severity", self.kind.severity)

    @property
    def kind(self) -> Kind:
        """What all findings of this code have in common."""
        return KINDS[self.code]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "why": self.kind.why, "hint": self.kind.hint, "fixable": self.kind.fixable}
