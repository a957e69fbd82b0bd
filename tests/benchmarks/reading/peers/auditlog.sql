-- The entries of one month as django-auditlog stores them: values are text, and None is one, too.
INSERT INTO auditlog_logentry (content_type_id, object_pk, object_id, object_repr, action, changes_text, changes,
                               actor_id, actor_email, remote_addr, timestamp, additional_data)
SELECT type.id, entry.object_id, CASE WHEN entry.object_id ~ '^[0-9]+$' THEN entry.object_id::bigint END, entry.object_repr,
       CASE entry.action WHEN 'create' THEN 0 WHEN 'update' THEN 1 WHEN 'restore' THEN 1 WHEN 'delete' THEN 2 ELSE 3 END, '',
       CASE entry.operation
           WHEN 'U' THEN entry.changes
           WHEN 'I' THEN (SELECT jsonb_object_agg(key, jsonb_build_array('None', value)) FROM jsonb_each_text(entry.changes))
           WHEN 'D' THEN (SELECT jsonb_object_agg(key, jsonb_build_array(value, 'None')) FROM jsonb_each_text(entry.changes))
       END,
       entry.actor_id::integer, context.actor_email, context.ip, entry.occurred_at, entry.details
  FROM {entries} AS entry
  JOIN public.audit_plugin_context AS context ON context.id = entry.context_id AND context.id BETWEEN '{first}' AND '{last}'
  JOIN kinds AS kind ON kind.label = entry.model
  JOIN django_content_type AS type ON type.app_label = 'peers' AND type.model = kind.model
 ORDER BY entry.id
