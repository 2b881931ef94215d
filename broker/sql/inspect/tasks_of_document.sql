-- All tasks of a document, the newest first. $1 document, $2 state, $3 queue, $4 kind, $5 before this id (each but the first
-- may be null), $6 how many
SELECT * FROM tasks
WHERE document_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR queue = $3)
  AND ($4::text IS NULL OR kind = $4) AND ($5::uuid IS NULL OR id < $5)
ORDER BY id DESC
LIMIT $6
