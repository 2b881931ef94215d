-- Notes that somebody reached Postgres, and for how long nobody had. Not every time, for the sake of the one row.
-- Who has just come back and goes again has not come back: a gap that begins while leases stand because of another is one with
-- it. A shorter silence does not use up that time, less a quarter of a lease, which is how often a scheduler looks.
-- $1 lease in seconds
UPDATE lease_watch w
SET seen = now(), lease = given.lease,
    gap_from = CASE WHEN seen < now() - given.lease / 2 AND gap_to <= seen - given.lease / 3 THEN seen ELSE gap_from END,
    gap_to = CASE
        WHEN seen < now() - given.lease / 2 THEN now()
        WHEN gap_to > seen - given.lease / 3 THEN gap_to + greatest(now() - seen - given.lease / 4, interval '0')
        ELSE gap_to
    END
FROM (SELECT make_interval(secs => $1) AS lease) AS given
WHERE w.seen < now() - given.lease / 30
