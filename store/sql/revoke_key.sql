-- Revokes a key by its id or its name. $1 id, $2 name
UPDATE api_keys
SET revoked_at = now()
WHERE (id = $1 OR name = $2) AND revoked_at IS NULL
RETURNING id, name, scopes, created_by, created_at, projects, expires_at, last_used_at, revoked_at
