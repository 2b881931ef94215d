UPDATE workers SET last_seen = now(), slots = $2, recycles = $3, sandbox = $4, shortage = $5 WHERE id = $1 RETURNING drain
