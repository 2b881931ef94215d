-- $1 token, $2 outcome, $3 error, $4 peak memory in KiB, $5 CPU time in ms, $6 the last lines that it printed
UPDATE attempts SET ended_at = now(), outcome = $2, error = $3, peak_kib = $4, cpu_ms = $5, said = $6 WHERE run_token = $1
