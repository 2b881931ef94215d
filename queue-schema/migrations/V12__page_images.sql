-- Page images are made when they are asked for, and kept as long as there is room for them: the least recently used go first.
ALTER TABLE artefacts ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX artefacts_page_images ON artefacts (used_at) WHERE name LIKE 'page-%';
