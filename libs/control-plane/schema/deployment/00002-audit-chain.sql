-- Each audit row vouches for all before it: a number without gaps, and a SHA-256 over the hash of the row before and its
-- own content. By trigger, so that an older process beside a newer one chains too.
ALTER TABLE control_plane.audit_log ADD COLUMN seq bigint, ADD COLUMN hash bytea;

-- A field as it goes into the hash: its length in bytes and a colon before it, so that no two rows can read alike.
CREATE FUNCTION control_plane.audit_field(value text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT coalesce(pg_catalog.octet_length(pg_catalog.convert_to(value, 'UTF8')) || ':' || value, '-') $$;

CREATE FUNCTION control_plane.audit_hash(previous bytea, entry control_plane.audit_log) RETURNS bytea
LANGUAGE sql STABLE
AS $$ SELECT pg_catalog.sha256(previous || pg_catalog.convert_to(
    control_plane.audit_field(entry.seq::text) || control_plane.audit_field(entry.id::text)
    || control_plane.audit_field(pg_catalog.to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || control_plane.audit_field(entry.actor) || control_plane.audit_field(entry.key_id::text)
    || control_plane.audit_field(entry.request_id) || control_plane.audit_field(entry.action)
    || control_plane.audit_field(entry.subject_type) || control_plane.audit_field(entry.subject)
    || control_plane.audit_field(entry.detail::text), 'UTF8')) $$;

-- The rows that are there, in the order they came.
DO $$
DECLARE
    previous bytea := pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex');
    number bigint := 0;
    entry control_plane.audit_log;
BEGIN
    FOR entry IN SELECT * FROM control_plane.audit_log ORDER BY id LOOP
        number := number + 1;
        entry.seq := number;
        previous := control_plane.audit_hash(previous, entry);
        UPDATE control_plane.audit_log SET seq = number, hash = previous WHERE id = entry.id;
    END LOOP;
END $$;

ALTER TABLE control_plane.audit_log ALTER COLUMN seq SET NOT NULL, ALTER COLUMN hash SET NOT NULL;
CREATE UNIQUE INDEX audit_log_seq ON control_plane.audit_log (seq);

-- One writer at a time, from here to its commit: the next one reads the row that this one leaves. The lock's key is the
-- first eight bytes of SHA-256('postgres-manager audit'), shifted right by one bit. Volatile, so that the SELECT after
-- the lock sees what was committed while it was waited for, and the rows before this one of the same statement.
CREATE FUNCTION control_plane.chain_audit_row() RETURNS trigger
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    previous record;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(4117215396847366619);
    SELECT seq, hash INTO previous FROM control_plane.audit_log ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(previous.seq, 0) + 1;
    NEW.hash := control_plane.audit_hash(coalesce(previous.hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex')), NEW);
    RETURN NEW;
END $$;

CREATE TRIGGER audit_log_chain BEFORE INSERT ON control_plane.audit_log
    FOR EACH ROW EXECUTE FUNCTION control_plane.chain_audit_row();

-- An honest mistake is refused; whoever takes this trigger away first is found out by the chain.
CREATE FUNCTION control_plane.keep_audit_log() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'The audit log only grows: % of its rows is refused.', lower(TG_OP)
        USING HINT = 'Nothing was changed. Each row vouches for those before it; see docs/operations.md.';
END $$;

CREATE TRIGGER audit_log_keep BEFORE UPDATE OR DELETE ON control_plane.audit_log
    FOR EACH ROW EXECUTE FUNCTION control_plane.keep_audit_log();
CREATE TRIGGER audit_log_keep_all BEFORE TRUNCATE ON control_plane.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION control_plane.keep_audit_log();
