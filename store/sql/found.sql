-- The first page of each document that has all the words, and where. $1 documents, $2 words to search for
SELECT first.document_id, first.page,
       ts_headline('simple', left(first.text, 200000), websearch_to_tsquery('simple', $2),
                   format('StartSel=%s, StopSel=%s, MinWords=8, MaxWords=16, MaxFragments=1', chr(57344), chr(57345))) AS shown
FROM (SELECT DISTINCT ON (p.document_id) p.document_id, p.page, p.text
      FROM pages p
      WHERE p.document_id = ANY ($1)
        AND to_tsvector('simple', left(p.text, 200000)) @@ websearch_to_tsquery('simple', $2)
      ORDER BY p.document_id, p.page) first
