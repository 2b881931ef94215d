-- The front of a queue, as far as it has been ready for a moment: its wake-ups should be in Redis. $1 queue, $2 how many
SELECT id, queue, urgent, rank, state FROM tasks
WHERE queue = $1 AND state = 'ready' AND ready_at < now() - interval '2 seconds'
ORDER BY urgent DESC, rank, id
LIMIT $2
