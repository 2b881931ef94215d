-- Locks a running task whose lease is lost. Skips a task that its worker is ending at this moment. $1 id, $2 token
SELECT id, queue, kind, policy, urgent, rank, flow, document_id, stage, version, attempts, crashes, timeouts, cancel, payload, trace_id
FROM tasks
WHERE id = $1 AND run_token = $2 AND state = 'running' AND NOT lease_stands(lease_until)
FOR UPDATE SKIP LOCKED
