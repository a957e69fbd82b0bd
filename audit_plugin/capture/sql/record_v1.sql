-- Writes entries that say more than a change of a row can: an export, a sign-in, an approval. One call writes one or thousands, in the
-- caller's transaction and under the same context as the row changes around it.
--
-- events: an array of {action, channel, model, object_id, object_repr, tenant, details, key, within}; all but action and channel may
-- be missing.
--   key     an idempotency key: what was written with it before is not written again
--   within  seconds: nothing is written where the same actor has done the same to the same record as recently; somebody who acts as
--           another is not the same as that one, and whoever is not signed in is told by their address
--   lazy    with `within` or `key`: the transaction's commit need not wait for the disk
-- Returns the ids in the same order: that of the earlier entry for a key that is known, NULL for a key that was used for another
-- event, and for what happened `within`.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_record_v1(events jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET "TimeZone" = 'UTC'
AS $audit$
DECLARE
    event record;
    item jsonb := events->0;
    refused text;
    made uuid;
    number bigint;
BEGIN
    -- One event is what most calls write: expressions without a query cost a fraction of one.
    IF jsonb_array_length(events) = 1 AND NOT item ? 'key' AND NOT item ? 'within' AND item->>'action' ~ '^[a-z0-9_-]+(\.[a-z0-9_-]+)+$' THEN
        event := {schema}.audit_plugin_event_v1();
        number := nextval('{schema_literal}.audit_plugin_entry_seq');
        INSERT INTO {schema}.audit_plugin_entry (
            id, context_id, restored_from, occurred_at, seq, action, channel, model, object_id, object_repr, actor_id, tenant, details)
        VALUES ({schema}.audit_plugin_entry_id_v1(event.prefix, number), event.context_id, event.restored_from, event.occurred_at,
                number, item->>'action', item->>'channel', coalesce(item->>'model', ''), coalesce(item->>'object_id', ''),
                left(coalesce(item->>'object_repr', ''), 200), event.actor_id, coalesce(item->>'tenant', event.tenant),
                nullif(item->'details', 'null'))
        RETURNING id INTO made;
        IF NOT EXISTS (SELECT FROM {schema}.audit_plugin_context WHERE id = event.context_id) THEN
            PERFORM {schema}.audit_plugin_context_v1(event.context_id, event.header);
        END IF;
        RETURN NEXT made;
        RETURN;
    END IF;
    -- A name with a dot is what tells these entries from captured changes, which nobody may make up.
    SELECT e->>'action' INTO refused FROM jsonb_array_elements(events) AS e
     WHERE coalesce(e->>'action', '') !~ '^[a-z0-9_-]+(\.[a-z0-9_-]+)+$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an event needs an action such as "photo.approved", not %', coalesce(quote_literal(refused), 'nothing')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    event := {schema}.audit_plugin_event_v1();
    IF events @? '$[*] ? (exists(@.key) || exists(@.within))' THEN
        FOR item IN SELECT * FROM jsonb_array_elements(events) LOOP
            made := {schema}.audit_plugin_record_once_v1(
                item, event.context_id, event.actor_id, coalesce(item->>'tenant', event.tenant), event.occurred_at, event.prefix);
            RETURN NEXT coalesce(made, (
                SELECT entry_id FROM {schema}.audit_plugin_key
                 WHERE key = item->>'key' AND tenant IS NOT DISTINCT FROM coalesce(item->>'tenant', event.tenant)
                   AND audit_plugin_key.event = concat_ws(' ', item->>'action', item->>'model', item->>'object_id')));
            refused := coalesce(refused, made::text);
        END LOOP;
        IF refused IS NULL THEN
            RETURN;
        END IF;
    ELSE
        RETURN QUERY
            INSERT INTO {schema}.audit_plugin_entry (
                id, context_id, restored_from, occurred_at, seq, operation, action, channel, model, object_id, object_repr,
                actor_id, tenant, details)
            SELECT {schema}.audit_plugin_entry_id_v1(event.prefix, e.seq), event.context_id, event.restored_from, event.occurred_at,
                   e.seq, NULL, e.action, e.channel, e.model, e.object_id, e.object_repr, event.actor_id,
                   coalesce(e.tenant, event.tenant), e.details
              FROM (SELECT nextval('{schema_literal}.audit_plugin_entry_seq') AS seq, item_->>'action' AS action,
                           item_->>'channel' AS channel, coalesce(item_->>'model', '') AS model,
                           coalesce(item_->>'object_id', '') AS object_id,
                           left(coalesce(item_->>'object_repr', ''), 200) AS object_repr,
                           item_->>'tenant' AS tenant, nullif(item_->'details', 'null') AS details
                      FROM jsonb_array_elements(events) AS item_) AS e
            RETURNING id;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM {schema}.audit_plugin_context WHERE id = event.context_id) THEN
        PERFORM {schema}.audit_plugin_context_v1(event.context_id, event.header);
    END IF;
END
$audit$;

-- Writes one event unless it has been written: returns its id, or NULL. The search_path is its caller's.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_record_once_v1(
    item jsonb, context_id uuid, actor text, tenant text, occurred_at timestamptz, prefix bytea) RETURNS uuid
LANGUAGE plpgsql AS $audit$
DECLARE
    seq bigint;
    made uuid;
    who jsonb;
    earlier uuid;
BEGIN
    IF item ? 'within' THEN
        FOR earlier IN
            SELECT e.context_id FROM {schema}.audit_plugin_entry AS e
             WHERE e.model = coalesce(item->>'model', '') AND e.object_id = coalesce(item->>'object_id', '')
               AND e.id >= {schema}.audit_plugin_uuid_floor_v1(
                       audit_plugin_record_once_v1.occurred_at - make_interval(secs => (item->>'within')::float8))
               AND e.action = item->>'action' AND e.actor_id IS NOT DISTINCT FROM actor
               AND e.tenant IS NOT DISTINCT FROM audit_plugin_record_once_v1.tenant
        LOOP
            -- Looked up one by one: a join would open every month of contexts, also where there is no earlier entry.
            IF who IS NULL THEN
                -- What audit_plugin_event_v1 has just read and left there.
                who := {schema}.audit_plugin_text_v1(split_part(current_setting('audit_plugin.context', true), ':', 5));
            END IF;
            IF EXISTS (
                SELECT FROM {schema}.audit_plugin_context AS c
                 WHERE c.id = earlier AND c.impersonator_id IS NOT DISTINCT FROM who->>'impersonator_id'
                   AND (actor IS NOT NULL OR (c.actor_kind = who->>'actor_kind' AND c.ip IS NOT DISTINCT FROM (who->>'ip')::inet)))
            THEN
                RETURN NULL;
            END IF;
        END LOOP;
    END IF;
    IF item ? 'lazy' THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    seq := nextval('{schema_literal}.audit_plugin_entry_seq');
    made := {schema}.audit_plugin_entry_id_v1(prefix, seq);
    IF item ? 'key' THEN
        -- Waits for another transaction that is using the same key.
        INSERT INTO {schema}.audit_plugin_key (entry_id, key, tenant, event)
        VALUES (made, item->>'key', audit_plugin_record_once_v1.tenant,
                concat_ws(' ', item->>'action', item->>'model', item->>'object_id'))
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO {schema}.audit_plugin_entry (
        id, context_id, occurred_at, seq, action, channel, model, object_id, object_repr, actor_id, tenant, details)
    VALUES (made, audit_plugin_record_once_v1.context_id, audit_plugin_record_once_v1.occurred_at, seq, item->>'action', item->>'channel',
            coalesce(item->>'model', ''), coalesce(item->>'object_id', ''), left(coalesce(item->>'object_repr', ''), 200), actor,
            audit_plugin_record_once_v1.tenant, nullif(item->'details', 'null'));
    RETURN made;
END
$audit$;

-- It writes as the owner of the log, so a role that may only read must not get at it: with it, anybody could be named as an actor.
-- Whoever writes to a recorded table needs no right on it; a role of the application's that is not the owner is granted EXECUTE.
REVOKE ALL ON FUNCTION {schema}.audit_plugin_record_v1(jsonb),
    {schema}.audit_plugin_record_once_v1(jsonb, uuid, text, text, timestamptz, bytea) FROM PUBLIC;
