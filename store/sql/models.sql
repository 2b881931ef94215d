-- Every version of a project's models, newest first. $1 project
SELECT id, kind, active, created_at, figures FROM models WHERE project = $1 ORDER BY created_at DESC, id
