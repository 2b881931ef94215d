-- The task that an idle worker of these queues would claim next, without claiming it.
-- $1 queues, in the worker's order
SELECT next.urgent, next.document_id, next.progress_total AS steps
FROM unnest($1::text[]) WITH ORDINALITY AS lane (queue, place)
CROSS JOIN LATERAL (
    SELECT t.urgent, t.document_id, t.progress_total FROM tasks t
    WHERE t.queue = lane.queue AND t.state = 'ready'
    ORDER BY t.urgent DESC, t.rank, t.id
    LIMIT 1
) next
WHERE NOT EXISTS (SELECT FROM queues q WHERE q.name = lane.queue AND q.paused_at IS NOT NULL)
ORDER BY lane.place
LIMIT 1
