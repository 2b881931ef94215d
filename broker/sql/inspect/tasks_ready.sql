-- Ready tasks in the order in which workers take them.
-- $1 queue, $2 kind (each may be null); after: $3 queue, $4 urgent, $5 rank, $6 id; $7 how many
SELECT * FROM tasks
WHERE state = 'ready' AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2)
  AND ($3::text IS NULL OR queue > $3 OR (queue = $3 AND (NOT urgent, rank, id) > (NOT $4::boolean, $5::bigint, $6::uuid)))
ORDER BY queue, urgent DESC, rank, id
LIMIT $7
