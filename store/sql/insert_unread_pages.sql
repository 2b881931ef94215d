-- $1 document, $2 widths, $3 heights, in page order
INSERT INTO pages (document_id, page, width, height, rotation, source, confidence, words, text)
SELECT $1, nth, width, height, 0, 'unread', 0, '[]', ''
FROM unnest($2::real[], $3::real[]) WITH ORDINALITY AS p (width, height, nth)
