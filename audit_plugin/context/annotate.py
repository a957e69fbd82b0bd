"""Adds to every statement that may write the comment that names its author.

No session state, no round trip of its own: right behind a transaction-pooling proxy, after a rollback to a
savepoint, in autocommit, and with two authors in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composable, Composed

from audit_plugin.context import cursors, pghistory
from audit_plugin.context.resolve import resolved
from audit_plugin.context.statements import may_write

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

#: Holds the same text for statements that can't have a comment: what a named cursor runs while it is read.
GUC = "audit_plugin.context"


def annotate(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Django's execute wrapper: send `sql` with its author, or as it is when it can't write."""
    cursor = context["cursor"].cursor
    text = text_of(sql, cursor)
    if may_write(text):
        who = resolved(text)
        sql = append(sql, text, who.comment)
        if getattr(cursor, "name", None):
            execute = partial(_execute_named, execute, who.body)
        elif pghistory.listening():
            execute = pghistory.telling(execute, who, text)
    if not isinstance(cursor, cursors.AnnotatingCursor):
        return execute(sql, params, many, context)
    cursor.annotated = True
    try:
        return execute(sql, params, many, context)
    finally:
        cursor.annotated = False


def annotated(query: Any, cursor: Any) -> Any:
    """Return what to send for a query that goes to psycopg without passing Django's wrappers."""
    text = text_of(query, cursor)
    return append(query, text, resolved(text).comment) if may_write(text) else query


def text_of(query: Any, cursor: Any) -> str:
    """Return the text of a query in any form psycopg takes."""
    if isinstance(query, str):
        return query
    if isinstance(query, bytes):
        return query.decode("utf-8", "replace")
    if isinstance(query, Composable):
        return query.as_string(cursor)
    # A template string (Python 3.14): its first part tells what it does, and values in it are never
    # written out.
    return str(getattr(query, "strings", ("?",))[0])


def append(query: Any, text: str, comment: str) -> Any:
    """Return the query with the comment at its end, in the form it had."""
    # Behind a comment that runs to the end of its line ours would be part of it.
    tail = f"\n{comment}" if "--" in text.rpartition("\n")[2] else f" {comment}"
    if isinstance(query, str):
        return query + tail
    if isinstance(query, bytes):
        return query + tail.encode()
    if isinstance(query, Composable):
        return Composed([query, SQL(tail)])
    return query + type(query)(tail)


def _execute_named(
    execute: Callable[..., Any], body: str, sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Make a named cursor, having said who is acting: what it calls runs when it is read, by a bare FETCH."""
    connection = context["cursor"].cursor.connection
    if connection.info.transaction_status == TransactionStatus.INERROR:
        return execute(sql, params, many, context)
    # In autocommit it is read to its end by the COMMIT, which then must be one that we have a say in.
    with connection.transaction() if connection.autocommit else nullcontext():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [GUC, body])
        return execute(sql, params, many, context)


def install() -> None:
    """Annotate on every connection to PostgreSQL, those open now and those to come."""
    cursors.annotated = annotated
    connection_created.connect(_on_connect, dispatch_uid="audit_plugin.annotate")
    for connection in connections.all(initialized_only=True):
        prepare(connection)


def uninstall() -> None:
    """Undo `install`."""
    connection_created.disconnect(dispatch_uid="audit_plugin.annotate")
    for connection in connections.all(initialized_only=True):
        while annotate in connection.execute_wrappers:
            connection.execute_wrappers.remove(annotate)
        cursors.restore(connection.connection)


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Install the wrapper on one connection: first, where the end of a host's wrapper can't remove it."""
    if connection.vendor != "postgresql":
        return
    if annotate not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, annotate)
    cursors.replace(connection.connection)


def _on_connect(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    prepare(connection)
