"""A record as it is now, in the form in which the log holds values: recorded fields only, and no secrets."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import JSONField, Model
from django.db.models.expressions import RawSQL

from audit_plugin import exact
from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.spec import record_spec
from audit_plugin.history.subjects import to_key


def live_values(model: type[Model], key: str, using: str) -> tuple[dict[str, Any], set[str]] | None:
    """Return a record's values by field and the names of its secret fields; None if there is no such record.

    Args:
        model: Its model.
        key: Its key.
        using: The database alias.
    """
    options = tracked_models().get(model)
    spec = record_spec(using, model, options) if options else None
    if spec is None:
        return None
    table = connections[using].ops.quote_name(model._meta.db_table)
    try:
        rows = model._base_manager.using(using).filter(pk=to_key(model, key))
    except ValidationError:
        return None
    row = RawSQL(f"to_jsonb({table})", (), output_field=JSONField(decoder=exact.Decoder))  # noqa: S611
    found = rows.annotate(audit_row=row).values_list("audit_row", flat=True).first()
    if found is None:
        return None
    columns = {number: column for column, number in spec.table.columns.items()}
    fields = {name: columns[int(number)] for number, name in spec.content["fields"].items()}
    secret = {spec.content["fields"][str(number)] for number in spec.content["secret"]}
    values = {name: found.get(column) for name, column in fields.items() if name not in secret}
    return values, {name for name in secret if found.get(fields[name]) not in (None, "")}


def live_links(model: type[Model], key: str, using: str) -> dict[str, list[Any]]:
    """Return the keys of the records that a record's many-to-many fields hold now.

    Args:
        model: Its model.
        key: Its key.
        using: The database alias.
    """
    options = tracked_models().get(model)
    if options is None:
        return {}
    links = {}
    many: Any
    for many in model._meta.local_many_to_many:
        if many.name in options.exclude or (options.fields and many.name not in options.fields):
            continue
        through = many.remote_field.through
        source, target = (
            through._meta.get_field(end).attname
            for end in (many.m2m_field_name(), many.m2m_reverse_field_name())
        )
        rows = through._base_manager.using(using).filter(**{source: to_key(model, key)})
        keys = rows.values_list(target, flat=True)
        links[many.name] = sorted((key if isinstance(key, int) else str(key) for key in keys), key=str)
    return links
