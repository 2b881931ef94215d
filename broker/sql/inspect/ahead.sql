-- How many ready tasks come before the ready task $1 in its queue. Of the first 1000 only: whoever is not among them has so
-- many before it, and a task near the front of a long queue is found without a look at all of it.
SELECT count(*) FROM (
    SELECT t.id, t.urgent, t.rank FROM tasks t
    WHERE t.queue = (SELECT queue FROM tasks WHERE id = $1) AND t.state = 'ready'
    ORDER BY t.urgent DESC, t.rank, t.id
    LIMIT 1000) front
JOIN tasks me ON me.id = $1
WHERE (NOT front.urgent, front.rank, front.id) < (NOT me.urgent, me.rank, me.id)
