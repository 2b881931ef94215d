-- By queue and minute of the last hour: tasks done and runs failed. Minute 0 is the current one.
-- date_bin is cheap arithmetic per row. The expensive expressions are evaluated once per minute, not per row.
SELECT queue, extract(epoch FROM date_bin('1 minute', now(), '2000-01-01') - began)::int / 60 AS minute,
       sum(done)::bigint AS done, sum(failed)::bigint AS failed
FROM (
    SELECT queue, date_bin('1 minute', finished_at, '2000-01-01') AS began, count(*) AS done, 0 AS failed
    FROM tasks WHERE finished_at >= date_bin('1 minute', now(), '2000-01-01') - interval '59 minutes' AND state = 'done'
    GROUP BY 1, 2
    UNION ALL
    SELECT t.queue, date_bin('1 minute', a.ended_at, '2000-01-01'), 0, count(*)
    FROM attempts a JOIN tasks t ON t.id = a.task_id
    WHERE a.ended_at >= date_bin('1 minute', now(), '2000-01-01') - interval '59 minutes'
      AND a.outcome IN ('failed', 'refused', 'timed_out', 'out_of_memory', 'crashed', 'worker_lost')
    GROUP BY 1, 2
) ended
GROUP BY queue, began
