-- One row for each of the queues $1, in their order.
SELECT names.name,
       coalesce(w.depth, 0) AS depth, w.oldest_age_s, coalesce(s.scheduled, 0) AS scheduled,
       coalesce(r.running, 0) AS running, coalesce(d.dead, 0) AS dead,
       q.paused_at IS NOT NULL AS paused, q.paused_by, q.paused_at,
       (SELECT count(*) FROM live_workers k WHERE names.name = ANY(k.queues) AND NOT k.drain) AS workers,
       coalesce(f.done, 0) AS throughput_1m, coalesce(b.failed, 0) AS failed_1m
FROM unnest($1::text[]) WITH ORDINALITY AS names (name, place)
LEFT JOIN queues q ON q.name = names.name
LEFT JOIN (SELECT queue, count(*) AS depth, extract(epoch FROM now() - min(ready_at))::float8 AS oldest_age_s
           FROM tasks WHERE state = 'ready' GROUP BY queue) w ON w.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS scheduled FROM tasks WHERE state = 'scheduled' GROUP BY queue) s ON s.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS running FROM tasks WHERE state = 'running' GROUP BY queue) r ON r.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS dead FROM tasks WHERE state = 'dead' AND dismissed_at IS NULL GROUP BY queue) d
    ON d.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS done FROM tasks
           WHERE finished_at > now() - interval '1 minute' AND state = 'done' GROUP BY queue) f ON f.queue = names.name
LEFT JOIN (SELECT t.queue, count(*) AS failed FROM attempts a JOIN tasks t ON t.id = a.task_id
           WHERE a.ended_at > now() - interval '1 minute'
             AND a.outcome IN ('failed', 'refused', 'timed_out', 'out_of_memory', 'crashed', 'worker_lost')
           GROUP BY t.queue) b ON b.queue = names.name
ORDER BY names.place
