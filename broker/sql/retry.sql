-- Retries a dead or cancelled task as a new task, with a new budget and a reference to the old one. $1 new id, $2 old id
INSERT INTO tasks (id, queue, kind, payload, policy, urgent, flow, rank, unique_key, document_id, stage, version, retry_of, trace_id,
                   progress_total, state, ready_at)
SELECT $1, queue, kind, payload, policy, urgent, flow,
       coalesce((SELECT min(w.rank) FROM tasks w WHERE w.queue = t.queue AND w.state = 'ready'), 0),
       unique_key, document_id, stage, version, id, trace_id, progress_total, 'ready', now()
FROM tasks t WHERE t.id = $2 AND t.state IN ('dead', 'cancelled')
ON CONFLICT (unique_key) WHERE state IN ('scheduled', 'ready', 'running') DO NOTHING
RETURNING id, queue, urgent, rank, state, kind, document_id, trace_id
