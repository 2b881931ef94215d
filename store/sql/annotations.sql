-- What holds of a document: of a label that a person spoke of, what the person said.
SELECT label, value, raw, page, box, confidence, source
FROM annotations a
WHERE document_id = $1 AND value IS NOT NULL
  AND (source = 'user' OR NOT EXISTS (
        SELECT FROM annotations said
        WHERE said.document_id = $1 AND said.label = a.label AND said.source = 'user'))
ORDER BY position
