"""Reading entries by number, a bounded piece at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import IntegerField, QuerySet, prefetch_related_objects
from django.db.models.expressions import RawSQL

from audit_plugin.models import Entry

#: How many entries, and how many bytes of their JSON, the reader takes at once.
MOST_ENTRIES = 500
MOST_BYTES = 4 * 1024 * 1024
#: How many numbers are gone through at once, so that no query takes long however few entries a filter lets through.
SPAN = 20_000

# JSON that is stored outside of the row may be compressed, so only that is measured at length.
_SIZE = "CASE WHEN pg_column_size({0}) > 1000 THEN octet_length({0}::text) ELSE coalesce(pg_column_size({0}), 0) END"
_COLUMNS = ('"audit_plugin_entry"."changes"', '"audit_plugin_entry"."details"')
_SIZES = RawSQL(" + ".join(_SIZE.format(column) for column in _COLUMNS), [], IntegerField())  # noqa: S611 - no input
_WRITERS = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
     WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation IN (SELECT relid FROM pg_partition_tree('audit_plugin_entry'))
"""
_LAST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_plugin_entry_seq"


@dataclass(frozen=True)
class Piece:
    """Entries in the order of their numbers.

    Attributes:
        after: The number that the piece begins after.
        upto: The number up to which it holds everything that was asked for.
        entries: The entries with their contexts.
        size: The size of their JSON in bytes, about.
    """

    after: int
    upto: int
    entries: tuple[Entry, ...]
    size: int = 0


def last_number(connection: BaseDatabaseWrapper) -> int:
    """Return the last number that was drawn for an entry."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        return int(cursor.fetchone()[0])


def writers(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """Return the transactions that may have drawn numbers and not ended yet."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return frozenset(name for (name,) in cursor.fetchall())


def read_piece(
    queryset: QuerySet[Entry],
    after: int,
    upto: int,
    *,
    most_entries: int = MOST_ENTRIES,
    most_bytes: int = MOST_BYTES,
) -> Piece:
    """Return the entries after one number up to another, or as many of them as are read at once.

    Args:
        queryset: All entries that are wanted; its own order is replaced.
        after: The number that was read last.
        upto: The last settled number.
        most_entries: How many entries are read at once.
        most_bytes: How many bytes of their JSON are; one entry may have more by itself.
    """
    reached = min(upto, after + SPAN)
    wanted = queryset.filter(seq__gt=after, seq__lte=reached).order_by("seq")
    numbers: list[int] = []
    total = 0
    for number, size in wanted.annotate(audit_size=_SIZES).values_list("seq", "audit_size")[
        : most_entries + 1
    ]:
        if len(numbers) == most_entries or (numbers and total + size > most_bytes):
            reached = numbers[-1]
            break
        numbers.append(number)
        total += size
    if not numbers:
        return Piece(after, reached, ())
    found = list(Entry.objects.using(queryset.db).filter(seq__in=numbers).order_by("seq"))
    prefetch_related_objects(found, "context")
    return Piece(after, reached, tuple(found), total)
