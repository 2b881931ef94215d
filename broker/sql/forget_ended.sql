-- $1 days, $2 how many at most
DELETE FROM tasks WHERE id IN (
    SELECT t.id FROM tasks t
    WHERE t.finished_at < now() - make_interval(days => $1)
      AND (t.document_id IS NULL OR NOT EXISTS (SELECT FROM documents d WHERE d.id = t.document_id))
    ORDER BY t.finished_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED)
