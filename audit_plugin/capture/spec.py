"""What is recorded of which table: models, options and the catalog brought together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, router

from audit_plugin.capture.columns import Table, find_table
from audit_plugin.capture.options import Options
from audit_plugin.capture.registry import Model, many_to_many_fields, through_model, tracked_models
from audit_plugin.capture.secrets import is_secret, secret_pattern
from audit_plugin.capture.security import SECURITY, grants, security_fields
from audit_plugin.exceptions import NotCapturedError

APP_LABEL = "audit_plugin"
TEXT_FIELDS = (models.CharField, models.TextField, models.GenericIPAddressField)
KINDS = {"v": "a view", "m": "a materialised view", "f": "a foreign table"}


@dataclass(frozen=True)
class RecordSpec:
    """A recorded model's own table.

    Attributes:
        content: What `audit_plugin_statement_v1` takes (see `sql/statement_v1.sql`), without the condition.
    """

    model: Model
    options: Options
    table: Table
    content: Mapping[str, Any]
    builder: str = "audit_plugin_statement_v1"


@dataclass(frozen=True)
class LinkSpec:
    """The table of a many-to-many field, recorded as changes of the field's owner.

    Attributes:
        content: What `audit_plugin_link_statement_v1` takes.
    """

    model: Model
    options: Options
    table: Table
    content: Mapping[str, Any]
    builder: str = "audit_plugin_link_statement_v1"


Spec = RecordSpec | LinkSpec


def database_aliases() -> list[str]:
    """Return the aliases of the PostgreSQL databases that hold a log."""
    return [
        alias
        for alias in connections
        if connections[alias].vendor == "postgresql" and router.allow_migrate(alias, APP_LABEL)
    ]


def specs(using: str, patterns: Sequence[str] | None = None) -> Iterator[Spec]:
    """Yield what is to be recorded in one database; tables that don't exist (yet) are left out.

    Args:
        using: The database alias.
        patterns: Only these models, recorded or not; see `tracked_models`.

    Raises:
        NotCapturedError: A model's table is of a kind that has no such triggers.
        ConfigurationError: A setting names a model or an option that doesn't exist.
    """
    for model, options in tracked_models(patterns).items():
        if not router.allow_migrate_model(using, model):
            continue
        spec = record_spec(using, model, options)
        if spec is not None:
            yield spec
            yield from _links(using, spec)


def record_spec(using: str, model: Model, options: Options) -> RecordSpec | None:
    """Describe one model's table, or return None where the table doesn't exist.

    Raises:
        NotCapturedError: See `refuse_uncapturable`.
    """
    table = find_table(connections[using], model._meta.db_table)
    if table is None:
        return None
    refuse_uncapturable(model, table)
    key = [field.column for field in model._meta.pk_fields]
    names = {field.column: field.name for field in model._meta.local_concrete_fields if field.column}
    fields, skip, secret = {}, [], []
    for column, number in table.columns.items():
        name = names.get(column, column)
        if name in options.exclude or (options.fields and name not in options.fields):
            skip.append(number)
            continue
        fields[str(number)] = name
        if name in options.secrets or (is_secret(name, column) and name not in options.reveal):
            secret.append(number)
    content: dict[str, Any] = {
        "label": model._meta.label_lower,
        # Where a migration is yet to make the key's column, 0 stands for the key that the table has.
        "key": [table.columns.get(column or "", 0) for column in key],
        "fields": fields,
        "skip": skip,
        "secret": secret,
        "only": bool(options.fields),
        "pattern": secret_pattern(),
        "title": _title(model, table, options, set(fields.values()) - {fields[str(n)] for n in secret}),
        "tenant": table.columns.get(_column(model, options.tenant) or ""),
    }
    if (flags := security_fields(model)) is not None:
        wanted = [table.columns.get(_column(model, name) or "") for name in flags]
        content["channel"] = {"name": SECURITY, "when": sorted(number for number in wanted if number)}
    return RecordSpec(model, options, table, content)


def refuse_uncapturable(model: Model, table: Table) -> None:
    """Refuse a table that can't have capture triggers.

    Raises:
        NotCapturedError: It is a view or a foreign table, or an unmanaged one without the model's key.
    """
    if table.kind not in "rp":
        raise NotCapturedError(
            f"{model._meta.label} can't be recorded: {table.sql} is {KINDS.get(table.kind, 'no table')}, which has no "
            f'such triggers. Exclude it with "-{model._meta.label}" in AUDIT_MODELS and record the tables behind it.'
        )
    missing = [field.column for field in model._meta.pk_fields if field.column not in table.columns]
    if missing and not model._meta.managed:
        raise NotCapturedError(
            f"{model._meta.label} can't be recorded: {table.sql} has no column {missing[0]!r}."
        )


def _title(model: Model, table: Table, options: Options, stored: set[str]) -> list[list[str | int | None]]:
    texts = [
        field.name
        for field in model._meta.local_concrete_fields
        if isinstance(field, TEXT_FIELDS) and not field.choices and field.name in stored
    ]
    return [
        [text, table.columns.get(_column(model, name) or "")] for text, name in options.label_parts(texts)
    ]


def _column(model: Model, name: str | None) -> str | None:
    fields = model._meta.local_concrete_fields
    return next((field.column for field in fields if name in (field.name, field.attname)), None)


def _links(using: str, owner: RecordSpec) -> Iterator[LinkSpec]:
    options = owner.options
    for field in many_to_many_fields(owner.model):
        through = through_model(field)
        left_out = field.name in options.exclude or (options.fields and field.name not in options.fields)
        if left_out or not router.allow_migrate_model(using, through):
            continue
        table = find_table(connections[using], through._meta.db_table)
        if table is None or table.kind not in "rp":
            continue
        ends = {
            end: through._meta.get_field(name).column  # type: ignore[union-attr]
            for end, name in (("source", field.m2m_field_name()), ("target", field.m2m_reverse_field_name()))
        }
        content = {
            "label": owner.content["label"],
            "field": field.name,
            "owner": owner.table.oid,
            "owner_spec": {name: owner.content[name] for name in ("key", "title", "tenant")},
            "source": table.columns[str(ends["source"])],
            "target": table.columns[str(ends["target"])],
            "through": None if through._meta.auto_created else through._meta.label_lower,
        }
        if grants(field):
            content["channel"] = {"name": SECURITY, "when": []}
        yield LinkSpec(owner.model, options, table, content)
