-- Deletes the least recently used page images beyond the limit. Concurrent evictions do not wait for each other.
-- $1 limit in bytes
WITH ranked AS (
    SELECT document_id, name, sum(size_bytes) OVER (ORDER BY used_at DESC, document_id, name) AS up_to
    FROM artefacts WHERE name LIKE 'page-%'
), surplus AS (
    SELECT a.document_id, a.name FROM artefacts a JOIN ranked r USING (document_id, name)
    WHERE r.up_to > $1::bigint FOR UPDATE OF a SKIP LOCKED
)
DELETE FROM artefacts a USING surplus s WHERE a.document_id = s.document_id AND a.name = s.name
RETURNING a.object
