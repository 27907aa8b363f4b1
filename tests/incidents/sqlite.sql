-- Statements that hurt somebody, on SQLite.

-- case: rebuild-empties-the-children
-- source: drizzle-orm issue 5782: every message of every user gone after a changed default
-- transaction: per-migration
-- expect: ineffective-pragma error, cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE chats (id integer PRIMARY KEY, mode text DEFAULT 'preview');
CREATE TABLE messages (id integer PRIMARY KEY, chat_id integer REFERENCES chats (id) ON DELETE CASCADE);
-- then:
PRAGMA foreign_keys=OFF;
CREATE TABLE __new_chats (id integer PRIMARY KEY, mode text DEFAULT 'markup');
INSERT INTO __new_chats (id, mode) SELECT id, mode FROM chats;
DROP TABLE chats;
ALTER TABLE __new_chats RENAME TO chats;
PRAGMA foreign_keys=ON;

-- case: subtitles-and-hashes-deleted
-- source: mydia pull request 292: shipped in three releases
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE media_files (id integer PRIMARY KEY, path text);
CREATE TABLE subtitles (id integer PRIMARY KEY, file_id integer REFERENCES media_files (id) ON DELETE CASCADE);
-- then:
CREATE TABLE media_files_new (id integer PRIMARY KEY, path text NOT NULL);
INSERT INTO media_files_new (id, path) SELECT id, path FROM media_files;
DROP TABLE media_files;
ALTER TABLE media_files_new RENAME TO media_files;

-- case: assignments-set-to-null
-- source: mydia issue 269: ON DELETE SET NULL erased every assignment
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE quality_profiles (id integer PRIMARY KEY, name text);
CREATE TABLE media_items (id integer PRIMARY KEY, profile_id integer REFERENCES quality_profiles (id) ON DELETE SET NULL);
-- then:
CREATE TABLE quality_profiles_new (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO quality_profiles_new (id, name) SELECT id, name FROM quality_profiles;
DROP TABLE quality_profiles;
ALTER TABLE quality_profiles_new RENAME TO quality_profiles;

-- case: deferred-keys-cascade-all-the-same
-- source: EF Core issue 37598
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE parent (id integer PRIMARY KEY, name text);
CREATE TABLE child (id integer PRIMARY KEY REFERENCES parent (id) ON DELETE CASCADE);
-- then:
PRAGMA defer_foreign_keys = ON;
CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO parent_new (id, name) SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE parent_new RENAME TO parent;

-- case: renamed-first
-- source: AionCore pull request 248: keys of other tables followed the rename to the old table
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE conversations (id integer PRIMARY KEY, title text);
CREATE TABLE messages (id integer PRIMARY KEY, conversation_id integer REFERENCES conversations (id) ON DELETE CASCADE);
-- then:
ALTER TABLE conversations RENAME TO conversations_old;
CREATE TABLE conversations (id integer PRIMARY KEY, title text NOT NULL);
INSERT INTO conversations (id, title) SELECT id, title FROM conversations_old;
DROP TABLE conversations_old;

-- case: renamed-first-without-cascade
-- source: AionCore pull request 248, for tables without ON DELETE
-- expect: incomplete-table-rebuild error
CREATE TABLE teams (id integer PRIMARY KEY, title text);
CREATE TABLE tasks (id integer PRIMARY KEY, team_id integer REFERENCES teams (id));
-- then:
BEGIN;
ALTER TABLE teams RENAME TO teams_old;
CREATE TABLE teams (id integer PRIMARY KEY, title text NOT NULL);
INSERT INTO teams (id, title) SELECT id, title FROM teams_old;
DROP TABLE teams_old;
COMMIT;

-- case: run-data-deleted
-- source: FastTrackML pull request 211: params, metrics and tags of every run
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE runs (id integer PRIMARY KEY, name text);
CREATE TABLE metrics (id integer PRIMARY KEY, run_id integer REFERENCES runs (id) ON DELETE CASCADE);
-- then:
PRAGMA foreign_keys = ON;
BEGIN;
CREATE TABLE runs__temp (id integer PRIMARY KEY, name text, num integer);
INSERT INTO runs__temp (id, name) SELECT id, name FROM runs;
DROP TABLE runs;
ALTER TABLE runs__temp RENAME TO runs;
COMMIT;

-- case: index-lost-in-a-rebuild
-- source: rebuilds by hand: the index is missed when it is slow
-- expect: incomplete-table-rebuild error
CREATE TABLE accounts (id integer PRIMARY KEY, email text);
CREATE UNIQUE INDEX accounts_email ON accounts (email);
-- then:
BEGIN;
CREATE TABLE accounts_new (id integer PRIMARY KEY, email text NOT NULL);
INSERT INTO accounts_new (id, email) SELECT id, email FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_new RENAME TO accounts;
COMMIT;

-- case: rebuild-outside-a-transaction
-- source: a copy that failed on one row, and a DROP TABLE that came all the same
-- expect: missing-transaction warning
CREATE TABLE accounts (id integer PRIMARY KEY, email text);
-- then:
CREATE TABLE accounts_new (id integer PRIMARY KEY, email text NOT NULL);
INSERT INTO accounts_new (id, email) SELECT id, email FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_new RENAME TO accounts;

-- case: rows-ignored-in-a-rebuild
-- source: INSERT OR IGNORE into the new table
-- expect: discarding-rows error
CREATE TABLE accounts (id integer PRIMARY KEY, email text);
-- then:
BEGIN;
CREATE TABLE accounts_new (id integer PRIMARY KEY, email text UNIQUE);
INSERT OR IGNORE INTO accounts_new (id, email) SELECT id, email FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_new RENAME TO accounts;
COMMIT;

-- case: required-column-passes-on-an-empty-database
-- source: CKAN issue 294 and its like: green in CI, refused where there are rows
-- expect: adding-required-column error
CREATE TABLE dashboard (id integer PRIMARY KEY);
-- then:
ALTER TABLE dashboard ADD COLUMN email_last_sent text NOT NULL;

-- case: current-timestamp-default
-- source: refused on any table with a row
-- expect: failing-on-data warning
CREATE TABLE posts (id integer PRIMARY KEY);
-- then:
ALTER TABLE posts ADD COLUMN created_at text DEFAULT CURRENT_TIMESTAMP;

-- case: drop-column-breaks-a-trigger
-- source: every write fails after the column is gone
-- expect: breaking-trigger error
CREATE TABLE log (id integer PRIMARY KEY, at text, what text);
CREATE TABLE orders (id integer PRIMARY KEY);
CREATE TRIGGER orders_log AFTER INSERT ON orders BEGIN INSERT INTO log (at, what) VALUES ('now', 'order'); END;
-- then:
ALTER TABLE log DROP COLUMN at;

-- case: vacuum-in-the-runners-transaction
-- source: migrations that end with VACUUM
-- transaction: per-migration
-- expect: not-allowed-in-transaction error
CREATE TABLE orders (id integer PRIMARY KEY);
-- then:
VACUUM;
