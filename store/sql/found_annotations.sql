-- The extracted fields of a document, without people's corrections.
SELECT label, value, raw, page, box, confidence, source
FROM annotations
WHERE document_id = $1 AND source <> 'user'
ORDER BY position
