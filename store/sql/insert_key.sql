-- $1 id, $2 name, $3 hash, $4 scopes, $5 made by, $6 expires at, $7 projects
-- Returns no row if a key in force has the same name.
INSERT INTO api_keys (id, name, hash, scopes, created_by, expires_at, projects)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
RETURNING id, name, scopes, created_by, created_at, projects, expires_at, last_used_at, revoked_at
