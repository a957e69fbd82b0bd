"""The log itself: its guards, its partitions, who may write to it, and the clocks behind its ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from audit_plugin.capture.doctor.findings import Finding
from audit_plugin.capture.relations import TABLES, relations_sql
from audit_plugin.conf import settings

#: BEFORE UPDATE OR DELETE OR TRUNCATE FOR EACH STATEMENT, in the bits of `pg_trigger.tgtype`.
GUARD = 2 | 8 | 16 | 32
#: Seconds that two clocks may differ, and that the newest entry may be ahead.
SKEW, AHEAD = 5, 60
#: Earliest month whose rows are moved out of the default partition.
PLAUSIBLE = date(2000, 1, 1)

_RELATIONS = "SELECT relid::oid AS oid, isleaf FROM unnest(%s::regclass[]) AS t, pg_partition_tree(t)"


def _tables(schema: str) -> list[str]:
    return [f"{schema}.{table}" for table in TABLES]


def examine_guards(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the triggers that keep entries from being changed.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    cursor.execute(
        "SELECT c.oid::regclass::text, t.tgenabled::text, t.tgtype = %s AND t.tgqual IS NULL AND t.tgattr = ''::int2vector "
        "AND p.proname = 'audit_plugin_guard_v1' AND p.pronamespace = to_regnamespace(%s) "
        f"FROM ({_RELATIONS}) AS c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'audit_guard' "
        "LEFT JOIN pg_proc p ON p.oid = t.tgfoid ORDER BY 1",
        [GUARD, schema, _tables(schema)],
    )
    for name, enabled, right in cursor.fetchall():
        if enabled is None:
            yield Finding("guard-missing", name, "It has no trigger that refuses changes.")
        elif not right:
            yield Finding(
                "guard-altered", name, "The trigger that refuses changes doesn't refuse all of them."
            )
        elif enabled != "A":
            yield Finding("guard-disabled", name, "The trigger that refuses changes doesn't fire always.")


def examine_additions(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what others have put on the tables of the log: triggers, rules, row security, rights.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    log = relations_sql(schema).replace("%", "%%")
    cursor.execute(
        f"WITH log AS ({log}) "
        "SELECT tgrelid::regclass::text, format('a trigger, %%I', tgname) FROM pg_trigger "
        "WHERE tgrelid IN (SELECT oid FROM log) AND NOT tgisinternal AND tgname <> 'audit_guard' UNION ALL "
        "SELECT ev_class::regclass::text, format('a rule, %%I', rulename) FROM pg_rewrite "
        "WHERE ev_class IN (SELECT oid FROM log) UNION ALL "
        "SELECT oid::regclass::text, 'row security' FROM pg_class WHERE oid IN (SELECT oid FROM log) "
        "AND relrowsecurity UNION ALL "
        "SELECT oid::regclass::text, 'lost in a crash (UNLOGGED)' FROM pg_class "
        "WHERE oid IN (SELECT oid FROM log) AND relkind = 'r' AND relpersistence <> 'p' ORDER BY 1, 2",
        [],
    )
    for name, what in cursor.fetchall():
        yield Finding("log-altered", name, f"It has something on it that isn't ours: {what}.")
    cursor.execute(
        f"SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner) FROM pg_class c, pg_class entry "
        f"WHERE entry.oid = to_regclass(%s) AND c.relowner <> entry.relowner AND c.oid IN "
        f"({log} UNION SELECT to_regclass(%s)) ORDER BY 1",
        [f"{schema}.{TABLES[0]}", f"{schema}.audit_plugin_entry_seq"],
    )
    for name, role in cursor.fetchall():
        yield Finding("log-owner", name, f"It belongs to {role}, not to the owner of the log.")
    cursor.execute(
        "SELECT oid::regclass::text, coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC'), "
        "string_agg(DISTINCT privilege_type, ', ' ORDER BY privilege_type) "
        "FROM (SELECT c.oid, c.relowner, relacl AS acl FROM pg_class c UNION ALL "
        "SELECT c.oid, c.relowner, attacl FROM pg_class c JOIN pg_attribute ON attrelid = c.oid) AS granted, aclexplode(acl) "
        f"WHERE oid IN ({log}) AND grantee <> relowner "
        "AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') GROUP BY 1, 2 ORDER BY 1, 2",
        [],
    )
    for name, role, rights in cursor.fetchall():
        yield Finding("log-grant", name, f"{role} has {rights} on it.")


def examine_partitions(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the monthly partitions.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    for table in TABLES:
        cursor.execute(
            "WITH part AS (SELECT inhrelid, pg_get_expr(relpartbound, c.oid) AS bound FROM pg_inherits "
            "JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = %(table)s::regclass), "
            "bounds AS (SELECT (regexp_match(bound, 'FROM \\(''([^'']+)''\\)'))[1]::uuid AS low, "
            "(regexp_match(bound, 'TO \\(''([^'']+)''\\)'))[1]::uuid AS high FROM part), "
            "month AS (SELECT ahead, date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead) AS first "
            "FROM generate_series(0, %(ahead)s) AS ahead) "
            "SELECT ahead, to_char(first, 'YYYY-MM'), name, (SELECT oid FROM pg_class WHERE oid = to_regclass(name) "
            "AND oid NOT IN (SELECT inhrelid FROM part)) IS NOT NULL FROM month, "
            "format('%%s.%%I', %(schema)s, %(name)s || to_char(first, '_YYYY_MM')) AS name WHERE NOT EXISTS (SELECT FROM bounds "
            f"WHERE low <= {schema}.audit_plugin_uuid_floor_v1(first AT TIME ZONE 'UTC') AND high >= "
            f"{schema}.audit_plugin_uuid_floor_v1((first + interval '1 month') AT TIME ZONE 'UTC')) "
            "UNION ALL SELECT -1, '', '', false WHERE NOT EXISTS (SELECT FROM part WHERE bound = 'DEFAULT') ORDER BY 1",
            {
                "table": f"{schema}.{table}",
                "schema": schema,
                "name": table,
                "ahead": settings.PARTITIONS_AHEAD,
            },
        )
        for ahead, month, name, taken in cursor.fetchall():
            if ahead < 0:
                yield Finding("partition-no-default", table, "It has no default partition.")
            elif taken:
                yield Finding(
                    "partition-name-taken", name, f"It is no partition of {table}, but has the name of one."
                )
            elif ahead == 0:
                yield Finding("partition-current", table, f"It has no partition for this month, {month}.")
            else:
                yield Finding("partition-ahead", table, f"It has no partition for {month}.")
        yield from _examine_default(cursor, schema, table)


def _examine_default(cursor: Any, schema: str, table: str) -> Iterator[Finding]:
    default = f"{schema}.{table}_default"
    cursor.execute(
        "SELECT to_regclass(%s) IS NOT NULL AND has_table_privilege(to_regclass(%s), 'SELECT')", [default] * 2
    )
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        f"SELECT plausible, count(*) FROM ({months_sql(default)}) AS found GROUP BY 1", months_parameters()
    )
    for plausible, rows in sorted(cursor.fetchall(), reverse=True):
        if plausible:
            yield Finding(
                "partition-default-rows", f"{table}_default", f"{rows:,} rows lie in the default partition."
            )
        else:
            yield Finding(
                "partition-default-dates", f"{table}_default", f"{rows:,} rows have an id from another age."
            )


def months_sql(table: str) -> str:
    """Return a query for the rows of a table with the month of their ids, and whether it is plausible."""
    millis = "('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint"
    month = f"date_trunc('month', to_timestamp({millis} / 1000.0) AT TIME ZONE 'UTC')::date"
    return f"SELECT {month} AS month, {month} BETWEEN %s AND now() + make_interval(months => %s) AS plausible FROM {table}"


def months_parameters() -> list[object]:
    """Return the parameters of `months_sql`."""
    return [PLAUSIBLE, settings.PARTITIONS_AHEAD + 1]


def examine_clocks(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the clocks that ids are made from.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    asked = datetime.now(UTC)
    cursor.execute("SELECT clock_timestamp()")
    told = cursor.fetchone()[0].astimezone(UTC)
    answered = datetime.now(UTC)
    skew = max((asked - told).total_seconds(), (told - answered).total_seconds(), 0.0)
    if skew > SKEW:
        yield Finding(
            "clock-skew", "clocks", f"The database's clock and this machine's differ by {skew:.0f} seconds."
        )
    for table in TABLES:
        cursor.execute(
            f"SELECT id FROM {schema}.{table} WHERE id > {schema}.audit_plugin_uuid_floor_v1(now() + %s * interval '1 second') "
            "ORDER BY id DESC LIMIT 1",
            [AHEAD],
        )
        if row := cursor.fetchone():
            yield Finding("clock-future", table, f"The newest id, {row[0]}, is from the future.")
