INSERT INTO models (id, project, kind, object, figures) VALUES ($1, $2, $3, $4, $5)
