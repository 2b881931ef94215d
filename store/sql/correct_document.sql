-- $1 document, $2 whether to change its category, $3 the category (null: none), $4 its metadata
UPDATE documents SET category = CASE WHEN $2 THEN $3 ELSE category END, metadata = $4 WHERE id = $1
