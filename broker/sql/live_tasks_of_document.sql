SELECT id FROM tasks WHERE document_id = $1 AND state IN ('scheduled', 'ready', 'running')
