-- Takes the earlier dead tasks of a document that is processed again off the list of dead letters. $1 document
UPDATE tasks SET dismissed_at = now() WHERE document_id = $1 AND state = 'dead' AND dismissed_at IS NULL
