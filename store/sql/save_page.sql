UPDATE pages SET width = $3, height = $4, rotation = $5, source = $6, confidence = $7, words = $8, text = $9, error = $10
WHERE document_id = $1 AND page = $2
