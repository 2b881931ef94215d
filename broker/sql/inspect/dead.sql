-- Dead letters that were neither dismissed nor retried, latest first.
-- $1 queue, $2 kind, $3 outcome, $4 document, $5 part of the error's message, $6 ids, $7 dead before (each may be null);
-- after: $8 time, $9 id; $10 how many
SELECT * FROM tasks
WHERE state = 'dead' AND dismissed_at IS NULL
  AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR outcome = $3)
  AND ($4::uuid IS NULL OR document_id = $4)
  AND ($5::text IS NULL OR strpos(lower(error ->> 'message'), lower($5)) > 0)
  AND ($6::uuid[] IS NULL OR id = ANY($6)) AND ($7::timestamptz IS NULL OR finished_at <= $7)
  AND ($8::timestamptz IS NULL OR (finished_at, id) < ($8, $9::uuid))
ORDER BY finished_at DESC, id DESC
LIMIT $10
