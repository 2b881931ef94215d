-- $1 schedule, $2 enabled
INSERT INTO schedules (name, enabled) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET enabled = $2 WHERE schedules.enabled <> $2
