-- What operators did, and what the dashboard looks for.

-- An operator has dealt with a dead task: it was retried, or is not worth it. It stays dead.
ALTER TABLE tasks ADD COLUMN dismissed_at timestamptz;

CREATE TABLE audit (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    who           text NOT NULL,
    action        text NOT NULL,
    target        text NOT NULL,
    detail        jsonb NOT NULL DEFAULT '{}'
);

-- Workers that are to be believed: a heartbeat comes every five seconds.
CREATE VIEW live_workers AS SELECT * FROM workers WHERE last_seen > now() - interval '20 seconds';

-- Dead letters, newest first, counted by queue from the index alone.
DROP INDEX tasks_dead;
CREATE INDEX tasks_dead ON tasks (finished_at, id) INCLUDE (queue) WHERE state = 'dead' AND dismissed_at IS NULL;

-- What ended, newest first. Figures of the last hour are read from the index alone.
DROP INDEX tasks_finished;
CREATE INDEX tasks_finished ON tasks (finished_at, id) INCLUDE (queue, state, kind, created_at, started_at, work_ms)
    WHERE finished_at IS NOT NULL;

-- What waits, counted and aged by queue from the index alone.
DROP INDEX tasks_ready_rank;
CREATE INDEX tasks_ready_rank ON tasks (queue, rank) INCLUDE (ready_at) WHERE state = 'ready';
DROP INDEX tasks_scheduled;
CREATE INDEX tasks_scheduled ON tasks (due_at) INCLUDE (queue) WHERE state = 'scheduled';

CREATE INDEX tasks_retry_of ON tasks (retry_of) WHERE retry_of IS NOT NULL;

-- Runs that ended badly: few, so the index costs little.
CREATE INDEX attempts_failed ON attempts (ended_at) INCLUDE (task_id)
    WHERE outcome IN ('failed', 'refused', 'timed_out', 'out_of_memory', 'crashed', 'worker_lost');
