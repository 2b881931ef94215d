SELECT min(page) AS page FROM pages WHERE document_id = $1 AND page BETWEEN $2 AND $3 AND source = 'unread'
