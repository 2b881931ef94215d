SELECT metadata FROM documents WHERE id = $1
