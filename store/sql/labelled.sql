-- Documents whose category a person gave. $1 project, $2 (may be null) only documents uploaded after this moment whose bytes
-- were not uploaded before it
SELECT d.id, d.category ->> 'name' AS label, d.sha256 FROM documents d
WHERE d.project = $1 AND d.status = 'done' AND d.deleted_at IS NULL AND d.category ->> 'source' IN ('upload', 'user')
    AND ($2::timestamptz IS NULL OR d.created_at > $2 AND NOT EXISTS (
        SELECT FROM documents b WHERE b.project = d.project AND b.sha256 = d.sha256 AND b.created_at <= $2))
ORDER BY d.created_at
