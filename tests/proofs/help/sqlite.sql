-- Statements of every shape whose help is executed, on SQLite.

-- scene: tables
CREATE TABLE people (id integer PRIMARY KEY, "first name" text NOT NULL DEFAULT 'a  b', size int CHECK (size > 0), code text UNIQUE, born date DEFAULT CURRENT_DATE, free);
CREATE TABLE pairs (a int, b text, c real, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE keyless (x int, "order" text COLLATE NOCASE);
CREATE INDEX people_size ON people (size);
CREATE VIEW tall AS SELECT id, size FROM people;
-- try
ALTER TABLE people RENAME COLUMN "first name" TO given;
ALTER TABLE people RENAME COLUMN born TO birthday;
ALTER TABLE people RENAME COLUMN free TO unused;
ALTER TABLE keyless RENAME COLUMN "order" TO "group";
ALTER TABLE people RENAME TO persons;
ALTER TABLE pairs RENAME TO twos;
ALTER TABLE people DROP COLUMN free;
ALTER TABLE keyless DROP COLUMN x;
ALTER TABLE people ADD COLUMN extra text NOT NULL;
DROP TABLE people;
DROP TABLE pairs;
UPDATE people SET free = 1;
UPDATE pairs SET c = c + 1;
UPDATE keyless SET x = 1;
DELETE FROM pairs;
DELETE FROM keyless;
CREATE UNIQUE INDEX more ON keyless ("order", x);

-- scene: rows that stop it
CREATE TABLE people (id integer PRIMARY KEY, name text, age int);
-- try
CREATE UNIQUE INDEX people_name ON people (name COLLATE NOCASE);
CREATE UNIQUE INDEX people_age ON people (age DESC) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX people_both ON people (lower(name), age);
