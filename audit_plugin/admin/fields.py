"""Fields of the filter bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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
    def offered(self) -> Sequence[Choice]:
        """The choices, and what is set even if nothing has it: it must not look as if nothing were."""
        if not self.value or any(choice.value == self.value for choice in self.choices):
            return self.choices
        return [*self.choices, Choice(self.value, self.value)]

    @property
    def options(self) -> SafeString:
        """What is offered, as HTML: a template takes 20 µs for each, and there may be thousands of actors."""
        chosen = self.value
        return SafeString(
            "".join(
                [
                    f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
                    for value, label, _detail in self._named_apart
                ]
            )
        )

    @property
    def _named_apart(self) -> list[Choice]:
        """What is offered; two people of one name say which of them they are."""
        offered = self.offered
        named = Counter([choice.label for choice in offered])
        return [
            choice._replace(label=f"{choice.label} ({choice.detail or choice.value})")
            if named[choice.label] > 1
            else choice
            for choice in offered
        ]
