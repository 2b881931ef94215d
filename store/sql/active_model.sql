SELECT id, object, figures FROM models WHERE project = $1 AND kind = $2 AND active
