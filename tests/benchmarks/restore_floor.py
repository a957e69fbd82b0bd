"""The floor of an undo as we do it: its statements, sent by hand, with nothing decided in between.

What was there before is in the log, so an undo reads each entry, looks at each row and locks it, and sends each value back, while
the write that it undoes is one statement with one value for all rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

import audit_plugin
from audit_plugin.models import Entry
from tests.testapp.models import Book

#: Rows of one statement.
BATCH = 1000

STEPS = {
    "read": "read the request's entries",
    "lock": "read and lock the rows",
    "write": "`UPDATE … FROM (VALUES …)`, which writes as many entries",
    "commit": "commit",
}


def floor(request: str) -> dict[str, float]:
    """Put back what an `update()` of titles changed, in one transaction.

    Args:
        request: The id of its request.

    Returns:
        Seconds of each of `STEPS`.
    """
    found: dict[str, float] = {}
    began = time.perf_counter()
    with (
        audit_plugin.context(actor="bench", name="floor"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        entries = _timed(found, "read", lambda: _entries(request))
        rows = _timed(found, "lock", lambda: _locked(cursor, [key for key, _before in entries]))
        assert rows == len(entries)
        _timed(found, "write", lambda: _write(cursor, entries))
    found["commit"] = time.perf_counter() - began - sum(found.values())
    return found


def _timed(found: dict[str, float], step: str, work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    result = work()
    found[step] = time.perf_counter() - began
    return result


def _entries(request: str) -> list[tuple[int, str]]:
    entries = Entry.objects.filter(context__request_id=request).order_by("-id")
    return [(int(key), changes["title"][0]) for key, changes in entries.values_list("object_id", "changes")]


def _locked(cursor: Any, keys: list[int]) -> int:
    found = 0
    for first in range(0, len(keys), BATCH):
        batch = sorted(keys[first : first + BATCH])
        cursor.execute(f"SELECT * FROM {_table()} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [batch])
        found += len(cursor.fetchall())
    return found


def _write(cursor: Any, entries: list[tuple[int, str]]) -> None:
    for first in range(0, len(entries), BATCH):
        batch = entries[first : first + BATCH]
        values = ", ".join(["(%s, %s)"] * len(batch))
        cursor.execute(
            f"UPDATE {_table()} AS book SET title = given.title FROM (VALUES {values}) AS given (id, title) "
            "WHERE book.id = given.id",
            [value for row in batch for value in row],
        )
        assert cursor.rowcount == len(batch)


def _table() -> str:
    return connection.ops.quote_name(Book._meta.db_table)
