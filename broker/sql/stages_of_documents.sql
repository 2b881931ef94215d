-- Each stage of each document in its newest version, with the first of its tasks that waits.
-- $1 documents
WITH newest AS (
    SELECT document_id, stage, max(version) AS version FROM tasks
    WHERE document_id = ANY($1) AND stage IS NOT NULL GROUP BY document_id, stage
)
SELECT t.document_id, t.stage, t.version,
       count(*) AS total,
       count(*) FILTER (WHERE t.state = 'done') AS done,
       count(*) FILTER (WHERE t.state = 'dead') AS failed,
       count(*) FILTER (WHERE t.state = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE t.state = 'running') AS running,
       count(*) FILTER (WHERE t.state IN ('scheduled', 'ready')) AS waiting,
       coalesce(sum(t.work_ms), 0)::bigint AS work_ms,
       min(t.started_at) AS started_at,
       max(t.finished_at) AS finished_at,
       coalesce(sum(t.progress_done) FILTER (WHERE t.state = 'running'), 0)::bigint AS progress_done,
       (array_agg(t.id ORDER BY t.state = 'ready' DESC, t.rank, t.id) FILTER (WHERE t.state IN ('scheduled', 'ready')))[1] AS first_waiting
FROM tasks t JOIN newest n ON n.document_id = t.document_id AND n.stage = t.stage AND n.version = t.version
GROUP BY t.document_id, t.stage, t.version
