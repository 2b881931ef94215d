-- Makes due tasks ready. They get new ranks, from the round now being served. An old rank would turn the queue's virtual clock
-- back for tasks that are enqueued next, and a high rank from a busier time would put them behind all others.
-- Tasks of one flow that become due together get consecutive ranks, so that they take turns with other flows.
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
