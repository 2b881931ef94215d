-- What ties together all that is logged about an upload. Rows from before have none.

ALTER TABLE documents ADD COLUMN trace_id uuid;
ALTER TABLE tasks ADD COLUMN trace_id uuid;
