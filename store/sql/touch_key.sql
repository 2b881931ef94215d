-- Notes that a key was used, once a minute at most: a write for each request would be one too many. $1 id
UPDATE api_keys
SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
