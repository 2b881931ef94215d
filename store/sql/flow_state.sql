SELECT status, version, category, page_count, pages_per_task, project, languages, force_ocr, urgent
FROM documents WHERE id = $1 AND deleted_at IS NULL
