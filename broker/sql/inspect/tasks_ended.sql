-- Done or cancelled tasks, latest first. An index-only scan finds them; then their rows are fetched.
-- $1 state, $2 queue, $3 kind (each may be null); after: $4 time, $5 id; $6 how many
SELECT t.*
FROM (SELECT finished_at, id FROM tasks
      WHERE finished_at IS NOT NULL AND state = $1 AND ($2::text IS NULL OR queue = $2) AND ($3::text IS NULL OR kind = $3)
        AND ($4::timestamptz IS NULL OR (finished_at, id) < ($4, $5::uuid))
      ORDER BY finished_at DESC, id DESC
      LIMIT $6) found
JOIN tasks t ON t.id = found.id
ORDER BY found.finished_at DESC, found.id DESC
