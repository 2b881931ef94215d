-- Those of these keys that are in force. $1 ids
SELECT id FROM api_keys WHERE id = ANY ($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
