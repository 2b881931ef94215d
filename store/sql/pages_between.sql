SELECT page, width, height, rotation, source, confidence, words, error FROM pages
WHERE document_id = $1 AND source <> 'unread' AND page BETWEEN $2 AND $3
ORDER BY page
