-- $1 project, $2 status, $3 category, $4 words to search for, $5 projects, $6 the key that uploaded them, $7 created at or
-- after, $8 created before, $9 and $10 keys of metadata and their values; each may be null
FROM documents d
WHERE d.deleted_at IS NULL
  AND ($1::text IS NULL OR d.project = $1)
  AND ($2::text IS NULL OR d.status = $2)
  AND ($3::text IS NULL OR d.category ->> 'name' = $3)
  AND ($4::text IS NULL OR position(lower($4) IN lower(d.file_name)) > 0 OR d.id IN (
        SELECT p.document_id FROM pages p
        WHERE to_tsvector('simple', left(p.text, 200000)) @@ websearch_to_tsquery('simple', $4)))
  AND ($5::text[] IS NULL OR d.project = ANY ($5))
  AND ($6::uuid IS NULL OR d.uploaded_by = $6)
  AND ($7::timestamptz IS NULL OR d.created_at >= $7)
  AND ($8::timestamptz IS NULL OR d.created_at < $8)
  AND NOT EXISTS (SELECT FROM unnest($9::text[], $10::text[]) AS wanted (key, value)
                  WHERE d.metadata ->> wanted.key IS DISTINCT FROM wanted.value)
