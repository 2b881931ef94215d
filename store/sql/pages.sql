SELECT page, width, height, rotation, source, confidence, words, error FROM pages
WHERE document_id = $1 AND source <> 'unread' AND ($2::integer IS NULL OR page = $2)
ORDER BY page
