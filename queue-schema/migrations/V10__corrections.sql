-- What a person says of a document stands beside what was found; a value that a person gave need not stand on a page, and a
-- null value says that there is none.
ALTER TABLE annotations
    ALTER COLUMN value DROP NOT NULL,
    ALTER COLUMN raw DROP NOT NULL,
    ALTER COLUMN page DROP NOT NULL,
    ALTER COLUMN box DROP NOT NULL,
    ADD CHECK (source = 'user' OR (value IS NOT NULL AND raw IS NOT NULL AND page IS NOT NULL AND box IS NOT NULL));

-- A document that another one was taken from.
ALTER TABLE documents ADD COLUMN parent uuid;
CREATE INDEX documents_of_parent ON documents (parent) WHERE parent IS NOT NULL;

-- When its row last changed. Of documents from before: when the fleet was upgraded.
ALTER TABLE documents ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION documents_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER documents_updated BEFORE UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION documents_updated();
