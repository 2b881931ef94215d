-- The projects, found by hopping from one to the next in the index documents_of_project. $1 how many
WITH RECURSIVE hop AS (
    (SELECT project FROM documents WHERE deleted_at IS NULL ORDER BY project LIMIT 1)
    UNION ALL
    SELECT (SELECT d.project FROM documents d WHERE d.deleted_at IS NULL AND d.project > hop.project
            ORDER BY d.project LIMIT 1)
    FROM hop WHERE hop.project IS NOT NULL
)
SELECT project FROM hop WHERE project IS NOT NULL LIMIT $1
