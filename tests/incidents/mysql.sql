-- Statements that hurt somebody, on MySQL and MariaDB.

-- case: ten-hours-of-alter
-- source: Mozilla Persona pull request 3487, 2013: ten hours, on every replica in turn
-- engine: mysql@5.7
-- expect: table-rebuild warning
CREATE TABLE user (id bigint PRIMARY KEY, email varchar(100));
-- then:
ALTER TABLE user ADD COLUMN failed_count int DEFAULT 0;

-- case: rename-at-the-end
-- source: GitHub availability report, November 2021
-- address: https://github.blog/2021-12-01-github-availability-report-november-2021/
-- happened: the rename at the end of a migration left most read replicas in a deadlock; 2 hours 50 minutes
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
-- source: Metabase issue 37599, 2024
-- address: https://github.com/metabase/metabase/issues/37599
-- happened: two servers upgraded at once; the second met the half that the first had applied: 1061
-- expect: partial-apply warning
CREATE TABLE query_execution (id bigint PRIMARY KEY, action_id bigint);
-- then:
ALTER TABLE query_execution ADD COLUMN is_sandboxed boolean;
CREATE INDEX idx_query_execution_action_id ON query_execution (action_id);

-- case: index-that-is-there
-- source: Cloudlog issue 3465, 2026
-- address: https://github.com/magicbug/Cloudlog/issues/3465
-- happened: the index was there, the version number was not: every update stopped with a duplicate key name
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

-- case: status-events-copied
-- source: Ghost pull request 27666, 2026
-- address: https://github.com/TryGhost/Ghost/pull/27666
-- happened: six million rows copied at boot, until the server closed the connection
-- expect: blocking-table-copy error
CREATE TABLE members_status_events (id varchar(24) NOT NULL PRIMARY KEY, member_id varchar(24) NOT NULL);
-- then:
alter table `members_status_events` add `batch_id` varchar(24) null, algorithm=copy;

-- case: process-execution
-- source: rancher issue 3949, 2016
-- address: https://github.com/rancher/rancher/issues/3949
-- happened: three minutes for five thousand fat rows: the server gave up, and its lock stayed
-- engine: mysql@5.6
-- expect: table-rebuild warning
CREATE TABLE process_execution (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, log mediumtext);
-- then:
ALTER TABLE process_execution ADD created datetime NULL;

-- case: checksum-of-the-file-cache
-- source: ownCloud issue 22747, 2016
-- address: https://github.com/owncloud/core/issues/22747
-- happened: the largest table of all, copied during the update
-- engine: mysql@5.6
-- expect: table-rebuild warning
CREATE TABLE oc_filecache (fileid int NOT NULL AUTO_INCREMENT PRIMARY KEY, storage int NOT NULL, path varchar(4000));
-- then:
ALTER TABLE oc_filecache ADD checksum VARCHAR(255) DEFAULT NULL;

-- case: devices-cannot-be-altered
-- source: fxa-auth-db-mysql issue 273, 2017
-- address: https://github.com/mozilla/fxa-auth-db-mysql/issues/273
-- happened: tens of minutes, and any duplicate meanwhile throws the whole ALTER out
-- engine: mysql@5.6
-- expect: table-rebuild warning
CREATE TABLE devices (uid binary(16) NOT NULL, id binary(16) NOT NULL, sessionTokenId binary(32), PRIMARY KEY (uid, id), UNIQUE KEY (uid, sessionTokenId));
-- then:
ALTER TABLE devices ADD COLUMN callbackIsExpired BOOLEAN NOT NULL DEFAULT FALSE;

-- case: states-are-full
-- source: Home Assistant issue 125883, 2024
-- address: https://github.com/home-assistant/core/issues/125883
-- happened: the copy needs the table's space again: 1114, the table is full
-- engine: mariadb@10.11
-- expect: blocking-table-copy error
CREATE TABLE states (state_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, state varchar(255));
-- then:
ALTER TABLE states MODIFY state_id BIGINT NOT NULL AUTO_INCREMENT;

-- case: eight-hours-of-recorder
-- source: Home Assistant issue 124186, 2024
-- address: https://github.com/home-assistant/core/issues/124186
-- happened: a hundred gigabytes of events, eight hours, and no end
-- engine: mariadb@10.11
-- expect: blocking-table-copy error
CREATE TABLE events (event_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, data_id int);
-- then:
ALTER TABLE events MODIFY event_id BIGINT NOT NULL AUTO_INCREMENT, MODIFY data_id BIGINT;

-- case: zone-object-id-twice
-- source: icinga2 issue 3696, 2015
-- address: https://github.com/Icinga/icinga2/issues/3696
-- happened: the upgrade script ran twice: 1060 at its first line
-- expect: failing-statement error
CREATE TABLE icinga_endpoints (endpoint_id bigint PRIMARY KEY, zone_object_id bigint);
-- then:
ALTER TABLE icinga_endpoints ADD COLUMN zone_object_id bigint;

-- case: preferences-get-a-second-key
-- source: FileSender issue 102, 2017
-- address: https://github.com/filesender/filesender/issues/102
-- happened: the key was there: 1068, multiple primary key defined
-- expect: failing-statement error
CREATE TABLE UserPreferences (id varchar(255) NOT NULL PRIMARY KEY, organization varchar(80));
-- then:
ALTER TABLE UserPreferences MODIFY id VARCHAR(190) NOT NULL PRIMARY KEY;

-- case: changelog-gets-a-second-key
-- source: Keycloak issue 41158, 2025
-- address: https://github.com/keycloak/keycloak/issues/41158
-- happened: a cluster needs a key, so it was made by hand; then the migration made one too
-- expect: failing-statement error
CREATE TABLE DATABASECHANGELOG (ID varchar(255) NOT NULL, AUTHOR varchar(255) NOT NULL, FILENAME varchar(255) NOT NULL, PRIMARY KEY (ID, AUTHOR, FILENAME)) DEFAULT CHARSET=utf8mb3;
-- then:
ALTER TABLE DATABASECHANGELOG ADD PRIMARY KEY (ID, AUTHOR, FILENAME);

-- case: daemon-log-gets-a-key
-- source: vSphereDB module issue 558, 2024
-- address: https://github.com/Icinga/icingaweb2-module-vspheredb/issues/558
-- happened: a key over a clock: older rows share their millisecond
-- engine: mariadb@10.11
-- expect: failing-on-data warning
CREATE TABLE vspheredb_daemonlog (instance_uuid varbinary(16) NOT NULL, ts_create bigint NOT NULL, message text);
-- then:
ALTER TABLE vspheredb_daemonlog ADD PRIMARY KEY (instance_uuid, ts_create);

-- case: deployment-id-is-not-there
-- source: DevLake issue 4941, 2023
-- address: https://github.com/apache/devlake/issues/4941
-- happened: 1091: can't drop what the other half of the fleet never had
-- expect: failing-statement error
CREATE TABLE project_issue_metrics (id varchar(255) NOT NULL PRIMARY KEY, project_name varchar(100));
-- then:
ALTER TABLE project_issue_metrics DROP COLUMN deployment_id;

-- case: spam-scores-to-utf8mb4
-- source: MailWatch issue 350, 2017
-- address: https://github.com/mailwatch/MailWatch/issues/350
-- happened: 250 characters of four bytes do not fit into 767: 1071
-- engine: mysql@5.6
-- expect: failing-statement error
CREATE TABLE spamscores (user varchar(255) NOT NULL DEFAULT '', lowspamscore decimal(10,0), PRIMARY KEY (user)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
-- then:
ALTER TABLE `spamscores` CHANGE `user` `user` VARCHAR(250) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;

-- case: alert-rules-to-utf8mb4
-- source: LibreNMS pull request 12501, 2021
-- address: https://github.com/librenms/librenms/pull/12501
-- happened: a unique name of 255 letters, and the update stops at its first table
-- engine: mysql@5.6
-- expect: failing-statement error
CREATE TABLE alert_rules (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(255) NOT NULL, UNIQUE KEY (name)) DEFAULT CHARSET=utf8;
-- then:
ALTER TABLE `alert_rules` MODIFY `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;

-- case: users-to-utf8mb4
-- source: Agorakit issue 397, 2021
-- address: https://github.com/agorakit/agorakit/issues/397
-- happened: from 1.7 to 1.9 and no further: the index on the address is too long
-- engine: mysql@5.6
-- expect: failing-statement error
CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(255) NOT NULL, UNIQUE KEY users_email_unique (email)) DEFAULT CHARSET=utf8;
-- then:
ALTER TABLE `users` CONVERT TO CHARACTER SET utf8mb4;

-- case: emoji-for-posts
-- source: Chyrp Lite issue 154, 2022
-- address: https://github.com/xenocrat/chyrp-lite/issues/154
-- happened: the upgrade converts every table, and was commented out to get on
-- expect: changing-charset warning, blocking-table-copy error
CREATE TABLE posts (id bigint PRIMARY KEY, body text, clean varchar(128)) DEFAULT CHARSET=utf8mb3;
-- then:
ALTER TABLE posts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;

-- case: attribute-entity-types
-- source: OpenBoxes issue 2281, 2021
-- address: https://github.com/openboxes/openboxes/issues/2281
-- happened: new tables are utf8mb4, old ones are not: 3780
-- expect: failing-statement error
CREATE TABLE attribute (id char(38) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb3;
CREATE TABLE attribute_entity_type_codes (attribute_id char(38), code varchar(255)) DEFAULT CHARSET=utf8mb4;
-- then:
ALTER TABLE attribute_entity_type_codes ADD CONSTRAINT FK38EE09DA47B0D087 FOREIGN KEY (attribute_id) REFERENCES attribute (id);

-- case: member-labels
-- source: Ghost issue 11600, 2020
-- address: https://github.com/TryGhost/Ghost/issues/11600
-- happened: the collations differ: the blog does not start again after the update
-- expect: failing-statement error
CREATE TABLE members (id varchar(24) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE members_labels (id varchar(24) NOT NULL PRIMARY KEY, member_id varchar(24) NOT NULL) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
-- then:
alter table `members_labels` add constraint `members_labels_member_id_foreign` foreign key (`member_id`) references `members` (`id`);

-- case: content-versions
-- source: Directus issue 20316, 2023
-- address: https://github.com/directus/directus/issues/20316
-- happened: errno 150: the referenced column has another collation
-- engine: mariadb@10.6
-- expect: failing-statement error
CREATE TABLE directus_collections (collection varchar(64) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE directus_versions (id char(36) NOT NULL PRIMARY KEY, collection varchar(64) NOT NULL) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
-- then:
alter table `directus_versions` add constraint `directus_versions_collection_foreign` foreign key (`collection`) references `directus_collections` (`collection`) on delete CASCADE;

-- case: automated-emails
-- source: Ghost pull request 29007, 2026
-- address: https://github.com/TryGhost/Ghost/pull/29007
-- happened: MODIFY says nothing of the collation, so it changes, and a foreign key forbids that
-- expect: failing-statement error
CREATE TABLE email_design_settings (id varchar(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY);
CREATE TABLE automated_emails (id varchar(24) NOT NULL PRIMARY KEY, email_design_setting_id varchar(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, CONSTRAINT automated_emails_email_design_setting_id_foreign FOREIGN KEY (email_design_setting_id) REFERENCES email_design_settings (id)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
-- then:
alter table `automated_emails` modify `email_design_setting_id` varchar(24) not null;

-- case: perfect-queue-locks
-- source: perfectqueue pull request 7, 2015
-- address: https://github.com/treasure-data/perfectqueue/pull/7
-- happened: LOCK TABLES waits for everybody's metadata lock, and everybody for it
-- expect: explicit-table-lock warning
CREATE TABLE queue (id varchar(255) NOT NULL PRIMARY KEY, timeout int);
-- then:
LOCK TABLES queue WRITE;

-- case: history-index-behind-a-report
-- source: Icinga DB pull request 686, 2024
-- address: https://github.com/Icinga/icingadb/pull/686
-- happened: the index is built online, but first waits for a report, with all writers behind it for twenty minutes
-- expect: missing-lock-timeout warning
CREATE TABLE history (id binary(20) NOT NULL PRIMARY KEY, event_time bigint, event_type varchar(30));
-- then:
ALTER TABLE history ADD INDEX idx_history_event_time_event_type (event_time, event_type);

-- case: indexer-upgrade
-- source: Magento issue 19220, 2018
-- address: https://github.com/magento/magento2/issues/19220
-- happened: setup:upgrade and an open transaction: by default the metadata lock is waited for a year
-- expect: missing-lock-timeout warning
CREATE TABLE test (id int NOT NULL PRIMARY KEY, x varchar(3));
-- then:
ALTER TABLE test ADD COLUMN c char(32) DEFAULT 'dummy_text';

-- case: city-loses-its-name
-- source: Propel2 issue 659, 2014
-- address: https://github.com/propelorm/Propel2/issues/659
-- happened: a field renamed in the model: the column is dropped and another one added
-- expect: dropping-column error, adding-required-column error
CREATE TABLE city (id int NOT NULL PRIMARY KEY, name varchar(255) NOT NULL);
-- then:
ALTER TABLE `city` ADD (`title` VARCHAR(255) NOT NULL), DROP `name`;

-- case: news-lose-their-message
-- source: Doctrine Migrations issue 242, 2015
-- address: https://github.com/doctrine/migrations/issues/242
-- happened: the generated way back adds an empty column and drops the one with the texts
-- expect: dropping-column error
CREATE TABLE NewsMessageTranslation (id int NOT NULL PRIMARY KEY, textWebsite longtext, textFacebook longtext);
-- then:
ALTER TABLE NewsMessageTranslation ADD message LONGTEXT DEFAULT NULL COLLATE utf8mb4_unicode_ci, DROP textWebsite, DROP textFacebook;

-- case: renamed-table-is-empty
-- source: Doctrine Migrations issue 17, 2010
-- address: https://github.com/doctrine/migrations/issues/17
-- happened: renameTable made a new table and dropped the old one, rows and all
-- expect: dropping-table error
CREATE TABLE old_name (id int NOT NULL PRIMARY KEY, note varchar(50));
-- then:
CREATE TABLE new_name (id int NOT NULL PRIMARY KEY, note varchar(50));
DROP TABLE old_name;
