-- Tasks that are due later, the next first. $1 queue, $2 kind (each may be null); after: $3 time, $4 id; $5 how many
SELECT * FROM tasks
WHERE state = 'scheduled' AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2)
  AND ($3::timestamptz IS NULL OR (due_at, id) > ($3, $4::uuid))
ORDER BY due_at, id
LIMIT $5
