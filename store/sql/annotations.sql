-- The fields of a document. If a person corrected a label, only the corrections count.
SELECT label, value, raw, page, box, confidence, source
FROM annotations a
WHERE document_id = $1 AND value IS NOT NULL
  AND (source = 'user' OR NOT EXISTS (
        SELECT FROM annotations said
        WHERE said.document_id = $1 AND said.label = a.label AND said.source = 'user'))
ORDER BY position
