-- Locks a running task for its ending by the holder of its lease.
SELECT id, queue, kind, policy, urgent, rank, flow, document_id, stage, version, attempts, crashes, timeouts, cancel, payload, trace_id
FROM tasks
WHERE id = $1 AND run_token = $2 AND state = 'running' AND lease_stands(lease_until)
FOR UPDATE
