SELECT page, error FROM pages WHERE document_id = $1 AND error IS NOT NULL ORDER BY page
