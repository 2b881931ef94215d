-- How many ready tasks come before the ready task $1 in its queue; counting stops at 1000.
SELECT count(*) FROM (
    SELECT FROM tasks t JOIN tasks me ON me.id = $1
    WHERE t.queue = me.queue AND t.state = 'ready' AND t.id <> me.id
      AND (NOT t.urgent, t.rank, t.id) < (NOT me.urgent, me.rank, me.id)
    LIMIT 1000) ahead
