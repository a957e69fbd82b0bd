-- The door by which a role that may only read the log keeps it going: it makes the partitions from this month on, and nothing else
-- can be had of it. Returns how many were made.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_maintain_v1(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
    last date := month + make_interval(months => least(greatest(ahead, 1), 120));
BEGIN
    RETURN {schema}.audit_plugin_partitions_v1('audit_plugin_entry', month, last)
         + {schema}.audit_plugin_partitions_v1('audit_plugin_context', month, last);
END
$audit$;

-- What changes the log is called by its owner only, mostly from the capture triggers. None of it would let another role write an
-- entry, which it has no right to insert; closed they are one thing less to think about.
REVOKE ALL ON FUNCTION {schema}.audit_plugin_maintain_v1(integer), {schema}.audit_plugin_partitions_v1(text, date, date),
    {schema}.audit_plugin_guard_table_v1(regclass), {schema}.audit_plugin_guard_v1(), {schema}.audit_plugin_context_v1(uuid, text),
    {schema}.audit_plugin_baseline_v1(regclass, jsonb, regclass, bigint, bigint) FROM PUBLIC;
