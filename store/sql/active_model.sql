SELECT id, object, figures, created_at FROM models WHERE project = $1 AND kind = $2 AND active
