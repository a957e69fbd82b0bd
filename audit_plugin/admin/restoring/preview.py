"""A plan as its page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin import display
from audit_plugin.changes import FieldChange
from audit_plugin.display import ChangeView, Names
from audit_plugin.restore import Choice, Code, Conflict, Plan, Step
from audit_plugin.visibility import visible_entries

#: Of more than these the page shows the first ones and says how many there are.
STEPS = CONFLICTS = 50

#: What happens to a record: the badge's colour, its words, its sign.
OPERATIONS = {
    "update": ("update", gettext_lazy("Is changed"), "~"),
    "links": ("update", gettext_lazy("Links are changed"), "~"),
    "insert": ("create", gettext_lazy("Comes back"), "+"),
    "delete": ("delete", gettext_lazy("Is deleted"), "\N{MINUS SIGN}"),
}

EFFECTS = {
    "update": gettext_lazy("changed"),
    "insert": gettext_lazy("brought back"),
    "delete": gettext_lazy("deleted"),
    "links": gettext_lazy("links changed"),
    "cascade": gettext_lazy("deleted along with it"),
    "set_null": gettext_lazy("reference emptied"),
    "database_cascade": gettext_lazy("deleted along with it, by the database"),
    "database_set_null": gettext_lazy("reference emptied, by the database"),
}


@dataclass(frozen=True)
class ConflictView:
    """A conflict.

    Attributes:
        number: What fields and records refer to it by.
        url: The entry that explains it.
        made: The choice made for this one; one made for all of its kind is `conflict.resolution` only.
    """

    conflict: Conflict
    number: int
    url: str | None
    made: Choice | None

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """The choices, and which one is made."""
        return [(choice.value, choice.label, choice == self.made) for choice in self.conflict.choices]


@dataclass(frozen=True)
class Kind:
    """All conflicts of one code, to be decided together."""

    code: str
    label: str
    count: int
    choices: Sequence[tuple[str, Any, bool]]


@dataclass(frozen=True)
class FieldView:
    """One field: what it is and becomes, and the number of the conflict because of which it stays."""

    change: ChangeView
    conflict: int | None


@dataclass(frozen=True)
class StepView:
    """What happens to one record."""

    badge: display.Badge
    model: str
    name: str
    key: str
    url: str
    fields: Sequence[FieldView]
    left_out: bool
    conflict: int | None


class Preview:
    """What a restore would do.

    Args:
        plan: The plan.
        site: The admin site.
        user: Who is looking.
    """

    def __init__(self, plan: Plan, site: AdminSite, user: Any) -> None:
        self.plan = plan
        self.site = site
        self.user = user

    @cached_property
    def steps(self) -> list[StepView]:
        """The records, the first ones of many."""
        shown = self.plan.steps[:STEPS]
        changes = [(step.model, change) for step in shown for change, _conflict in self._changes(step)]
        names = display.names_in(changes, self.user, using=self.plan.using)
        return [self._step(step, names) for step in shown]

    @property
    def more_steps(self) -> int:
        """How many records aren't shown."""
        return self.plan.step_count - len(self.steps)

    @cached_property
    def conflicts(self) -> list[ConflictView]:
        """The conflicts, the first ones of many."""
        shown = self.plan.conflicts[:CONFLICTS]
        wanted = {conflict.entry for conflict in shown if conflict.entry}
        seen = set(visible_entries(self.user).filter(pk__in=wanted).values_list("pk", flat=True))
        return [
            ConflictView(
                conflict,
                number,
                self._url("change", conflict.entry) if conflict.entry in seen else None,
                self.plan.resolutions.get(conflict.id),
            )
            for number, conflict in enumerate(shown, 1)
        ]

    @property
    def more_conflicts(self) -> int:
        """How many conflicts aren't shown, not counting those that the plan itself has left out."""
        return max(len(self.plan.conflicts), self.plan.conflict_count) - len(self.conflicts)

    @cached_property
    def kinds(self) -> list[Kind]:
        """The kinds that there are several conflicts of."""
        counts = Counter(conflict.code for conflict in self.plan.conflicts if conflict.choices)
        found = []
        for code, count in counts.items():
            choices: dict[Choice, None] = {}
            for conflict in self.plan.conflicts:
                if conflict.code == code:
                    choices |= dict.fromkeys(conflict.choices)
            made = self.plan.resolutions.get(code.value)
            offered = [(choice.value, choice.label, choice == made) for choice in choices]
            if count > 1:
                found.append(Kind(code.value, str(KINDS.get(code, code.value)), count, offered))
        return found

    @property
    def touched(self) -> list[tuple[str, str, int]]:
        """Everything that is written to: the model, how, how many records."""
        return [
            (display.model_label(touch.model), str(EFFECTS.get(touch.effect, touch.effect)), touch.count)
            for touch in self.plan.touched
        ]

    @property
    def blocked(self) -> bool:
        """Whether something stands in the way that nobody can decide here."""
        return any(not conflict.choices for conflict in self.plan.conflicts)

    @property
    def may_go(self) -> bool:
        """Whether all of it can be restored as things stand."""
        return self.plan.is_clean and bool(self.plan.clean_count)

    @property
    def may_go_partly(self) -> bool:
        """Whether a part can be restored while conflicts remain."""
        return not self.plan.is_clean and bool(self.plan.clean_count) and not self.blocked

    @property
    def nothing(self) -> str:
        """What to say where there is nothing to do."""
        return (
            _("There is nothing to restore: everything is as it was already.") if self.plan.is_empty else ""
        )

    def _step(self, step: Step, names: Names) -> StepView:
        modifier, label, glyph = OPERATIONS[step.operation]
        fields = [
            FieldView(display.change_view(step.model, change, names), self._number(conflict))
            for change, conflict in self._changes(step)
        ]
        return StepView(
            badge=display.Badge(modifier, str(label), glyph),
            model=display.model_label(step.model),
            name=step.object_repr or step.object_id,
            key=step.object_id,
            url=self._url("record", step.model, quote(step.object_id)),
            fields=fields,
            left_out=step.conflict is not None,
            conflict=self._number(step.conflict),
        )

    def _changes(self, step: Step) -> list[tuple[FieldChange, str | None]]:
        if step.operation == "links":
            return [(FieldChange(step.field, added=step.added, removed=step.removed), None)]
        found = {
            one.field: (self._change(step.model, one.field, one.now, one.becomes), one.conflict)
            for one in step.fields
            if one.now is not None or one.becomes is not None
        }
        return [found[name] for name in display.in_order(step.model, found)]

    def _change(self, model: str, field: str, now: Any, becomes: Any) -> FieldChange:
        # A secret isn't shown, neither the present one nor the default that it would get.
        if (model, field) in self._secrets:
            return FieldChange(field, masked=True)
        return FieldChange(field, old=now, new=becomes)

    @cached_property
    def _secrets(self) -> set[tuple[str, str]]:
        return {(note.model, note.field) for note in self.plan.notes if note.code == Code.SECRET}

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {view.conflict.id: view.number for view in self.conflicts}

    def _number(self, conflict: str | None) -> int | None:
        return self._numbers.get(conflict) if conflict else None

    def _url(self, name: str, *arguments: Any) -> str:
        return reverse(f"admin:audit_plugin_entry_{name}", args=arguments, current_app=self.site.name)


KINDS = {
    Code.CHANGED_SINCE: gettext_lazy("Changed since"),
    Code.GONE: gettext_lazy("No longer there"),
    Code.PARENT_MISSING: gettext_lazy("Refers to something that is gone"),
    Code.DUPLICATE: gettext_lazy("Value taken by another record"),
    Code.KEY_EXISTS: gettext_lazy("Key taken by another record"),
    Code.REFERENCED: gettext_lazy("Other records refer to it"),
    Code.PROTECTED: gettext_lazy("Protected by other records"),
    Code.CHECK_FAILED: gettext_lazy("Not allowed by a rule"),
    Code.NOT_NULL: gettext_lazy("May not be empty"),
    Code.VALIDATION: gettext_lazy("Not valid"),
    Code.SCHEMA_CHANGED: gettext_lazy("The model has changed"),
    Code.REFUSED: gettext_lazy("Refused"),
}
