-- Claims the named tasks, as far as they are still ready and their queues are not paused.
-- $1 ids, $2 queues of the worker, $3 worker, $4 lease in seconds
WITH picked AS (
    SELECT t.id FROM tasks t
    WHERE t.id = ANY($1) AND t.state = 'ready' AND t.queue = ANY($2)
      AND NOT EXISTS (SELECT FROM queues q WHERE q.name = t.queue AND q.paused_at IS NOT NULL)
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
