-- What the children of a worker are kept from: the parts of their sandbox that are in force, and those that are missing and why. None before
-- its first child has told, nor of a worker of an earlier version.
ALTER TABLE workers ADD COLUMN sandbox jsonb;
