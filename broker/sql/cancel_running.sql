-- The run learns of it with its next renewal. $1 ids, $2 reason
UPDATE tasks SET cancel = $2 WHERE id = ANY($1) AND state = 'running' AND cancel IS NULL
