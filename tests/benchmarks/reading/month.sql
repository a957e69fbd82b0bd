-- The contexts and entries of one month, in the order of time. A context makes three entries on average, of one model.
-- Parameters: actors, first (timestamptz), last, contexts, begins and ends (the month's place in the two years, 0 to 1).

CREATE TEMP TABLE drawn ON COMMIT DROP AS
SELECT number, moment, chosen.rank AS actor_rank,
       chosen.works_on[1 + width_bucket(random(), (SELECT steps FROM zipf WHERE size = 6))] AS model_rank,
       CASE WHEN random() < 0.7 THEN 1 ELSE 1 + floor(random() * 12)::int END AS entries,
       random() AS what
  FROM (SELECT number, 1 + width_bucket(random(), (SELECT steps FROM zipf WHERE size = %(actors)s)) AS rank,
               %(first)s::timestamptz + (%(last)s::timestamptz - %(first)s::timestamptz) * ((number - random()) / %(contexts)s) AS moment
          FROM generate_series(1, %(contexts)s) AS number) AS planned
  JOIN actors AS wanted USING (rank)
  -- Who isn't there (yet, any more) is stood in for by one of the first ten.
  JOIN actors AS chosen ON chosen.rank = CASE WHEN %(begins)s >= wanted.comes AND %(ends)s <= wanted.goes
                                              THEN wanted.rank ELSE 1 + wanted.rank %% 10 END;

ANALYZE drawn;

CREATE TEMP TABLE contexts ON COMMIT DROP AS
SELECT number, moment, entries, what, actor.id, actor.label, actor.tenant, model.label AS model, model.channel, model.stored, model.uuid_keys, model.records,
       (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || substr(md5(number::text || moment::text), 1, 3)
        || '8' || substr(md5(moment::text), 1, 15))::uuid AS context_id
  FROM drawn
  JOIN (SELECT rank AS actor_rank, id, label, tenant FROM actors) AS actor USING (actor_rank)
  JOIN models AS model ON model.rank = model_rank;

ANALYZE contexts;

INSERT INTO audit_plugin_context (id, actor_kind, actor_id, actor_label, actor_email, source, name, url, method, ip, user_agent, request_id,
                                  db_role, application_name)
SELECT context_id, 'user', id, label, 'user' || id || '@example.com', 'admin', 'admin:' || model || '_change', '/admin/' || model || '/' || number,
       'POST', '10.0.0.1'::inet + (number %% 60000), 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', md5(context_id::text),
       'app', 'gunicorn'
  FROM contexts;

INSERT INTO audit_plugin_entry (id, context_id, occurred_at, operation, action, channel, model, object_id, object_repr, actor_id, tenant,
                                changes, details)
SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(step), 3, '0')
        || '8' || substr(md5(context_id::text), 1, 15))::uuid,
       context_id, at,
       CASE action WHEN 'create' THEN 'I' WHEN 'update' THEN 'U' WHEN 'delete' THEN 'D' WHEN 'restore' THEN 'U' END::"char",
       action, channel, model,
       CASE WHEN uuid_keys THEN md5(model || record)::uuid::text ELSE record::text END,
       (ARRAY['Session','Booking','Portrait','Invoice','Lens','Venue','Campaign','Candidate','Card','Studio'])[1 + record %% 10] || ' '
       || (ARRAY['amber','birch','cobalt','delta','ember','fjord','granite','heron','indigo','jasper','kestrel','lotus'])[1 + (record / 10) %% 12]
       || ' ' || record,
       id, tenant,
       CASE action
           WHEN 'update' THEN jsonb_build_object('status', jsonb_build_array('planned', 'open'))
               || CASE WHEN record %% 3 = 0 THEN jsonb_build_object('updated_at', jsonb_build_array(at, at)) ELSE '{}' END
               || CASE WHEN record %% 10 = 0 THEN jsonb_build_object('notes', jsonb_build_array(repeat('before ', 30), repeat('after ', 50))) ELSE '{}' END
           WHEN 'restore' THEN jsonb_build_object('status', jsonb_build_array('open', 'planned'))
           WHEN 'create' THEN jsonb_build_object('id', record, 'status', 'planned', 'title', 'Session ' || record, 'notes', repeat('text ', 20),
                                                 'created_at', at, 'organisation', 4, 'venue', 12, 'price', 120.50)
           WHEN 'delete' THEN jsonb_build_object('id', record, 'status', 'open', 'title', 'Session ' || record, 'notes', repeat('text ', 20),
                                                 'created_at', at, 'organisation', 4, 'venue', 12, 'price', 120.50)
       END,
       CASE WHEN NOT stored THEN jsonb_build_object('ip', '10.0.0.1', 'path', '/people/' || record) END
  FROM (SELECT contexts.*, step, moment + step * interval '1 millisecond' AS at,
               floor(records * power(random(), 3))::int + 1 AS record,
               CASE WHEN NOT stored THEN (ARRAY['person.viewed', 'auth.login', 'auth.login_failed', 'photo.approved'])[1 + floor(what * 4)::int]
                    WHEN what < 0.70 THEN 'update' WHEN what < 0.95 THEN 'create' WHEN what < 0.99 THEN 'delete' ELSE 'restore' END AS action
          FROM contexts, generate_series(1, entries) AS step
         ORDER BY moment, step) AS made
 ORDER BY at, step;
