"""What a restore would do."""

from __future__ import annotations

from audit_plugin.display import field_label, model_label
from audit_plugin.restore import Conflict, FieldStep, Note, Plan, Step, Touch
from graphql_schema.spec import ID, JSON, View, attribute, each
from graphql_schema.types.enums import AuditRestoreChoice, AuditRestoreEffect
from graphql_schema.types.values import capped, entry_id, plain


class AuditRestoreField(View[FieldStep]):
    """One field of a step.

    Args:
        source: The field.
        model: The label of the model.
    """

    def __init__(self, source: FieldStep, model: str) -> None:
        super().__init__(source)
        self._model = model

    field: str = attribute("Its name.")

    @property
    def label(self) -> str:
        """What it is called, in the language of the request."""
        return field_label(self._model, self._source.field)

    now: JSON | None = attribute("Its value at the moment.", plain)
    becomes: JSON | None = attribute("Its value after the restore.", plain)
    conflict: str | None = attribute("The id of the conflict because of which it stays as it is.")


class AuditRestoreStep(View[Step]):
    """What happens to one record."""

    model: str = attribute("The label of the model whose table is written.")

    @property
    def model_label(self) -> str:
        """What the model is called, in the language of the request."""
        return model_label(self._source.model)

    object_id: str = attribute("The key of the record.")
    object_repr: str = attribute("The name of the record at the time.")
    operation: AuditRestoreEffect = attribute("What happens.", AuditRestoreEffect)
    source: ID = attribute("The id of the entry that is undone by it, the newest of several.", entry_id)

    @property
    def fields(self) -> list[AuditRestoreField]:
        """The fields that are written."""
        return [AuditRestoreField(field, self._source.model) for field in self._source.fields]

    @property
    def field(self) -> str | None:
        """Where links change: the many-to-many field."""
        return self._source.field or None

    added: list[JSON] = attribute(
        "Where links change: the keys of records that are linked again.", each(plain)
    )
    removed: list[JSON] = attribute("Where links change: the keys of records whose link goes.", each(plain))
    conflict: str | None = attribute("The id of the conflict because of which the whole step is left out.")


class AuditConflict(View[Conflict]):
    """Something that a person has to decide before a restore."""

    id: ID = attribute("What a resolution names it by; the same in every preview of the same thing.")
    code: str = attribute("What it is; the codes are in docs/reference/restore-errors.md.", str)
    message: str = attribute("The same for people, in the language of the request.", str)
    model: str = attribute("The label of the model concerned.")
    object_id: str = attribute("The key of the record concerned; empty where it is not about one.")
    field: str = attribute("The field concerned; empty where it is not about one.")

    choices: list[AuditRestoreChoice] = attribute(
        "How it can be resolved; none where it can't.", each(AuditRestoreChoice)
    )
    resolution: AuditRestoreChoice | None = attribute("The choice made.", AuditRestoreChoice)
    entry: ID | None = attribute(
        "The id of the entry that explains it, for example the later change.", entry_id
    )
    details: JSON = attribute("Facts for programs, by code.", plain)


class AuditRestoreNote(View[Note]):
    """Something worth knowing about a restore that stops nothing."""

    code: str = attribute("What it is; the codes are in docs/reference/restore-errors.md.", str)
    message: str = attribute("The same for people, in the language of the request.", str)
    model: str = attribute("The label of the model concerned.")
    field: str = attribute("The field concerned; empty where it is not about one.")


class AuditRestoreTouch(View[Touch]):
    """Records that a restore writes to, directly or not."""

    model: str = attribute("The label of the model, or the name of the table where there is no model.")
    effect: AuditRestoreEffect = attribute("What happens to them.", AuditRestoreEffect)
    count: int = attribute("How many they are.", capped)


class AuditRestorePlan(View[Plan]):
    """What a restore would do, found out by doing it and rolling it back."""

    token: str = attribute(
        "Stands for the plan and the data it was made from. Hand it to `auditRestore`, and exactly this is done or nothing."
    )
    is_clean: bool = attribute("Whether there is no conflict left to decide.")
    is_empty: bool = attribute("Whether there is nothing to do: everything is as it was already.")
    steps: list[AuditRestoreStep] = attribute(
        "What happens, newest entry first; of a large restore the first thousand.", each(AuditRestoreStep)
    )
    step_count: int = attribute("How many steps there are.", capped)
    clean_count: int = attribute("How many steps can be carried out as things stand.", capped)
    conflicts: list[AuditConflict] = attribute(
        "What has to be decided; of very many the first thousand.", each(AuditConflict)
    )
    conflict_count: int = attribute("How many conflicts have no resolution yet.", capped)
    notes: list[AuditRestoreNote] = attribute("What is left out or done otherwise.", each(AuditRestoreNote))
    touched: list[AuditRestoreTouch] = attribute(
        "Everything that would be written to, by model and effect.", each(AuditRestoreTouch)
    )
