-- Webhooks: who is to be told of changes, and what they are still to be told. By trigger, in the transaction of the
-- change itself, so that nothing is lost and an older process beside a newer one tells too. Without any webhook all
-- that is done is to look at an empty table.

CREATE TABLE control_plane.webhooks (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    url                     text NOT NULL,
    description             text,
    -- `*`, `deployment.*`, `deployment.failed`.
    events                  text[] NOT NULL,
    -- Only what concerns targets that have all of these; empty: everything.
    labels                  jsonb NOT NULL DEFAULT '{}',
    -- What its messages are signed with, sealed; and the one before, which signs beside it for a while.
    secret                  bytea,
    secret_key_id           text,
    previous_secret         bytea,
    previous_secret_key_id  text,
    previous_until          timestamptz,
    -- {at, by, reason}; null while it is on.
    disabled                jsonb,
    -- Failures since the last success, since when, and until when nothing more is tried.
    failures                integer NOT NULL DEFAULT 0,
    failing_since           timestamptz,
    rests_until             timestamptz,
    last_success_at         timestamptz,
    last_failure            jsonb,
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by              text NOT NULL,
    updated_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Removed ones stay, so that a change that is being told to them meanwhile does not fail; their secrets go.
    removed_at              timestamptz,
    CONSTRAINT webhooks_secret CHECK ((removed_at IS NULL) = (secret IS NOT NULL)),
    CONSTRAINT webhooks_key_id CHECK ((secret IS NULL) = (secret_key_id IS NULL)),
    CONSTRAINT webhooks_previous CHECK ((previous_secret IS NULL) = (previous_secret_key_id IS NULL)
        AND (previous_secret IS NULL) = (previous_until IS NULL))
) WITH (fillfactor = 50);

-- One message to one webhook, with all that became of it.
CREATE TABLE control_plane.webhook_deliveries (
    -- Goes out as `webhook-id`, with each try the same.
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seq              bigint GENERATED ALWAYS AS IDENTITY,
    webhook_id       uuid NOT NULL REFERENCES control_plane.webhooks,
    type             text NOT NULL,
    -- The very bytes that are signed and sent.
    body             text NOT NULL,
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- Tries since it was made or last sent again by hand.
    tries            integer NOT NULL DEFAULT 0,
    -- When it may be tried next. A worker that takes it moves this ahead: that is its lease.
    next_attempt_at  timestamptz DEFAULT clock_timestamp(),
    -- Goes up whenever it is taken or sent again: what an earlier holder still writes finds no row.
    epoch            integer NOT NULL DEFAULT 0,
    -- The latest tries: {at, status, error, answer, durationMs}.
    attempts         jsonb NOT NULL DEFAULT '[]',
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    CONSTRAINT webhook_deliveries_finished CHECK ((status = 'pending') = (finished_at IS NULL)),
    CONSTRAINT webhook_deliveries_next CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX webhook_deliveries_due ON control_plane.webhook_deliveries (webhook_id, next_attempt_at, seq)
    WHERE status = 'pending';
CREATE INDEX webhook_deliveries_newest ON control_plane.webhook_deliveries (webhook_id, seq DESC);
CREATE INDEX webhook_deliveries_of_status ON control_plane.webhook_deliveries (webhook_id, status, seq DESC);
CREATE INDEX webhook_deliveries_kept ON control_plane.webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE FUNCTION control_plane.webhook_time(at timestamptz) RETURNS text
LANGUAGE sql STABLE
AS $$ SELECT pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- Puts a message into the queue of each webhook that is on, asked for events of that type, and whose labels are among
-- those that are given.
CREATE FUNCTION control_plane.tell_webhooks(event text, target_labels jsonb, message_data json) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO control_plane.webhook_deliveries (webhook_id, type, body)
    SELECT w.id, event, pg_catalog.json_build_object(
        'type', event, 'timestamp', control_plane.webhook_time(pg_catalog.clock_timestamp()), 'data', message_data)::text
    FROM control_plane.webhooks w
    WHERE w.disabled IS NULL AND w.removed_at IS NULL AND target_labels @> w.labels
      AND w.events && ARRAY['*', pg_catalog.split_part(event, '.', 1) || '.*', event]
$$;

-- Of a failure only what says what is wrong: no source line, no evidence.
CREATE FUNCTION control_plane.webhook_failure(failure jsonb) RETURNS json
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN failure IS NULL THEN NULL ELSE pg_catalog.json_build_object(
        'code', failure -> 'code', 'message', pg_catalog.left(failure ->> 'message', 2000), 'file', failure -> 'file',
        'line', failure -> 'line', 'column', failure -> 'column', 'sqlstate', failure -> 'sqlstate') END
$$;

CREATE FUNCTION control_plane.tell_of_deployment() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM control_plane.webhooks w WHERE w.disabled IS NULL AND w.removed_at IS NULL) THEN
        PERFORM control_plane.tell_webhooks('deployment.' || NEW.status, t.labels, pg_catalog.json_build_object(
            'id', NEW.id, 'target', NEW.target_name, 'mode', NEW.mode, 'bundle', NEW.bundle_digest,
            'dryRun', NEW.dry_run, 'status', NEW.status, 'failure', control_plane.webhook_failure(NEW.failure),
            'rollout', NEW.rollout_id, 'retryOf', NEW.retry_of, 'createdBy', NEW.created_by,
            'createdAt', control_plane.webhook_time(NEW.created_at),
            'startedAt', control_plane.webhook_time(NEW.started_at),
            'finishedAt', control_plane.webhook_time(NEW.finished_at),
            'href', '/v1/deployments/' || NEW.id))
        FROM control_plane.targets t WHERE t.id = NEW.target_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER deployments_tell_entered AFTER INSERT ON control_plane.deployments
    FOR EACH ROW EXECUTE FUNCTION control_plane.tell_of_deployment();
-- Not of one that goes back into the line for another attempt, nor of that attempt's begin: one that waits for a busy
-- target does so many times.
CREATE TRIGGER deployments_tell_status AFTER UPDATE OF status ON control_plane.deployments
    FOR EACH ROW WHEN (NEW.status <> OLD.status
        AND NOT (NEW.status = 'queued' AND OLD.status IN ('running', 'cancelling'))
        AND NOT (NEW.status = 'running' AND OLD.started_at IS NOT NULL))
    EXECUTE FUNCTION control_plane.tell_of_deployment();

CREATE FUNCTION control_plane.tell_of_rollout() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM control_plane.webhooks w WHERE w.disabled IS NULL AND w.removed_at IS NULL) THEN
        PERFORM control_plane.tell_webhooks('rollout.' || NEW.status, NEW.common_labels, pg_catalog.json_build_object(
            'id', NEW.id, 'mode', NEW.mode, 'bundle', NEW.bundle_digest, 'dryRun', NEW.dry_run, 'status', NEW.status,
            'reason', NEW.status_reason ->> 'reason', 'targets', NEW.target_count,
            -- Null at its creation, when its waves are yet to be written.
            'counts', (SELECT pg_catalog.json_build_object('pending', sum(v.pending), 'started', sum(v.started),
                    'succeeded', sum(v.succeeded), 'failed', sum(v.failed), 'needsAttention', sum(v.needs_attention),
                    'cancelled', sum(v.cancelled), 'skipped', sum(v.skipped))
                FROM control_plane.rollout_waves v WHERE v.rollout_id = NEW.id HAVING count(*) > 0),
            'createdBy', NEW.created_by, 'createdAt', control_plane.webhook_time(NEW.created_at),
            'startedAt', control_plane.webhook_time(NEW.started_at),
            'finishedAt', control_plane.webhook_time(NEW.finished_at),
            'href', '/v1/rollouts/' || NEW.id));
    END IF;
    RETURN NULL;
END $$;

-- One without a time is entered as scheduled, and begins within the same transaction: nobody ever sees it like that.
CREATE TRIGGER rollouts_tell_entered AFTER INSERT ON control_plane.rollouts
    FOR EACH ROW WHEN (NEW.status <> 'scheduled' OR NEW.not_before > clock_timestamp())
    EXECUTE FUNCTION control_plane.tell_of_rollout();
CREATE TRIGGER rollouts_tell_status AFTER UPDATE OF status ON control_plane.rollouts
    FOR EACH ROW WHEN (NEW.status <> OLD.status)
    EXECUTE FUNCTION control_plane.tell_of_rollout();
