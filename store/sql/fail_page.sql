UPDATE pages SET source = 'unreadable', confidence = 0, words = '[]', text = '', error = $3
WHERE document_id = $1 AND page = $2
