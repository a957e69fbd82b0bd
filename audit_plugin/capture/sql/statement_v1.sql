-- Builds the INSERT that turns rows of a recorded table into entries, from the columns that the table has now. Installed triggers
-- carry its result as a fixed text; while migrations run, they call it anew for each statement, so that no change of a column
-- can break a write or lose one. There is no second place that knows how an entry is made.
--
-- relation   the recorded table
-- spec       what to record, by attribute number, since a number survives a rename:
--            {label, key: [n], fields: {n: name}, skip: [n], secret: [n], only: bool, pattern, title: [[text, n]], tenant: n, channel, condition}
-- operation  I, U, D, or B for a baseline
-- form       where rows come from: `one`, `many` (transition tables), `row` (the variables of a row trigger), `table` (all rows,
--            or what spec.from says)
-- executed   whether the text is for EXECUTE, which sees no variables: $1 … $6 stand for `event` (audit_plugin_insert_v1),
--            $7 and $8 for OLD and NEW
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_statement_v1(
    relation regclass, spec jsonb, operation text, form text, executed boolean)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    side text := CASE operation WHEN 'D' THEN 'o' ELSE 'n' END;
    old_row text := CASE WHEN executed THEN '($7)' ELSE 'OLD' END;
    new_row text := CASE WHEN executed THEN '($8)' ELSE 'NEW' END;
    key_columns text[];
    found_columns record;
    conditions text[];
    changes text;
    masked text;
    details text := 'NULL::jsonb';
    rows text;
    object_id text;
    old_object_id text;
BEGIN
    key_columns := {schema}.audit_plugin_key_columns_v1(relation, spec);
    object_id := {schema}.audit_plugin_key_v1(key_columns, side);
    old_object_id := {schema}.audit_plugin_key_v1(key_columns, 'o');

    SELECT
        array_agg(format('%L: %s', key, {schema}.audit_plugin_value_v1(c, side)) ORDER BY c.number)
            FILTER (WHERE NOT secret) AS stored,
        array_agg(format('CASE WHEN %s IS NOT NULL THEN %L END', {schema}.audit_plugin_value_v1(c, side), key) ORDER BY c.number)
            FILTER (WHERE secret) AS set_secrets,
        array_agg(format('%L: CASE WHEN %s THEN jsonb_build_array(%s, %s) END',
                         key, {schema}.audit_plugin_differs_v1(c), {schema}.audit_plugin_value_v1(c, 'o'),
                         {schema}.audit_plugin_value_v1(c, 'n')) ORDER BY c.number)
            FILTER (WHERE NOT secret) AS differences,
        array_agg(format('CASE WHEN %s THEN %L END', {schema}.audit_plugin_differs_v1(c), key) ORDER BY c.number)
            FILTER (WHERE secret) AS changed_secrets,
        string_agg({schema}.audit_plugin_differs_v1(c), ' OR ' ORDER BY c.number) AS any_difference
      INTO found_columns
      FROM {schema}.audit_plugin_columns_v1(relation) AS c
      CROSS JOIN LATERAL (
          SELECT coalesce(spec->'fields'->>c.number::text, c.name) AS key,
                 spec->'secret' @> to_jsonb(c.number) OR (NOT spec->'fields' ? c.number::text AND c.name ~ (spec->>'pattern')) AS secret
      ) AS named
     WHERE NOT spec->'skip' @> to_jsonb(c.number)
       AND (spec->'fields' ? c.number::text OR NOT (spec->>'only')::boolean);

    IF operation = 'U' THEN
        conditions := ARRAY['(' || coalesce(found_columns.any_difference, 'false') || ')'];
        changes := {schema}.audit_plugin_object_v1(found_columns.differences, true);
        masked := array_to_string(found_columns.changed_secrets, ', ');
        details := format('CASE WHEN %1$s <> %2$s THEN jsonb_build_object(''previous_object_id'', %1$s) END', old_object_id, object_id);
    ELSE
        changes := {schema}.audit_plugin_object_v1(found_columns.stored, false);
        masked := array_to_string(found_columns.set_secrets, ', ');
    END IF;
    conditions := conditions || (spec->>'condition');
    masked := CASE WHEN masked IS NULL THEN 'NULL::text[]'
                   ELSE format('nullif(array_remove(ARRAY[%s], NULL), ''{}'')', masked) END;

    rows := CASE form || operation
        WHEN 'oneU' THEN '(SELECT * FROM old_values) AS o CROSS JOIN (SELECT * FROM new_values) AS n'
        -- Both tables hold the rows in the order in which they were updated, so the position pairs them even when the key changed.
        WHEN 'manyU' THEN '(SELECT row_number() OVER () AS "audit row", * FROM old_values) AS o
            JOIN (SELECT row_number() OVER () AS "audit row", * FROM new_values) AS n ON o."audit row" = n."audit row"'
        WHEN 'rowU' THEN format('(SELECT %s.*) AS o CROSS JOIN (SELECT %s.*) AS n', old_row, new_row)
        WHEN 'rowI' THEN format('(SELECT %s.*) AS n', new_row)
        WHEN 'rowD' THEN format('(SELECT %s.*) AS o', old_row)
        -- A partition that is truncated by its own name.
        WHEN 'tableD' THEN format('%s AS o', coalesce(spec->>'from', relation::text))
        WHEN 'tableB' THEN format('%s AS n', spec->>'from')
        ELSE CASE operation WHEN 'D' THEN 'old_values AS o' ELSE 'new_values AS n' END
    END;

    RETURN {schema}.audit_plugin_insert_v1(
        CASE operation WHEN 'I' THEN 'create' WHEN 'B' THEN 'baseline' WHEN 'D' THEN 'delete' ELSE 'update' END, operation, spec->>'label', object_id,
        {schema}.audit_plugin_title_v1(relation, spec->'title', side), {schema}.audit_plugin_tenant_v1(relation, spec, side), changes,
        masked, details, rows || coalesce(' WHERE ' || nullif(array_to_string(conditions, ' AND '), ''), ''),
        {schema}.audit_plugin_channel_v1(relation, spec, operation), executed);
END
$audit$;

-- The same for the table of a many-to-many field: one entry for each owner whose links changed.
-- spec: {label, field, owner: oid, owner_spec, source: n, target: n, through, channel}
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_link_statement_v1(
    relation regclass, spec jsonb, operation text, form text, executed boolean)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    source text := (SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum = (spec->>'source')::int);
    target text := (SELECT attname FROM pg_attribute WHERE attrelid = relation AND attnum = (spec->>'target')::int);
    owner regclass := (spec->>'owner')::oid::regclass;
    owner_spec jsonb := spec->'owner_spec';
    owner_key text;
    came text := CASE WHEN form <> 'row' THEN 'new_values' WHEN executed THEN '(SELECT ($8).*) AS came' ELSE '(SELECT NEW.*) AS came' END;
    went text := CASE WHEN form = 'table' THEN coalesce(spec->>'from', relation::text) WHEN form <> 'row' THEN 'old_values'
                      WHEN executed THEN '(SELECT ($7).*) AS went' ELSE '(SELECT OLD.*) AS went' END;
    moved text;
BEGIN
    owner_key := ({schema}.audit_plugin_key_columns_v1(owner, owner_spec))[1];
    moved := concat_ws(' UNION ALL ',
        CASE WHEN operation <> 'D' THEN format('SELECT %I AS source, %I AS target, 1 AS sign FROM %s', source, target, came) END,
        CASE WHEN operation <> 'I' THEN format('SELECT %I AS source, %I AS target, -1 AS sign FROM %s', source, target, went) END);
    RETURN {schema}.audit_plugin_insert_v1(
        'update', 'M', spec->>'label', 'l.source::text',
        {schema}.audit_plugin_title_v1(owner, owner_spec->'title', 'p'), {schema}.audit_plugin_tenant_v1(owner, owner_spec, 'p'),
        format('jsonb_build_object(%L, jsonb_build_object(''added'', l.added, ''removed'', l.removed))', spec->>'field'),
        'NULL::text[]', CASE WHEN spec->>'through' IS NULL THEN 'NULL::jsonb'
                             ELSE format('jsonb_build_object(''through'', %L)', spec->>'through') END,
        format('(SELECT source,
                coalesce(jsonb_agg(target ORDER BY target) FILTER (WHERE sign > 0), ''[]'') AS added,
                coalesce(jsonb_agg(target ORDER BY target) FILTER (WHERE sign < 0), ''[]'') AS removed
                FROM (SELECT source, target, sum(sign) AS sign FROM (%s) AS moved
                      GROUP BY source, target HAVING sum(sign) <> 0) AS net
                GROUP BY source) AS l
            LEFT JOIN %s AS p ON p.%s = l.source', moved, owner, owner_key),
        {schema}.audit_plugin_channel_v1(relation, spec, 'M'), executed);
END
$audit$;
