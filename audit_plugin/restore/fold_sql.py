"""The statements that fold entries; `fold.py` fills in which entries, and what names stand for today."""

from __future__ import annotations

# A field's first entry says what it was, its last one what it became. Where an entry doesn't begin with what the one before it
# ended with, something that is not to be undone happened in between.
ROWS = """
    WITH picked AS MATERIALIZED (
        SELECT id, context_id, {model} AS model, {key} AS object_id, object_repr, operation::text AS operation,
               changes, masked, details
          FROM ({entries}) AS entries
    ), records AS (
        SELECT model, object_id, count(*) AS entries,
               (array_agg(object_repr ORDER BY id DESC))[1] AS object_repr,
               (array_agg(operation ORDER BY id))[1] AS first_operation,
               (array_agg(operation ORDER BY id DESC))[1] AS last_operation,
               (array_agg(id ORDER BY id))[1] AS oldest, (array_agg(id ORDER BY id DESC))[1] AS newest,
               (array_agg(context_id ORDER BY id DESC))[1] AS context_id
          FROM picked GROUP BY model, object_id
    ), fields AS (
        SELECT picked.model, object_id, id, {field} AS field,
               CASE operation WHEN 'U' THEN value -> 0 WHEN 'D' THEN value END AS old,
               CASE operation WHEN 'U' THEN value -> 1 WHEN 'I' THEN value END AS new
          FROM picked CROSS JOIN jsonb_each(changes) AS change (name, value)
    ), steps AS (
        SELECT model, object_id, field, old, new,
               lag(new) OVER upwards AS previous, row_number() OVER upwards AS step,
               lead(id) OVER upwards IS NULL AS is_last
          FROM fields WINDOW upwards AS (PARTITION BY model, object_id, field ORDER BY id)
    ), net AS (
        SELECT model, object_id,
               jsonb_object_agg(field, old) FILTER (WHERE step = 1 AND old IS NOT NULL) AS before,
               jsonb_object_agg(field, coalesce(new, old)) FILTER (WHERE is_last) AS after,
               array_agg(DISTINCT field) FILTER (WHERE step > 1 AND previous IS DISTINCT FROM old) AS broken
          FROM steps GROUP BY model, object_id
    ), hidden AS (
        SELECT model, object_id, array_agg(DISTINCT name) AS masked
          FROM picked CROSS JOIN unnest(masked) AS name GROUP BY model, object_id
    ), erased AS (
        SELECT model, object_id, jsonb_object_agg(name, value) AS erased
          FROM picked CROSS JOIN jsonb_each_text(details -> 'erased') AS gone (name, value) GROUP BY model, object_id
    )
    SELECT model, object_id, object_repr, first_operation, last_operation, oldest::text, newest::text, context_id::text,
           before::text, after::text, broken, masked, erased::text
      FROM records LEFT JOIN net USING (model, object_id) LEFT JOIN hidden USING (model, object_id)
      LEFT JOIN erased USING (model, object_id)
     ORDER BY records.newest DESC
"""
LINKS = """
    WITH picked AS MATERIALIZED (
        SELECT id, context_id, {model} AS model, {key} AS object_id, object_repr, changes FROM ({entries}) AS entries
    ), moved AS (
        SELECT picked.model, object_id, object_repr, id, context_id, {field} AS field, target, sign
          FROM picked CROSS JOIN jsonb_each(changes) AS change (name, value)
         CROSS JOIN LATERAL (
             SELECT target, 1 FROM jsonb_array_elements(value -> 'added') AS came (target)
             UNION ALL SELECT target, -1 FROM jsonb_array_elements(value -> 'removed') AS went (target)
         ) AS links (target, sign)
         WHERE NOT %s::jsonb ? id::text OR %s::jsonb -> id::text @> target
    )
    SELECT model, object_id, (array_agg(object_repr ORDER BY id DESC))[1], field, target::text,
           (array_agg(id::text ORDER BY id DESC))[1] AS newest, (array_agg(context_id::text ORDER BY id DESC))[1]
      FROM moved GROUP BY model, object_id, field, target HAVING sum(sign) {sign} 0
     ORDER BY newest DESC, field, target
"""

STEPS = """
    SELECT model, object_id, id::text, context_id::text, jsonb_object_agg({field}, value -> 0)::text
      FROM (SELECT id, context_id, {model} AS model, {key} AS object_id, changes FROM ({entries}) AS entries) AS picked
     CROSS JOIN jsonb_each(changes) AS change (name, value)
     WHERE (model, object_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
     GROUP BY model, object_id, picked.id, context_id ORDER BY picked.id DESC
"""

# Where no record has more than one entry there is nothing to fold.
SINGLE = """
    SELECT {model}, {key}, object_repr, operation::text, operation::text, id::text, id::text, context_id::text,
           CASE operation WHEN 'U' THEN (
               SELECT jsonb_object_agg({field}, value -> 0) FROM jsonb_each(changes) AS change (name, value))
           ELSE {whole} END::text,
           CASE operation WHEN 'U' THEN (
               SELECT jsonb_object_agg({field}, value -> 1) FROM jsonb_each(changes) AS change (name, value))
           ELSE {whole} END::text,
           NULL::text[], masked, (details -> 'erased')::text
      FROM ({entries}) AS picked ORDER BY id DESC
"""
