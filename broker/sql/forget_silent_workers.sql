DELETE FROM workers WHERE last_seen < now() - interval '1 day'
