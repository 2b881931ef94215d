-- Renews leases that still stand, stores progress, and returns whether a run is to be cancelled. A run that is not in the
-- answer has lost its lease. Skips locked rows, so that one locked row does not delay the other leases; it is renewed next
-- time.
-- $1 ids, $2 tokens, $3 pages (or steps) done, $4 of how many, $5 lease in seconds
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[]) AS g (id, token, done, total)
), standing AS (
    SELECT t.id FROM tasks t JOIN given g ON t.id = g.id AND t.run_token = g.token
    WHERE t.state = 'running' AND lease_stands(t.lease_until)
    FOR NO KEY UPDATE OF t SKIP LOCKED
), renewed AS (
    UPDATE tasks t
    SET lease_until = now() + make_interval(secs => $5),
        progress_done = coalesce(g.done, t.progress_done), progress_total = coalesce(g.total, t.progress_total)
    FROM standing s JOIN given g ON g.id = s.id
    WHERE t.id = s.id
)
SELECT t.id, t.run_token, t.cancel FROM tasks t JOIN given g ON t.id = g.id AND t.run_token = g.token
WHERE t.state = 'running' AND lease_stands(t.lease_until)
