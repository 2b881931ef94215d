-- What follows the opening of a document is decided from rows: how many of its pages one task reads.
ALTER TABLE documents ADD COLUMN pages_per_task integer NOT NULL DEFAULT 1;
