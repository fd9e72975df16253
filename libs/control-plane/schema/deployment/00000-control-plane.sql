-- The control database of Postgres Manager: who wants what on which target, and what became of it.
--
-- Deployed by the service itself when it starts. Later files only ever add (columns with defaults, tables, indexes):
-- an older process may run beside a newer one until the last of them is replaced.

CREATE SCHEMA control_plane;

-- One Postgres database under a name. Removed ones stay, for the history that refers to them; their name is free again.
CREATE TABLE control_plane.targets (
    id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name                  text NOT NULL,
    labels                jsonb NOT NULL DEFAULT '{}',
    -- Where the DSN is: encrypted here, or in the environment of the workers under this name.
    secret                bytea,
    secret_key_id         text,
    dsn_env               text,
    -- What may be shown of the DSN. Unknown for one from the environment until a worker has resolved it.
    host                  text,
    port                  integer,
    database_name         text,
    user_name             text,
    tls                   text,
    accept_pooler         boolean NOT NULL DEFAULT false,
    lock_timeout_ms       integer,
    statement_timeout_ms  integer,
    -- Which database it was when it was last worked on, and whether an admin has said that it may be another now.
    system_identifier     text,
    identity_database     text,
    accept_identity       boolean NOT NULL DEFAULT false,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    removed_at            timestamptz,
    CONSTRAINT targets_one_source CHECK (removed_at IS NOT NULL OR (secret IS NULL) <> (dsn_env IS NULL)),
    CONSTRAINT targets_key_id CHECK ((secret IS NULL) = (secret_key_id IS NULL))
);
CREATE UNIQUE INDEX targets_name ON control_plane.targets (name) WHERE removed_at IS NULL;
CREATE INDEX targets_labels ON control_plane.targets USING gin (labels jsonb_path_ops) WHERE removed_at IS NULL;

-- The target's ledger as a worker last saw it: a copy to look at, never to decide by.
CREATE TABLE control_plane.target_ledgers (
    target_id       uuid PRIMARY KEY REFERENCES control_plane.targets,
    create_state    text NOT NULL,
    server_version  text NOT NULL,
    files           jsonb NOT NULL,
    -- Drawn from the files, for lists of targets.
    applied         integer NOT NULL,
    last_file       jsonb,
    read_at         timestamptz NOT NULL DEFAULT now()
);

-- Immutable snapshots of the three folders. A file's bytes are kept once, however many bundles hold it.
CREATE TABLE control_plane.bundles (
    digest      text PRIMARY KEY,
    problems    jsonb NOT NULL,
    file_count  integer NOT NULL,
    size_bytes  bigint NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL
);
CREATE TABLE control_plane.file_contents (
    sha256   text PRIMARY KEY,
    content  bytea NOT NULL
);
CREATE TABLE control_plane.bundle_files (
    bundle_digest  text NOT NULL REFERENCES control_plane.bundles,
    path           text NOT NULL,
    sha256         text NOT NULL REFERENCES control_plane.file_contents,
    size_bytes     bigint NOT NULL,
    PRIMARY KEY (bundle_digest, path)
);

-- One request to bring one target to one bundle in one mode.
CREATE TABLE control_plane.deployments (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- First come, first served: the place in the target's line among equal priorities.
    seq                  bigint GENERATED ALWAYS AS IDENTITY,
    target_id            uuid NOT NULL REFERENCES control_plane.targets,
    target_name          text NOT NULL,
    mode                 text NOT NULL CHECK (mode IN ('create', 'deployment', 'manual-deployment')),
    bundle_digest        text NOT NULL REFERENCES control_plane.bundles,
    dry_run              boolean NOT NULL DEFAULT false,
    on_error             text NOT NULL DEFAULT 'stop' CHECK (on_error IN ('stop', 'continue')),
    priority             integer NOT NULL DEFAULT 0,
    not_before           timestamptz,
    status               text NOT NULL CHECK (status IN
        ('scheduled', 'queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'needs_attention')),
    -- Goes up whenever the row changes hands: what an earlier holder still writes finds no row.
    epoch                integer NOT NULL DEFAULT 0,
    worker_id            uuid,
    lease_expires_at     timestamptz,
    -- Failed attempts so far that counted, and when the next may begin.
    tries                integer NOT NULL DEFAULT 0,
    next_attempt_at      timestamptz,
    -- Why it does not move, where only the worker that handed it back can tell.
    waiting              jsonb,
    -- What the run ended with: the summary of its report, and its failure.
    summary              jsonb,
    failure              jsonb,
    retry_of             uuid REFERENCES control_plane.deployments,
    rollout_id           uuid,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by           text NOT NULL,
    key_id               uuid,
    request_id           text,
    trace_parent         text,
    started_at           timestamptz,
    finished_at          timestamptz,
    cancel_requested_at  timestamptz,
    cancel_requested_by  text,
    -- The number of the latest attempt, and of the latest event.
    attempt              integer NOT NULL DEFAULT 0,
    last_event           integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- At most one of a target runs, whatever a program may think.
CREATE UNIQUE INDEX deployments_one_runs ON control_plane.deployments (target_id)
    WHERE status IN ('running', 'cancelling');
CREATE INDEX deployments_line ON control_plane.deployments (target_id, priority DESC, seq)
    WHERE status IN ('scheduled', 'queued');
CREATE INDEX deployments_unfinished ON control_plane.deployments (seq)
    WHERE status IN ('scheduled', 'queued', 'running', 'cancelling');
-- Newest first, by any mixture of filters. By the target's name: its history outlives its registration.
CREATE INDEX deployments_newest ON control_plane.deployments (created_at DESC, seq DESC);
CREATE INDEX deployments_of_target ON control_plane.deployments (target_name, created_at DESC, seq DESC);
CREATE INDEX deployments_of_target_status ON control_plane.deployments (target_name, status, created_at DESC, seq DESC);
CREATE INDEX deployments_of_target_mode ON control_plane.deployments (target_name, mode, created_at DESC, seq DESC);
CREATE INDEX deployments_of_status ON control_plane.deployments (status, created_at DESC, seq DESC);
CREATE INDEX deployments_of_mode ON control_plane.deployments (mode, created_at DESC, seq DESC);
CREATE INDEX deployments_of_mode_status ON control_plane.deployments (mode, status, created_at DESC, seq DESC);
CREATE INDEX deployments_of_rollout ON control_plane.deployments (rollout_id, created_at DESC, seq DESC)
    WHERE rollout_id IS NOT NULL;
CREATE INDEX deployments_of_bundle ON control_plane.deployments (bundle_digest, created_at DESC, seq DESC);

-- Each time a worker took a deployment in hand. Waiting for the target's lock again and again is one attempt.
CREATE TABLE control_plane.attempts (
    deployment_id   uuid NOT NULL REFERENCES control_plane.deployments,
    number          integer NOT NULL,
    epoch           integer NOT NULL,
    worker_id       uuid NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at     timestamptz,
    -- null while it runs; waiting: the target's lock was not to be had
    outcome         text CHECK (outcome IN
        ('succeeded', 'failed', 'cancelled', 'needs_attention', 'waiting', 'retry', 'handed_back', 'lost')),
    failure         jsonb,
    backend_pid     integer,
    server_version  text,
    lock_wait_ms    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (deployment_id, number)
);

-- Each file of the plan, as it stands.
CREATE TABLE control_plane.steps (
    deployment_id    uuid NOT NULL REFERENCES control_plane.deployments,
    path             text NOT NULL,
    position         integer NOT NULL,
    sha256           text NOT NULL,
    transactional    boolean NOT NULL,
    statement_count  integer NOT NULL,
    status           text NOT NULL CHECK (status IN
        ('planned', 'running', 'applied', 'failed', 'not_started', 'needs_attention')),
    attempt          integer NOT NULL,
    started_at       timestamptz,
    finished_at      timestamptz,
    duration_ms      double precision,
    failure          jsonb,
    PRIMARY KEY (deployment_id, path)
);

-- What happened, in order: `number` counts within a deployment without a gap.
CREATE TABLE control_plane.events (
    deployment_id  uuid NOT NULL REFERENCES control_plane.deployments,
    number         integer NOT NULL,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    type           text NOT NULL,
    data           jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (deployment_id, number)
);
CREATE UNIQUE INDEX events_id ON control_plane.events (id);

-- Keys of the API: of the secret only its SHA-256.
CREATE TABLE control_plane.api_keys (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name          text NOT NULL,
    -- The first characters, to tell keys apart by.
    prefix        text NOT NULL,
    hash          bytea NOT NULL UNIQUE,
    role          text NOT NULL CHECK (role IN ('viewer', 'deployer', 'admin')),
    -- Which targets it is for: those that have all of these labels. Empty: all.
    labels        jsonb NOT NULL DEFAULT '{}',
    expires_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    text NOT NULL,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);

CREATE TABLE control_plane.idempotency_keys (
    owner          text NOT NULL,
    key            text NOT NULL,
    body_sha256    bytea NOT NULL,
    deployment_id  uuid NOT NULL REFERENCES control_plane.deployments,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
);

-- Every change a person or a program caused, in the transaction of the change itself.
CREATE TABLE control_plane.audit_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor         text NOT NULL,
    key_id        uuid,
    request_id    text,
    action        text NOT NULL,
    subject_type  text NOT NULL,
    subject       text NOT NULL,
    detail        jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_of_subject ON control_plane.audit_log (subject_type, subject, id DESC);

CREATE TABLE control_plane.workers (
    id            uuid PRIMARY KEY,
    host          text NOT NULL,
    pid           integer NOT NULL,
    version       text NOT NULL,
    concurrency   integer NOT NULL,
    running       integer NOT NULL DEFAULT 0,
    started_at    timestamptz NOT NULL DEFAULT now(),
    heartbeat_at  timestamptz NOT NULL DEFAULT now(),
    stopped_at    timestamptz
);
