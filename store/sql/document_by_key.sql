SELECT id FROM documents WHERE project = $1 AND idempotency_key = $2
