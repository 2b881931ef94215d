-- Inserts tasks. If a live task has the same unique key, the new task is not inserted.
-- Rank is the start tag of start-time fair queueing (Goyal, Vin, Cheng 1996). It is not below the tag now being served in the
-- queue, above that of the flow's last waiting task, and not below the given rank of the task that this one follows.
-- A document's first task is given a trace id, which its other tasks inherit.
WITH given AS (
    SELECT *, row_number() OVER (PARTITION BY queue, flow ORDER BY position) - 1 AS nth
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::boolean[], $7::text[], $8::bigint[],
                $9::double precision[], $10::text[], $11::uuid[], $12::text[], $13::integer[], $14::uuid[],
                $15::integer[])
         WITH ORDINALITY AS g (id, queue, kind, payload, policy, urgent, flow, after_rank, delay_s, unique_key,
                               document_id, stage, version, trace_id, steps, position)
), starts AS (
    SELECT q.queue, q.flow,
           coalesce((SELECT min(t.rank) FROM tasks t WHERE t.queue = q.queue AND t.state = 'ready'), 0) AS served,
           coalesce((SELECT max(t.rank) + 1 FROM tasks t
                     WHERE t.queue = q.queue AND t.flow = q.flow AND t.state IN ('ready', 'scheduled')), 0) AS own
    FROM (SELECT DISTINCT queue, flow FROM given) q
)
INSERT INTO tasks (id, queue, kind, payload, policy, urgent, flow, rank, due_at, unique_key, document_id, stage, version,
                   trace_id, progress_total, state, ready_at)
SELECT g.id, g.queue, g.kind, g.payload, g.policy, g.urgent, g.flow, greatest(s.served, s.own, g.after_rank) + g.nth,
       now() + make_interval(secs => g.delay_s), g.unique_key, g.document_id, g.stage, g.version,
       coalesce(g.trace_id, (SELECT t.trace_id FROM tasks t WHERE t.document_id = g.document_id LIMIT 1)),
       g.steps,
       CASE WHEN g.delay_s > 0 THEN 'scheduled' ELSE 'ready' END,
       CASE WHEN g.delay_s > 0 THEN NULL ELSE now() END
FROM given g JOIN starts s USING (queue, flow)
ORDER BY g.position
ON CONFLICT (unique_key) WHERE state IN ('scheduled', 'ready', 'running') DO NOTHING
RETURNING id, queue, urgent, rank, state, kind, document_id, trace_id
