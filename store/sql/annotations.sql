SELECT label, value, raw, page, box, confidence, source FROM annotations WHERE document_id = $1 ORDER BY position
