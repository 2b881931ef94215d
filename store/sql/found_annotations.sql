-- What was found in a document, whatever a person said later.
SELECT label, value, raw, page, box, confidence, source
FROM annotations
WHERE document_id = $1 AND source <> 'user'
ORDER BY position
