-- Rollouts: one request over many targets, in waves.
--
-- The numbers that a rollout is steered by are kept, not counted: what is done when a deployment of it ends is the same
-- work for ten targets and for ten thousand.

CREATE TABLE control_plane.rollouts (
    id                       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seq                      bigint GENERATED ALWAYS AS IDENTITY,
    mode                     text NOT NULL CHECK (mode IN ('create', 'deployment', 'manual-deployment')),
    -- What its next deployments bring. A resume may name another one: `bundles` tells which there were.
    bundle_digest            text NOT NULL REFERENCES control_plane.bundles,
    bundles                  jsonb NOT NULL,
    dry_run                  boolean NOT NULL,
    priority                 integer NOT NULL,
    -- awaiting_approval is kept free for approvals, which there are none of yet.
    status                   text NOT NULL CHECK (status IN
        ('awaiting_approval', 'scheduled', 'running', 'pausing', 'paused', 'stopping', 'stopped', 'cancelling', 'cancelled',
         'succeeded', 'failed')),
    -- Who or what brought it there, where that is to be known: {by, at, reason}.
    status_reason            jsonb,
    -- What was asked for, to be shown: selector, waves, failureBudget.
    request                  jsonb NOT NULL,
    max_parallel             integer NOT NULL,
    max_parallel_per_server  integer NOT NULL,
    -- As many targets may fail between one resume and the next.
    failure_budget           integer NOT NULL,
    -- Between waves: {kind: 'auto'}, {kind: 'manual'} or {kind: 'seconds', seconds}.
    between_waves            jsonb NOT NULL,
    not_before               timestamptz,
    -- {days, from, to, timeZone}: nothing starts outside it.
    run_window               jsonb,
    target_count             integer NOT NULL,
    -- Labels that all of its targets had at creation: a key that is limited to some of these may see it.
    common_labels            jsonb NOT NULL,
    -- The last wave that was opened, and the last that a person has let go.
    open_wave                integer NOT NULL DEFAULT 1,
    promoted_wave            integer NOT NULL DEFAULT 1,
    -- When the next wave opens, where that is a matter of time.
    gate_opens_at            timestamptz,
    -- Failures since the last resume: what the budget is held against.
    failures                 integer NOT NULL DEFAULT 0,
    -- How long targets took: {bucket: count} over a scale of growing steps.
    durations                jsonb NOT NULL DEFAULT '{}',
    -- What it waits for, as the last move saw it.
    waiting                  jsonb,
    -- When it is to be looked at without anybody telling.
    look_at                  timestamptz,
    created_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by               text NOT NULL,
    key_id                   uuid,
    request_id               text,
    trace_parent             text,
    started_at               timestamptz,
    finished_at              timestamptz,
    -- Since when it goes on without a stop: what its pace is reckoned from.
    moving_since             timestamptz,
    last_event               integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE INDEX rollouts_newest ON control_plane.rollouts (created_at DESC, seq DESC);
CREATE INDEX rollouts_unfinished ON control_plane.rollouts (status)
    WHERE status NOT IN ('succeeded', 'failed', 'cancelled');
CREATE INDEX rollouts_to_look_at ON control_plane.rollouts (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE control_plane.rollout_waves (
    rollout_id       uuid NOT NULL REFERENCES control_plane.rollouts,
    number           integer NOT NULL,
    -- As it was asked for: {count}, {percent}, {selector} or "rest".
    selection        jsonb NOT NULL,
    total            integer NOT NULL,
    pending          integer NOT NULL,
    started          integer NOT NULL DEFAULT 0,
    succeeded        integer NOT NULL DEFAULT 0,
    failed           integer NOT NULL DEFAULT 0,
    needs_attention  integer NOT NULL DEFAULT 0,
    cancelled        integer NOT NULL DEFAULT 0,
    skipped          integer NOT NULL DEFAULT 0,
    started_at       timestamptz,
    finished_at      timestamptz,
    PRIMARY KEY (rollout_id, number)
) WITH (fillfactor = 50);

-- How many of a server's targets are under way, beside how many of them wait in each wave.
CREATE TABLE control_plane.rollout_servers (
    rollout_id  uuid NOT NULL REFERENCES control_plane.rollouts,
    server      text NOT NULL,
    wave        integer NOT NULL,
    pending     integer NOT NULL,
    -- In all waves together.
    started     integer NOT NULL DEFAULT 0,
    most        integer NOT NULL,
    has_room    boolean GENERATED ALWAYS AS (pending > 0 AND started < most) STORED,
    PRIMARY KEY (rollout_id, server, wave)
) WITH (fillfactor = 50);
CREATE INDEX rollout_servers_with_room ON control_plane.rollout_servers (rollout_id, wave, started, server) WHERE has_room;

CREATE TABLE control_plane.rollout_targets (
    rollout_id     uuid NOT NULL REFERENCES control_plane.rollouts,
    target_id      uuid NOT NULL REFERENCES control_plane.targets,
    target_name    text NOT NULL,
    -- host:port, or for a DSN from the environment a name of its own.
    server         text NOT NULL,
    wave           integer NOT NULL,
    -- The order in which they come, over all waves.
    position       integer NOT NULL,
    state          text NOT NULL DEFAULT 'pending' CHECK (state IN
        ('pending', 'started', 'succeeded', 'failed', 'needs_attention', 'cancelled', 'skipped')),
    -- How many deployments it has had in this rollout, and which is the latest.
    try            integer NOT NULL DEFAULT 0,
    deployment_id  uuid REFERENCES control_plane.deployments,
    -- Of a skipped one: {by, reason}.
    skip           jsonb,
    finished_at    timestamptz,
    -- False from the end of its deployment until a move has taken note of it.
    noted          boolean NOT NULL DEFAULT true,
    PRIMARY KEY (rollout_id, target_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX rollout_targets_order ON control_plane.rollout_targets (rollout_id, position);
CREATE INDEX rollout_targets_pending ON control_plane.rollout_targets (rollout_id, wave, server, position)
    WHERE state = 'pending';
CREATE INDEX rollout_targets_started ON control_plane.rollout_targets (rollout_id) WHERE state = 'started';
CREATE INDEX rollout_targets_amiss ON control_plane.rollout_targets (rollout_id)
    WHERE state IN ('failed', 'needs_attention', 'cancelled');
CREATE INDEX rollout_targets_finished ON control_plane.rollout_targets (rollout_id, finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX rollout_targets_unnoted ON control_plane.rollout_targets (rollout_id) WHERE NOT noted;

-- What happened with a rollout, in order: `number` counts within it without a gap.
CREATE TABLE control_plane.rollout_events (
    rollout_id  uuid NOT NULL REFERENCES control_plane.rollouts,
    number      integer NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    type        text NOT NULL,
    data        jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (rollout_id, number)
);

CREATE TABLE control_plane.rollout_idempotency_keys (
    owner        text NOT NULL,
    key          text NOT NULL,
    body_sha256  bytea NOT NULL,
    rollout_id   uuid NOT NULL REFERENCES control_plane.rollouts,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
);

-- Which of a target's deployments in a rollout it is: each is started once, whoever starts it and how often.
ALTER TABLE control_plane.deployments ADD COLUMN rollout_try integer;
CREATE UNIQUE INDEX deployments_once_in_rollout ON control_plane.deployments (rollout_id, target_id, rollout_try)
    WHERE rollout_id IS NOT NULL;

-- Whoever ends a deployment, an older process too, tells its rollout in the same transaction. The rollout's own row is
-- not touched: those who end deployments don't wait for each other.
CREATE FUNCTION control_plane.note_rollout_target() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE control_plane.rollout_targets SET state = NEW.status, finished_at = NEW.finished_at, noted = false
    WHERE rollout_id = NEW.rollout_id AND target_id = NEW.target_id AND deployment_id = NEW.id AND state = 'started';
    RETURN NULL;
END $$;
CREATE TRIGGER deployments_note_rollout_target AFTER UPDATE OF status ON control_plane.deployments
    FOR EACH ROW WHEN (NEW.rollout_id IS NOT NULL AND NEW.status IN ('succeeded', 'failed', 'cancelled', 'needs_attention'))
    EXECUTE FUNCTION control_plane.note_rollout_target();

-- While one stands, nothing is started on targets that have its labels; with no labels on none at all.
CREATE TABLE control_plane.freezes (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    labels      jsonb NOT NULL,
    reason      text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by  text NOT NULL,
    lifted_at   timestamptz,
    lifted_by   text
);
CREATE INDEX freezes_standing ON control_plane.freezes (created_at) WHERE lifted_at IS NULL;
