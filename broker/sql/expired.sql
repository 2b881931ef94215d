SELECT id, run_token, document_id FROM tasks WHERE state = 'running' AND lease_until <= now() ORDER BY lease_until LIMIT $1
