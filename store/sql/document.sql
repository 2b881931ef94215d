SELECT d.*, (SELECT count(*) FROM pages p WHERE p.document_id = d.id AND p.source <> 'unread') AS pages_read
FROM documents d WHERE d.id = $1 AND d.deleted_at IS NULL
