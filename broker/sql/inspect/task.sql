-- A task, with the newest task that retries it, if any.
SELECT t.*, (SELECT r.id FROM tasks r WHERE r.retry_of = t.id ORDER BY r.id DESC LIMIT 1) AS retried_as
FROM tasks t WHERE t.id = $1
