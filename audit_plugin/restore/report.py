"""What a pass over the data did, as a plan tells it: steps, notes, what was touched, and a fingerprint of it all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from audit_plugin.restore.codes import Code, text
from audit_plugin.restore.plans import FieldStep, Note, Step, Touch
from audit_plugin.restore.rows import Link, Row

#: How many steps are kept for showing.
KEPT = 1000


class Report:
    """Collects what is done, in bounded memory."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.step_count = 0
        self.clean_count = 0
        self._notes: dict[tuple[str, str, str], Note] = {}
        self._touched: Counter[tuple[str, str]] = Counter()
        self._digest = hashlib.sha256()

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes."""
        return tuple(self._notes.values())

    @property
    def touched(self) -> tuple[Touch, ...]:
        """Everything that was written to."""
        return tuple(
            Touch(model, effect, count) for (model, effect), count in sorted(self._touched.items()) if count
        )

    def seen(self, *values: Any) -> None:
        """Let values be part of the fingerprint."""
        self._digest.update(repr(values).encode("utf-8", "surrogatepass"))

    def fingerprint(self) -> str:
        """Return what stands for everything seen."""
        return self._digest.hexdigest()

    def note(
        self,
        code: Code,
        key: str | None = None,
        *,
        model: str = "",
        field: str = "",
        label: Any = None,
        **values: Any,
    ) -> None:
        """Add a note, once for each model and field.

        Args:
            code: Its code.
            key: The key of its text, where that is not the code.
            model: The model it is about.
            field: The field it is about.
            label: The field's name for people.
            **values: What else the text has placeholders for.
        """
        place = (code.value, model, field)
        if place in self._notes:
            return
        named = {"model": model} if model and not field else {"field": label or field} if field else {}
        self._notes[place] = Note(code, text(key or code.value, **named, **values), model=model, field=field)

    def add_note(self, note: Note) -> None:
        """Add a note made elsewhere."""
        self._notes.setdefault((note.code.value, note.model, note.field), note)

    def touch(self, model: str, effect: str, count: int = 1) -> None:
        """Count records that were written to."""
        self._touched[model, effect] += count

    def row(self, row: Row, conflict: str | None = None, fields: dict[str, str] | None = None) -> None:
        """Add the step of one record.

        Args:
            row: The record.
            conflict: The id of the conflict because of which it is left out.
            fields: Ids of the conflicts because of which single fields are left out.
        """
        left_out = fields or {}
        clean = conflict is None and (bool(row.fields) or row.operation == "delete")
        self.step_count += 1
        self.clean_count += clean
        if len(self.steps) < KEPT:
            shown = _field_steps(row, left_out)
            self.steps.append(
                Step(
                    row.model,
                    row.key,
                    row.object_repr,
                    row.operation,
                    UUID(row.source),
                    shown,
                    conflict=conflict,
                )
            )

    def drop(self, row: Row, conflict: str) -> None:
        """Say of a step added before that it is left out after all."""
        self.clean_count -= 1
        for position, step in enumerate(self.steps):
            if (step.model, step.object_id) == row.id and step.operation != "links":
                self.steps[position] = Step(
                    step.model, step.object_id, step.object_repr, step.operation, step.source, step.fields,
                    conflict=conflict,
                )  # fmt: skip
                return

    def links(self, links: Sequence[Link], *, added: bool, conflict: str | None = None) -> None:
        """Add the steps of links, one for each record and field."""
        grouped: dict[tuple[str, str, str], list[Link]] = {}
        for link in links:
            grouped.setdefault((link.model, link.key, link.field), []).append(link)
        self.step_count += len(grouped)
        self.clean_count += 0 if conflict else len(grouped)
        for group in grouped.values():
            if len(self.steps) >= KEPT:
                return
            first = group[0]
            keys = tuple(json.loads(link.target) for link in group)
            self.steps.append(
                Step(
                    first.model,
                    first.key,
                    first.object_repr,
                    "links",
                    UUID(first.source),
                    field=first.field,
                    added=keys if added else (),
                    removed=() if added else keys,
                    conflict=conflict,
                )
            )


def _field_steps(row: Row, left_out: dict[str, str]) -> tuple[FieldStep, ...]:
    now = read(row.live) if row.live else {}
    names: Iterable[str] = row.after if row.operation == "delete" else row.fields
    steps = []
    for name in [*names, *(name for name in left_out if name not in row.fields)]:
        wanted = row.extra.get(name, row.before.get(name))
        becomes = None if row.operation == "delete" or wanted is None else read(wanted)
        steps.append(FieldStep(name, now.get(name), becomes, left_out.get(name)))
    return tuple(steps)


def read(value: str) -> Any:
    """Return a JSON text's value for showing, with every digit."""
    return json.loads(value, parse_float=Decimal)


def field_label(model: type[models.Model] | None, name: str) -> Any:
    """Return the name of a field for people."""
    if model is not None:
        for field in (*model._meta.local_concrete_fields, *model._meta.local_many_to_many):
            if field.name == name:
                return field.verbose_name
    return name


def record_label(model: type[models.Model] | None, label: str, key: str, name: str = "") -> str:
    """Return the name of a record for people."""
    kind = model._meta.verbose_name if model is not None else label
    return f"{kind} “{name}”" if name and name != key else f"{kind} {key}"
