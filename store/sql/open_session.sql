-- $1 hash, $2 key, $3 lifetime in seconds
INSERT INTO sessions (hash, key_id, expires_at)
VALUES ($1, $2, now() + make_interval(secs => $3))
