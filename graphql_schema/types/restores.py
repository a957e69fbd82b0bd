"""What a restore would do."""

from __future__ import annotations

from audit_plugin.display import field_label, model_label
from audit_plugin.restore import Conflict, FieldStep, Note, Plan, Step, Touch
from graphql_schema.ids import Kind, encode_id
from graphql_schema.spec import ID, JSON, View
from graphql_schema.types.activity import MAX_INT
from graphql_schema.types.enums import AuditRestoreChoice, AuditRestoreEffect
from graphql_schema.types.values import plain


class AuditRestoreField(View[FieldStep]):
    """One field of a step.

    Args:
        source: The field.
        model: The label of the model.
    """

    def __init__(self, source: FieldStep, model: str) -> None:
        super().__init__(source)
        self._model = model

    @property
    def field(self) -> str:
        """Its name."""
        return self._source.field

    @property
    def label(self) -> str:
        """What it is called, in the language of the request."""
        return field_label(self._model, self._source.field)

    @property
    def now(self) -> JSON | None:
        """Its value at the moment."""
        return JSON(plain(self._source.now))

    @property
    def becomes(self) -> JSON | None:
        """Its value after the restore."""
        return JSON(plain(self._source.becomes))

    @property
    def conflict(self) -> str | None:
        """The id of the conflict because of which it stays as it is."""
        return self._source.conflict


class AuditRestoreStep(View[Step]):
    """What happens to one record."""

    @property
    def model(self) -> str:
        """The label of the model whose table is written."""
        return self._source.model

    @property
    def model_label(self) -> str:
        """What the model is called, in the language of the request."""
        return model_label(self._source.model)

    @property
    def object_id(self) -> str:
        """The key of the record."""
        return self._source.object_id

    @property
    def object_repr(self) -> str:
        """The name of the record at the time."""
        return self._source.object_repr

    @property
    def operation(self) -> AuditRestoreEffect:
        """What happens."""
        return AuditRestoreEffect(self._source.operation)

    @property
    def source(self) -> ID:
        """The id of the entry that is undone by it, the newest of several."""
        return encode_id(Kind.ENTRY, self._source.source)

    @property
    def fields(self) -> list[AuditRestoreField]:
        """The fields that are written."""
        return [AuditRestoreField(field, self._source.model) for field in self._source.fields]

    @property
    def field(self) -> str | None:
        """Where links change: the many-to-many field."""
        return self._source.field or None

    @property
    def added(self) -> list[JSON]:
        """Where links change: the keys of records that are linked again."""
        return [plain(key) for key in self._source.added]

    @property
    def removed(self) -> list[JSON]:
        """Where links change: the keys of records whose link goes."""
        return [plain(key) for key in self._source.removed]

    @property
    def conflict(self) -> str | None:
        """The id of the conflict because of which the whole step is left out."""
        return self._source.conflict


class AuditConflict(View[Conflict]):
    """Something that a person has to decide before a restore."""

    @property
    def id(self) -> ID:
        """What a resolution names it by; the same in every preview of the same thing."""
        return ID(self._source.id)

    @property
    def code(self) -> str:
        """What it is; the codes are in docs/reference/restore-errors.md."""
        return self._source.code.value

    @property
    def message(self) -> str:
        """The same for people, in the language of the request."""
        return str(self._source.message)

    @property
    def model(self) -> str:
        """The label of the model concerned."""
        return self._source.model

    @property
    def object_id(self) -> str:
        """The key of the record concerned; empty where it is not about one."""
        return self._source.object_id

    @property
    def field(self) -> str:
        """The field concerned; empty where it is not about one."""
        return self._source.field

    @property
    def choices(self) -> list[AuditRestoreChoice]:
        """How it can be resolved; none where it can't."""
        return [AuditRestoreChoice(choice.value) for choice in self._source.choices]

    @property
    def resolution(self) -> AuditRestoreChoice | None:
        """The choice made."""
        found = self._source.resolution
        return AuditRestoreChoice(found.value) if found else None

    @property
    def entry(self) -> ID | None:
        """The id of the entry that explains it, for example the later change."""
        return encode_id(Kind.ENTRY, self._source.entry) if self._source.entry else None

    @property
    def details(self) -> JSON:
        """Facts for programs, by code."""
        return JSON(plain(dict(self._source.details)))


class AuditRestoreNote(View[Note]):
    """Something worth knowing about a restore that stops nothing."""

    @property
    def code(self) -> str:
        """What it is; the codes are in docs/reference/restore-errors.md."""
        return self._source.code.value

    @property
    def message(self) -> str:
        """The same for people, in the language of the request."""
        return str(self._source.message)

    @property
    def model(self) -> str:
        """The label of the model concerned."""
        return self._source.model

    @property
    def field(self) -> str:
        """The field concerned; empty where it is not about one."""
        return self._source.field


class AuditRestoreTouch(View[Touch]):
    """Records that a restore writes to, directly or not."""

    @property
    def model(self) -> str:
        """The label of the model, or the name of the table where there is no model."""
        return self._source.model

    @property
    def effect(self) -> AuditRestoreEffect:
        """What happens to them."""
        return AuditRestoreEffect(self._source.effect)

    @property
    def count(self) -> int:
        """How many they are."""
        return min(self._source.count, MAX_INT)


class AuditRestorePlan(View[Plan]):
    """What a restore would do, found out by doing it and rolling it back."""

    @property
    def token(self) -> str:
        """Stands for the plan and the data it was made from. Hand it to `auditRestore`, and exactly this is done or nothing."""
        return self._source.token

    @property
    def is_clean(self) -> bool:
        """Whether there is no conflict left to decide."""
        return self._source.is_clean

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do: everything is as it was already."""
        return self._source.is_empty

    @property
    def steps(self) -> list[AuditRestoreStep]:
        """What happens, newest entry first; of a large restore the first thousand."""
        return [AuditRestoreStep(step) for step in self._source.steps]

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        return min(self._source.step_count, MAX_INT)

    @property
    def clean_count(self) -> int:
        """How many steps can be carried out as things stand."""
        return min(self._source.clean_count, MAX_INT)

    @property
    def conflicts(self) -> list[AuditConflict]:
        """What has to be decided; of very many the first thousand."""
        return [AuditConflict(conflict) for conflict in self._source.conflicts]

    @property
    def conflict_count(self) -> int:
        """How many conflicts have no resolution yet."""
        return min(self._source.conflict_count, MAX_INT)

    @property
    def notes(self) -> list[AuditRestoreNote]:
        """What is left out or done otherwise."""
        return [AuditRestoreNote(note) for note in self._source.notes]

    @property
    def touched(self) -> list[AuditRestoreTouch]:
        """Everything that would be written to, by model and effect."""
        return [AuditRestoreTouch(touch) for touch in self._source.touched]
