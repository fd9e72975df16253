-- A person's answer about an interrupted file, carried by the deployment that is to enter it in the target's ledger:
-- {"file", "outcome": "applied" | "not-applied", "evidence": what the person was shown}. Null for all other deployments.
ALTER TABLE control_plane.deployments ADD COLUMN resolution jsonb;

-- Those that settle a given one: a second answer has to see the first.
CREATE INDEX deployments_resolving ON control_plane.deployments (retry_of) WHERE resolution IS NOT NULL;
