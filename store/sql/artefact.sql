-- A file of a document. Notes that it was used, once an hour at most: a write for each look would be one too many.
-- $1 document, $2 name
WITH used AS (
    UPDATE artefacts SET used_at = now()
    WHERE document_id = $1 AND name = $2 AND used_at < now() - interval '1 hour'
)
SELECT object, content_type, size_bytes FROM artefacts WHERE document_id = $1 AND name = $2
