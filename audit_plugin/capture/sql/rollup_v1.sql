-- How many entries there are of which kind: what the choices of the filters, the histogram and estimated counts are read from
-- (docs/explanation/reading.md). All of it follows from the log and can be made anew from it; no entry is found or missed by it.

-- A kind of entry with how many there are, and who has made any.
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_kind (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    model text NOT NULL,
    action text NOT NULL,
    tenant text,
    entries bigint NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (model, action, channel, tenant)
) WITH (fillfactor = 80);
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_actor (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor_id text NOT NULL UNIQUE,
    -- What the latest context calls them.
    kind text,
    label text,
    email text
);

-- Entries by day (UTC) and kind. Kind 0 stands for all together.
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_rollup_day (
    kind integer NOT NULL,
    day date NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (kind, day)
) WITH (fillfactor = 80);
-- The same by single values, of which a filter mostly has one: adding up its hundreds of kinds takes twenty times as long.
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_rollup_value (
    property text NOT NULL,
    value text NOT NULL,
    day date NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (property, value, day)
) WITH (fillfactor = 80);
-- Entries by month (UTC), actor and kind.
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_rollup_month (
    actor integer NOT NULL,
    kind integer NOT NULL,
    month date NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (actor, kind, month)
) WITH (fillfactor = 80);

-- All entries up to `seq` are counted. `candidate` was the last number drawn when `writers` were the transactions writing entries; once
-- these have ended, no entry up to it is still to come.
CREATE TABLE IF NOT EXISTS {schema}.audit_plugin_rollup_state (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq bigint NOT NULL,
    candidate bigint,
    writers text[]
);
-- Without that row nothing is known of what the counts cover: they begin anew.
DELETE FROM {schema}.audit_plugin_kind WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_rollup_state);
DELETE FROM {schema}.audit_plugin_actor WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_rollup_state);
DELETE FROM {schema}.audit_plugin_rollup_day WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_rollup_state);
DELETE FROM {schema}.audit_plugin_rollup_value WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_rollup_state);
DELETE FROM {schema}.audit_plugin_rollup_month WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_rollup_state);
INSERT INTO {schema}.audit_plugin_rollup_state (seq) VALUES (0) ON CONFLICT DO NOTHING;

-- The transactions that may have drawn numbers for entries and not committed yet.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_writers_v1() RETURNS text[]
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') FROM pg_locks
     WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation IN (SELECT relid FROM pg_partition_tree('{schema_literal}.audit_plugin_entry'))
$audit$;

-- Counts entries that are settled and not counted yet, `most` of them at a time. Returns how many numbers it went through: 0 when there is
-- nothing to do, or when it can't be done (now): another session is at it, or the transaction is read-only or sees an old snapshot.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_rollup_v1(most bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    state {schema}.audit_plugin_rollup_state;
    settled bigint;
    still text[];
BEGIN
    IF current_setting('transaction_read_only')::boolean OR current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN 0;
    END IF;
    SELECT * INTO state FROM {schema}.audit_plugin_rollup_state FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    settled := state.seq;
    still := {schema}.audit_plugin_writers_v1();
    -- A prepared transaction keeps its name until the server restarts, and is -1/… from then on: any of those may have written then.
    IF state.candidate > settled AND NOT state.writers && still
       AND NOT EXISTS (SELECT FROM unnest(still) AS name WHERE name LIKE '-1/%') THEN
        settled := state.candidate;
        state.candidate := NULL;
    END IF;
    IF state.candidate IS NULL OR state.candidate <= settled THEN
        -- First the number, then who is writing: who draws a smaller one has locked the table already.
        SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO state.candidate FROM {schema}.audit_plugin_entry_seq;
        state.writers := {schema}.audit_plugin_writers_v1();
        IF cardinality(state.writers) = 0 THEN
            settled := state.candidate;
        END IF;
    END IF;
    settled := greatest(state.seq, least(settled, state.seq + most));
    IF settled > state.seq THEN
        PERFORM {schema}.audit_plugin_rollup_range_v1(state.seq, settled);
    END IF;
    UPDATE {schema}.audit_plugin_rollup_state SET seq = settled, candidate = state.candidate, writers = state.writers;
    RETURN settled - state.seq;
END
$audit$;

-- Counts the entries after one number up to another.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_rollup_range_v1(after bigint, upto bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    -- By EXECUTE, so that each range is planned for its size.
    EXECUTE format($sql$
        INSERT INTO {schema}.audit_plugin_kind (channel, model, action, tenant)
        SELECT DISTINCT e.channel, e.model, e.action, e.tenant FROM {schema}.audit_plugin_entry AS e
         WHERE e.seq > %1$s AND e.seq <= %2$s
        EXCEPT SELECT channel, model, action, tenant FROM {schema}.audit_plugin_kind
    $sql$, after, upto);
    EXECUTE format($sql$
        WITH latest AS MATERIALIZED (
            SELECT actor_id, max(context_id::text)::uuid AS context_id FROM {schema}.audit_plugin_entry
             WHERE seq > %1$s AND seq <= %2$s AND actor_id IS NOT NULL GROUP BY actor_id
        ), named AS MATERIALIZED (
            SELECT latest.actor_id, c.actor_kind AS kind, c.actor_label AS label, c.actor_email AS email
              FROM latest LEFT JOIN LATERAL (
                  SELECT * FROM {schema}.audit_plugin_context AS c WHERE c.id = latest.context_id LIMIT 1) AS c ON true
        ), changed AS (
            UPDATE {schema}.audit_plugin_actor AS a SET kind = n.kind, label = n.label, email = n.email FROM named AS n
             WHERE a.actor_id = n.actor_id AND (a.kind, a.label, a.email) IS DISTINCT FROM (n.kind, n.label, n.email)
        )
        INSERT INTO {schema}.audit_plugin_actor (actor_id, kind, label, email)
        SELECT actor_id, kind, label, email FROM named AS n
         WHERE NOT EXISTS (SELECT FROM {schema}.audit_plugin_actor AS a WHERE a.actor_id = n.actor_id)
    $sql$, after, upto);
    EXECUTE format($sql$
        WITH counted AS MATERIALIZED (
            SELECT channel, model, action, tenant, actor_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, count(*) AS entries
              FROM {schema}.audit_plugin_entry WHERE seq > %1$s AND seq <= %2$s GROUP BY 1, 2, 3, 4, 5, 6
        ), known AS MATERIALIZED (
            SELECT k.id AS kind, a.id AS actor, c.day, c.entries FROM counted AS c
              JOIN {schema}.audit_plugin_kind AS k
                -- As a whole, since IS NOT DISTINCT FROM can't be hashed.
                ON (k.model, k.action, k.channel, coalesce('=' || k.tenant, '')) = (c.model, c.action, c.channel, coalesce('=' || c.tenant, ''))
              LEFT JOIN {schema}.audit_plugin_actor AS a ON a.actor_id = c.actor_id
        ), kinds AS (
            UPDATE {schema}.audit_plugin_kind AS k SET entries = k.entries + c.entries
              FROM (SELECT kind, sum(entries) AS entries FROM known GROUP BY kind) AS c WHERE k.id = c.kind
        ), days AS (
            INSERT INTO {schema}.audit_plugin_rollup_day AS r (kind, day, entries)
            SELECT coalesce(kind, 0), day, sum(entries) FROM known GROUP BY GROUPING SETS ((kind, day), (day))
            ON CONFLICT (kind, day) DO UPDATE SET entries = r.entries + excluded.entries
        ), singles AS (
            INSERT INTO {schema}.audit_plugin_rollup_value AS r (property, value, day, entries)
            SELECT property, value, day, sum(entries) FROM counted CROSS JOIN LATERAL
                   (VALUES ('action', action), ('channel', channel), ('model', model), ('tenant', tenant)) AS own (property, value)
             WHERE value IS NOT NULL GROUP BY 1, 2, 3
            ON CONFLICT (property, value, day) DO UPDATE SET entries = r.entries + excluded.entries
        )
        INSERT INTO {schema}.audit_plugin_rollup_month AS r (actor, kind, month, entries)
        SELECT actor, kind, date_trunc('month', day)::date, sum(entries) FROM known WHERE actor IS NOT NULL GROUP BY 1, 2, 3
        ON CONFLICT (actor, kind, month) DO UPDATE SET entries = r.entries + excluded.entries
    $sql$, after, upto);
END
$audit$;

-- Who reads may have new entries counted, but not count any twice.
REVOKE ALL ON FUNCTION {schema}.audit_plugin_rollup_v1(bigint), {schema}.audit_plugin_rollup_range_v1(bigint, bigint) FROM PUBLIC;
