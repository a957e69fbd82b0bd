"""For a host's tests: capture is off unless a test asks for it.

With `AUDIT_CAPTURE = False` in the test settings `migrate` installs no triggers, and writes cost what they cost without
the plugin. A test that is about the log turns capture on for the models it names.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.test.utils import override_settings

from audit_plugin.capture import drift, install
from audit_plugin.capture.columns import quote
from audit_plugin.capture.privileges import owner_of_log
from audit_plugin.capture.schema import TABLES, log_schema
from audit_plugin.capture.spec import specs
from audit_plugin.capture.trigger import triggers
from audit_plugin.exceptions import AuditError
from audit_plugin.models import Entry

#: What Django puts before the name of a test database.
PREFIX = "test_"


class capture(ContextDecorator):
    """Record the writes to some models while the block, or the decorated test, runs.

    Within a `TestCase` the triggers are made in the test's own transaction; in a `TransactionTestCase` they are dropped
    at the end. What was recorded stays in the log as far as the transaction does.

    Args:
        *recorded: Models, or their names as `app_label.ModelName`. None: all that the settings name.
        using: The database alias.

    Example:
        with audit_plugin.testing.capture("shop.Book") as log:
            book.save()
        assert log.entries()[0].action == "update"
    """

    def __init__(self, *recorded: str | type[models.Model], using: str = "default") -> None:
        self.recorded = recorded
        self.using = using
        self._made: list[tuple[str, str]] = []
        self._begun = 0

    def __enter__(self) -> capture:
        schema = log_schema(self.using)
        if schema is None:
            raise AuditError(f'The database "{self.using}" has no log: is audit_plugin in INSTALLED_APPS?')
        names = [
            f"{model._meta.app_label}.{model.__name__}" if isinstance(model, type) else model
            for model in self.recorded
        ]
        unknown = [name for name in names if not _exists(name)]
        if unknown:
            raise LookupError(f"There is no model {unknown[0]!r}; give it as app_label.ModelName.")
        with override_settings(**({"AUDIT_MODELS": names} if names else {})):
            recorded = list(specs(self.using))
            with _settled(self.using), connections[self.using].cursor() as cursor:
                before = drift.read_state(cursor, schema)
                for spec in recorded:
                    install.install_triggers(self.using, schema, spec, state=before)
                self._made = [
                    (trigger.pgid, table)
                    for spec in recorded
                    for trigger in triggers(spec)
                    for table in trigger.carriers
                    if (table, trigger.pgid) not in before.enabled
                ]
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT last_value - (NOT is_called)::int FROM {schema}.audit_plugin_entry_seq")
            self._begun = cursor.fetchone()[0]
        return self

    def __exit__(self, *error: object) -> None:
        connection = connections[self.using]
        if connection.in_atomic_block and connection.needs_rollback:
            return  # the transaction takes the triggers with it
        with _settled(self.using), connection.cursor() as cursor:
            for name, table in self._made:
                cursor.execute(f"DROP TRIGGER IF EXISTS {quote(name)} ON {table}")

    def entries(self, **filters: Any) -> list[Entry]:
        """Return what was recorded since the block began, oldest first.

        Args:
            **filters: Of `Entry`, for example `model="shop.book"`, `action="update"`.
        """
        found = Entry.objects.using(self.using).filter(seq__gt=self._begun, **filters)
        return list(found.select_related("context").order_by("seq"))


def clear(using: str = "default") -> None:
    """Empty the log of a test database, whose guards are lifted for it.

    Args:
        using: The database alias.

    Raises:
        AuditError: It is no test database.
    """
    connection = connections[using]
    name = connection.settings_dict["NAME"]
    if name != connection.settings_dict.get("TEST", {}).get("NAME") and not str(name).startswith(PREFIX):
        raise AuditError(f'"{name}" is no test database: the log is emptied in those only.')
    schema = log_schema(using)
    if schema is None:
        return
    with transaction.atomic(using), connection.cursor() as cursor, owner_of_log(cursor, schema):
        for table in TABLES:
            cursor.execute(
                "SELECT relid::regclass::text FROM pg_partition_tree(%s::regclass)", [f"{schema}.{table}"]
            )
            parts = [row[0] for row in cursor.fetchall()]
            for part in parts:
                cursor.execute(f"ALTER TABLE {part} DISABLE TRIGGER audit_guard")
            cursor.execute(f"TRUNCATE {schema}.{table}")
            for part in parts:
                cursor.execute(f"SELECT {schema}.audit_plugin_guard_table_v1(%s::regclass)", [part])


class _settled:
    """Check deferred constraints now: while any are pending, PostgreSQL alters no trigger of their tables."""

    def __init__(self, using: str) -> None:
        self.using = using

    def __enter__(self) -> None:
        self._set("IMMEDIATE")

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._set("DEFERRED")

    def _set(self, when: str) -> None:
        if connections[self.using].in_atomic_block:
            with connections[self.using].cursor() as cursor:
                cursor.execute(f"SET CONSTRAINTS ALL {when}")


def _exists(name: str) -> bool:
    try:
        apps.get_model(name)
    except (LookupError, ValueError):
        return False
    return True
