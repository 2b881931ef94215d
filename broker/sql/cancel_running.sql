-- The run learns of it with its next renewal. $1 ids, $2 reason
WITH locked AS (
    -- In one order: else two that cancel might wait for each other.
    SELECT id FROM tasks WHERE id = ANY($1) AND state = 'running' ORDER BY id FOR NO KEY UPDATE
)
UPDATE tasks t SET cancel = $2 FROM locked WHERE t.id = locked.id AND t.state = 'running' AND t.cancel IS NULL
