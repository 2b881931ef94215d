-- $1 days
DELETE FROM schedule_fires f USING schedules s
WHERE s.name = f.schedule AND f.fire_at < least(s.last_fire, now() - make_interval(days => $1))
