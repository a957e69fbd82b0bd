"""Gives complete months the index by which any conditions find entries, and makes their other indexes compact.

Nothing is written to a complete month any more, so this costs no write anything. The month that is going on gets the index up to
the present, made anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.utils import timezone

from audit_plugin.capture.columns import quote
from audit_plugin.capture.privileges import acting_as_owner
from audit_plugin.capture.schema import log_schema
from audit_plugin.finder import ranges
from audit_plugin.finder.ids import moment_of, uuid_floor

#: Transactions may still be writing into a month for so long after it is over.
GRACE = timedelta(hours=1)
#: The month that is going on is indexed anew when the index is older than that.
RENEWED_AFTER = timedelta(hours=12)
#: Building it with less takes several times as long.
MEMORY = "256MB"

_PARTITIONS = """
    SELECT child.relname, bound.ids[1]::uuid, bound.ids[2]::uuid
      FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
     CROSS JOIN LATERAL (SELECT array_agg(found[1]) FROM regexp_matches(
           pg_get_expr(child.relpartbound, child.oid), '''([0-9a-f-]{36})''', 'g') AS found) AS bound (ids)
     WHERE inhparent = %s::regclass AND cardinality(bound.ids) = 2
     ORDER BY 2
"""
_INDEXES = """
    SELECT x.relname, i.indisvalid FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
     WHERE i.indrelid = %s::regclass AND starts_with(x.relname, %s) ORDER BY x.relname
"""

#: Told the name of a month, its number among those that need something, and how many these are.
Told = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Month:
    """One partition of the entries.

    Attributes:
        name: Its name.
        low: The smallest id in it.
        high: The smallest id beyond it.
        indexes: Our indexes on it, and whether each can be used.
    """

    name: str
    low: UUID
    high: UUID
    indexes: dict[str, bool]

    @property
    def index(self) -> str:
        """The name of the index that it has once it is complete."""
        return self.name + ranges.SUFFIX


class Closing:
    """One run over the months of one database.

    Args:
        using: The database alias. The role has to own the log, or be a member of the role that does.
        now: The present; entries made up to then are there.
    """

    def __init__(self, using: str, now: datetime | None = None) -> None:
        self.using = using
        self.now = now or timezone.now()
        self.schema = log_schema(using) or ""

    def due(self) -> list[Month]:
        """Return the months that need something."""
        if not self.schema:
            return []
        with connections[self.using].cursor() as cursor:
            return [month for month in self._months(cursor) if self._needs_something(month)]

    def run(self, tell: Told | None = None) -> Iterator[str]:
        """Do what is needed, one month after the other, the oldest first. Stopped at any time, the next run goes on.

        Args:
            tell: Told what is about to be done.

        Yields:
            The names of the months that are done.

        Raises:
            NotOwnerError: The current role may not act as the owner of the log.
        """
        months = self.due()
        if not months:
            return
        with (
            connections[self.using].cursor() as cursor,
            acting_as_owner(cursor, self.schema),
            _memory(cursor),
        ):
            for number, month in enumerate(months, 1):
                if tell:
                    tell(month.name, number, len(months))
                if self._is_complete(month):
                    self._close(cursor, month)
                else:
                    self._renew(cursor, month)
                ranges.forget()
                yield month.name

    def _is_complete(self, month: Month) -> bool:
        return month.high <= uuid_floor(self.now - GRACE)

    def _needs_something(self, month: Month) -> bool:
        if self._is_complete(month):
            return month.indexes.get(month.index) is not True or len(month.indexes) > 1
        return month.low < uuid_floor(self.now) and not any(
            valid and _made(month, name) > self.now - RENEWED_AFTER for name, valid in month.indexes.items()
        )

    def _close(self, cursor: Any, month: Month) -> None:
        if month.indexes.get(month.index) is not True:
            self._drop(cursor, [month.index])
            self._index(cursor, month, month.index)
        self._drop(cursor, set(month.indexes) - {month.index})
        if not connections[self.using].in_atomic_block:
            # Keys that came in random order left their pages a third empty.
            cursor.execute(f"REINDEX TABLE CONCURRENTLY {self._table(month.name)}")
            cursor.execute(f"VACUUM (FREEZE, ANALYZE) {self._table(month.name)}")

    def _renew(self, cursor: Any, month: Month) -> None:
        end = min(uuid_floor(self.now), month.high)
        name = f"{month.name}_{end.hex[:12]}{ranges.SUFFIX}"
        self._drop(cursor, [name])
        self._index(cursor, month, name, f" WHERE id < '{end}'")
        self._drop(cursor, set(month.indexes) - {name})

    def _index(self, cursor: Any, month: Month, name: str, where: str = "") -> None:
        # A transaction (a test's, usually) can't build an index beside writers; then they wait.
        beside = "" if connections[self.using].in_atomic_block else "CONCURRENTLY "
        cursor.execute(
            f"CREATE INDEX {beside}{quote(name)} ON {self._table(month.name)} USING gin ("
            f"{self.schema}.audit_plugin_tags_v1(channel, model, action, actor_id, tenant), "
            f"{self.schema}.audit_plugin_words_v1(object_repr)) WITH (fastupdate = off){where}"
        )

    def _drop(self, cursor: Any, names: Any) -> None:
        for name in names:
            cursor.execute(f"DROP INDEX IF EXISTS {self.schema}.{quote(name)}")

    def _months(self, cursor: Any) -> list[Month]:
        cursor.execute(_PARTITIONS, [f"{self.schema}.audit_plugin_entry"])
        rows = cursor.fetchall()
        return [Month(name, low, high, self._indexes(cursor, name)) for name, low, high in rows]

    def _indexes(self, cursor: Any, name: str) -> dict[str, bool]:
        cursor.execute(_INDEXES, [self._table(name), name])
        return {index: valid for index, valid in cursor.fetchall() if "_find_" in index}

    def _table(self, name: str) -> str:
        return f"{self.schema}.{quote(name)}"


def _made(month: Month, index: str) -> datetime:
    """Return up to when an index of the month that is going on has its entries."""
    end = index.removeprefix(f"{month.name}_").removesuffix(ranges.SUFFIX)
    return moment_of(UUID(end + "0" * 20)) if len(end) == 12 else moment_of(month.low)


@contextmanager
def _memory(cursor: Any) -> Iterator[None]:
    cursor.execute(
        "SELECT setting::bigint < 262144, current_setting('maintenance_work_mem') FROM pg_settings "
        "WHERE name = 'maintenance_work_mem'"
    )
    little, before = cursor.fetchone()
    if little:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [MEMORY])
    try:
        yield
    finally:
        if little:
            cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [before])
