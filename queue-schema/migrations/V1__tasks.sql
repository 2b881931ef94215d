-- The task tables. Only the broker touches them.

CREATE TABLE tasks (
    id            uuid PRIMARY KEY,
    queue         text NOT NULL,
    kind          text NOT NULL,
    payload       jsonb NOT NULL,
    state         text NOT NULL CHECK (state IN ('scheduled', 'ready', 'running', 'done', 'dead', 'cancelled')),
    policy        jsonb NOT NULL,

    -- order within the queue: urgent first, then the rank that fair queueing gave (start tag), then age (ids are v7)
    urgent        boolean NOT NULL DEFAULT false,
    flow          text NOT NULL,
    rank          bigint NOT NULL,
    due_at        timestamptz NOT NULL DEFAULT now(),
    ready_at      timestamptz,

    -- what it belongs to
    unique_key    text,
    document_id   uuid,
    stage         text,
    version       integer NOT NULL DEFAULT 1,
    retry_of      uuid,

    -- spent so far
    attempts      integer NOT NULL DEFAULT 0,
    crashes       integer NOT NULL DEFAULT 0,
    timeouts      integer NOT NULL DEFAULT 0,
    work_ms       bigint NOT NULL DEFAULT 0,

    -- the run
    run_token     uuid,
    worker_id     uuid,
    lease_until   timestamptz,
    cancel        text,
    progress_done  integer,
    progress_total integer,

    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    finished_at   timestamptz,
    outcome       text,
    error         jsonb,

    CHECK ((state = 'running') = (run_token IS NOT NULL)),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_at IS NOT NULL))
);

CREATE INDEX tasks_ready ON tasks (queue, urgent DESC, rank, id) WHERE state = 'ready';
CREATE INDEX tasks_ready_rank ON tasks (queue, rank) WHERE state = 'ready';
CREATE INDEX tasks_flow ON tasks (queue, flow, rank) WHERE state IN ('ready', 'scheduled');
CREATE INDEX tasks_scheduled ON tasks (due_at) WHERE state = 'scheduled';
CREATE INDEX tasks_running ON tasks (lease_until) WHERE state = 'running';
CREATE INDEX tasks_dead ON tasks (queue, finished_at) WHERE state = 'dead';
CREATE INDEX tasks_of_document ON tasks (document_id, stage) WHERE document_id IS NOT NULL;
CREATE INDEX tasks_finished ON tasks (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX tasks_unique ON tasks (unique_key) WHERE state IN ('scheduled', 'ready', 'running');

-- The last time that nobody reached Postgres: it was away, or everybody slept. Nobody could renew a lease then, so one that
-- ran out meanwhile stands until there was the time of a lease to renew it. One row.
CREATE TABLE lease_watch (
    seen      timestamptz NOT NULL DEFAULT now(),
    lease     interval NOT NULL DEFAULT '0',
    gap_from  timestamptz NOT NULL DEFAULT '-infinity',
    gap_to    timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE UNIQUE INDEX lease_watch_one_row ON lease_watch ((true));
INSERT INTO lease_watch DEFAULT VALUES;

-- Whether the run that holds this lease may still write; only one that no longer stands may be taken back.
CREATE FUNCTION lease_stands(lease_until timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT lease_until > now() OR EXISTS (
        SELECT FROM lease_watch w WHERE lease_until > w.gap_from AND w.gap_to > now() - w.lease)
$$;

-- One row per run. A hand-back spends no attempt but leaves its row.
CREATE TABLE attempts (
    run_token     uuid PRIMARY KEY,
    task_id       uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    number        integer NOT NULL,
    worker_id     uuid NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    outcome       text,
    error         jsonb,
    peak_kib      bigint,
    cpu_ms        bigint
);

CREATE INDEX attempts_of_task ON attempts (task_id, started_at);

-- Only queues that somebody acted on have a row.
CREATE TABLE queues (
    name          text PRIMARY KEY,
    paused_at     timestamptz,
    paused_by     text
);

CREATE TABLE workers (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    host          text NOT NULL,
    pid           integer NOT NULL,
    queues        text[] NOT NULL,
    slots         jsonb NOT NULL DEFAULT '[]',
    recycles      jsonb NOT NULL DEFAULT '{}',
    drain         boolean NOT NULL DEFAULT false,
    started_at    timestamptz NOT NULL DEFAULT now(),
    last_seen     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE schedules (
    name          text PRIMARY KEY,
    enabled       boolean NOT NULL DEFAULT true,
    last_fire     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE schedule_fires (
    schedule      text NOT NULL,
    fire_at       timestamptz NOT NULL,
    fired_at      timestamptz NOT NULL DEFAULT now(),
    task_id       uuid NOT NULL,
    PRIMARY KEY (schedule, fire_at)
);
