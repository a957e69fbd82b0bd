-- The smallest version 7 UUID of a moment: the bound of a partition. RFC 9562, section 5.7: 48 bits of Unix milliseconds first.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_uuid_floor_v1(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $audit$
    SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$audit$;

-- Makes the monthly partitions of one table from `first` to `last` (first days of months, UTC) and a default one, so that a
-- business write never fails for want of a partition. Returns how many were made. A month whose rows already lie in the default
-- partition is left for `audit_doctor --fix`, which moves them.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_partitions_v1(parent text, first date, last date) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    month date := first;
    child text;
    low uuid;
    high uuid;
    taken boolean;
    made integer := 0;
BEGIN
    child := parent || '_default';
    IF to_regclass(format('{schema}.%I', child)) IS NULL THEN
        EXECUTE format('CREATE TABLE {schema}.%I PARTITION OF {schema}.%I DEFAULT', child, parent);
        made := made + 1;
    END IF;
    PERFORM {schema}.audit_plugin_guard_table_v1(format('{schema}.%I', child)::regclass);
    WHILE month <= last LOOP
        child := parent || to_char(month, '_YYYY_MM');
        IF to_regclass(format('{schema}.%I', child)) IS NULL THEN
            low := {schema}.audit_plugin_uuid_floor_v1(month::timestamp AT TIME ZONE 'UTC');
            high := {schema}.audit_plugin_uuid_floor_v1((month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            EXECUTE format('SELECT EXISTS (SELECT FROM {schema}.%I WHERE id >= %L AND id < %L)', parent || '_default', low, high)
                INTO taken;
            IF NOT taken THEN
                EXECUTE format('CREATE TABLE {schema}.%I PARTITION OF {schema}.%I FOR VALUES FROM (%L) TO (%L)',
                               child, parent, low, high);
                PERFORM {schema}.audit_plugin_guard_table_v1(format('{schema}.%I', child)::regclass);
                made := made + 1;
            END IF;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END
$audit$;
