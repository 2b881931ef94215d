-- Everything that may explain why a task has not ended. $1 task
SELECT t.queue, t.state, t.due_at, t.outcome, t.error, t.attempts, t.crashes, t.timeouts, t.policy, t.cancel, t.lease_until,
       t.started_at, t.finished_at, t.progress_done, t.progress_total, t.dismissed_at, now() AS now,
       q.paused_at, coalesce(q.paused_by, 'somebody') AS paused_by,
       EXISTS (SELECT FROM live_workers k WHERE t.queue = ANY(k.queues) AND NOT k.drain) AS has_worker,
       EXISTS (SELECT FROM live_workers k WHERE t.queue = ANY(k.queues) AND k.drain) AS has_draining_worker,
       -- null if one of them has enough disk space
       (SELECT k.shortage FROM live_workers k WHERE t.queue = ANY(k.queues) AND NOT k.drain
        ORDER BY k.shortage IS NOT NULL LIMIT 1) AS shortage,
       t.worker_id, w.name AS worker_name, w.host AS worker_host, w.last_seen,
       EXISTS (SELECT FROM live_workers k WHERE k.id = t.worker_id) AS worker_lives
FROM tasks t
LEFT JOIN queues q ON q.name = t.queue AND q.paused_at IS NOT NULL
LEFT JOIN workers w ON w.id = t.worker_id
WHERE t.id = $1
