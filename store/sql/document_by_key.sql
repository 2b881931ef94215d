-- The document of an idempotency key, and whether this upload is the same as the one that created it.
-- $1 API key, $2 idempotency key, $3 fingerprint, $4 sha256 (compared for documents that are older than fingerprints)
SELECT id, coalesce(fingerprint = $3, sha256 = $4) AS same
FROM documents
WHERE idempotency_key = $2
  AND coalesce(uploaded_by, '00000000-0000-0000-0000-000000000000') = coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
