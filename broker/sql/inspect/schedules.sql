-- What is known of schedules: whether they fire, and what came of the last time. now() is the clock that schedulers go by.
SELECT s.name, s.enabled, s.last_fire, now() AS now, f.fire_at, f.fired_at, f.task_id, t.state AS task_state
FROM schedules s
LEFT JOIN LATERAL (SELECT * FROM schedule_fires f WHERE f.schedule = s.name ORDER BY f.fire_at DESC LIMIT 1) f ON true
LEFT JOIN tasks t ON t.id = f.task_id
