UPDATE documents SET status = 'processing', page_count = $2, error = NULL WHERE id = $1 AND status IN ('queued', 'processing')
