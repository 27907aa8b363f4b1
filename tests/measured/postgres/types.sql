-- What every case of types.jsonl begins with.
CREATE SCHEMA s;
SET search_path = s, public;
CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
SET search_path=s,public;
CREATE TYPE en AS ENUM ('a','b');
CREATE DOMAIN domt AS text;
CREATE DOMAIN domck AS text CHECK (VALUE <> 'zzz');
CREATE DOMAIN domint AS int;
