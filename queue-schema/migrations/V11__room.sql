-- The disk that a worker waits for, as it says with each heartbeat; null: it has room.
ALTER TABLE workers ADD COLUMN shortage jsonb;
CREATE OR REPLACE VIEW live_workers AS SELECT * FROM workers WHERE last_seen > now() - interval '20 seconds';
