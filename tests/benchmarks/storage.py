"""What an update takes in a contestant's log, on disk, indexes included."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from django.db import connection

from tests.benchmarks.runner import Runner

#: Records updated, and saves in one request.
RECORDS = 2_000
SAVES_IN_REQUEST = 10


def measure(runner: Runner, saves: int) -> dict[str, Any]:
    """Save records in random order, two fields changed each time, and see by how much the log grows.

    Args:
        runner: The contestant.
        saves: How many updates.

    Returns:
        Bytes: `heap` and `indexes` a log row, `context` (its indexes included) a request, `each` index a
        log row by name; and `saves` and `recorded`.
    """
    books = runner.stored(runner.Book, RECORDS)
    draw = random.Random(saves)
    recorder = runner.recorder
    logs, contexts, rows = _size(recorder.logs), _size(recorder.contexts), runner.recorded()
    each = _indexes(recorder.logs)
    for _ in range(saves // SAVES_IN_REQUEST):
        with recorder.request():
            for book in draw.choices(books, k=SAVES_IN_REQUEST):
                book.pages += 1
                book.rating = draw.randrange(10, 50) / 10
                with recorder.action():
                    book.save()
    recorded = runner.recorded() - rows
    heap, indexes = (after - before for before, after in zip(logs, _size(recorder.logs), strict=True))
    context = sum(_size(recorder.contexts)) - sum(contexts)
    requests = saves if recorder.context_each_action else saves // SAVES_IN_REQUEST
    return {
        "saves": saves,
        "recorded": recorded,
        "heap": heap / recorded if recorded else 0,
        "indexes": indexes / recorded if recorded else 0,
        "context": context / requests,
        "each": {
            name: (size - each.get(name, 0)) / recorded if recorded else 0
            for name, size in _indexes(recorder.logs).items()
        },
    }


def _size(tables: Sequence[str]) -> tuple[int, int]:
    """Return the bytes of tables (out-of-line values included) and of their indexes, those of partitions too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(pg_total_relation_size(oid) - pg_indexes_size(oid)), 0)::bigint,
                   coalesce(sum(pg_indexes_size(oid)), 0)::bigint
              FROM (SELECT name::regclass::oid AS oid FROM unnest(%s::text[]) AS name
                    UNION SELECT relid FROM unnest(%s::text[]) AS name, pg_partition_tree(name::regclass)) AS relations
            """,
            [list(tables), list(tables)],
        )
        heap, indexes = cursor.fetchone()
    return heap, indexes


def _indexes(tables: Sequence[str]) -> dict[str, int]:
    """Return the bytes of each index of tables, those of partitions under the name of the whole table's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_partition_root(indexrelid)::text, sum(pg_relation_size(indexrelid))::bigint
              FROM pg_index
             WHERE indrelid IN (SELECT name::regclass::oid FROM unnest(%s::text[]) AS name
                                UNION SELECT relid FROM unnest(%s::text[]) AS name, pg_partition_tree(name::regclass))
             GROUP BY 1 ORDER BY 2 DESC
            """,
            [list(tables), list(tables)],
        )
        # Only indexes of partitions have a root.
        return {name: size for name, size in cursor.fetchall() if name is not None}
