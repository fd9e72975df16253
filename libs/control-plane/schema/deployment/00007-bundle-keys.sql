-- Which key brought which bundle: a key that is limited by labels sees, of the bundles that never went to a target of its
-- own, those alone. Only such keys have rows.
CREATE TABLE control_plane.bundle_keys (
    bundle_digest  text NOT NULL REFERENCES control_plane.bundles,
    key_id         uuid NOT NULL REFERENCES control_plane.api_keys ON DELETE CASCADE,
    PRIMARY KEY (bundle_digest, key_id)
);
CREATE INDEX bundle_keys_of_key ON control_plane.bundle_keys (key_id);
