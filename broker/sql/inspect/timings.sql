-- Seconds of waiting for the first run and seconds of work, for the queue's tasks that were done in the last hour (at most the
-- latest 20000). $1 queue
SELECT count(*) AS tasks,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY wait) AS wait,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY work) AS work
FROM (
    SELECT extract(epoch FROM started_at - created_at)::float8 AS wait, work_ms / 1000.0::float8 AS work
    FROM tasks
    WHERE finished_at > now() - interval '1 hour' AND queue = $1 AND state = 'done' AND started_at IS NOT NULL
    ORDER BY finished_at DESC
    LIMIT 20000
) latest
