-- Schedules: whether they are enabled, and what the last firing did. Schedulers use now() as their clock.
SELECT s.name, s.enabled, s.last_fire, now() AS now, f.fire_at, f.fired_at, f.task_id, t.state AS task_state
FROM schedules s
LEFT JOIN LATERAL (SELECT * FROM schedule_fires f WHERE f.schedule = s.name ORDER BY f.fire_at DESC LIMIT 1) f ON true
LEFT JOIN tasks t ON t.id = f.task_id
