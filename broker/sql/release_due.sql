WITH due AS (
    SELECT id FROM tasks WHERE state = 'scheduled' AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE tasks t SET state = 'ready', ready_at = now() FROM due WHERE t.id = due.id
RETURNING t.id, t.queue, t.urgent, t.rank, t.state
