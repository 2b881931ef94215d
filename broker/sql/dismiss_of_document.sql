-- A document that is processed again has its earlier failures behind it. $1 document
UPDATE tasks SET dismissed_at = now() WHERE document_id = $1 AND state = 'dead' AND dismissed_at IS NULL
