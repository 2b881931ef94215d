-- Appends an evaluation to a model's figures. $1 model, $2 figures
UPDATE models
SET figures = jsonb_set(figures, '{evaluations}',
    coalesce(figures -> 'evaluations', '[]') || jsonb_build_array($2::jsonb || jsonb_build_object('at', now())))
WHERE id = $1
