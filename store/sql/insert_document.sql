-- $6 sha256: if the project has documents with the same bytes, the oldest becomes duplicate_of
INSERT INTO documents (id, project, file_name, content_type, size_bytes, sha256, original, languages, force_ocr, urgent,
                       metadata, idempotency_key, category, trace_id, uploaded_by, fingerprint, status, duplicate_of)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'queued',
        (SELECT id FROM documents WHERE sha256 = $6 AND project = $2 AND deleted_at IS NULL ORDER BY created_at LIMIT 1))
ON CONFLICT (coalesce(uploaded_by, '00000000-0000-0000-0000-000000000000'), idempotency_key)
    WHERE idempotency_key IS NOT NULL DO NOTHING
