-- How many dead letters there are, filtered as in dead.sql.
SELECT count(*) FROM tasks
WHERE state = 'dead' AND dismissed_at IS NULL
  AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR outcome = $3)
  AND ($4::uuid IS NULL OR document_id = $4)
  AND ($5::text IS NULL OR strpos(lower(error ->> 'message'), lower($5)) > 0)
  AND ($6::uuid[] IS NULL OR id = ANY($6)) AND ($7::timestamptz IS NULL OR finished_at <= $7)
