-- Records that a key was used, but at most once a minute, to avoid a write for each request. $1 id
UPDATE api_keys
SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
