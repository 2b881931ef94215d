DELETE FROM annotations WHERE document_id = $1 AND source <> 'user'
