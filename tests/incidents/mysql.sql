-- Statements that hurt somebody, on MySQL and MariaDB.

-- case: ten-hours-of-alter
-- source: Mozilla Persona pull request 3487, 2013: ten hours, on every replica in turn
-- engine: mysql@5.7
-- expect: table-rebuild warning
CREATE TABLE user (id bigint PRIMARY KEY, email varchar(100));
-- then:
ALTER TABLE user ADD COLUMN failed_count int DEFAULT 0;

-- case: type-change-copies
-- source: GitHub, November 2021: a migration of a large table, replicas in deadlock at its last step
-- expect: blocking-table-copy error
CREATE TABLE events (id int PRIMARY KEY AUTO_INCREMENT, kind varchar(20));
-- then:
ALTER TABLE events MODIFY id bigint NOT NULL AUTO_INCREMENT;

-- case: rename-at-the-end
-- source: GitHub, November 2021: the rename is the step that everybody waits for
-- expect: renaming-table error
CREATE TABLE runs (id bigint PRIMARY KEY);
-- then:
RENAME TABLE runs TO workflow_runs;

-- case: changed-index
-- source: GitHub, March 2021: a migration that changed an index, half an hour down
-- expect: partial-apply warning
CREATE TABLE issues (id bigint PRIMARY KEY, repo_id bigint, state int, KEY by_repo (repo_id, state));
-- then:
DROP INDEX by_repo ON issues;
CREATE INDEX by_repo ON issues (repo_id);

-- case: statement-without-a-way-back
-- source: Metabase issue 37599: two servers, one half-applied change, 1061 from then on
-- expect: partial-apply warning
CREATE TABLE query_execution (id bigint PRIMARY KEY, action_id bigint);
-- then:
ALTER TABLE query_execution ADD COLUMN is_sandboxed boolean;
CREATE INDEX idx_query_execution_action_id ON query_execution (action_id);

-- case: index-that-is-there
-- source: new-api issue 5030, Cloudlog issue 3465: duplicate key name, the service does not start
-- expect: failing-statement error
CREATE TABLE logs (id bigint PRIMARY KEY, upstream_request_id varchar(50), KEY idx_logs_upstream (upstream_request_id));
-- then:
CREATE INDEX idx_logs_upstream ON logs (upstream_request_id);

-- case: text-with-a-default
-- source: web-logbook issue 545: 1101 on MySQL, fine on MariaDB
-- expect: failing-statement error
CREATE TABLE currency (id bigint PRIMARY KEY);
-- then:
ALTER TABLE currency ADD COLUMN sub_metrics text DEFAULT '';

-- case: required-text-without-default
-- source: Jarvis issue 53: old INSERTs fail, old rows silently get an empty value
-- expect: adding-required-column error
CREATE TABLE projects (id bigint PRIMARY KEY);
-- then:
ALTER TABLE projects ADD COLUMN workspaces text NOT NULL;

-- case: unique-index-over-duplicates
-- source: CommaFeed issue 493
-- expect: failing-on-data warning
CREATE TABLE feed_entry_statuses (id bigint PRIMARY KEY, entry_id bigint, subscription_id bigint);
-- then:
CREATE UNIQUE INDEX entry_subscription ON feed_entry_statuses (entry_id, subscription_id);

-- case: lock-tables-around-an-alter
-- source: edX ora2 pull request 475: a deadlock answered with LOCK TABLES
-- expect: explicit-table-lock warning
CREATE TABLE assessment_part (id bigint PRIMARY KEY);
-- then:
LOCK TABLES assessment_part WRITE;
ALTER TABLE assessment_part ADD COLUMN criterion_id integer NULL;
UNLOCK TABLES;

-- case: foreign-key-checks-off
-- source: edX ora2 pull request 475
-- expect: unvalidated-foreign-key warning
CREATE TABLE criterion (id int PRIMARY KEY);
CREATE TABLE assessment_part (id bigint PRIMARY KEY, criterion_id int);
-- then:
SET FOREIGN_KEY_CHECKS = 0;
ALTER TABLE assessment_part ADD CONSTRAINT criterion_ref FOREIGN KEY (criterion_id) REFERENCES criterion (id);
SET FOREIGN_KEY_CHECKS = 1;

-- case: foreign-key-checks-left-off
-- source: migration scripts that never switch them on again
-- expect: disabled-foreign-key-checks warning
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
-- then:
SET FOREIGN_KEY_CHECKS = 0;
UPDATE orders SET note = 'x' WHERE id = 1;

-- case: foreign-key-copies-the-table
-- source: deploys that stop writing for as long as the copy takes
-- expect: blocking-foreign-key error
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, KEY customer (customer_id));
-- then:
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);

-- case: modify-drops-not-null-and-default
-- source: a column widened with MODIFY lost NOT NULL and its default; INSERTs stored NULL for a day
-- expect: losing-column-attributes error
CREATE TABLE orders (id bigint PRIMARY KEY, state varchar(20) NOT NULL DEFAULT 'open');
-- then:
ALTER TABLE orders MODIFY state varchar(30);

-- case: modify-drops-auto-increment
-- source: the same with AUTO_INCREMENT: every INSERT fails with 1364
-- expect: losing-column-attributes error
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, total int);
-- then:
ALTER TABLE orders MODIFY id bigint NOT NULL;

-- case: varchar-crosses-255-bytes
-- source: "instant" growth of a varchar that copied the table
-- expect: blocking-table-copy error
CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50)) DEFAULT CHARSET=utf8mb4;
-- then:
ALTER TABLE users MODIFY name varchar(100);

-- case: fulltext-stops-writers
-- source: a search index added during the day
-- expect: blocking-index-build error
CREATE TABLE posts (id bigint PRIMARY KEY, body text);
-- then:
ALTER TABLE posts ADD FULLTEXT INDEX posts_body (body);

-- case: add-column-beside-fulltext
-- source: ALTER that was instant everywhere but on the table with the FULLTEXT index
-- expect: blocking-table-copy error
CREATE TABLE posts (id bigint PRIMARY KEY, body text, FULLTEXT KEY posts_body (body));
-- then:
ALTER TABLE posts ADD COLUMN views int;

-- case: check-copies
-- source: CHECK constraints after the upgrade to 8.0.16
-- expect: blocking-check-constraint error
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
-- then:
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0);

-- case: charset-conversion
-- source: utf8mb4 moves: hours of copying, indexes over the limit, joins without an index
-- expect: changing-charset warning, blocking-table-copy error
CREATE TABLE posts (id bigint PRIMARY KEY, body text, title varchar(100)) DEFAULT CHARSET=latin1;
-- then:
ALTER TABLE posts CONVERT TO CHARACTER SET utf8mb4;

-- case: enum-reordered
-- source: a label put in the middle: copied, and numbers behind the labels change
-- expect: blocking-table-copy error
CREATE TABLE orders (id bigint PRIMARY KEY, state enum('open', 'paid'));
-- then:
ALTER TABLE orders MODIFY state enum('new', 'open', 'paid');

-- case: update-of-everything
-- source: replicas ten minutes behind, users read stale rows
-- expect: unbounded-update error
CREATE TABLE users (id bigint PRIMARY KEY, active int);
-- then:
UPDATE users SET active = 1;

-- case: delete-with-a-true-condition
-- source: a WHERE that was left as 1 = 1
-- expect: unbounded-delete error
CREATE TABLE sessions (id bigint PRIMARY KEY);
-- then:
DELETE FROM sessions WHERE 1 = 1;

-- case: truncate-in-a-migration
-- source: "reset" scripts that ran in production
-- expect: truncating-table error
CREATE TABLE carts (id bigint PRIMARY KEY);
-- then:
TRUNCATE TABLE carts;

-- case: drop-column-breaks-a-trigger
-- source: every write failed with 1054 after the column was gone
-- expect: breaking-trigger error
CREATE TABLE orders (id bigint PRIMARY KEY, email varchar(50), total int);
CREATE TABLE log (email varchar(50));
CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.email);
-- then:
ALTER TABLE orders DROP COLUMN email;

-- case: drop-column-breaks-a-view
-- source: reports failed with 1356 the next morning
-- expect: breaking-view error
CREATE TABLE orders (id bigint PRIMARY KEY, email varchar(50), total int);
CREATE VIEW emails AS SELECT id, email FROM orders;
-- then:
ALTER TABLE orders DROP COLUMN email;

-- case: drop-column-narrows-a-key
-- source: duplicates refused that had been allowed the day before
-- expect: narrowing-unique-key error
CREATE TABLE prices (id bigint PRIMARY KEY, product int, region int, UNIQUE KEY pr (product, region));
-- then:
ALTER TABLE prices DROP COLUMN region;

-- case: drop-and-add-in-one
-- source: an ORM's changeColumn: the name survives, the values do not
-- expect: recreating-column error
CREATE TABLE orders (id bigint PRIMARY KEY, total varchar(20));
-- then:
ALTER TABLE orders DROP COLUMN total, ADD COLUMN total int;

-- case: transaction-that-is-none
-- source: a failed deploy whose ROLLBACK took nothing back
-- expect: implicit-commit warning
CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(10));
-- then:
START TRANSACTION;
UPDATE orders SET note = 'x' WHERE id = 1;
ALTER TABLE orders ADD COLUMN total int;
ROLLBACK;

-- case: instant-that-cannot-be
-- source: octo-server pull request 851: a wrong pin stops the deploy
-- expect: rejected-assertion error
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
-- then:
ALTER TABLE orders ADD INDEX by_total (total), ALGORITHM=INSTANT;

-- case: optimize-in-a-migration
-- source: OPTIMIZE TABLE on the largest table, replicas an hour behind
-- expect: rewriting-maintenance warning
CREATE TABLE events (id bigint PRIMARY KEY);
-- then:
OPTIMIZE TABLE events;

-- case: drop-partition-of-a-year
-- source: the wrong partition was dropped
-- expect: dropping-partition error
CREATE TABLE events (id int, year int) PARTITION BY RANGE (year) (PARTITION p2025 VALUES LESS THAN (2026), PARTITION p2026 VALUES LESS THAN (2027));
-- then:
ALTER TABLE events DROP PARTITION p2025;

-- case: expression-default
-- source: a default of UUID() for an existing table is refused
-- expect: failing-statement error
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
ALTER TABLE orders ADD COLUMN token char(36) DEFAULT (uuid());

-- case: inline-references
-- source: years without the foreign key that everybody believed in
-- expect: ignored-reference error
CREATE TABLE customers (id bigint PRIMARY KEY);
-- then:
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id));

-- case: table-without-a-key
-- source: a replica that scanned the table for each replicated row
-- expect: missing-primary-key warning
-- then:
CREATE TABLE audit (at datetime, line varchar(200));

-- case: mariadb-alter-ignore
-- source: duplicates deleted without a word to make a key fit
-- engine: mariadb@10.11
-- expect: discarding-rows error
CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20));
-- then:
ALTER IGNORE TABLE orders ADD UNIQUE KEY one_code (code);

-- case: mariadb-create-or-replace
-- source: a definition "updated" with CREATE OR REPLACE TABLE
-- engine: mariadb@10.11
-- expect: replacing-table error
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
-- then:
CREATE OR REPLACE TABLE orders (id bigint PRIMARY KEY, total bigint);

-- case: mariadb-check-on-trust
-- source: a CHECK with a default that breaks it
-- engine: mariadb@10.11
-- expect: unvalidated-constraint warning
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
ALTER TABLE orders ADD COLUMN pieces int NOT NULL DEFAULT 0 CHECK (pieces > 0);
