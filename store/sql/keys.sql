-- Every key, those in force first, then newest first.
SELECT id, name, scopes, created_by, created_at, projects, expires_at, last_used_at, revoked_at
FROM api_keys
ORDER BY revoked_at IS NOT NULL, created_at DESC, id
