-- $1 project, $2 status, $3 category, $4 words to search for (each may be null), $5 and $6 the cursor, $7 how many
SELECT d.*, (SELECT count(*) FROM pages p WHERE p.document_id = d.id AND p.source <> 'unread') AS pages_read
FROM documents d
WHERE d.deleted_at IS NULL
  AND ($1::text IS NULL OR d.project = $1)
  AND ($2::text IS NULL OR d.status = $2)
  AND ($3::text IS NULL OR d.category ->> 'name' = $3)
  AND ($4::text IS NULL OR position(lower($4) IN lower(d.file_name)) > 0 OR d.id IN (
        SELECT p.document_id FROM pages p
        WHERE to_tsvector('simple', left(p.text, 200000)) @@ websearch_to_tsquery('simple', $4)))
  AND ($5::timestamptz IS NULL OR (d.created_at, d.id) < ($5, $6))
ORDER BY d.created_at DESC, d.id DESC
LIMIT $7
