-- Refuses every change of what is in the log. No setting of a session is asked: one could be forged.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_guard_v1() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Entries leave the log only through retention, which is itself logged.';
END
$audit$;

-- Guards one table of the log: the parent or a partition, since a statement fires the triggers of the table it names.
CREATE OR REPLACE FUNCTION {schema}.audit_plugin_guard_table_v1(guarded regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $audit$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = guarded AND tgname = 'audit_guard') THEN
        EXECUTE format(
            'CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION {schema}.audit_plugin_guard_v1()', guarded);
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_guard', guarded);
END
$audit$;
