-- Whether any key was ever made.
SELECT EXISTS (SELECT FROM api_keys)
