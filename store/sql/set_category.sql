UPDATE documents SET category = $2 WHERE id = $1
