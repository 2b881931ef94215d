SELECT enabled, last_fire, now() AS now FROM schedules WHERE name = $1
