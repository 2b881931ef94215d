UPDATE schedules SET last_fire = greatest(last_fire, $2) WHERE name = $1
