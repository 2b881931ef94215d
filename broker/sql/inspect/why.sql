-- What stands between a waiting task and its run.
SELECT t.queue, t.state, t.due_at, t.error, q.paused_at IS NOT NULL AS paused, q.paused_by,
       EXISTS (SELECT FROM workers w WHERE t.queue = ANY(w.queues) AND w.last_seen > now() - interval '1 minute') AS has_worker
FROM tasks t LEFT JOIN queues q ON q.name = t.queue
WHERE t.id = $1
