-- Work that no scheduler has done for over 10 seconds: expired leases, and due tasks that are not ready.
SELECT (SELECT count(*) FROM tasks WHERE state = 'running' AND lease_until < now() - interval '10 seconds'
            AND NOT lease_stands(lease_until)) AS leases,
       (SELECT count(*) FROM tasks WHERE state = 'scheduled' AND due_at < now() - interval '10 seconds') AS due
