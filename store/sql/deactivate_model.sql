UPDATE models SET active = false WHERE project = $1 AND kind = $2 AND active
