-- Which of these objects are orphaned: neither a document's original nor an artefact nor a model. $1 objects
SELECT o.name FROM unnest($1::text[]) AS o (name)
WHERE NOT EXISTS (SELECT FROM documents d WHERE d.original = o.name)
  AND NOT EXISTS (SELECT FROM artefacts a WHERE a.object = o.name)
  AND NOT EXISTS (SELECT FROM models m WHERE m.object = o.name)
