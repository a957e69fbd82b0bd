-- What the index of a complete month is made of (docs/explanation/reading.md). Both functions are dear on purpose: they are there to
-- be looked up in an index, and the planner is not to think of computing them for each row.

-- Every value of an entry that can be filtered by, and every pair of such values, since two frequent values may meet rarely or never.
-- Values are cut to a length that fits an index; whoever looks them up compares the columns as well.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_tags_v1(channel text, model text, action text, actor text, tenant text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    a text := left(actor, 300);
    c text := left(action, 300);
    h text := left(channel, 300);
    m text := left(model, 300);
    t text := left(tenant, 300);
BEGIN
    RETURN array_remove(ARRAY[
        'a' || a, 'c' || c, 'h' || h, 'm' || m, 't' || t,
        'ac' || a || E'\x1f' || c, 'ah' || a || E'\x1f' || h, 'am' || a || E'\x1f' || m, 'at' || a || E'\x1f' || t,
        'ch' || c || E'\x1f' || h, 'cm' || c || E'\x1f' || m, 'ct' || c || E'\x1f' || t,
        'hm' || h || E'\x1f' || m, 'ht' || h || E'\x1f' || t,
        'mt' || m || E'\x1f' || t], NULL);
END
$audit$;

-- The words of a record's name. Everything beyond ASCII counts as a letter, so that words are the same in every locale.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_words_v1(name text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    RETURN array_to_tsvector(array_remove(regexp_split_to_array(lower(left(name, 1000)), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+'), ''));
END
$audit$;
