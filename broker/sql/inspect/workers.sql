SELECT id, name, host, pid, queues, slots, recycles, sandbox, shortage, drain, started_at, last_seen,
       extract(epoch FROM now() - last_seen)::float8 AS silent_s,
       EXISTS (SELECT FROM live_workers l WHERE l.id = w.id) AS alive
FROM workers w
ORDER BY host, name, started_at
