-- What a run printed last, for who looks for the cause of its end. It may hold what a document says.
ALTER TABLE attempts ADD COLUMN said text;
