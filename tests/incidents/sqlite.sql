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
-- source: mydia pull request 292, 2026
-- address: https://github.com/getmydia/mydia/pull/292
-- happened: three releases deleted every subtitle and hash while they rebuilt the table of files
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
-- source: mydia issue 269, 2026
-- address: https://github.com/getmydia/mydia/issues/269
-- happened: ON DELETE SET NULL took the profile of every item when the profiles were rebuilt
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
-- source: FastTrackML pull request 211, 2023
-- address: https://github.com/G-Research/fasttrackml/pull/211
-- happened: rebuilding runs deleted the params, metrics and tags of every run
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

-- case: child-rows-of-an-assistant
-- source: Cherry Studio issue 17568, 2026
-- address: https://github.com/CherryHQ/cherry-studio/issues/17568
-- happened: PRAGMA foreign_keys=OFF inside the migrator's transaction: topics gone, and no error anywhere
-- transaction: per-migration
-- expect: ineffective-pragma error, cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE assistant (id text PRIMARY KEY, name text);
CREATE TABLE topic (id text PRIMARY KEY, assistant_id text REFERENCES assistant (id) ON DELETE CASCADE);
-- then:
PRAGMA foreign_keys=OFF;
CREATE TABLE __new_assistant (id text PRIMARY KEY, name text NOT NULL);
INSERT INTO __new_assistant (id, name) SELECT id, name FROM assistant;
DROP TABLE assistant;
ALTER TABLE __new_assistant RENAME TO assistant;
PRAGMA foreign_keys=ON;

-- case: recreate-on-d1
-- source: drizzle-orm issue 4938, 2026
-- address: https://github.com/drizzle-team/drizzle-orm/issues/4938
-- happened: where the pragma is ignored, the generated rebuild empties what points at the table
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE users (id integer PRIMARY KEY, email text);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id) ON DELETE CASCADE);
-- then:
CREATE TABLE __new_users (id integer PRIMARY KEY, email text NOT NULL);
INSERT INTO __new_users (id, email) SELECT id, email FROM users;
DROP TABLE users;
ALTER TABLE __new_users RENAME TO users;

-- case: torrents-lose-their-files
-- source: Torrust Index issue 526, 2024
-- address: https://github.com/torrust/torrust-index/issues/526
-- happened: a new field in the torrents table: files, announce addresses and statistics were deleted
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE torrust_torrents (torrent_id integer PRIMARY KEY, info_hash text NOT NULL);
CREATE TABLE torrust_torrent_files (file_id integer PRIMARY KEY, torrent_id integer NOT NULL REFERENCES torrust_torrents (torrent_id) ON DELETE CASCADE);
-- then:
CREATE TABLE torrust_torrents_new (torrent_id integer PRIMARY KEY, info_hash text NOT NULL, is_bep_30 integer);
INSERT INTO torrust_torrents_new (torrent_id, info_hash) SELECT torrent_id, info_hash FROM torrust_torrents;
DROP TABLE torrust_torrents;
ALTER TABLE torrust_torrents_new RENAME TO torrust_torrents;

-- case: table-editor
-- source: DB Browser for SQLite pull request 1496, 2018
-- address: https://github.com/sqlitebrowser/sqlitebrowser/pull/1496
-- happened: adding a column by hand deleted the rows of every table that referred to this one
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE Accounts (id integer PRIMARY KEY, name text);
CREATE TABLE Projects (id integer PRIMARY KEY, account integer REFERENCES Accounts (id) ON DELETE CASCADE);
-- then:
CREATE TABLE sqlb_temp_table_1 (id integer PRIMARY KEY, name text, note text);
INSERT INTO sqlb_temp_table_1 (id, name) SELECT id, name FROM Accounts;
DROP TABLE Accounts;
ALTER TABLE sqlb_temp_table_1 RENAME TO Accounts;

-- case: default-keys
-- source: midnight issue 16, 2026
-- address: https://github.com/andrewitsover/midnight/issues/16
-- happened: a recreated table wiped those that cascade from it
-- transaction: per-migration
-- expect: cascading-table-rebuild error
PRAGMA foreign_keys = ON;
CREATE TABLE forests (id integer PRIMARY KEY, name text);
CREATE TABLE trees (id integer PRIMARY KEY, forest_id integer REFERENCES forests (id) ON DELETE CASCADE);
-- then:
CREATE TABLE temp_forests (id integer PRIMARY KEY, name text NOT NULL DEFAULT '');
INSERT INTO temp_forests (id, name) SELECT id, name FROM forests;
DROP TABLE forests;
ALTER TABLE temp_forests RENAME TO forests;

-- case: instance-info
-- source: Defguard client issue 252, 2024
-- address: https://github.com/DefGuard/client/issues/252
-- happened: every client with a row panicked at start after the update
-- expect: adding-required-column error
CREATE TABLE instance (id integer PRIMARY KEY, name text);
-- then:
ALTER TABLE instance ADD COLUMN proxy_url TEXT NOT NULL;

-- case: assignment-updated
-- source: CascadeLMS issue 30, 2013
-- address: https://github.com/mikehelmick/CascadeLMS/issues/30
-- happened: works on MySQL, refused by SQLite
-- expect: adding-required-column error
CREATE TABLE assignments (id integer PRIMARY KEY, title varchar(255));
-- then:
ALTER TABLE "assignments" ADD "created_at" datetime NOT NULL;

-- case: discussion-slug
-- source: chatter issue 39, 2017
-- address: https://github.com/thedevdojo/chatter/issues/39
-- happened: the migrations of a forum cannot be run on SQLite
-- expect: adding-required-column error
CREATE TABLE chatter_discussion (id integer PRIMARY KEY, title varchar);
-- then:
alter table "chatter_discussion" add column "slug" varchar not null;

-- case: post-subtitle
-- source: Canvas issue 22, 2016
-- address: https://github.com/austintoddj/canvas/issues/22
-- happened: a required column in a restructured table
-- expect: adding-required-column error
CREATE TABLE posts (id integer PRIMARY KEY, title varchar);
-- then:
alter table "posts" add column "subtitle" varchar not null;

-- case: votes-and-hotness
-- source: Flarum gamification pull request 143, 2026
-- address: https://github.com/FriendsOfFlarum/gamification/pull/143
-- happened: seven years later the first forum on SQLite met it
-- expect: adding-required-column error
CREATE TABLE discussions (id integer PRIMARY KEY, title varchar);
-- then:
alter table discussions add column votes integer not null;

-- case: slice-settings
-- source: Devise CMS issue 24, 2019
-- address: https://github.com/devisephp/cms/issues/24
-- happened: the first try after a meetup ended here
-- expect: adding-required-column error
CREATE TABLE dvs_slice_instances (id integer PRIMARY KEY, enabled integer);
-- then:
alter table "dvs_slice_instances" add column "settings" text not null;

-- case: school-of-a-game
-- source: Sequelize issue 4972, 2015
-- address: https://github.com/sequelize/sequelize/issues/4972
-- happened: a foreign key that must not be empty, for a table that is
-- expect: adding-required-column error
CREATE TABLE games (id integer PRIMARY KEY);
-- then:
ALTER TABLE `games` ADD `school_id` INTEGER NOT NULL;
