-- Takes dead tasks off the list of dead letters. $1 ids
UPDATE tasks SET dismissed_at = now() WHERE id = ANY($1) AND state = 'dead' AND dismissed_at IS NULL
