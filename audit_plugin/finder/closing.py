"""Gives complete months the index by which any conditions find entries, and makes their other indexes compact.

Nothing is written to a complete month any more, so this costs no write anything. The month that is going on gets the index up to
the present, made anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.utils import timezone

from audit_plugin.capture.columns import quote
from audit_plugin.capture.schema import log_schema, read_sql
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


@dataclass(frozen=True)
class Month:
    """One partition of the entries."""

    name: str
    low: UUID
    high: UUID


class Closing:
    """One run over the months of one database.

    Args:
        using: The database alias. The role has to own the log.
        now: The present; entries made up to then are there.
    """

    def __init__(self, using: str, now: datetime | None = None) -> None:
        self.using = using
        self.now = now or timezone.now()
        self.schema = log_schema(using) or ""

    def run(self) -> Iterator[str]:
        """Do what is needed month by month, yielding what was done; nothing is repeated that was done before."""
        if not self.schema:
            return
        with connections[self.using].cursor() as cursor, _more_memory(cursor):
            self._ensure_functions(cursor)
            for month in self._months(cursor):
                if month.high <= uuid_floor(self.now - GRACE):
                    yield from self._close(cursor, month)
                elif month.low < uuid_floor(self.now):
                    yield from self._renew(cursor, month)
        ranges.forget()

    def _close(self, cursor: Any, month: Month) -> Iterator[str]:
        name = month.name + ranges.SUFFIX
        indexes = self._indexes(cursor, month)
        if indexes.pop(name, False):
            self._drop(cursor, indexes)
            return
        self._drop(cursor, [name])
        self._index(cursor, month, name)
        self._drop(cursor, indexes)
        if not connections[self.using].in_atomic_block:
            # Keys that came in random order left their pages a third empty.
            cursor.execute(f"REINDEX TABLE CONCURRENTLY {self._table(month)}")
            cursor.execute(f"VACUUM (FREEZE, ANALYZE) {self._table(month)}")
        yield month.name

    def _renew(self, cursor: Any, month: Month) -> Iterator[str]:
        end = uuid_floor(self.now)
        name = f"{month.name}_{end.hex[:12]}{ranges.SUFFIX}"
        indexes = self._indexes(cursor, month)
        for index, valid in indexes.items():
            made = index.removeprefix(f"{month.name}_").removesuffix(ranges.SUFFIX)
            if valid and len(made) == 12 and moment_of(UUID(made + "0" * 20)) > self.now - RENEWED_AFTER:
                return
        self._index(cursor, month, name, f" WHERE id < '{end}'")
        self._drop(cursor, indexes)
        yield f"{month.name} ({self.now:%Y-%m-%d %H:%M})"

    def _index(self, cursor: Any, month: Month, name: str, where: str = "") -> None:
        # A transaction (a test's, usually) can't build an index beside writers; then they wait.
        beside = "" if connections[self.using].in_atomic_block else "CONCURRENTLY "
        cursor.execute(
            f"CREATE INDEX {beside}{quote(name)} ON {self._table(month)} USING gin ("
            f"{self.schema}.audit_plugin_tags_v1(channel, model, action, actor_id, tenant), "
            f"{self.schema}.audit_plugin_words_v1(object_repr)) WITH (fastupdate = off){where}"
        )

    def _drop(self, cursor: Any, names: Any) -> None:
        for name in names:
            cursor.execute(f"DROP INDEX IF EXISTS {self.schema}.{quote(name)}")

    def _months(self, cursor: Any) -> list[Month]:
        cursor.execute(_PARTITIONS, [f"{self.schema}.audit_plugin_entry"])
        return [Month(*row) for row in cursor.fetchall()]

    def _indexes(self, cursor: Any, month: Month) -> dict[str, bool]:
        cursor.execute(_INDEXES, [self._table(month), month.name])
        return {name: valid for name, valid in cursor.fetchall() if "_find_" in name}

    def _table(self, month: Month) -> str:
        return f"{self.schema}.{quote(month.name)}"

    def _ensure_functions(self, cursor: Any) -> None:
        cursor.execute("SELECT to_regproc(%s) IS NULL", [f"{self.schema}.audit_plugin_words_v1"])
        if cursor.fetchone()[0]:
            cursor.execute(read_sql("finder_v1", self.schema))


@contextmanager
def _more_memory(cursor: Any) -> Iterator[None]:
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
