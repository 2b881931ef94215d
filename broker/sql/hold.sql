-- Locks a running task for its ending. $3: true for the holder of a standing lease, false for the reaper of one run out.
SELECT id, queue, kind, policy, urgent, rank, flow, document_id, stage, version, attempts, crashes, timeouts, cancel, payload
FROM tasks
WHERE id = $1 AND run_token = $2 AND state = 'running' AND (lease_until > now()) = $3
FOR UPDATE
