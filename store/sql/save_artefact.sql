INSERT INTO artefacts (document_id, name, object, content_type, size_bytes) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (document_id, name) DO UPDATE
SET object = excluded.object, content_type = excluded.content_type, size_bytes = excluded.size_bytes, created_at = now(), used_at = now()
