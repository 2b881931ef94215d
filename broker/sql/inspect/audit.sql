-- Actions, latest first. $1 target, $2 before this id (each may be null), $3 how many
SELECT id, at, who, action, target, detail FROM audit
WHERE ($1::text IS NULL OR target = $1) AND ($2::bigint IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3
