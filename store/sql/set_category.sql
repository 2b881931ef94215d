-- Sets the category that was found, unless a person has corrected it. $1 document, $2 category
UPDATE documents SET category = $2 WHERE id = $1 AND category ->> 'source' IS DISTINCT FROM 'user'
