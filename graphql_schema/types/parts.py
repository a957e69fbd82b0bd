"""The smaller parts of an entry."""

from __future__ import annotations

from audit_plugin.changes import FieldChange
from audit_plugin.display import Badge, field_label
from audit_plugin.events import Reference
from graphql_schema.spec import JSON, View


class AuditReference(View[Reference]):
    """A record that an event concerns beside the one it was done to."""

    @property
    def model(self) -> str:
        """The label of its model."""
        return self._source.model

    @property
    def object_id(self) -> str:
        """Its key."""
        return self._source.object_id


class AuditFieldChange(View[FieldChange]):
    """The change of one field.

    Args:
        source: The change.
        model: The label of the model.
    """

    def __init__(self, source: FieldChange, model: str) -> None:
        super().__init__(source)
        self._model = model

    @property
    def field(self) -> str:
        """The field's name."""
        return self._source.field

    @property
    def label(self) -> str:
        """What the field is called, in the language of the request."""
        return field_label(self._model, self._source.field)

    @property
    def old(self) -> JSON | None:
        """The value before; null also where there was none, or where it is masked."""
        return JSON(self._source.old)

    @property
    def new(self) -> JSON | None:
        """The value after; null also where there is none, or where it is masked."""
        return JSON(self._source.new)

    @property
    def masked(self) -> bool:
        """Whether the values are secret: that they changed is recorded, the values themselves never were."""
        return self._source.masked

    @property
    def added(self) -> list[JSON]:
        """For a many-to-many field: the keys of the records that it came to hold."""
        return list(self._source.added)

    @property
    def removed(self) -> list[JSON]:
        """For a many-to-many field: the keys of the records that it holds no longer."""
        return list(self._source.removed)


class AuditBadge(View[Badge]):
    """How to show an action: a colour's role, a text and a sign, so that colour is never the only signal."""

    @property
    def role(self) -> str:
        """`create` (green), `update` (blue), `delete` (red), `restore` (purple) or `other` (grey)."""
        return self._source.modifier

    @property
    def label(self) -> str:
        """The text, in the language of the request."""
        return self._source.label

    @property
    def glyph(self) -> str:
        """The sign before the text."""
        return self._source.glyph
