-- Those of these documents that were uploaded with this key. $1 ids, $2 key
SELECT id FROM documents WHERE id = ANY ($1) AND uploaded_by = $2
