-- The first of the pages that could not be read. $1 documents, $2 how many of each
SELECT document_id, page, error
FROM (SELECT document_id, page, error, row_number() OVER (PARTITION BY document_id ORDER BY page) AS nth
      FROM pages WHERE document_id = ANY ($1) AND source = 'unreadable') first
WHERE nth <= $2
ORDER BY document_id, page
