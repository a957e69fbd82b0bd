"""A plan and its parts: plain data, made to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from audit_plugin.restore.asks import Ask
from audit_plugin.restore.codes import Choice, Code


@dataclass(frozen=True)
class FieldStep:
    """One field of a step.

    Attributes:
        field: Its name.
        now: Its value at the moment, as JSON has it; numbers with a fraction are decimals.
        becomes: Its value after the restore.
        conflict: The id of the conflict because of which the field stays as it is, if any.
    """

    field: str
    now: Any = None
    becomes: Any = None
    conflict: str | None = None


@dataclass(frozen=True)
class Step:
    """What happens to one record.

    Attributes:
        model: The label of the model whose table is written.
        object_id: The record's key as the log has it.
        object_repr: The record's name at the time.
        operation: `update`, `insert`, `delete` or `links`.
        source: The entry that is undone by it (the newest of several).
        fields: The fields, or for `links` nothing.
        field: For `links`: the many-to-many field.
        added: For `links`: keys of records that are linked again.
        removed: For `links`: keys of records whose link goes.
        conflict: The id of the conflict because of which the whole step is left out, if any.
    """

    model: str
    object_id: str
    object_repr: str
    operation: str
    source: UUID
    fields: tuple[FieldStep, ...] = ()
    field: str = ""
    added: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()
    conflict: str | None = None


@dataclass(frozen=True)
class Conflict:
    """Something that a person has to decide.

    Attributes:
        id: What a resolution names it by; the same in every preview of the same thing.
        code: What it is.
        message: The same for people, translated when it is shown.
        model: The model concerned.
        object_id: The record concerned, if it is about one.
        field: The field concerned, if it is about one.
        choices: How it can be resolved; none where it can't.
        resolution: The choice made, None as long as none is.
        entry: The entry that explains it, for example the later change.
        details: Facts for programs, by code: see docs/reference/restore-errors.md.
    """

    id: str
    code: Code
    message: Promise
    model: str = ""
    object_id: str = ""
    field: str = ""
    choices: tuple[Choice, ...] = ()
    resolution: Choice | None = None
    entry: UUID | None = None
    details: Mapping[str, Any] = default(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something worth knowing that stops nothing."""

    code: Code
    message: Promise
    model: str = ""
    object_id: str = ""
    field: str = ""


@dataclass(frozen=True)
class Touch:
    """Records that the restore writes to, directly or not.

    Attributes:
        model: The model's label, or the table's name where there is no model.
        effect: `update`, `insert`, `delete`, `links`; `cascade` and `set_null` by the rules of the models;
            `database_cascade` and `database_set_null` by those of the database alone.
        count: How many.
    """

    model: str
    effect: str
    count: int


@dataclass(frozen=True)
class Plan:
    """What a restore would do, found out by doing it and rolling it back.

    Attributes:
        ask: What was asked for.
        steps: What happens, newest entry first; of a large restore the first ones.
        step_count: How many steps there are.
        conflicts: What has to be decided; of very many the first ones.
        conflict_count: How many conflicts have no resolution yet.
        notes: What is left out or done otherwise.
        touched: Everything that would be written to, by model and effect.
        clean_count: How many steps can be carried out as things stand.
        token: Stands for the plan and the data it was made from; see `apply`.
        resolutions: The choices made, by conflict id or code.
        validate: Whether restored records go through the validation of their models.
        using: The database.
        user: Whose permissions were looked at; None for nobody's.
    """

    ask: Ask
    steps: tuple[Step, ...]
    step_count: int
    conflicts: tuple[Conflict, ...]
    conflict_count: int
    notes: tuple[Note, ...]
    touched: tuple[Touch, ...]
    clean_count: int
    token: str
    resolutions: Mapping[str, Choice]
    validate: bool
    using: str
    user: Any = None

    @property
    def is_clean(self) -> bool:
        """Whether there is no conflict left to decide."""
        return not self.conflict_count

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do: everything is as it was already."""
        return not self.step_count


@dataclass(frozen=True)
class Result:
    """What a restore did.

    Attributes:
        plan: The plan as it was carried out.
        count: How many entries the log got from it.
        entries: Their ids, oldest first; of very many the first ones.
    """

    plan: Plan
    count: int
    entries: tuple[UUID, ...]
