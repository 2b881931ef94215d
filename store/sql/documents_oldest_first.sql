  -- $11 and $12 the cursor (may be null), $13 how many
  AND ($11::timestamptz IS NULL OR (d.created_at, d.id) > ($11, $12::uuid))
ORDER BY d.created_at, d.id
LIMIT $13
