-- The categories of the newest documents; the index documents_newest finds these.
-- $1 how many documents, $2 only of these projects (may be null)
SELECT DISTINCT newest.category ->> 'name' AS category
FROM (SELECT category FROM documents
      WHERE deleted_at IS NULL AND ($2::text[] IS NULL OR project = ANY ($2))
      ORDER BY created_at DESC, id DESC LIMIT $1) newest
WHERE newest.category IS NOT NULL
ORDER BY category
