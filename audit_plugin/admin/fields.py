"""Fields of the filter bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from audit_plugin.facets import Choice


@dataclass(frozen=True)
class Field:
    """One field of the form.

    Attributes:
        kind: `select`, or the type of an input.
        choices: What a select offers beside "all".
        typeahead: Whether choices are looked up while somebody types.
        group: Of the fields with the same group only one can be set.
    """

    name: str
    label: str | Promise
    kind: str
    value: str
    error: str | None = None
    choices: Sequence[Choice] = ()
    empty: str = ""
    typeahead: bool = False
    group: str | None = None
    wide: bool = False

    @property
    def offered(self) -> list[Choice]:
        """The choices, and what is set even if nothing has it: it must not look as if nothing were."""
        known = any(choice.value == self.value for choice in self.choices)
        missing = [] if known or not self.value else [Choice(self.value, self.value)]
        return [*self.choices, *missing]

    @property
    def options(self) -> SafeString:
        """What is offered, as HTML: a template takes 20 µs for each, and there may be thousands of actors."""
        return SafeString(
            "".join(
                f'<option value="{escape(str(choice.value))}"{" selected" if choice.value == self.value else ""}>'
                f"{escape(str(choice.label))}</option>"
                for choice in self._named_apart
            )
        )

    @property
    def _named_apart(self) -> list[Choice]:
        """What is offered; two people of one name say which of them they are."""
        named = Counter(choice.label for choice in self.offered)
        return [
            replace(choice, label=f"{choice.label} ({choice.detail or choice.value})")
            if named[choice.label] > 1
            else choice
            for choice in self.offered
        ]
