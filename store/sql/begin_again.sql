UPDATE documents SET status = 'queued', version = version + 1, error = NULL, finished_at = NULL WHERE id = $1 RETURNING version
