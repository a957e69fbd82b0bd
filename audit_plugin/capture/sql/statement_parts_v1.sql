-- The pieces that statements are built of.

-- The columns of a table, with what decides how a value is compared and stored. Domains count as what they are made of.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_columns_v1(
    relation regclass, OUT number integer, OUT name text, OUT base text, OUT builtin boolean, OUT kind text, OUT collated boolean,
    OUT computed text)
RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
    WITH RECURSIVE base AS (
        SELECT attnum, atttypid AS typid FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attnum, typbasetype FROM base JOIN pg_type ON pg_type.oid = typid WHERE typtype = 'd'
    )
    SELECT a.attnum, a.attname, coalesce(e.typname, t.typname), coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace,
           t.typtype, coalesce(l.collname <> 'default', false),
           -- Triggers don't see virtual generated columns (PostgreSQL 18), so they are computed from the row.
           CASE WHEN a.attgenerated = 'v' THEN pg_get_expr(d.adbin, d.adrelid) END
      FROM base
      JOIN pg_type AS t ON t.oid = base.typid AND t.typtype <> 'd'
      LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
      JOIN pg_attribute AS a ON a.attrelid = relation AND a.attnum = base.attnum
      LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     ORDER BY a.attnum
$audit$;

CREATE OR REPLACE FUNCTION {schema}.audit_plugin_read_v1(c record, side text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    IF c.computed IS NOT NULL THEN
        RETURN format('(SELECT %s FROM (SELECT %s.*) AS row_read)', c.computed, side);
    END IF;
    RETURN format('%s.%I', side, c.name);
END
$audit$;

-- A value as it goes into JSON: without loss, and the same whatever the session's settings. Extensions may define casts to
-- JSON that lose (PostGIS, hstore), so the values of their types go in as text, which comes back exactly.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_value_v1(c record, side text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    value text := {schema}.audit_plugin_read_v1(c, side);
BEGIN
    IF c.base = 'money' THEN
        RETURN value || '::numeric';
    END IF;
    RETURN value || CASE WHEN c.builtin AND c.kind NOT IN ('c', 'e') THEN '' ELSE '::text' END;
END
$audit$;

-- The condition that a value changed. Types without an equality, or with one that calls different values equal (intervals: a month is
-- 30 days; extension types; collations that ignore case), are compared by their text.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_differs_v1(c record) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    suffix text := CASE
        WHEN NOT c.builtin OR c.base IN ('interval', 'json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'txid_snapshot')
            THEN '::text COLLATE "C"'
        WHEN c.collated THEN ' COLLATE "C"'
        ELSE '' END;
BEGIN
    RETURN format('%s%s IS DISTINCT FROM %s%s', {schema}.audit_plugin_read_v1(c, 'o'), suffix,
                  {schema}.audit_plugin_read_v1(c, 'n'), suffix);
END
$audit$;

-- An object of members `'key': value`. The constructor takes any number of them, where a function takes 100 arguments, and is faster.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_object_v1(members text[], absent_on_null boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT format('JSON_OBJECT(%s RETURNING jsonb)',
                  array_to_string(members, ', ') || CASE WHEN absent_on_null THEN ' ABSENT ON NULL' ELSE '' END)
$audit$;

-- The quoted columns of a record's key.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_key_columns_v1(relation regclass, spec jsonb) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    columns text[];
BEGIN
    SELECT array_agg(quote_ident(attname) ORDER BY position) INTO columns
      FROM jsonb_array_elements_text(spec->'key') WITH ORDINALITY AS wanted (number, position)
      JOIN pg_attribute ON attrelid = relation AND attnum = number::int AND NOT attisdropped;
    IF coalesce(cardinality(columns), 0) < jsonb_array_length(spec->'key') THEN
        -- A migration is replacing the primary key.
        SELECT array_agg(quote_ident(attname) ORDER BY position) INTO columns
          FROM pg_index, unnest(indkey::int2[]) WITH ORDINALITY AS wanted (number, position)
          JOIN pg_attribute ON attrelid = relation AND attnum = number
         WHERE indrelid = relation AND indisprimary;
    END IF;
    RETURN columns;
END
$audit$;

-- A record's key as text; a composite key is a JSON array.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_key_v1(columns text[], side text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT CASE cardinality(columns)
        WHEN 1 THEN format('%s.%s::text', side, columns[1])
        ELSE format('jsonb_build_array(%s)::text', (SELECT string_agg(format('%s.%s', side, name), ', ' ORDER BY position)
                                                    FROM unnest(columns) WITH ORDINALITY AS listed (name, position)))
    END
$audit$;

-- A record's name: literal text and columns in turn, at most 200 characters. A column that is gone is left out.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_title_v1(relation regclass, title jsonb, side text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT coalesce('left(concat(' || string_agg(concat_ws(', ',
               CASE WHEN piece->>0 <> '' THEN format('%L', piece->>0) END,
               CASE WHEN attname IS NOT NULL THEN format('%s.%I', side, attname) END), ', ' ORDER BY position) || '), 200)', '''''')
      FROM jsonb_array_elements(title) WITH ORDINALITY AS listed (piece, position)
      LEFT JOIN pg_attribute ON attrelid = relation AND attnum = (piece->>1)::int AND NOT attisdropped
     WHERE piece->>0 <> '' OR attname IS NOT NULL
$audit$;

CREATE OR REPLACE FUNCTION {schema}.audit_plugin_tenant_v1(relation regclass, spec jsonb, side text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT coalesce((SELECT format('%s.%I::text', side, attname) FROM pg_attribute
                      WHERE attrelid = relation AND attnum = (spec->>'tenant')::int AND NOT attisdropped), 'NULL::text')
$audit$;

-- The INSERT itself. All but `action`, `operation` and `label` are SQL, also `channel`. What the entries of one statement share is read from `event`,
-- one row of audit_plugin_event_v1(), or in EXECUTE from its columns context_id, actor_id, tenant, restored_from, occurred_at
-- and prefix as $1 … $6.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_insert_v1(
    action text, operation text, label text, object_id text, object_repr text, tenant text, changes text, masked text, details text,
    rows text, channel text, executed boolean)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT format($format$INSERT INTO {schema}.audit_plugin_entry (
        id, context_id, restored_from, occurred_at, seq, operation, action, channel, model, object_id, object_repr,
        actor_id, tenant, changes, masked, details)
    SELECT {schema}.audit_plugin_entry_id_v1(%16$s, e.seq), %11$s, %14$s, %15$s, e.seq, %2$L,
           CASE WHEN %14$s IS NULL THEN %1$L ELSE 'restore' END, e.channel, %3$L, e.object_id, e.object_repr, %12$s,
           coalesce(e.tenant, %13$s), e.changes, e.masked, e.details
    FROM (SELECT nextval('{schema_literal}.audit_plugin_entry_seq') AS seq, %4$s AS object_id, %5$s AS object_repr, %6$s AS tenant,
                 %7$s AS changes, %8$s AS masked, %9$s AS details, %17$s AS channel
          FROM %10$s) AS e$format$,
        VARIADIC ARRAY[action, operation, label, object_id, object_repr, tenant, changes, masked, details, rows] || CASE WHEN executed THEN ARRAY['$1', '$2', '$3', '$4', '$5', '$6']
                      ELSE ARRAY['event.context_id', 'event.actor_id', 'event.tenant', 'event.restored_from',
                                 'event.occurred_at', 'event.prefix'] END || ARRAY[channel])
$audit$;

-- The channel that the entries of a table belong to, as SQL. spec.channel: {name, when: [n]}; an update belongs to it only where one of
-- these columns changes, if any are named.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_channel_v1(relation regclass, spec jsonb, operation text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT CASE
        WHEN spec->'channel' IS NULL OR operation = 'B' THEN '''data'''
        WHEN operation <> 'U' OR spec->'channel'->'when' = '[]' THEN quote_literal(spec->'channel'->>'name')
        ELSE coalesce((SELECT format('CASE WHEN %s THEN %L ELSE ''data'' END',
                                     string_agg({schema}.audit_plugin_differs_v1(c), ' OR ' ORDER BY c.number),
                                     spec->'channel'->>'name')
                         FROM {schema}.audit_plugin_columns_v1(relation) AS c WHERE spec->'channel'->'when' @> to_jsonb(c.number)
                       HAVING count(*) > 0), '''data''')
        END
$audit$;
