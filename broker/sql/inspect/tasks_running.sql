-- Running tasks, the oldest first. $1 queue, $2 kind, $3 after this id (each may be null), $4 how many
SELECT * FROM tasks
WHERE state = 'running' AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR id > $3)
ORDER BY id
LIMIT $4
