UPDATE models SET active = (id = $3) WHERE project = $1 AND kind = $2 AND (active OR id = $3)
