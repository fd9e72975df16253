-- Approvals: what is asked for on a protected target waits until another key says yes to the very plan that it was shown.

-- While one stands, nothing is run without an approval on the target of that name, or on those that have its labels.
CREATE TABLE control_plane.protections (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    labels       jsonb,
    target_name  text,
    reason       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by   text NOT NULL,
    lifted_at    timestamptz,
    lifted_by    text,
    CONSTRAINT protections_one_of_two CHECK ((labels IS NULL) <> (target_name IS NULL))
);
CREATE INDEX protections_standing ON control_plane.protections (created_at) WHERE lifted_at IS NULL;

-- Who approved it and what: {by, keyId, at, plan, address, basis}. Null: nobody has, or it was voided. The steps are apart,
-- for there may be thousands, and lists don't show them.
ALTER TABLE control_plane.deployments ADD COLUMN approval jsonb, ADD COLUMN approved_steps jsonb;
-- The epoch under which a worker has it that compares its plan with the approved one.
ALTER TABLE control_plane.deployments ADD COLUMN plan_check integer;

-- NOT VALID: a scan of a large table would hold up everybody, and each row there is has passed the narrower one.
ALTER TABLE control_plane.deployments DROP CONSTRAINT deployments_status_check;
ALTER TABLE control_plane.deployments ADD CONSTRAINT deployments_status_check CHECK (status IN
    ('awaiting_approval', 'scheduled', 'queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled',
     'needs_attention')) NOT VALID;

ALTER TABLE control_plane.api_keys DROP CONSTRAINT api_keys_role_check;
ALTER TABLE control_plane.api_keys ADD CONSTRAINT api_keys_role_check CHECK (role IN
    ('viewer', 'deployer', 'approver', 'admin'));

-- The approval that a target's next deployment in the rollout is given, with its steps; and whether its latest deployment waits for one,
-- as the rollout has told.
ALTER TABLE control_plane.rollout_targets ADD COLUMN approval jsonb, ADD COLUMN is_held boolean NOT NULL DEFAULT false;
-- The last wave in which nothing needed an approval any more when it was begun.
ALTER TABLE control_plane.rollouts ADD COLUMN approved_wave integer NOT NULL DEFAULT 0;

-- A worker from before approvals compares no plan. What needs an approval is not to be had for it: the row stays as it is.
CREATE FUNCTION control_plane.keep_from_older_workers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.dry_run OR NEW.approval IS NULL AND NOT EXISTS (
        SELECT FROM control_plane.protections p JOIN control_plane.targets t ON p.target_name = t.name OR t.labels @> p.labels
        WHERE p.lifted_at IS NULL AND t.id = NEW.target_id)
    THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deployments_keep_from_older_workers BEFORE UPDATE OF status ON control_plane.deployments
    FOR EACH ROW WHEN (OLD.status = 'queued' AND NEW.status = 'running' AND NEW.plan_check IS DISTINCT FROM NEW.epoch)
    EXECUTE FUNCTION control_plane.keep_from_older_workers();
