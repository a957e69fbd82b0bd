-- The entries of one model in one month as django-pghistory stores them: the whole row each time.
INSERT INTO {table} (pgh_created_at, pgh_label, pgh_context_id, pgh_obj_id, id, status, title, notes, created_at, updated_at,
                     organisation, venue, price)
SELECT occurred_at,
       CASE action WHEN 'create' THEN 'insert' WHEN 'restore' THEN 'update' ELSE action END,
       context_id, object_id::{key}, object_id::{key},
       coalesce(changes -> 'status' ->> 1, changes ->> 'status', 'open'), 'Session ' || record,
       coalesce(changes -> 'notes' ->> 1, changes ->> 'notes', repeat('text ', 20)),
       '2024-06-01'::timestamptz + record * interval '1 minute', occurred_at, 4, 12, 120.50
  FROM (SELECT *, split_part(object_repr, ' ', 3)::integer AS record FROM {entries} WHERE model = '{label}') AS entry
 ORDER BY entry.id
