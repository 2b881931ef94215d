-- One row for each queue that has ever had a task or an action.
SELECT names.name,
       coalesce(w.depth, 0) AS depth, w.oldest_age_s, coalesce(s.scheduled, 0) AS scheduled,
       coalesce(r.running, 0) AS running, coalesce(d.dead, 0) AS dead,
       q.paused_at IS NOT NULL AS paused,
       (SELECT count(*) FROM workers k WHERE names.name = ANY(k.queues) AND k.last_seen > now() - interval '1 minute') AS workers,
       coalesce(f.done, 0) AS throughput_1m, coalesce(f.failed, 0) AS failed_1m
FROM unnest($1::text[]) AS names (name)
LEFT JOIN queues q ON q.name = names.name
LEFT JOIN (SELECT queue, count(*) AS depth, extract(epoch FROM now() - min(ready_at))::float8 AS oldest_age_s
           FROM tasks WHERE state = 'ready' GROUP BY queue) w ON w.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS scheduled FROM tasks WHERE state = 'scheduled' GROUP BY queue) s ON s.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS running FROM tasks WHERE state = 'running' GROUP BY queue) r ON r.queue = names.name
LEFT JOIN (SELECT queue, count(*) AS dead FROM tasks WHERE state = 'dead' GROUP BY queue) d ON d.queue = names.name
LEFT JOIN (SELECT queue, count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'dead') AS failed
           FROM tasks WHERE finished_at > now() - interval '1 minute' GROUP BY queue) f ON f.queue = names.name
