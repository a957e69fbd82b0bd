"""What is present in the log: the choices of the filters, as far as somebody may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import combining, normalize

from django.db import DEFAULT_DB_ALIAS

from audit_plugin.activity import Bar, Histogram, histogram
from audit_plugin.display.labels import action_label, channel_label, model_label
from audit_plugin.rollup import Rollup
from audit_plugin.rollup.conditions import Wanted
from audit_plugin.visibility import scope_of

__all__ = ["Bar", "Choice", "Facets", "Histogram", "facets", "histogram", "models_present"]


class Choice(NamedTuple):
    """One value that entries have. A tuple, as there may be thousands of actors.

    Attributes:
        value: The value.
        label: What people call it.
        detail: What tells it from others of that name: an actor's e-mail address.
    """

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Facets:
    """The values that are present among the entries somebody may see, alphabetical by label.

    Attributes:
        complete: Whether all entries were taken into account; else some of the newest were not.
    """

    actors: list[Choice]
    actions: list[Choice]
    models: list[Choice]
    channels: list[Choice]
    tenants: list[Choice]
    complete: bool = True


def facets(user: Any, *, using: str | None = None) -> Facets:
    """Return the choices of the filters.

    Args:
        user: Who is looking.
        using: The database alias.
    """
    scope = scope_of(user)
    if scope.nothing:
        return Facets([], [], [], [], [])
    wanted = scope.wanted()
    rollup = Rollup.now(using or DEFAULT_DB_ALIAS)
    return Facets(
        actors=_sorted(
            # Who was just counted may be in what isn't counted yet as well, under the newer name.
            {
                key: Choice(key, label or key, email or "") for key, label, email in rollup.actors(wanted)
            }.values()
        ),
        actions=_told_apart(Choice(value, action_label(value)) for value in rollup.values("action", wanted)),
        models=_models(rollup, wanted),
        channels=_told_apart(
            Choice(value, channel_label(value)) for value in rollup.values("channel", wanted)
        ),
        tenants=_sorted(Choice(value, value) for value in rollup.values("tenant", wanted)),
        complete=rollup.complete,
    )


def _told_apart(choices: Iterable[Choice]) -> list[Choice]:
    """Sort choices, and let those that are called the same say what they are."""
    known = list(choices)
    named = Counter([choice.label for choice in known])
    return _sorted(
        choice._replace(label=f"{choice.label} ({choice.value})") if named[choice.label] > 1 else choice
        for choice in known
    )


def models_present(user: Any, *, using: str | None = None) -> list[Choice]:
    """Return the models that entries somebody may see are about, alphabetical by label.

    Args:
        user: Who is looking.
        using: The database alias.
    """
    scope = scope_of(user)
    return [] if scope.nothing else _models(Rollup.now(using or DEFAULT_DB_ALIAS), scope.wanted())


def _models(rollup: Rollup, wanted: Wanted) -> list[Choice]:
    return _told_apart(Choice(value, model_label(value)) for value in rollup.values("model", wanted) if value)


def _sorted(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: (_letters(choice.label), choice.label, choice.value))


def _letters(label: str) -> str:
    """Return a label as it is sorted: É beside E, not after Z."""
    if label.isascii():
        return label.casefold()
    return "".join(sign for sign in normalize("NFKD", label.casefold()) if not combining(sign))
