-- Claims the most urgent ready tasks of one queue. This is the poll, which needs no Redis.
-- $1 queue, $2 how many, $3 worker, $4 lease in seconds
WITH picked AS (
    SELECT t.id FROM tasks t
    WHERE t.queue = $1 AND t.state = 'ready'
      AND NOT EXISTS (SELECT FROM queues q WHERE q.name = $1 AND q.paused_at IS NOT NULL)
    ORDER BY t.urgent DESC, t.rank, t.id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE tasks t
    SET state = 'running', attempts = t.attempts + 1, run_token = gen_random_uuid(), worker_id = $3,
        lease_until = now() + make_interval(secs => $4), started_at = coalesce(t.started_at, now()),
        progress_done = NULL
    FROM picked WHERE t.id = picked.id
    RETURNING t.*
), run AS (
    INSERT INTO attempts (run_token, task_id, number, worker_id) SELECT run_token, id, attempts, worker_id FROM claimed
)
SELECT id, queue, kind, payload, policy, urgent, rank, flow, document_id, version, attempts, run_token, trace_id FROM claimed
