SELECT name FROM artefacts WHERE document_id = $1 AND name = ANY ($2)
