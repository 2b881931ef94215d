-- Ends a document, unless it has already ended. $1 document, $2 status, $3 error
UPDATE documents SET status = $2, error = $3, finished_at = now() WHERE id = $1 AND status IN ('queued', 'processing')
