-- Records rows as they are, for tables that are older than the log.

-- The query for the rows in a range of pages that have no entry to begin with: neither made nor recorded as they were.
-- spec: as audit_plugin_statement_v1 takes it, and {labels: [the model's name, its earlier names]}
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_unrecorded_v1(relation regclass, spec jsonb, leaf regclass, first bigint, last bigint)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    RETURN format(
        'SELECT n.ctid FROM ONLY %s AS n WHERE n.ctid >= %L AND n.ctid < %L AND NOT EXISTS (
             SELECT FROM {schema}.audit_plugin_entry AS e
              WHERE e.model = ANY(%L) AND e.object_id = %s AND e.operation IN (''I'', ''B''))%s',
        leaf, format('(%s,0)', first)::tid, format('(%s,0)', last)::tid,
        ARRAY(SELECT jsonb_array_elements_text(spec->'labels')),
        {schema}.audit_plugin_key_v1({schema}.audit_plugin_key_columns_v1(relation, spec), 'n'), ' AND ' || (spec->>'condition'));
END
$audit$;

-- Counts those rows.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_count_unrecorded_v1(
    relation regclass, spec jsonb, leaf regclass, first bigint, last bigint)
RETURNS bigint LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'iso_8601'
    SET extra_float_digits = 1 SET bytea_output = 'hex' SET enable_hashjoin = off SET enable_mergejoin = off AS $audit$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (%s) AS unrecorded', {schema}.audit_plugin_unrecorded_v1(relation, spec, leaf, first, last))
        INTO found;
    RETURN found;
END
$audit$;

-- Records those rows as if they had just been inserted, and returns how many.
--
-- They are locked first, in a statement of its own, and only then do the entries get their time. So a change of one of them by
-- somebody else was either committed before, and is in the row and earlier in the log, or it waits and comes later in both. Rows that
-- are locked are skipped and not waited for: we hold locks ourselves, and waiting with them is how deadlocks are made.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_baseline_v1(relation regclass, spec jsonb, leaf regclass, first bigint, last bigint)
RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'iso_8601'
    SET extra_float_digits = 1 SET bytea_output = 'hex' SET enable_hashjoin = off SET enable_mergejoin = off AS $audit$
DECLARE
    event record;
    locked tid[];
    written bigint;
BEGIN
    EXECUTE format('SELECT array_agg(ctid) FROM (%s FOR SHARE OF n SKIP LOCKED) AS unrecorded',
                   {schema}.audit_plugin_unrecorded_v1(relation, spec, leaf, first, last)) INTO locked;
    IF locked IS NULL THEN
        RETURN 0;
    END IF;
    SELECT * INTO event FROM {schema}.audit_plugin_event_v1();
    EXECUTE {schema}.audit_plugin_statement_v1(
            relation, spec || jsonb_build_object('from', format('(SELECT * FROM ONLY %s WHERE ctid = ANY($7))', leaf)), 'B', 'table', true)
      USING event.context_id, event.actor_id, event.tenant, event.restored_from, event.occurred_at, event.prefix, locked;
    GET DIAGNOSTICS written = ROW_COUNT;
    PERFORM {schema}.audit_plugin_context_v1(event.context_id, event.header);
    RETURN written;
END
$audit$;
