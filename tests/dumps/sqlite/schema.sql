CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name VARCHAR(80) DEFAULT 'nobody',
  price NUMERIC NOT NULL DEFAULT 0 CHECK (price >= 0),
  full_name TEXT GENERATED ALWAYS AS (name || ' ' || email) VIRTUAL,
  changed_at TEXT DEFAULT CURRENT_TIMESTAMP
, phone TEXT);
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE IF NOT EXISTS "couples" (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, v REAL) STRICT;
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  remark TEXT,
  CONSTRAINT orders_note UNIQUE (remark)
);
CREATE INDEX orders_person ON orders (person_id, lower(remark)) WHERE remark IS NOT NULL;
CREATE VIRTUAL TABLE texts USING fts5(body, title)
/* texts(body,title) */;
CREATE TABLE IF NOT EXISTS 'texts_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE IF NOT EXISTS 'texts_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS 'texts_content'(id INTEGER PRIMARY KEY, c0, c1);
CREATE TABLE IF NOT EXISTS 'texts_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE IF NOT EXISTS 'texts_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE VIEW rich AS SELECT id, name FROM people WHERE price > 100
/* rich(id,name) */;
CREATE TRIGGER orders_touch AFTER INSERT ON orders BEGIN
  UPDATE people SET changed_at = datetime('now') WHERE id = NEW.person_id;
  SELECT 1;
END;
