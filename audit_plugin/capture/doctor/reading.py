"""What makes reading fast: the counts, and the indexes of complete months. Both are kept by `audit_optimise`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit_plugin.capture.doctor.findings import Finding
from audit_plugin.capture.relations import COUNTS

#: Fewer entries than this are counted while somebody reads, and looked through without an index.
MANY = 100_000


def examine_counts(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the counts of entries.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    cursor.execute(
        "SELECT t FROM unnest(%s::text[]) AS t WHERE to_regclass(%s || '.' || t) IS NULL",
        [list(COUNTS), schema],
    )
    missing = [row[0] for row in cursor.fetchall()]
    if missing:
        yield Finding("counts-missing", ", ".join(missing), "The tables of the counts aren't all there.")
        return
    cursor.execute(
        f"SELECT (SELECT seq FROM {schema}.audit_plugin_rollup_state), "
        f"(SELECT last_value FROM {schema}.audit_plugin_entry_seq)"
    )
    counted, last = cursor.fetchone()
    if counted is None:
        yield Finding("counts-missing", COUNTS[-1], "It has no row that says how far the counts go.")
    elif last - counted > MANY:
        yield Finding(
            "counts-behind", COUNTS[-1], f"Up to {last - counted:,} of the newest entries aren't counted."
        )


def examine_indexes(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield the complete months that have no index by which any conditions find entries.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    cursor.execute(
        "SELECT c.relname, c.reltuples::bigint FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = to_regclass(%s) AND c.reltuples > %s AND (regexp_match(pg_get_expr(relpartbound, c.oid), "
        f"'TO \\(''([^'']+)''\\)'))[1]::uuid <= {schema}.audit_plugin_uuid_floor_v1(now() - interval '1 day') "
        "AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = indexrelid WHERE indrelid = c.oid "
        r"AND indisvalid AND x.relname LIKE '%%\_find\_v1' AND indpred IS NULL) ORDER BY 1",
        [f"{schema}.audit_plugin_entry", MANY],
    )
    for name, rows in cursor.fetchall():
        yield Finding("month-unindexed", name, f"Its index for filters isn't there ({rows:,} entries).")
