INSERT INTO queues (name, paused_at, paused_by) VALUES ($1, now(), $2)
ON CONFLICT (name) DO UPDATE SET paused_at = now(), paused_by = $2 WHERE queues.paused_at IS NULL
