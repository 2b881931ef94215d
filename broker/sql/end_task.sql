-- A task that becomes ready again gets the lowest rank among its queue's ready tasks: a place in the round now being served.
-- $1 id, $2 state, $3 attempts, $4 crashes, $5 timeouts, $6 delay in seconds, $7 outcome, $8 error
UPDATE tasks t
SET state = $2, attempts = $3, crashes = $4, timeouts = $5, outcome = $7, error = $8,
    run_token = NULL, lease_until = NULL, worker_id = NULL,
    due_at = now() + make_interval(secs => $6),
    ready_at = CASE WHEN $2 = 'ready' THEN now() END,
    rank = CASE WHEN $2 = 'ready' THEN
        coalesce((SELECT min(w.rank) FROM tasks w WHERE w.queue = t.queue AND w.state = 'ready'), t.rank)
        ELSE t.rank END,
    finished_at = CASE WHEN $2 IN ('done', 'dead', 'cancelled') THEN now() END,
    work_ms = t.work_ms + coalesce((SELECT (extract(epoch FROM now() - a.started_at) * 1000)::bigint
                                    FROM attempts a WHERE a.run_token = t.run_token), 0)
WHERE t.id = $1
RETURNING t.rank
