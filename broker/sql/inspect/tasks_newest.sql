-- $1 queue, $2 state, $3 document, $4 kind (each may be null), $5 ids before this one, $6 how many
SELECT * FROM tasks
WHERE ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::uuid IS NULL OR document_id = $3) AND ($4::text IS NULL OR kind = $4)
  AND ($5::uuid IS NULL OR id < $5)
ORDER BY id DESC
LIMIT $6
