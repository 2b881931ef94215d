SELECT coalesce(sum(work_ms), 0)::bigint FROM tasks WHERE document_id = $1 AND version = $2
