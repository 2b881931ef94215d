-- Documents, their pages and what was made of them. Only the store touches these; the bytes are in the object store.

CREATE TABLE documents (
    id              uuid PRIMARY KEY,
    project         text NOT NULL,
    file_name       text NOT NULL,
    content_type    text NOT NULL,
    size_bytes      bigint NOT NULL,
    sha256          text NOT NULL,
    original        text NOT NULL,
    languages       text NOT NULL,
    force_ocr       boolean NOT NULL DEFAULT false,
    urgent          boolean NOT NULL DEFAULT false,
    metadata        jsonb NOT NULL DEFAULT '{}',
    callback_url    text,
    idempotency_key text,
    duplicate_of    uuid,
    status          text NOT NULL CHECK (status IN ('queued', 'processing', 'done', 'failed', 'cancelled')),
    error           jsonb,
    -- counts the processings: a retry from a stage begins the next one
    version         integer NOT NULL DEFAULT 1,
    page_count      integer,
    category        jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    deleted_at      timestamptz,
    CHECK ((status IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);

CREATE UNIQUE INDEX documents_idempotency ON documents (project, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX documents_sha256 ON documents (sha256, created_at);
CREATE INDEX documents_newest ON documents (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX documents_of_project ON documents (project, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX documents_unfinished ON documents (created_at) WHERE status IN ('queued', 'processing');

CREATE TABLE pages (
    document_id   uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    page          integer NOT NULL,
    width         real NOT NULL,
    height        real NOT NULL,
    rotation      smallint NOT NULL,
    source        text NOT NULL,
    confidence    real NOT NULL,
    words         jsonb NOT NULL,
    text          text NOT NULL,
    error         jsonb,
    PRIMARY KEY (document_id, page)
);

-- A tsvector is limited to 1 MiB; a page of more letters than this is searched by its beginning.
CREATE INDEX pages_search ON pages USING gin (to_tsvector('simple', left(text, 200000)));

CREATE TABLE annotations (
    document_id   uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    position      integer NOT NULL,
    label         text NOT NULL,
    value         text NOT NULL,
    raw           text NOT NULL,
    page          integer NOT NULL,
    box           real[] NOT NULL,
    confidence    real NOT NULL,
    source        text NOT NULL,
    PRIMARY KEY (document_id, position)
);

-- Files made of a document: searchable.pdf, document.hocr, text.txt, result.json, thumbnails, page images.
CREATE TABLE artefacts (
    document_id   uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    name          text NOT NULL,
    object        text NOT NULL,
    content_type  text NOT NULL,
    size_bytes    bigint NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, name)
);

-- Trained models: every version stays, with its figures; at most one per kind and project is active.
CREATE TABLE models (
    id            uuid PRIMARY KEY,
    project       text NOT NULL,
    kind          text NOT NULL,
    object        text NOT NULL,
    figures       jsonb NOT NULL,
    active        boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX models_active ON models (project, kind) WHERE active;

-- For sweeping: whose an object is.
CREATE INDEX documents_original ON documents (original);
CREATE INDEX artefacts_object ON artefacts (object);
