UPDATE documents SET status = 'processing', page_count = $2, pages_per_task = $3, error = NULL
WHERE id = $1 AND status IN ('queued', 'processing')
