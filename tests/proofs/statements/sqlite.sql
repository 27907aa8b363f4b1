-- What SQLite does, statement by statement. A scene is a schema whose tables are filled; below
-- `-- try` each statement is run on it alone, on a database made anew.

-- scene: altering
CREATE TABLE people (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, total INTEGER, note TEXT, kind TEXT DEFAULT 'x', size INTEGER CHECK (size > 0), tag TEXT UNIQUE,
    seen INTEGER, part INTEGER, person_id INTEGER REFERENCES people (id), twice INTEGER GENERATED ALWAYS AS (total * 2) VIRTUAL, free TEXT
);
CREATE INDEX orders_seen ON orders (seen);
CREATE INDEX orders_part ON orders (kind) WHERE part > 5;
CREATE INDEX orders_lower ON orders (lower(note));
CREATE TABLE pairs (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (a)) WITHOUT ROWID;
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, a INTEGER) STRICT;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
CREATE TABLE log (message TEXT);
CREATE VIEW open_orders AS SELECT id, total FROM orders;
CREATE TRIGGER orders_log AFTER UPDATE OF free ON orders BEGIN INSERT INTO log VALUES (new.free); END;
-- try
ALTER TABLE people ADD COLUMN extra TEXT;
ALTER TABLE people ADD COLUMN extra TEXT DEFAULT 'x';
ALTER TABLE people ADD COLUMN extra TEXT NOT NULL;
ALTER TABLE people ADD COLUMN extra TEXT NOT NULL DEFAULT 'x';
ALTER TABLE people ADD COLUMN extra TEXT NOT NULL DEFAULT NULL;
ALTER TABLE people ADD COLUMN extra TEXT DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE people ADD COLUMN extra TEXT DEFAULT (1 + 1);
ALTER TABLE people ADD COLUMN extra TEXT DEFAULT (random());
ALTER TABLE people ADD COLUMN extra TEXT UNIQUE;
ALTER TABLE people ADD COLUMN extra INTEGER PRIMARY KEY;
ALTER TABLE people ADD COLUMN extra INTEGER CHECK (extra > 0);
ALTER TABLE people ADD COLUMN extra INTEGER DEFAULT 1 CHECK (extra > 0);
ALTER TABLE people ADD COLUMN extra INTEGER DEFAULT 0 CHECK (extra > 0);
ALTER TABLE people ADD COLUMN extra INTEGER REFERENCES people (id);
ALTER TABLE people ADD COLUMN extra INTEGER DEFAULT 1 REFERENCES people (id);
ALTER TABLE people ADD COLUMN extra INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL;
ALTER TABLE people ADD COLUMN extra INTEGER GENERATED ALWAYS AS (id + 1) STORED;
ALTER TABLE people ADD COLUMN extra INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL NOT NULL;
ALTER TABLE people ADD COLUMN extra TEXT COLLATE NOCASE;
ALTER TABLE people ADD COLUMN code TEXT;
ALTER TABLE people ADD extra;
ALTER TABLE nowhere ADD COLUMN extra TEXT;
ALTER TABLE open_orders ADD COLUMN extra TEXT;
ALTER TABLE strict_one ADD COLUMN extra INTEGER;
ALTER TABLE strict_one ADD COLUMN extra VARCHAR(10);
ALTER TABLE pairs ADD COLUMN extra INTEGER;
ALTER TABLE counted ADD COLUMN extra INTEGER NOT NULL DEFAULT 1;
ALTER TABLE log DROP COLUMN message;
ALTER TABLE orders DROP COLUMN kind;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders DROP COLUMN size;
ALTER TABLE orders DROP COLUMN tag;
ALTER TABLE orders DROP COLUMN seen;
ALTER TABLE orders DROP COLUMN part;
ALTER TABLE orders DROP COLUMN person_id;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders DROP COLUMN twice;
ALTER TABLE orders DROP COLUMN free;
ALTER TABLE orders DROP COLUMN id;
ALTER TABLE orders DROP COLUMN missing;
ALTER TABLE pairs DROP COLUMN a;
ALTER TABLE pairs DROP COLUMN b;
ALTER TABLE pairs DROP COLUMN c;
ALTER TABLE counted DROP COLUMN a;
ALTER TABLE people DROP COLUMN code;
ALTER TABLE open_orders DROP COLUMN total;
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE orders RENAME TO people;
ALTER TABLE nowhere RENAME TO somewhere;
ALTER TABLE people RENAME TO sqlite_people;
ALTER TABLE orders RENAME COLUMN total TO amount;
ALTER TABLE orders RENAME COLUMN missing TO something;
ALTER TABLE orders RENAME COLUMN total TO note;
ALTER TABLE orders RENAME COLUMN free TO unused;
ALTER TABLE log RENAME COLUMN message TO text;
ALTER TABLE open_orders RENAME COLUMN total TO amount;
ALTER TABLE orders ALTER COLUMN total TYPE TEXT;
ALTER TABLE orders ALTER COLUMN total SET NOT NULL;
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);

-- scene: objects
CREATE TABLE people (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, size INTEGER, body TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id), total INTEGER);
CREATE INDEX people_size ON people (size);
CREATE VIEW tall AS SELECT id FROM people WHERE size > 5;
CREATE TABLE log (message TEXT);
CREATE TRIGGER people_log AFTER DELETE ON people BEGIN INSERT INTO log VALUES (old.code); END;
-- try
CREATE INDEX more ON people (body);
CREATE UNIQUE INDEX more ON people (body);
CREATE INDEX more ON people (lower(body));
CREATE INDEX more ON people (body) WHERE size > 3;
CREATE INDEX people_size ON people (body);
CREATE INDEX IF NOT EXISTS people_size ON people (body);
CREATE INDEX more ON people (missing);
CREATE INDEX more ON nowhere (id);
CREATE INDEX more ON tall (id);
CREATE INDEX more ON people (random());
CREATE TABLE more (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id));
CREATE TABLE people (id INTEGER);
CREATE TABLE IF NOT EXISTS people (id INTEGER);
CREATE TABLE more AS SELECT * FROM people;
CREATE TABLE more (id INTEGER, id TEXT);
CREATE TABLE more (id INTEGER PRIMARY KEY, a INTEGER PRIMARY KEY);
CREATE TABLE more (a TEXT) WITHOUT ROWID;
CREATE TABLE more (a WRONG) STRICT;
CREATE TABLE more (a);
CREATE TABLE tall (id INTEGER);
CREATE TABLE sqlite_more (id INTEGER);
CREATE TEMP TABLE more (id INTEGER);
CREATE VIEW more AS SELECT * FROM people;
CREATE VIEW tall AS SELECT 1;
CREATE VIEW more AS SELECT missing FROM people;
CREATE TRIGGER more AFTER INSERT ON people BEGIN DELETE FROM log; END;
CREATE TRIGGER people_log AFTER INSERT ON people BEGIN DELETE FROM log; END;
CREATE TRIGGER more AFTER INSERT ON nowhere BEGIN DELETE FROM log; END;
DROP TABLE orders;
DROP TABLE people;
DROP TABLE log;
DROP TABLE nowhere;
DROP TABLE IF EXISTS nowhere;
DROP TABLE tall;
DROP VIEW tall;
DROP VIEW people;
DROP VIEW IF EXISTS missing;
DROP INDEX people_size;
DROP INDEX missing;
DROP INDEX IF EXISTS missing;
DROP INDEX sqlite_autoindex_people_1;
DROP TRIGGER people_log;
DROP TRIGGER missing;
REINDEX people;
REINDEX people_size;
REINDEX missing;
ANALYZE;
ANALYZE people;
PRAGMA foreign_keys = ON;

-- scene: rows
CREATE TABLE people (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, size INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id), total INTEGER NOT NULL);
CREATE INDEX orders_person ON orders (person_id);
-- try
UPDATE people SET size = 1;
UPDATE people SET size = 1 WHERE id = 5;
UPDATE people SET size = 1 WHERE size = 3;
UPDATE people SET code = NULL;
UPDATE people SET missing = 1;
UPDATE nowhere SET a = 1;
DELETE FROM orders;
DELETE FROM orders WHERE total > 100000;
DELETE FROM orders WHERE id = 5;
DELETE FROM orders WHERE person_id = 3;
INSERT INTO people (id, code) VALUES (100000, 'x');
INSERT INTO people (id) VALUES (100000);
INSERT INTO people (id, missing) VALUES (100000, 'x');
INSERT INTO people SELECT id + 100000, code || 'x', size FROM people;
INSERT INTO orders SELECT id + 100000, id, 1 FROM people;
SELECT count(*) FROM people WHERE size > 3;
SELECT * FROM people WHERE id = 3;

-- scene: expressions
CREATE TABLE people (id INTEGER PRIMARY KEY, code TEXT NOT NULL, size INTEGER, twice AS (size * 2));
CREATE TABLE strict (id INTEGER PRIMARY KEY, size INT) STRICT;
-- try
CREATE TABLE more (a TEXT COLLATE german);
CREATE TABLE more (a TEXT COLLATE RTRIM);
CREATE TABLE more (a TEXT, UNIQUE (a COLLATE german));
ALTER TABLE people ADD COLUMN note TEXT COLLATE german;
CREATE INDEX more ON people (code COLLATE german);
CREATE INDEX more ON people (code COLLATE nocase);
CREATE INDEX more ON people (size + (SELECT 1));
CREATE INDEX more ON people (count(size));
CREATE INDEX more ON people (max(size));
CREATE INDEX more ON people (max(size, 1));
CREATE INDEX more ON people (sqlite_version());
CREATE INDEX more ON people (current_timestamp);
CREATE INDEX more ON people (row_number() OVER ());
CREATE INDEX more ON people (rowid);
CREATE INDEX more ON people (date('now'));
CREATE INDEX more ON people (strftime('%Y', code));
CREATE INDEX more ON people ("nothing");
CREATE INDEX more ON people (size DESC NULLS LAST);
CREATE INDEX more ON people (code) WHERE size > (SELECT 1);
CREATE INDEX more ON people (code) WHERE random() > 1;
CREATE INDEX more ON people (code) WHERE count(size) > 1;
CREATE INDEX more ON people (code) WHERE size = ?1;
CREATE INDEX more ON people (code) WHERE rowid > 5;
CREATE TABLE more (a CHECK (a > (SELECT 1)));
CREATE TABLE more (a CHECK (EXISTS (SELECT 1)));
CREATE TABLE more (a CHECK (sum(a) > 1));
CREATE TABLE more (a, CHECK (a = ?1));
CREATE TABLE more (a CHECK (random() > 1));
CREATE TABLE more (a CHECK (rowid > 1));
CREATE TABLE more (a, b AS ((SELECT 1)));
CREATE TABLE more (a, b AS (total(a)));
CREATE TABLE more (a, b AS (random()));
CREATE TABLE more (a, b AS (current_date));
CREATE TABLE more (a, b AS (rowid));
CREATE TABLE more (a, b AS (date('now')));
CREATE TABLE more (a, b AS (c), c AS (a));
CREATE TABLE more (a, b AS (c), c AS (d), d AS (b));
CREATE TABLE more (a, b AS (a) PRIMARY KEY);
CREATE TABLE more (a, b AS (a), PRIMARY KEY (b));
CREATE TABLE more (a, b AS (a) UNIQUE);
CREATE TABLE more (a, b AS (a) DEFAULT 5);
CREATE TABLE more (a DEFAULT (SELECT 1));
CREATE TABLE more (a DEFAULT ((SELECT 1)));
CREATE TABLE more (a DEFAULT (b), b);
CREATE TABLE more (a DEFAULT (random()));
CREATE TABLE more (a DEFAULT (current_timestamp));
CREATE TABLE more (a DEFAULT (true));
ALTER TABLE people ADD COLUMN more AS (random());
ALTER TABLE people ADD COLUMN more AS (size + 1);
ALTER TABLE people ADD COLUMN more CHECK ((SELECT 1));
ALTER TABLE people ADD COLUMN more CHECK (max(size) > 1);
ALTER TABLE strict ADD COLUMN more INT DEFAULT 'x';
ALTER TABLE strict ADD COLUMN more INT DEFAULT 1.5;
ALTER TABLE strict ADD COLUMN more TEXT DEFAULT 5;
ALTER TABLE strict ADD COLUMN more REAL DEFAULT '5';
ALTER TABLE strict ADD COLUMN more BLOB DEFAULT 'x';
ALTER TABLE strict ADD COLUMN more ANY DEFAULT 'x';
CREATE VIEW more AS SELECT ?1;
INSERT INTO people (id, code, twice) VALUES (100000, 'x', 5);
UPDATE people SET twice = 5;

-- scene: views and triggers behind renamed and dropped tables
CREATE TABLE people (id INTEGER PRIMARY KEY, size INTEGER);
CREATE VIEW tall AS SELECT people.id FROM people WHERE size > 3;
CREATE TABLE log (id INTEGER PRIMARY KEY, person INTEGER);
CREATE TRIGGER people_log AFTER INSERT ON people BEGIN INSERT INTO log (person) VALUES (NEW.id); END;
ALTER TABLE log RENAME TO journal;
CREATE TRIGGER people_size AFTER UPDATE OF size ON people BEGIN DELETE FROM gone; END;
-- try
SELECT * FROM tall;
INSERT INTO people (id) VALUES (100000);
UPDATE people SET size = 5 WHERE id = 5;
UPDATE people SET id = 100000 WHERE id = 5;
DELETE FROM people WHERE id = 5;

-- scene: names and calls in statements that write
CREATE TABLE crews (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE sailors (id INTEGER PRIMARY KEY, rank INTEGER, name TEXT);
-- try
INSERT INTO sailors (rank, name) VALUES (nowhere, 'x');
INSERT INTO sailors (rank, name) VALUES (abs(), 'x');
INSERT INTO sailors (rank, name) VALUES (abs(1, 2), 'x');
INSERT INTO sailors (rank, name) VALUES (substr('a'), 'x');
INSERT INTO sailors (rank, name) VALUES (coalesce(1), 'x');
INSERT INTO sailors (rank, name) VALUES (round(1, 2, 3), 'x');
INSERT INTO sailors (rank, name) VALUES (iif(1, 2, 3), 'x');
INSERT INTO sailors (rank, name) SELECT nowhere, 'x' FROM crews;
INSERT INTO sailors (rank, name) VALUES (1, 'x') RETURNING id;
INSERT INTO sailors (rank, name) VALUES (1, 'x') RETURNING nowhere;
INSERT INTO crews (id, code) VALUES (100000, 'x') ON CONFLICT (code) DO UPDATE SET code = excluded.code;
INSERT INTO crews (id, code) VALUES (100000, 'x') ON CONFLICT (code) DO UPDATE SET nowhere = 1;
INSERT INTO crews (id, code) VALUES (100000, 'x') ON CONFLICT (code) DO UPDATE SET code = nowhere;
INSERT INTO crews (id, code) VALUES (100000, 'x') ON CONFLICT (code) DO UPDATE SET code = excluded.nowhere;
UPDATE sailors SET rank = 1 RETURNING nowhere;
UPDATE sailors SET rank = crews.nowhere FROM crews WHERE crews.code = sailors.name;
UPDATE sailors SET rank = id FROM crews WHERE crews.code = sailors.name;
CREATE INDEX more ON sailors (abs(rank, 2));
SELECT abs(1, 2);
SELECT * FROM sailors ORDER BY nowhere;
SELECT rank AS grade FROM sailors ORDER BY grade;

-- scene: values that a row cannot hold
CREATE TABLE berths (id INTEGER PRIMARY KEY, code TEXT NOT NULL, n INT);
CREATE TABLE tight (id INTEGER PRIMARY KEY, n INT NOT NULL, r REAL, x ANY) STRICT;
-- try
INSERT INTO berths (n, code) VALUES (1, NULL);
INSERT INTO berths (id, code) VALUES (NULL, 'x');
INSERT OR IGNORE INTO berths (n, code) VALUES (1, NULL);
INSERT INTO tight (id, n) VALUES (100000, 'abc');
INSERT INTO tight (id, n) VALUES (100000, '12');
INSERT INTO tight (id, n, r) VALUES (100000, 1, 'abc');
INSERT INTO tight (id, n, x) VALUES (100000, 1, 'abc');

-- scene: values and aggregates
CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, a int);
CREATE TABLE t (id INTEGER PRIMARY KEY, a int NOT NULL DEFAULT 0, b text, c real, d text UNIQUE);
CREATE TABLE lg (x text);
CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO lg VALUES (NEW.c); END;
-- try
INSERT INTO t (a) VALUES (count(*));
INSERT INTO t (a) VALUES (max(1));
INSERT INTO t (a) VALUES (max(1, 2));
INSERT INTO t (a) VALUES ((SELECT count(*) FROM p));
INSERT INTO t (a) VALUES (NULL);
INSERT INTO t (id) VALUES ('abc');
INSERT INTO t (id) VALUES (100001.5);
INSERT INTO t (id) VALUES ('100002');
INSERT INTO t (id) VALUES (x'31');
UPDATE t SET a = sum(c);
UPDATE t SET a = (SELECT sum(a) FROM p);
DELETE FROM t WHERE count(*) > 1;
