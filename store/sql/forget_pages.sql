DELETE FROM pages WHERE document_id = $1
