-- The run learns that it is cancelled at its next renewal. $1 ids, $2 reason
WITH locked AS (
    -- Locked in order of id, so that two concurrent cancels cannot deadlock.
    SELECT id FROM tasks WHERE id = ANY($1) AND state = 'running' ORDER BY id FOR NO KEY UPDATE
)
UPDATE tasks t SET cancel = $2 FROM locked WHERE t.id = locked.id AND t.state = 'running' AND t.cancel IS NULL
