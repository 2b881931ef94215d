-- $1 ids, $2 reason
UPDATE tasks
SET state = 'cancelled', finished_at = now(), outcome = 'cancelled', cancel = $2
WHERE id = ANY($1) AND state IN ('scheduled', 'ready')
RETURNING id, queue
