-- Makes due tasks ready. They take their place anew, in the round now being served: with an old rank they would turn the
-- queue's clock back for whoever is enqueued beside them, and with a high one from a busier day they would wait behind everybody.
-- Tasks of one flow that come back together take turns with the others.
-- $1 how many
WITH due AS (
    SELECT id, queue, flow, rank FROM tasks WHERE state = 'scheduled' AND due_at <= now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT d.id,
           coalesce((SELECT min(t.rank) FROM tasks t WHERE t.queue = d.queue AND t.state = 'ready'),
                    min(d.rank) OVER (PARTITION BY d.queue))
           + row_number() OVER (PARTITION BY d.queue, d.flow ORDER BY d.rank, d.id) - 1 AS rank
    FROM due d
)
UPDATE tasks t SET state = 'ready', ready_at = now(), rank = p.rank FROM placed p WHERE t.id = p.id
RETURNING t.id, t.queue, t.urgent, t.rank, t.state
