UPDATE workers SET drain = true WHERE id = $1 RETURNING name, host
