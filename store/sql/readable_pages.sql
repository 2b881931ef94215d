-- How many pages could be read, and the first error of those that could not.
SELECT count(*) FILTER (WHERE source IN ('text_layer', 'ocr')) AS readable,
       (array_agg(error ORDER BY page) FILTER (WHERE error IS NOT NULL))[1] AS first_error
FROM pages WHERE document_id = $1
