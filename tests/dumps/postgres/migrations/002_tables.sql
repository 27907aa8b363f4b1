CREATE TABLE people (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  legacy serial,
  email citext NOT NULL UNIQUE,
  name varchar(80) NOT NULL DEFAULT 'nobody',
  feeling mood DEFAULT 'ok'::mood,
  height positive,
  full_name text GENERATED ALWAYS AS (upper(name)) STORED,
  tags text[] DEFAULT '{}'::text[] NOT NULL,
  balance numeric(12,2) DEFAULT 0.00 NOT NULL,
  changed_at timestamp(3) with time zone DEFAULT now(),
  "Odd Name" integer,
  CONSTRAINT sane_height CHECK (height < 300)
);
COMMENT ON TABLE people IS 'who; -- and why';
CREATE INDEX people_name_lower ON people (lower(name) text_pattern_ops) WHERE feeling <> 'sad';
CREATE INDEX people_tags ON people USING gin (tags);
CREATE UNIQUE INDEX people_name_id ON people (name DESC NULLS LAST, id) INCLUDE (balance);
CREATE TABLE billing.invoices (
  id integer NOT NULL,
  person_id bigint NOT NULL REFERENCES people (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  issued date NOT NULL,
  amount numeric(10,2) NOT NULL CHECK (amount >= 0),
  during tsrange,
  PRIMARY KEY (id, issued),
  EXCLUDE USING gist (person_id WITH =, during WITH &&)
);
CREATE TABLE measurements (
  device integer NOT NULL,
  at timestamptz NOT NULL,
  value double precision
) PARTITION BY RANGE (at);
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measurements_rest PARTITION OF measurements DEFAULT;
CREATE INDEX measurements_device ON measurements (device);
ALTER TABLE measurements ADD PRIMARY KEY (device, at);
CREATE TABLE animals (id integer PRIMARY KEY, name text);
CREATE TABLE dogs (breed text) INHERITS (animals);
CREATE UNLOGGED TABLE scratch (a integer, b integer);
CREATE TABLE countries (code char(2) PRIMARY KEY, region integer);
CREATE TABLE towns (id serial PRIMARY KEY, country char(2), name text, CONSTRAINT towns_country FOREIGN KEY (country) REFERENCES countries);
