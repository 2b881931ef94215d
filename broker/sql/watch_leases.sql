-- Notes that somebody reached Postgres, and for how long nobody had. Not every time, for the sake of the one row.
-- $1 lease in seconds
UPDATE lease_watch w
SET seen = now(), lease = given.lease,
    gap_from = CASE WHEN seen < now() - given.lease / 2 THEN seen ELSE gap_from END,
    gap_to = CASE WHEN seen < now() - given.lease / 2 THEN now() ELSE gap_to END
FROM (SELECT make_interval(secs => $1) AS lease) AS given
WHERE w.seen < now() - given.lease / 30
