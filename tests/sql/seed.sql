-- A fleet that has run for a month: $TASKS tasks and their runs, a tenth as many documents, busy and quiet queues.
SELECT setseed(0.4711);

CREATE TEMP TABLE seeds AS
SELECT n, gen_random_uuid() AS doc, q.queue, q.kind, q.stage, s.state,
       -- denser towards now: a tenth of it in the last hour
       power(random(), 3) * interval '30 days' AS age, random() AS luck
FROM generate_series(1, $TASKS) n
CROSS JOIN LATERAL (SELECT n * 0 + random() AS r, n * 0 + random() AS t) dice
CROSS JOIN LATERAL (SELECT CASE WHEN r < .50 THEN 'ocr' WHEN r < .54 THEN 'priority_ocr' WHEN r < .66 THEN 'categorize'
                                WHEN r < .77 THEN 'extract' WHEN r < .78 THEN 'priority_extract' WHEN r < .90 THEN 'finalize'
                                WHEN r < .98 THEN 'processing' WHEN r < .9995 THEN 'maintenance' ELSE 'training' END AS queue,
                           CASE WHEN r < .54 THEN 'read_pages' WHEN r < .66 THEN 'categorize_document' WHEN r < .78 THEN 'extract_fields'
                                WHEN r < .90 THEN 'finalize_document' WHEN r < .98 THEN 'render_page' WHEN r < .9995 THEN 'sweep_storage'
                                ELSE 'train_categorizer' END AS kind,
                           CASE WHEN r < .54 THEN 'ocr' WHEN r < .66 THEN 'categorize' WHEN r < .78 THEN 'extract' WHEN r < .90 THEN 'finalize' END AS stage) q
CROSS JOIN LATERAL (SELECT CASE WHEN t < .90 THEN 'done' WHEN t < .95 THEN 'ready' WHEN t < .965 THEN 'scheduled' WHEN t < .9655 THEN 'running'
                                WHEN t < .985 THEN 'dead' ELSE 'cancelled' END AS state) s;

INSERT INTO documents (id, project, file_name, content_type, size_bytes, sha256, original, languages, status, page_count, created_at, finished_at)
SELECT doc, 'default', (ARRAY['invoice', 'contract', 'receipt', 'letter', 'form'])[1 + n % 5] || '-' || n || '.pdf', 'application/pdf',
       20000 + n, md5(n::text), 'documents/' || doc || '/original', 'eng+deu',
       CASE WHEN state IN ('ready', 'scheduled', 'running') THEN 'processing' WHEN state = 'dead' THEN 'failed'
            WHEN state = 'cancelled' THEN 'cancelled' ELSE 'done' END,
       1 + n % 9, now() - age, CASE WHEN state IN ('ready', 'scheduled', 'running') THEN NULL ELSE now() - age + interval '20 seconds' END
FROM seeds WHERE n % 10 = 0;

-- The heartbeats of live workers are in the future, so that they stay alive.
INSERT INTO workers (id, name, host, pid, queues, slots, recycles, sandbox, started_at, last_seen)
SELECT gen_random_uuid(), w.name, w.host, w.pid, w.queues,
       (SELECT jsonb_agg(jsonb_build_object('pid', w.pid + slot, 'task', CASE WHEN slot % 3 = 0 THEN NULL ELSE gen_random_uuid() END,
                                            'rss_kib', 90000 * slot * slot, 'tasks_done', 7 * slot, 'age_s', 400 * slot))
        FROM generate_series(1, 4) slot),
       '{"memory": 3, "tasks": 41}',
       CASE WHEN w.host = 'scan-1' THEN '{"granted": ["files", "network", "system calls", "signals", "processes", "own user", "privileges"], "missing": []}'::jsonb
            ELSE '{"granted": ["files", "network", "system calls", "processes", "own user", "privileges"],
                   "missing": [{"part": "signals", "reason": "Landlock V5 does not keep them in; Linux 6.12 and later do"}]}' END,
       now() - interval '3 days', now() - w.silence
FROM (VALUES ('worker-ocr', 'scan-1', 1200, ARRAY['priority_ocr', 'ocr', 'processing'], interval '-1 hour'),
             ('worker-ocr', 'scan-2', 1300, ARRAY['priority_ocr', 'ocr', 'processing'], interval '-1 hour'),
             ('worker-extract', 'scan-1', 1400, ARRAY['priority_extract', 'extract'], interval '-1 hour'),
             ('worker-categorize', 'scan-1', 1500, ARRAY['categorize'], interval '-1 hour'),
             ('worker-finalize', 'scan-2', 1600, ARRAY['finalize'], interval '3 hours')) w (name, host, pid, queues, silence);

INSERT INTO tasks (id, queue, kind, payload, state, policy, urgent, flow, rank, due_at, ready_at, document_id, stage, attempts, crashes,
                   work_ms, run_token, worker_id, lease_until, created_at, started_at, finished_at, outcome, error)
SELECT gen_random_uuid(), queue, kind, jsonb_build_object('document', doc, 'first', 1, 'last', 4, 'languages', 'eng+deu', 'force_ocr', false), state,
       '{"soft_ms":3570000,"hard_ms":3600000,"stall_ms":600000,"recycle_kib":716800,"kill_kib":2097152,"tasks_per_child":50,"max_attempts":8,"max_crashes":3,"max_timeouts":2,"backoff_ms":1000,"backoff_max_ms":300000,"slots":16}',
       queue LIKE 'priority%', 'default', n / 4,
       CASE WHEN state = 'scheduled' THEN now() + luck * interval '5 minutes' ELSE now() - age END,
       CASE WHEN state = 'ready' THEN now() - luck * interval '20 minutes' END,
       CASE WHEN stage IS NOT NULL AND n % 10 = 0 THEN doc END, stage,
       CASE WHEN state = 'ready' THEN 0 WHEN state = 'dead' THEN 3 WHEN luck < .03 THEN 2 ELSE 1 END, CASE WHEN state = 'dead' THEN 3 ELSE 0 END,
       (luck * luck * 4000)::bigint,
       CASE WHEN state = 'running' THEN gen_random_uuid() END,
       CASE WHEN state = 'running' THEN (SELECT id FROM workers ORDER BY pid LIMIT 1) END,
       CASE WHEN state = 'running' THEN now() + interval '2 hours' END,
       now() - age, CASE WHEN state <> 'ready' THEN now() - age + luck * interval '15 seconds' END,
       CASE WHEN state IN ('done', 'dead', 'cancelled') THEN now() - age + luck * interval '20 seconds' END,
       CASE WHEN state = 'scheduled' THEN 'failed' WHEN state = 'dead' THEN (ARRAY['out_of_memory', 'crashed', 'refused'])[1 + n % 3]
            WHEN state IN ('done', 'cancelled') THEN state END,
       CASE WHEN state = 'dead' THEN jsonb_build_object('code', 'internal', 'message',
                 (ARRAY['page 3 took more than 2 GiB', 'the process died of signal 11', 'the file is no PDF, although its name says so'])[1 + n % 3])
            WHEN state = 'scheduled' THEN '{"code":"internal","message":"the storage did not answer within 30 s"}' END
FROM seeds;

INSERT INTO attempts (run_token, task_id, number, worker_id, started_at, ended_at, outcome, error, peak_kib, cpu_ms)
SELECT coalesce(t.run_token, gen_random_uuid()), t.id, n, coalesce(t.worker_id, gen_random_uuid()), t.started_at,
       CASE WHEN t.state <> 'running' THEN coalesce(t.finished_at, t.started_at + interval '1 second') END,
       CASE WHEN t.state = 'running' THEN NULL WHEN n < t.attempts THEN 'failed' ELSE t.outcome END, t.error, 150000 + n * 1000, t.work_ms
FROM tasks t, generate_series(1, t.attempts) n
WHERE t.state <> 'running' OR n = t.attempts;

DROP TABLE seeds;
