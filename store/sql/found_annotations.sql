-- What was found in a document; what a person said later is left out.
SELECT label, value, raw, page, box, confidence, source
FROM annotations
WHERE document_id = $1 AND source <> 'user'
ORDER BY position
