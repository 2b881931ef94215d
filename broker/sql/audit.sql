-- $1 who, $2 action, $3 target, $4 detail
INSERT INTO audit (who, action, target, detail) VALUES ($1, $2, $3, $4)
