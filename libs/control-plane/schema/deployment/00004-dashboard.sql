-- What is looked at over time has an index in the order of time.

-- How deep the queue was: the deployments that ended behind a moment, and those that have not ended.
CREATE INDEX deployments_finished ON control_plane.deployments (finished_at) WHERE finished_at IS NOT NULL;

-- Bundles, newest first.
CREATE INDEX bundles_newest ON control_plane.bundles (created_at DESC, digest DESC);
