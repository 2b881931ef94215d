-- The key in force that has this secret. $1 hash
SELECT id, name, scopes, created_by, created_at, projects, expires_at, last_used_at, revoked_at
FROM api_keys
WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
