-- $1 document, then one array a column; $8 to $11 are the boxes' corners
INSERT INTO annotations (document_id, position, label, value, raw, page, confidence, source, box)
SELECT $1, (SELECT coalesce(max(position), 0) FROM annotations WHERE document_id = $1) + nth,
       label, value, raw, page, confidence, source, ARRAY[x0, y0, x1, y1]
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::real[], $7::text[], $8::real[], $9::real[], $10::real[], $11::real[])
     WITH ORDINALITY AS f (label, value, raw, page, confidence, source, x0, y0, x1, y1, nth)
