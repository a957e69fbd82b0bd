-- The two tables of the log. `{schema}` is the quoted schema they live in.
-- 16- and 8-byte columns come first so that no row pays for padding.

CREATE SEQUENCE {schema}.audit_plugin_entry_seq CACHE 1;

CREATE TABLE {schema}.audit_plugin_entry (
    id uuid NOT NULL,
    context_id uuid NOT NULL,
    restored_from uuid,
    occurred_at timestamptz NOT NULL,
    seq bigint NOT NULL DEFAULT nextval('{schema_literal}.audit_plugin_entry_seq'),
    operation "char",
    action text NOT NULL,
    channel text NOT NULL,
    model text NOT NULL,
    object_id text NOT NULL,
    object_repr text NOT NULL,
    actor_id text,
    tenant text,
    changes jsonb,
    masked text[],
    details jsonb,
    CONSTRAINT audit_plugin_entry_pkey PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- One record's history, newest first.
CREATE INDEX audit_plugin_entry_object ON {schema}.audit_plugin_entry (model, object_id, id);
CREATE INDEX audit_plugin_entry_actor ON {schema}.audit_plugin_entry (actor_id, id) WHERE actor_id IS NOT NULL;
-- Everything of one request.
CREATE INDEX audit_plugin_entry_context ON {schema}.audit_plugin_entry (context_id);
-- Frequent actions are found quickly along the primary key; rare ones need an index, which stays small.
CREATE INDEX audit_plugin_entry_action ON {schema}.audit_plugin_entry (action, id)
    WHERE action NOT IN ('create', 'update');
-- Under which keys a record was before; there are next to none.
CREATE INDEX audit_plugin_entry_key ON {schema}.audit_plugin_entry (model, object_id) WHERE details ? 'previous_object_id';
-- What was restored from an entry.
CREATE INDEX audit_plugin_entry_restored_from ON {schema}.audit_plugin_entry (restored_from) WHERE restored_from IS NOT NULL;
-- The event that changes belong to; and the records that an event names beside its subject. Few entries have either.
CREATE INDEX audit_plugin_entry_event ON {schema}.audit_plugin_entry ((details->>'_event')) WHERE details ? '_event';
CREATE INDEX audit_plugin_entry_related ON {schema}.audit_plugin_entry USING gin ((details->'related') jsonb_path_ops)
    WHERE details ? 'related';
-- The live feed, the counts and the seals go on after the last number, a few rows at a time and often. Block ranges (BRIN) cost no less
-- on writing, and were no help for rows that autovacuum hadn't summarised: docs/decisions/0008-feed.md.
CREATE INDEX audit_plugin_entry_number ON {schema}.audit_plugin_entry (seq);

CREATE TABLE {schema}.audit_plugin_context (
    id uuid NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    actor_label text,
    actor_email text,
    impersonator_id text,
    impersonator_label text,
    executor text,
    source text NOT NULL,
    name text,
    url text,
    method text,
    ip inet,
    user_agent text,
    request_id text,
    -- The event that everything written under this context belongs to (audit_plugin.recording).
    event_id uuid,
    db_role text NOT NULL,
    client_address inet,
    application_name text,
    metadata jsonb,
    CONSTRAINT audit_plugin_context_pkey PRIMARY KEY (id)
) PARTITION BY RANGE (id);

CREATE INDEX audit_plugin_context_request ON {schema}.audit_plugin_context (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_plugin_context_event ON {schema}.audit_plugin_context (event_id) WHERE event_id IS NOT NULL;

-- Idempotency keys of events, which have to be unique over all partitions. An old one may go: its `entry_id` tells its age.
CREATE TABLE {schema}.audit_plugin_key (
    entry_id uuid NOT NULL,
    key text NOT NULL,
    tenant text,
    event text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (key, tenant)
);
