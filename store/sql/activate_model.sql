UPDATE models SET active = true WHERE project = $1 AND kind = $2 AND id = $3
