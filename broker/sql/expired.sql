-- Runs whose leases are lost. $1 how many
SELECT id, run_token, document_id, queue, kind, attempts, trace_id FROM tasks
WHERE state = 'running' AND lease_until <= now() AND NOT lease_stands(lease_until)
ORDER BY lease_until LIMIT $1
