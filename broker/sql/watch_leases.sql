-- Records that a process reached Postgres, and the last gap in which no process did. Written at most every thirtieth of a
-- lease, because all processes share this one row. A silence of more than half a lease is a gap. If it begins while leases
-- still stand because of an earlier gap, it extends that gap, since workers had no time to renew in between. A shorter silence
-- extends that time by its own length, less a quarter of a lease, which is a scheduler's usual interval.
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
