INSERT INTO workers (id, name, host, pid, queues) VALUES ($1, $2, $3, $4, $5)
