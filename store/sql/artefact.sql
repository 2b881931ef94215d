-- A file of a document. Records its use, but at most once an hour, to avoid a write for each read.
-- $1 document, $2 name
WITH used AS (
    UPDATE artefacts SET used_at = now()
    WHERE document_id = $1 AND name = $2 AND used_at < now() - interval '1 hour'
)
SELECT object, content_type, size_bytes FROM artefacts WHERE document_id = $1 AND name = $2
