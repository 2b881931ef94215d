-- The row of a firing, unique so that of two schedulers that fire at once only one enqueues. $1 schedule, $2 time, $3 task
INSERT INTO schedule_fires (schedule, fire_at, task_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
