-- Renews leases that still stand, notes progress, and tells what is asked of the run. A run that is not in the answer has
-- lost its lease. $1 ids, $2 tokens, $3 pages (or steps) done, $4 of how many, $5 lease in seconds
WITH locked AS (
    -- In one order, as whoever cancels them has it: else the two might wait for each other.
    SELECT id FROM tasks WHERE id = ANY($1) AND state = 'running' ORDER BY id FOR NO KEY UPDATE
)
UPDATE tasks t
SET lease_until = now() + make_interval(secs => $5),
    progress_done = coalesce(g.done, t.progress_done), progress_total = coalesce(g.total, t.progress_total)
FROM locked
JOIN unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[]) AS g (id, token, done, total) USING (id)
WHERE t.id = g.id AND t.run_token = g.token AND t.state = 'running' AND lease_stands(t.lease_until)
RETURNING t.id, t.run_token, t.cancel
