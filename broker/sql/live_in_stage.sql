SELECT count(*) FROM tasks
WHERE document_id = $1 AND stage = $2 AND version = $3 AND state IN ('scheduled', 'ready', 'running')
