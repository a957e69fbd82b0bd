-- The log's actors as accounts, and what the requests were, as pghistory's middleware notes it.
INSERT INTO auth_user (id, username, first_name, last_name, email, password, is_superuser, is_staff, is_active, date_joined)
SELECT id::integer, label, split_part(label, ' ', 1), split_part(label, ' ', 2), 'user' || id || '@example.com', '!',
       false, true, true, now()
  FROM (SELECT DISTINCT actor_id AS id, actor_label AS label FROM public.audit_plugin_context WHERE actor_kind = 'user') AS actor;

INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
SELECT id, moment, moment, jsonb_build_object('user', actor_id::integer, 'url', url)
  FROM (SELECT *, to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AS moment
          FROM public.audit_plugin_context WHERE actor_kind = 'user') AS context
