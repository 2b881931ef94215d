-- Who may come in. Secrets are random and long, so a plain hash of one cannot be turned back and needs no salt.

CREATE TABLE api_keys (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    hash          bytea NOT NULL UNIQUE,
    scopes        text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    -- A revoked key stays: with the first key ever made the doors are closed, and losing the last one does not open them.
    revoked_at    timestamptz
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;

-- A person who showed a key to a page. Ends with the key.
CREATE TABLE sessions (
    hash          bytea PRIMARY KEY,
    key_id        uuid NOT NULL REFERENCES api_keys,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);
