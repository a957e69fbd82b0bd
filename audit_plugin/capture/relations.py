"""The tables of the log."""

from __future__ import annotations

#: What was recorded: append-only, guarded, partitioned.
TABLES = ("audit_plugin_entry", "audit_plugin_context")
#: How many entries there are of what (`rollup_v1.sql`): it follows from the log and can be made anew from it.
COUNTS = (
    "audit_plugin_kind",
    "audit_plugin_actor",
    "audit_plugin_rollup_day",
    "audit_plugin_rollup_value",
    "audit_plugin_rollup_month",
    "audit_plugin_rollup_state",
)
#: The idempotency keys of events, which have to be unique over all partitions.
KEYS = "audit_plugin_key"


def relations_sql(schema: str) -> str:
    """Return a query for the oids of all tables of the log, with their partitions, the counts and the keys.

    Args:
        schema: The quoted schema of the log.
    """
    literal = schema.replace("'", "''")
    tables = ", ".join(f"to_regclass('{literal}.{table}')" for table in TABLES)
    counts = ", ".join(f"'{table}'" for table in (*COUNTS, KEYS))
    return (
        f"SELECT relid::oid AS oid FROM unnest(ARRAY[{tables}]) AS t, pg_partition_tree(t) UNION ALL "
        f"SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('{literal}') AND relname IN ({counts})"
    )
