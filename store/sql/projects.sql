-- The projects, by a loose index scan: it hops from one project to the next in the index documents_of_project.
-- $1 how many, $2 only these (may be null)
WITH RECURSIVE hop AS (
    (SELECT project FROM documents WHERE deleted_at IS NULL AND ($2::text[] IS NULL OR project = ANY ($2))
     ORDER BY project LIMIT 1)
    UNION ALL
    SELECT (SELECT d.project FROM documents d
            WHERE d.deleted_at IS NULL AND d.project > hop.project AND ($2::text[] IS NULL OR d.project = ANY ($2))
            ORDER BY d.project LIMIT 1)
    FROM hop WHERE hop.project IS NOT NULL
)
SELECT project FROM hop WHERE project IS NOT NULL LIMIT $1
