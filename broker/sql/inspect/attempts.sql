-- Every run of a task, oldest first. $1 task
SELECT a.number, a.worker_id, w.name AS worker_name, w.host AS worker_host, a.started_at, a.ended_at, a.outcome, a.error,
       a.peak_kib, a.cpu_ms, a.said
FROM attempts a LEFT JOIN workers w ON w.id = a.worker_id
WHERE a.task_id = $1
ORDER BY a.started_at
