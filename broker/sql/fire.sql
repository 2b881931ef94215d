-- The firing's row: two schedulers that fire at once meet here. $1 schedule, $2 moment, $3 task
INSERT INTO schedule_fires (schedule, fire_at, task_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
