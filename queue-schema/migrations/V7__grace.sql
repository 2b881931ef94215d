-- After an outage of everybody a lease stands for a third of it, not for a whole one: whoever lives has renewed by then, and the
-- tasks of those who died meanwhile wait no longer than that.
CREATE OR REPLACE FUNCTION lease_stands(lease_until timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT lease_until > now() OR EXISTS (
        SELECT FROM lease_watch w WHERE lease_until > w.gap_from AND w.gap_to > now() - w.lease / 3)
$$;
