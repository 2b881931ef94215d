-- How many ready tasks come before the ready task $1 in its queue, counted up to 1000. Reading only the first 1000 keeps this
-- fast for long queues.
SELECT count(*) FROM (
    SELECT t.id, t.urgent, t.rank FROM tasks t
    WHERE t.queue = (SELECT queue FROM tasks WHERE id = $1) AND t.state = 'ready'
    ORDER BY t.urgent DESC, t.rank, t.id
    LIMIT 1000) front
JOIN tasks me ON me.id = $1
WHERE (NOT front.urgent, front.rank, front.id) < (NOT me.urgent, me.rank, me.id)
