SELECT object, content_type, size_bytes FROM artefacts WHERE document_id = $1 AND name = $2
