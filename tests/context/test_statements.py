"""What may write is told from what only reads; in doubt a statement may write."""

from __future__ import annotations

import pytest

from audit_plugin.context.statements import may_write

READS = [
    'SELECT "t"."id" FROM "t"',
    'SELECT "t"."id" FROM "t" WHERE ("t"."id" IN (%s, %s) AND NOT ("t"."name" LIKE %s))',
    'SELECT COUNT(*) AS "__count" FROM "t"',
    'SELECT COALESCE(SUM("t"."n"), 0), COUNT(DISTINCT "t"."x") FILTER (WHERE "t"."y") FROM "t" GROUP BY 1',
    'SELECT ROW_NUMBER() OVER (PARTITION BY "t"."x" ORDER BY "t"."y") FROM "t"',
    'SELECT "t"."id" FROM "t" WHERE EXISTS(SELECT 1 AS "a" FROM "u" U0 WHERE U0."t_id" = ("t"."id")) LIMIT 1',
    'SELECT ("t"."n")::numeric(10, 2), CAST("t"."x" AS varchar(20)) FROM "t"',
    'SELECT "t"."id" FROM "t" WHERE "t"."id" = %s LIMIT 21 FOR UPDATE',
    'SELECT "t"."id" FROM "t" FOR NO KEY UPDATE OF "t" SKIP LOCKED',
    '(SELECT "t"."id" FROM "t") UNION (SELECT "u"."id" FROM "u")',
    'WITH RECURSIVE tree(id) AS (SELECT id FROM "t") SELECT id FROM tree',
    "SELECT pg_advisory_xact_lock(%s)",
    "SELECT pg_catalog.set_config('TimeZone', %s, false)",
    "SELECT nextval('t_id_seq')",
    "select 1",
    "  \n SELECT 1 ; ",
    "VALUES (1), (2)",
    "TABLE t",
]
NOISE = [
    "",
    ";",
    'SAVEPOINT "s1"',
    'RELEASE SAVEPOINT "s1"',
    'ROLLBACK TO SAVEPOINT "s1"',
    "BEGIN",
    "START TRANSACTION",
    "SET TIME ZONE 'UTC'",
    "set local lock_timeout = '1s'",
    "SHOW search_path",
    "RESET ROLE",
    "LOCK TABLE t",
    "VACUUM t",
    "LISTEN channel",
    'EXPLAIN SELECT "t"."id" FROM "t"',
    "EXPLAIN (FORMAT JSON) UPDATE t SET x = 1",
]
WRITES = [
    "INSERT INTO t VALUES (1)",
    "insert into t values (1)",
    "  UPDATE t SET x = 1",
    "\n-- a note\nUPDATE t SET x = 1",
    "/* a note */ DELETE FROM t",
    "DELETE FROM t",
    "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE t",
    "COPY t FROM STDIN",
    "CALL archive(1)",
    "DO $$ BEGIN DELETE FROM t; END $$",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "SELECT archive(id) FROM t",
    'SELECT "t"."id", archive("t"."id") AS "a" FROM "t"',
    'SELECT "archive"("t"."id") FROM "t"',
    "SELECT own.archive(1)",
    "SELECT own.count(1)",
    "SELECT pg_temp.archive(1)",
    "SELECT archive /* hidden */ (1)",
    "SELECT * FROM archive(1)",
    "SELECT * INTO copy FROM t",
    "SELECT 1; DELETE FROM t",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "EXPLAIN ANALYZE DELETE FROM t",
    "EXPLAIN (ANALYSE, FORMAT JSON) DELETE FROM t",
    "PREPARE p AS DELETE FROM t",
    "EXECUTE p",
    "FETCH ALL FROM c",
    "COMMIT",
    "SELECT query_to_xml('DELETE FROM t', true, true, '')",
    "REFRESH MATERIALIZED VIEW v",
]


@pytest.mark.parametrize("sql", READS)
def test_a_read_does_not_write(sql):
    assert not may_write(sql)


@pytest.mark.parametrize("sql", NOISE)
def test_what_changes_no_row_does_not_write(sql):
    assert not may_write(sql)


@pytest.mark.parametrize("sql", WRITES)
def test_what_may_write_is_seen(sql):
    assert may_write(sql)


def test_a_long_read_is_a_read():
    assert not may_write(f'SELECT "t"."id" FROM "t" WHERE "t"."id" IN ({", ".join(["%s"] * 20_000)})')


def test_a_long_write_is_a_write():
    assert may_write(f'SELECT archive("t"."id") FROM "t" WHERE "t"."id" IN ({", ".join(["%s"] * 20_000)})')
