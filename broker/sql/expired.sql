-- Runs whose leases are lost. $1 how many
SELECT id, run_token, document_id FROM tasks
WHERE state = 'running' AND lease_until <= now() AND NOT lease_stands(lease_until)
ORDER BY lease_until LIMIT $1
