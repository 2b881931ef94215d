SELECT project FROM documents WHERE id = $1
