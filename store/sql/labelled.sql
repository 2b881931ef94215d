-- Documents whose category a person gave. $1 project
SELECT id, category ->> 'name' AS label, sha256 FROM documents
WHERE project = $1 AND status = 'done' AND deleted_at IS NULL AND category ->> 'source' IN ('upload', 'user')
ORDER BY created_at
