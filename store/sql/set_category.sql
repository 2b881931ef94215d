-- What a person said outlives what is found. $1 document, $2 category
UPDATE documents SET category = $2 WHERE id = $1 AND category ->> 'source' IS DISTINCT FROM 'user'
