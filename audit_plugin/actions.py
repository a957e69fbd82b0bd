"""Actions beyond changes of rows: what a host does, declared once, so that it has one name, one label and one channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError

#: What the name of an event looks like; the dot tells it from a captured change.
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")

#: The roles of a badge's colour, and the colours themselves.
BADGES = {"create": "green", "update": "blue", "delete": "red", "restore": "purple", "other": "slate"}
_ROLES = {colour: role for role, colour in BADGES.items()}

#: What every sentence may name; anything else is looked for in the details.
WORDS = frozenset({"actor", "subject", "model", "object", "action", "outcome", "reason"})

_PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)s)")


@dataclass(frozen=True)
class Action:
    """An action of a host's domain.

    Attributes:
        name: A dotted name, such as `photo.approved`.
        label: What people call it. Default: the name in words.
        channel: The channel its entries belong to.
        badge: The colour of its badge: `green` (or `create`), `blue` (`update`), `red` (`delete`), `purple` (`restore`) or
            `slate` (`other`).
        glyph: A sign before the label; by default that of the colour.
        sentence: The description, for example `_("%(actor)s rejected %(subject)s: %(reason)s")`. It may name `actor`,
            `subject`, `model`, `object`, `action`, `outcome`, `reason` and any key of the details.

    Raises:
        ConfigurationError: The name, the badge or the sentence can't be used.
    """

    name: str
    label: str | Promise | None = None
    channel: str = "data"
    badge: str = "other"
    glyph: str | None = None
    sentence: str | Promise | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"An action needs a dotted name in lower case, such as photo.approved, not {self.name!r}."
            )
        if self.badge not in BADGES and self.badge not in _ROLES:
            raise ConfigurationError(
                f"{self.name}: the badge is one of {', '.join([*_ROLES, *BADGES])}, not {self.badge!r}."
            )
        if not isinstance(self.channel, str) or not self.channel:
            raise ConfigurationError(f"{self.name}: the channel is a name, not {self.channel!r}.")
        if isinstance(self.sentence, str):
            placeholders(self.sentence, self.name)

    @property
    def role(self) -> str:
        """The role of the badge's colour, one of `BADGES`."""
        return _ROLES.get(self.badge, self.badge)


def placeholders(sentence: str, name: str = "") -> set[str]:
    """Return the names that a sentence has places for.

    Args:
        sentence: The sentence.
        name: The action it belongs to, for the error.

    Raises:
        ConfigurationError: It can't be filled in.
    """
    found = {match[1] for match in _PLACEHOLDER.finditer(sentence) if match[1]}
    if "%" in _PLACEHOLDER.sub("", sentence):
        raise ConfigurationError(
            f"{name}: write %(name)s for a place and %% for a percent sign in {sentence!r}."
        )
    return found


_declared: dict[str, Action] = {}


def declare(*actions: Action) -> None:
    """Make actions known, for example in a module that `AppConfig.ready` imports; `AUDIT_ACTIONS` does the same.

    Args:
        *actions: The actions.

    Raises:
        ConfigurationError: A name is taken by another action.

    Example:
        audit_plugin.declare(
            audit_plugin.Action("photo.approved", label=_("Photo approved"), channel="photos", badge="green"),
        )
    """
    for action in actions:
        if _declared.setdefault(action.name, action) != action:
            raise ConfigurationError(f"The action {action.name} is declared twice, in different ways.")


def find(name: str) -> Action | None:
    """Return a declared action, as `AUDIT_ACTIONS` has it where that says something else; None if there is none.

    Args:
        name: Its name.

    Raises:
        ConfigurationError: `AUDIT_ACTIONS` has something about it that can't be used.
    """
    given: Any = settings.ACTIONS.get(name)
    known = _declared.get(name) or BUILT_IN.get(name)
    if given is None:
        return known
    if isinstance(given, Action):
        return given
    if unknown := set(given) - _OPTIONS:
        raise ConfigurationError(f"AUDIT_ACTIONS[{name!r}]: there is no {', '.join(sorted(unknown))}.")
    return replace(known, **given) if known else Action(name, **given)


def known() -> Iterator[str]:
    """Yield the names of all actions, those of captured changes left out."""
    names = dict.fromkeys([*settings.ACTIONS, *_declared, *BUILT_IN])
    return (name for name in names if "." in name)


def nearest(name: str) -> str | None:
    """Return the declared action whose name is most like this one."""
    return next(iter(get_close_matches(name, list(known()), n=1)), None)


def given(name: str) -> Mapping[str, Any]:
    """Return what is said about an action that may also be a captured change: `label`, `badge`, `glyph`, `sentence`.

    For showing it: what can't be used is left out, and a system check reports it.
    """
    try:
        action = find(name)
    except ConfigurationError:
        action = None
    if action is None:
        found = settings.ACTIONS.get(name)
        return found if isinstance(found, Mapping) else {}
    said = {"label": action.label, "badge": action.role, "glyph": action.glyph, "sentence": action.sentence}
    return {key: value for key, value in said.items() if value is not None}


_OPTIONS = {field.name for field in fields(Action)} - {"name"}

#: Actions of ours. A host may change their labels and colours by `AUDIT_ACTIONS`.
BUILT_IN: Mapping[str, Action] = {
    action.name: action
    for action in [
        Action("auth.login", _("Signed in"), "auth", "green", sentence=_("%(actor)s signed in")),
        Action("auth.logout", _("Signed out"), "auth", sentence=_("%(actor)s signed out")),
        Action(
            "auth.login_failed",
            _("Sign-in failed"),
            "auth",
            "red",
            sentence=_("Somebody failed to sign in as %(account)s"),
        ),
        Action(
            "auth.token_used",
            _("Signed in to the API"),
            "auth",
            "green",
            sentence=_("%(actor)s signed in to the API"),
        ),
        Action(
            "auth.password_changed",
            _("Password changed"),
            "auth",
            "blue",
            sentence=_("%(actor)s changed the password of %(object)s"),
        ),
        Action(
            "auth.password_reset",
            _("Password reset"),
            "auth",
            "blue",
            sentence=_("%(actor)s reset the password of %(object)s"),
        ),
        Action(
            "auth.password_removed",
            _("Password removed"),
            "auth",
            "red",
            sentence=_("%(actor)s removed the password of %(object)s"),
        ),
        Action(
            "auth.impersonation_started",
            _("Impersonation started"),
            "auth",
            "red",
            sentence=_("%(actor)s began to act as %(object)s"),
        ),
        Action(
            "auth.impersonation_ended",
            _("Impersonation ended"),
            "auth",
            sentence=_("%(actor)s no longer acts as %(object)s"),
        ),
        Action(
            "security.user_invited",
            _("User invited"),
            "security",
            "green",
            sentence=_("%(actor)s invited %(object)s"),
        ),
        Action("pii.read", _("Viewed"), "pii-read", sentence=_("%(actor)s viewed %(subject)s")),
        Action(
            "data.exported",
            _("Data exported"),
            "data",
            sentence=_("%(actor)s exported %(rows)s × %(model)s as %(format)s"),
        ),
        Action(
            "data.imported",
            _("Data imported"),
            "data",
            sentence=_("%(actor)s imported %(rows)s × %(model)s from %(format)s"),
        ),
        Action("audit.viewed", _("Audit log viewed"), "audit", sentence=_("%(actor)s viewed the audit log")),
        Action(
            "audit.coverage", _("Audit settings"), "audit", sentence=_("The audit log's settings were noted")
        ),
        Action(
            "audit.weakened",
            _("Audit log weakened"),
            "audit",
            "red",
            sentence=_("The audit log records less than before: %(summary)s"),
        ),
    ]
}
