-- By queue and minute of the last hour: tasks that were done, and runs that ended badly. Minute 0 is the one under way.
SELECT queue, minute, sum(done)::bigint AS done, sum(failed)::bigint AS failed
FROM (
    SELECT queue, extract(epoch FROM date_trunc('minute', now()) - date_trunc('minute', finished_at))::int / 60 AS minute,
           1 AS done, 0 AS failed
    FROM tasks WHERE finished_at > date_trunc('minute', now()) - interval '59 minutes' AND state = 'done'
    UNION ALL
    SELECT t.queue, extract(epoch FROM date_trunc('minute', now()) - date_trunc('minute', a.ended_at))::int / 60, 0, 1
    FROM attempts a JOIN tasks t ON t.id = a.task_id
    WHERE a.ended_at > date_trunc('minute', now()) - interval '59 minutes'
      AND a.outcome IN ('failed', 'refused', 'timed_out', 'out_of_memory', 'crashed', 'worker_lost')
) ended
GROUP BY queue, minute
