-- What every capture trigger of one statement shares.

-- Every expression that a function evaluates for the first time in a transaction costs some microseconds, and so does every call of a
-- function that can't be inlined and of every setting that one pins: what runs for each statement has few of them
-- (docs/decisions/0003-statement-triggers.md). audit_plugin_event_v1 and audit_plugin_entry_id_v1 leave the search_path to their
-- callers, which pin it; they run with the rights of whoever calls them.

-- The comment that the application ends its statement with (docs/explanation/attribution.md), without its marks, where
-- audit_plugin_event_v1 did not find it to be the very last thing in the statement. It counts only at the end: anywhere else it may be
-- text that a visitor typed. FETCH and COMMIT carry no comment of their own, nor has the end of a transaction under the extended
-- protocol any text; so there, and only there, the one last seen in this transaction stands. Without any, the writer is outside the
-- application: the session itself is named, in one context a transaction.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_header_v1() RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    query text := current_query();
    tail text := split_part(query, '/*audit:', -1);
    ends integer := strpos(tail, '*/');
    header text;
BEGIN
    IF ends > 37 AND substr(tail, 37, 1) = ':' AND octet_length(tail) < octet_length(query)
       AND substr(tail, ends + 2) ~ '^(\s|;|/\*([^*]|\*+[^*/])*\*+/)*$' THEN
        RETURN set_config('audit_plugin.context', left(tail, ends - 1), true);
    END IF;
    IF query IS NULL OR query ~* '^\s*(fetch|move|close|commit|end|prepare\s+transaction)\y' THEN
        header := nullif(current_setting('audit_plugin.context', true), '');
    END IF;
    RETURN coalesce(header, {schema}.audit_plugin_session_header_v1());
END
$audit$;

-- The header of a writer outside the application: an id that is the same all through one transaction, and the role that logged in.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_session_header_v1() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $audit$
    SELECT encode(
        int8send((floor(extract(epoch FROM transaction_timestamp()) * 1000)::bigint << 16) | 28672)
        || set_byte(id, 0, (get_byte(id, 0) & 63) | 128), 'hex')::uuid
        || ':' || translate(encode(convert_to('role:' || session_user, 'UTF8'), 'base64'), E'\n', '') || ':::'
    FROM (SELECT substr(sha256(convert_to(concat_ws(':', pg_backend_pid(), pg_current_xact_id()::text,
                                                    transaction_timestamp()::text), 'UTF8')), 1, 8) AS id) AS drawn
$audit$;

-- Not STRICT: that would keep it from being inlined.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_text_v1(encoded text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $audit$
    SELECT nullif(pg_catalog.convert_from(pg_catalog.decode(encoded, 'base64'), 'UTF8'), '')
$audit$;

-- All that the entries of one statement have in common. The context's id is the application's with the last 4 bytes replaced by those
-- of this session: two connections of one request that wrote the same context row would wait for each other's transaction,
-- for ever if the one waits for the other in the application as well. `prefix` is the first 12 bytes of their ids: version 7 (RFC 9562, section
-- 5.7) with 12 bits below the millisecond and 30 random ones; the last 4 are the entry's `seq`, so ids within a statement
-- keep the order in which it was written and two can't be the same.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_event_v1(
    OUT header text, OUT context_id uuid, OUT actor_id text, OUT tenant text, OUT restored_from uuid,
    OUT occurred_at timestamptz, OUT prefix bytea)
LANGUAGE plpgsql AS $audit$
DECLARE
    -- The mark in front makes a statement without our comment look like one with something behind it.
    tail text := split_part('*/' || current_query(), '/*audit:', -1);
BEGIN
    header := CASE WHEN strpos(tail, '*/') = octet_length(tail) - 1 AND substr(tail, 37, 1) = ':'
                   THEN set_config('audit_plugin.context', left(tail, -2), true)
                   ELSE {schema}.audit_plugin_header_v1() END;
    context_id := left(header, 28) || lpad(to_hex(pg_backend_pid()), 8, '0');
    actor_id := {schema}.audit_plugin_text_v1(split_part(header, ':', 2));
    tenant := {schema}.audit_plugin_text_v1(split_part(header, ':', 3));
    restored_from := nullif(split_part(header, ':', 4), '');
    occurred_at := clock_timestamp();
    -- extract() computes in numeric and gen_random_uuid() asks the operating system: both cost ten times what these do. The random
    -- bits need not be secret, and two entries differ by `seq` already.
    prefix := int8send((date_part('epoch', occurred_at) * 1000000)::bigint / 1000 << 16 | 28672
                       | date_part('microseconds', occurred_at)::bigint % 1000 * 4096 / 1000)
              || int4send((random() * 1073741823)::integer | (1 << 31));
END
$audit$;

CREATE OR REPLACE FUNCTION {schema}.audit_plugin_entry_id_v1(prefix bytea, seq bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $audit$
    SELECT pg_catalog.encode(prefix || pg_catalog.substr(pg_catalog.int8send(seq), 5), 'hex')::uuid
$audit$;

-- Writes the context of a header once in a session. Facts of the session come from the database itself, whatever the application says.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_context_v1(context_id uuid, header text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $audit$
DECLARE
    said jsonb := {schema}.audit_plugin_text_v1(split_part(header, ':', 5));
BEGIN
    IF said IS NULL THEN
        said := jsonb_build_object('actor_kind', 'role', 'source', 'sql', 'actor_label', session_user,
                                   'actor_id', 'role:' || session_user);
    END IF;
    INSERT INTO {schema}.audit_plugin_context (
        id, actor_kind, actor_id, actor_label, actor_email, impersonator_id, impersonator_label, executor, source, name, url,
        method, ip, user_agent, request_id, event_id, db_role, client_address, application_name, metadata)
    VALUES (
        context_id, coalesce(said->>'actor_kind', 'anonymous'), said->>'actor_id', said->>'actor_label',
        said->>'actor_email', said->>'impersonator_id', said->>'impersonator_label', said->>'executor',
        coalesce(said->>'source', 'process'), said->>'name', said->>'url', said->>'method', (said->>'ip')::inet,
        said->>'user_agent', said->>'request_id', (said->>'event_id')::uuid, session_user, inet_client_addr(),
        nullif(current_setting('application_name'), ''), said->'metadata')
    ON CONFLICT DO NOTHING;
END
$audit$;
