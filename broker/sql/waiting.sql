-- The front of a queue, whose wake-ups should be in Redis. Tasks that became ready within the last 2 seconds are left out:
-- their wake-ups may still be on the way. $1 queue, $2 how many
SELECT id, queue, urgent, rank, state FROM tasks
WHERE queue = $1 AND state = 'ready' AND ready_at < now() - interval '2 seconds'
ORDER BY urgent DESC, rank, id
LIMIT $2
