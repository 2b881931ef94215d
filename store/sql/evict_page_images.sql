-- Forgets the page images that are more than is kept, the least recently used first. Two at once do not wait for each other.
-- $1 bytes that are kept
WITH ranked AS (
    SELECT document_id, name, sum(size_bytes) OVER (ORDER BY used_at DESC, document_id, name) AS up_to
    FROM artefacts WHERE name LIKE 'page-%'
), surplus AS (
    SELECT a.document_id, a.name FROM artefacts a JOIN ranked r USING (document_id, name)
    WHERE r.up_to > $1::bigint FOR UPDATE OF a SKIP LOCKED
)
DELETE FROM artefacts a USING surplus s WHERE a.document_id = s.document_id AND a.name = s.name
RETURNING a.object
