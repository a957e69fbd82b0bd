-- Writes entries that say more than a change of a row can: an export, a sign-in, an approval. One call writes one or thousands, in the
-- caller's transaction and under the same context as the row changes around it.
--
-- events: an array of {action, channel, model, object_id, object_repr, tenant, details}; all but action and channel may be missing.
-- Returns the ids in the same order.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_record_v1(events jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET "TimeZone" = 'UTC'
AS $audit$
DECLARE
    event record;
    refused text;
BEGIN
    -- A name with a dot is what tells these entries from captured changes, which nobody may make up.
    SELECT e->>'action' INTO refused FROM jsonb_array_elements(events) AS e
     WHERE coalesce(e->>'action', '') !~ '^[a-z0-9_-]+(\.[a-z0-9_-]+)+$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an event needs an action such as "photo.approved", not %', coalesce(quote_literal(refused), 'nothing')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO event FROM {schema}.audit_plugin_event_v1();
    RETURN QUERY
        INSERT INTO {schema}.audit_plugin_entry (
            id, context_id, restored_from, occurred_at, seq, operation, action, channel, model, object_id, object_repr,
            actor_id, tenant, details)
        SELECT {schema}.audit_plugin_entry_id_v1(event.prefix, e.seq), event.context_id, event.restored_from, event.occurred_at,
               e.seq, NULL, e.action, e.channel, e.model, e.object_id, e.object_repr, event.actor_id,
               coalesce(e.tenant, event.tenant), e.details
          FROM (SELECT nextval('{schema_literal}.audit_plugin_entry_seq') AS seq, item->>'action' AS action,
                       item->>'channel' AS channel, coalesce(item->>'model', '') AS model,
                       coalesce(item->>'object_id', '') AS object_id, left(coalesce(item->>'object_repr', ''), 200) AS object_repr,
                       item->>'tenant' AS tenant, nullif(item->'details', 'null') AS details
                  FROM jsonb_array_elements(events) AS item) AS e
        RETURNING id;
    IF FOUND THEN
        PERFORM {schema}.audit_plugin_context_v1(event.context_id, event.header);
    END IF;
END
$audit$;

-- It writes as the owner of the log, so a role that may only read must not get at it: with it, anybody could be named as an actor.
-- Whoever writes to a recorded table needs no right on it; a role of the application's that is not the owner is granted EXECUTE.
REVOKE ALL ON FUNCTION {schema}.audit_plugin_record_v1(jsonb) FROM PUBLIC;
