-- The key in force that opened this session, unless the session has expired. $1 hash
SELECT k.id, k.name, k.scopes, k.created_by, k.created_at, k.projects, k.expires_at, k.last_used_at, k.revoked_at
FROM sessions s
JOIN api_keys k ON k.id = s.key_id
WHERE s.hash = $1 AND s.expires_at > now()
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
