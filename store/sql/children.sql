-- $1 documents
SELECT parent, id FROM documents WHERE parent = ANY ($1) AND deleted_at IS NULL ORDER BY created_at, id
