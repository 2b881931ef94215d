-- Which key a document came with, and for which projects a key is.

-- Null: for all of them.
ALTER TABLE api_keys ADD COLUMN projects text[];

-- Null: no key was needed.
ALTER TABLE documents ADD COLUMN uploaded_by uuid;
-- Of all that an upload said, so that another upload with the same idempotency key is told from the same one.
ALTER TABLE documents ADD COLUMN fingerprint text;
CREATE INDEX documents_of_key ON documents (uploaded_by, created_at DESC, id DESC)
    WHERE deleted_at IS NULL AND uploaded_by IS NOT NULL;

-- An idempotency key was unique in a project; now it is among the uploads of an API key. The oldest document keeps it.
UPDATE documents d SET idempotency_key = NULL
WHERE idempotency_key IS NOT NULL AND EXISTS (
    SELECT FROM documents older
    WHERE older.idempotency_key = d.idempotency_key AND (older.created_at, older.id) < (d.created_at, d.id));
DROP INDEX documents_idempotency;
CREATE UNIQUE INDEX documents_idempotency
    ON documents (coalesce(uploaded_by, '00000000-0000-0000-0000-000000000000'), idempotency_key)
    WHERE idempotency_key IS NOT NULL;
