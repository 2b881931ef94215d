-- $1 hash
DELETE FROM sessions WHERE hash = $1
