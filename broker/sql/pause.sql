INSERT INTO queues (name, paused_at, paused_by) VALUES ($1, now(), $2)
ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(queues.paused_at, now()), paused_by = coalesce(queues.paused_by, $2)
