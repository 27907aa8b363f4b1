-- What every case of ops.jsonl begins with.
CREATE SCHEMA s;
SET search_path = s, public;
