-- $1 document, $2 status, $3 error. A document that has ended stays as it is.
UPDATE documents SET status = $2, error = $3, finished_at = now() WHERE id = $1 AND status IN ('queued', 'processing')
