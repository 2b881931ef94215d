-- A task with what became of it: the task that was enqueued in its place, if any.
SELECT t.*, (SELECT r.id FROM tasks r WHERE r.retry_of = t.id ORDER BY r.id DESC LIMIT 1) AS retried_as
FROM tasks t WHERE t.id = $1
