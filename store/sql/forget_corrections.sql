-- $1 document, $2 labels
DELETE FROM annotations WHERE document_id = $1 AND source = 'user' AND label = ANY ($2)
