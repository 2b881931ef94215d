-- A null value says that the document has no such field. $1 document, $2 labels, $3 values
INSERT INTO annotations (document_id, position, label, value, raw, confidence, source)
SELECT $1, (SELECT coalesce(max(position), 0) FROM annotations WHERE document_id = $1) + nth, label, value, value, 1, 'user'
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS said (label, value, nth)
