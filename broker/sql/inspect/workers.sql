SELECT id, name, host, pid, queues, slots, recycles, drain, started_at, last_seen FROM workers ORDER BY host, name, started_at
