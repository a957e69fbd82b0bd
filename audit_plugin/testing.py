"""The log in a project's own tests: off where nobody asks for it, there where somebody does.

With `AUDIT_CAPTURE = False` in the test settings no trigger is installed, and a test costs what it cost before.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar
from unittest import TestCase

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from audit_plugin.capture import drift
from audit_plugin.capture.install import install_triggers, uninstall
from audit_plugin.capture.privileges import let_owner_read, owner_of_log
from audit_plugin.capture.registry import resolve
from audit_plugin.capture.relations import COUNTS, KEYS, TABLES
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import specs
from audit_plugin.exceptions import AuditError, ConfigurationError
from audit_plugin.models import Entry

__all__ = ["capture", "clear", "entries"]

T = TypeVar("T")


class capture:
    """Record what is written within to some models: `with`, or a decorator of a test or of a test case's class.

    In a `TestCase` the triggers are made in the test's transaction, elsewhere they are dropped again on leaving.
    Models that are recorded anyway stay so.

    Args:
        *models: `"shop.Book"` or `"shop.*"`, whether or not `AUDIT_MODELS` names them. None: all that are recorded.
        using: The database alias.

    Example:
        with capture("shop.Book") as log:
            book.delete()
        assert log.entries().get().action == "delete"
    """

    def __init__(self, *models: str, using: str = DEFAULT_DB_ALIAS) -> None:
        self.models = models
        self.using = using
        self._before: list[set[str]] = []
        self._begun = 0

    def __enter__(self) -> capture:
        schema = _schema(self.using)
        connection = connections[self.using]
        wanted = list(specs(self.using, self.models or None))
        _settle(connection)
        with connection.cursor() as cursor:
            state = drift.read_state(cursor, schema)
            let_owner_read(cursor, schema, (spec.table for spec in wanted))
            cursor.execute(f"SELECT last_value - (NOT is_called)::int FROM {schema}.audit_plugin_entry_seq")
            self._begun = int(cursor.fetchone()[0])
        for spec in wanted:
            install_triggers(self.using, schema, spec, state=state)
        self._before.append(set(state.functions))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        connection = connections[self.using]
        before = self._before.pop()
        # A transaction that is to be rolled back takes the triggers with it, and can run nothing more.
        if not (connection.in_atomic_block and connection.needs_rollback):
            _settle(connection)
            uninstall(self.using, keep=before)

    def entries(self, *models: str, **filters: Any) -> QuerySet[Entry]:
        """Return what has been recorded since the block was entered, oldest first.

        Args:
            *models: Only of these models, named as for `capture`.
            **filters: As `QuerySet.filter` takes them.
        """
        return entries(*models, using=self.using, seq__gt=self._begun, **filters)

    def __call__(self, decorated: T) -> T:
        if isinstance(decorated, type):
            return self._decorate_class(decorated)  # type: ignore[return-value]
        function: Callable[..., Any] = decorated  # type: ignore[assignment]

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapped_async(*args: Any, **kwargs: Any) -> Any:
                within = capture(*self.models, using=self.using)
                await sync_to_async(within.__enter__)()
                try:
                    return await function(*args, **kwargs)
                finally:
                    await sync_to_async(within.__exit__)(None, None, None)

            return wrapped_async  # type: ignore[return-value]

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with capture(*self.models, using=self.using):
                return function(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    def _decorate_class(self, decorated: type) -> type:
        if not issubclass(decorated, TestCase):
            raise TypeError(
                f"{decorated.__name__} is no unittest.TestCase: use the fixture audit_capture, or decorate its methods."
            )
        original = decorated.setUp

        @functools.wraps(original)
        def set_up(test: TestCase) -> None:
            test.enterContext(capture(*self.models, using=self.using))
            original(test)

        decorated.setUp = set_up  # type: ignore[method-assign,assignment]
        return decorated


def entries(*models: str, using: str = DEFAULT_DB_ALIAS, **filters: Any) -> QuerySet[Entry]:
    """Return what is in the log, oldest first, with the contexts.

    Args:
        *models: Only of these models, `"shop.Book"` or `"shop.*"`.
        using: The database alias.
        **filters: As `QuerySet.filter` takes them.
    """
    found = Entry.objects.using(using).filter(**filters).select_related("context").order_by("seq")
    if models:
        found = found.filter(
            model__in={model._meta.label_lower for name in models for model in resolve(name)}
        )
    return found


def clear(using: str = DEFAULT_DB_ALIAS) -> None:
    """Empty the log of a test database. The guards are taken off for that, and put back.

    Args:
        using: The database alias.

    Raises:
        AuditError: It is no test database.
    """
    schema = _schema(using)
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        if not _is_test_database(connection, name):
            raise AuditError(f'"{name}" is no test database: its audit log is not emptied.')
        tables = [f"{schema}.{table}" for table in TABLES]
        cursor.execute(
            "SELECT relid::regclass::text FROM unnest(%s::regclass[]) AS t, pg_partition_tree(t)", [tables]
        )
        relations = [row[0] for row in cursor.fetchall()]
        with owner_of_log(cursor, schema):
            for relation in relations:
                cursor.execute(f"ALTER TABLE {relation} DISABLE TRIGGER audit_guard")
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
            for table in (*COUNTS, KEYS):
                cursor.execute(f"DELETE FROM {schema}.{table}")
            cursor.execute(
                f"INSERT INTO {schema}.audit_plugin_rollup_state (seq) SELECT last_value - (NOT is_called)::int "
                f"FROM {schema}.audit_plugin_entry_seq"
            )
            cursor.execute(
                f"SELECT {schema}.audit_plugin_guard_table_v1(t) FROM unnest(%s::regclass[]) AS t",
                [relations],
            )


def _is_test_database(connection: BaseDatabaseWrapper, name: str) -> bool:
    configured = (connection.settings_dict.get("TEST") or {}).get("NAME")
    # Runners in parallel add a number or the name of a worker.
    return name.startswith("test_") or (
        bool(configured) and re.fullmatch(rf"{re.escape(str(configured))}(_\w+)?", name) is not None
    )


def _schema(using: str) -> str:
    schema = log_schema(using)
    if schema is None:
        raise ConfigurationError(
            f'There is no audit log in the database "{using}". Do its migrations run in tests?'
        )
    return schema


def _settle(connection: BaseDatabaseWrapper) -> None:
    """Run the checks put off to the end of the transaction: a table with some to come can have no trigger made or dropped."""
    if connection.in_atomic_block:
        connection.check_constraints()
