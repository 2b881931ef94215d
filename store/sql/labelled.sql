-- Documents whose category a person gave. $1 project, $2 uploaded after this moment, if given
SELECT id, category ->> 'name' AS label, sha256 FROM documents
WHERE project = $1 AND status = 'done' AND deleted_at IS NULL AND category ->> 'source' IN ('upload', 'user')
    AND ($2::timestamptz IS NULL OR created_at > $2)
ORDER BY created_at
