"""The smaller parts of an entry."""

from __future__ import annotations

from audit_plugin.changes import FieldChange
from audit_plugin.display import Badge, field_label
from audit_plugin.events import Reference
from graphql_schema.spec import JSON, View, attribute


class AuditReference(View[Reference]):
    """A record that an event concerns beside the one it was done to."""

    model: str = attribute("The label of its model.")
    object_id: str = attribute("Its key.")


class AuditFieldChange(View[FieldChange]):
    """The change of one field.

    Args:
        source: The change.
        model: The label of the model.
    """

    def __init__(self, source: FieldChange, model: str) -> None:
        super().__init__(source)
        self._model = model

    field: str = attribute("The field's name.")

    @property
    def label(self) -> str:
        """What the field is called, in the language of the request."""
        return field_label(self._model, self._source.field)

    old: JSON | None = attribute("The value before; null also where there was none, or where it is masked.")
    new: JSON | None = attribute("The value after; null also where there is none, or where it is masked.")
    masked: bool = attribute(
        "Whether the values are secret: that they changed is recorded, the values themselves never were."
    )
    added: list[JSON] = attribute(
        "For a many-to-many field: the keys of the records that it came to hold.", list
    )
    removed: list[JSON] = attribute(
        "For a many-to-many field: the keys of the records that it holds no longer.", list
    )


class AuditBadge(View[Badge]):
    """How to show an action: a colour's role, a text and a sign, so that colour is never the only signal."""

    role: str = attribute(
        "`create` (green), `update` (blue), `delete` (red), `restore` (purple) or `other` (grey).",
        of="modifier",
    )
    label: str = attribute("The text, in the language of the request.")
    glyph: str = attribute("The sign before the text.")
