-- Statements that hurt somebody, on PostgreSQL. Each case is written anew from what a write-up or an
-- issue tells; `expect` is what must be said of it, `source` where it happened.

-- case: foreign-key-queues-behind-a-report
-- source: GoCardless, API down for 15 seconds, 2015
-- expect: blocking-foreign-key error
CREATE TABLE payments (id bigint PRIMARY KEY, amount int);
CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint);
CREATE INDEX refunds_payment ON refunds (payment_id);
-- then:
ALTER TABLE refunds ADD CONSTRAINT refunds_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id);

-- case: new-table-locks-the-busy-parent
-- source: GoCardless, the table that was altered was empty and unused
-- expect: locking-referenced-table note
CREATE TABLE payments (id bigint PRIMARY KEY, amount int);
-- then:
CREATE TABLE payouts (id bigint PRIMARY KEY, payment_id bigint UNIQUE REFERENCES payments (id));

-- case: serial-of-a-log-runs-out
-- source: GoCardless, 27 minutes down when an update log hit 2147483647, April 2018
-- expect: preferring-bigint-key warning
-- then:
CREATE TABLE update_log (id serial PRIMARY KEY, payload jsonb);

-- case: int-key-to-bigint-in-place
-- source: Basecamp, read-only for hours after its events table ran out of integers, November 2018
-- expect: rewriting-column-type error
CREATE TABLE events (id int PRIMARY KEY, recording_id int, details jsonb);
-- then:
ALTER TABLE events ALTER COLUMN id TYPE bigint;

-- case: key-type-change-takes-the-children-along
-- source: GitLab, ci_stages and eight other tables at risk of running out
-- expect: rewriting-column-type error
CREATE TABLE stages (id int PRIMARY KEY);
CREATE TABLE builds (id bigint PRIMARY KEY, stage_id int REFERENCES stages (id));
CREATE INDEX builds_stage ON builds (stage_id);
-- then:
ALTER TABLE builds ALTER COLUMN stage_id TYPE bigint;

-- case: dropping-legacy-columns
-- source: Statuspage, seven minutes of hard outage, August 2019
-- expect: dropping-column error
CREATE TABLE users (id bigint PRIMARY KEY, email text, legacy_token text);
-- then:
ALTER TABLE users DROP COLUMN legacy_token;

-- case: constraint-on-the-flags-table
-- source: Flagsmith, connections exhausted for 35 minutes by a 50 ms constraint
-- expect: blocking-check-constraint error
CREATE TABLE feature_states (id bigint PRIMARY KEY, version int);
-- then:
ALTER TABLE feature_states ADD CONSTRAINT version_positive CHECK (version > 0);

-- case: unique-constraint-on-the-flags-table
-- source: Flagsmith, the same release notes
-- expect: blocking-unique-constraint error
CREATE TABLE feature_states (id bigint PRIMARY KEY, feature_id bigint, environment_id bigint);
-- then:
ALTER TABLE feature_states ADD CONSTRAINT one_per_environment UNIQUE (feature_id, environment_id);

-- case: add-column-backfill-carry-on
-- source: a ride-hailing platform, three hours of waiting on one table
-- transaction: per-migration
-- expect: unbounded-update error, mixing-schema-and-data warning
CREATE TABLE rides (id bigint PRIMARY KEY, state text);
-- then:
ALTER TABLE rides ADD COLUMN status text;
UPDATE rides SET status = state;

-- case: index-of-fifty-million-rows
-- source: six hours down for an index that took three seconds in staging
-- expect: blocking-index-build error
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);
-- then:
CREATE INDEX orders_customer_idx ON orders (customer_id);

-- case: foreign-key-of-400-milliseconds
-- source: "how I took down prod with a 400 ms migration"
-- expect: blocking-foreign-key error
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);
CREATE INDEX orders_customer ON orders (customer_id);
-- then:
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);

-- case: several-tables-one-transaction
-- source: taskcluster, v48 to v49 locked one table while it waited for another
-- transaction: per-migration
-- expect: locking-several-tables warning
CREATE TABLE queue_artifacts (id bigint PRIMARY KEY);
CREATE TABLE queue_tasks (id bigint PRIMARY KEY);
CREATE TABLE queue_workers (id bigint PRIMARY KEY);
-- then:
ALTER TABLE queue_artifacts DROP COLUMN IF EXISTS etag;
ALTER TABLE queue_tasks DROP COLUMN IF EXISTS etag;
ALTER TABLE queue_workers DROP COLUMN IF EXISTS etag;

-- case: dropping-and-recreating-labels
-- source: Cloud Foundry CAPI, deadlock while three tables were dropped and made again
-- transaction: per-migration
-- expect: dropping-table error
CREATE TABLE apps (id bigint PRIMARY KEY);
CREATE TABLE app_labels (id bigint PRIMARY KEY, app_id bigint REFERENCES apps (id));
CREATE INDEX app_labels_app ON app_labels (app_id);
-- then:
DROP TABLE app_labels;
CREATE TABLE app_labels (id bigint PRIMARY KEY, app_id bigint REFERENCES apps (id), key text);
CREATE INDEX app_labels_app ON app_labels (app_id);

-- case: foreign-keys-on-several-live-tables
-- source: GitLab production incident 6642, post-deploy migrations failing on deadlocks, March 2022
-- transaction: per-migration
-- expect: locking-several-tables warning
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE projects (id bigint PRIMARY KEY);
CREATE TABLE members (id bigint PRIMARY KEY, user_id bigint, project_id bigint);
CREATE INDEX members_user ON members (user_id);
CREATE INDEX members_project ON members (project_id);
-- then:
ALTER TABLE members ADD CONSTRAINT m_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE members ADD CONSTRAINT m_project FOREIGN KEY (project_id) REFERENCES projects (id) NOT VALID;

-- case: validate-in-the-same-transaction
-- source: several squawk users: NOT VALID and VALIDATE wrapped by the runner
-- transaction: per-migration
-- expect: validation-in-same-transaction error
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
-- then:
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT total_positive;

-- case: concurrently-inside-the-runners-transaction
-- source: suna and many others, wrapped by the migration tool
-- transaction: per-migration
-- expect: concurrently-in-transaction error
CREATE TABLE threads (id bigint PRIMARY KEY, opened_at timestamptz);
-- then:
CREATE INDEX CONCURRENTLY threads_opened_idx ON threads (opened_at);

-- case: retry-meets-the-invalid-index
-- source: freehire and crowd.dev, IF NOT EXISTS passes over an INVALID index
-- expect: hidden-no-op note
CREATE TABLE threads (id bigint PRIMARY KEY, opened_at timestamptz);
-- then:
CREATE INDEX CONCURRENTLY IF NOT EXISTS threads_opened_idx ON threads (opened_at);

-- case: unique-index-over-duplicates
-- source: tubesync and nocturne, upgrade fails on rows that are already there twice
-- expect: failing-on-data warning
CREATE TABLE task_history (id bigint PRIMARY KEY, task_id uuid);
-- then:
CREATE UNIQUE INDEX task_history_task ON task_history (task_id);

-- case: new-label-used-at-once
-- source: coder, all migrations in one transaction, the server did not start
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE provider AS ENUM ('openai', 'anthropic');
CREATE TABLE providers (id bigint PRIMARY KEY, kind provider);
-- then:
ALTER TYPE provider ADD VALUE 'openai-compat';
UPDATE providers SET kind = 'openai-compat' WHERE id = 7;

-- case: new-label-as-a-default
-- source: drizzle-kit issue 281
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE status AS ENUM ('ONE', 'TWO');
CREATE TABLE clients (id bigint PRIMARY KEY, status status NOT NULL DEFAULT 'ONE');
-- then:
ALTER TYPE status ADD VALUE 'FOUR';
ALTER TABLE clients ALTER COLUMN status SET DEFAULT 'FOUR';

-- case: add-value-before-version-12
-- source: IHP issue 944, activerecord-postgres_enum issue 36
-- engine: postgres@11
-- transaction: per-migration
-- expect: enum-value-in-transaction error
CREATE TYPE purpose AS ENUM ('walk');
-- then:
ALTER TYPE purpose ADD VALUE 'board_and_train';

-- case: commit-and-begin-as-a-workaround
-- source: IHP issue 944, the workaround that ends the runner's transaction
-- transaction: per-migration
-- expect: unbalanced-transaction error
CREATE TYPE item AS ENUM ('mat');
-- then:
COMMIT;
ALTER TYPE item ADD VALUE 'floor_mat';
BEGIN;

-- case: required-column-without-a-value
-- source: Cloud Foundry, total_service_keys: fails wherever a quota exists
-- expect: adding-required-column error
CREATE TABLE space_quotas (id bigint PRIMARY KEY);
-- then:
ALTER TABLE space_quotas ADD COLUMN total_service_keys integer NOT NULL;

-- case: required-column-of-collectives
-- source: Nextcloud Collectives 914, 23502 on upgrade
-- expect: adding-required-column error
CREATE TABLE collectives_pages (id bigint PRIMARY KEY);
-- then:
ALTER TABLE collectives_pages ADD COLUMN settings text NOT NULL;

-- case: set-not-null-on-a-hot-table
-- source: Doctolib, Braintree: minutes of nobody reading
-- expect: blocking-not-null-scan error
CREATE TABLE appointments (id bigint PRIMARY KEY, agenda_id bigint);
-- then:
ALTER TABLE appointments ALTER COLUMN agenda_id SET NOT NULL;

-- case: volatile-default
-- source: windmill and others, uuid for every old row
-- expect: rewriting-column-default error
CREATE TABLE jobs (id bigint PRIMARY KEY);
-- then:
ALTER TABLE jobs ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();

-- case: default-before-version-11
-- source: Codeship and many others until 2018: ADD COLUMN with a default wrote everything anew
-- engine: postgres@10
-- expect: rewriting-column-default error
CREATE TABLE builds (id bigint PRIMARY KEY);
-- then:
ALTER TABLE builds ADD COLUMN archived boolean NOT NULL DEFAULT false;

-- case: money-to-numeric
-- source: otari pull request 692: tens of seconds per ten million rows
-- expect: rewriting-column-type error
CREATE TABLE usage_logs (id bigint PRIMARY KEY, cost double precision);
-- then:
ALTER TABLE usage_logs ALTER COLUMN cost TYPE numeric(20, 10);

-- case: sixteen-hours-of-update
-- source: vega block explorer issue 10419
-- expect: unbounded-update error
CREATE TABLE blocks (id bigint PRIMARY KEY, height bigint);
CREATE TABLE tx_results (id bigint PRIMARY KEY, block_id bigint, block_height bigint);
-- then:
UPDATE tx_results SET block_height = 0;

-- case: joined-update-of-everything
-- source: vega block explorer issue 10419, as it was written
-- expect: unbounded-update warning
CREATE TABLE blocks (id bigint PRIMARY KEY, height bigint);
CREATE TABLE tx_results (id bigint PRIMARY KEY, block_id bigint, block_height bigint);
-- then:
UPDATE tx_results SET block_height = b.height FROM blocks b WHERE b.id = tx_results.block_id;

-- case: backfill-of-two-hot-tables
-- source: dify issue 37706
-- transaction: per-migration
-- expect: mixing-schema-and-data warning
CREATE TABLE apps (id bigint PRIMARY KEY, created_by bigint);
-- then:
ALTER TABLE apps ADD COLUMN maintainer bigint;
UPDATE apps SET maintainer = created_by WHERE maintainer IS NULL;

-- case: mirror-node-block-columns
-- source: hiero mirror node issue 10211
-- transaction: per-migration
-- expect: unbounded-update error
CREATE TABLE transactions (id bigint PRIMARY KEY, stamp bigint);
-- then:
ALTER TABLE transactions ADD COLUMN block bigint;
UPDATE transactions SET block = stamp / 2;

-- case: drop-schema-objects-cascade
-- source: "anatomy of a bad migration": a rename as DROP ... CASCADE took three tables' keys along
-- expect: dropping-table error
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id));
CREATE INDEX orders_customer ON orders (customer_id);
-- then:
DROP TABLE customers CASCADE;

-- case: truncate-cascade
-- source: pgsync issue 60: TRUNCATE ... CASCADE emptied products, rates and offers
-- expect: truncating-table error
CREATE TABLE tier (id bigint PRIMARY KEY);
CREATE TABLE product (id bigint PRIMARY KEY, tier_id bigint REFERENCES tier (id));
CREATE INDEX product_tier ON product (tier_id);
-- then:
TRUNCATE TABLE tier CASCADE;

-- case: backup-table-that-was-read
-- source: "the day we deleted the production database": it was only a backup table
-- expect: dropping-table error
CREATE TABLE temp_migration_backup (id bigint PRIMARY KEY);
-- then:
DROP TABLE temp_migration_backup;

-- case: cleanup-script-without-where
-- source: an inventory company, 18 hours: the list of test accounts was empty
-- expect: unbounded-delete error
CREATE TABLE inventory (id bigint PRIMARY KEY, account_id bigint);
-- then:
DELETE FROM inventory;

-- case: rename-column-under-traffic
-- source: many: old processes ask for the old name until the deploy is through
-- expect: renaming-column error
CREATE TABLE users (id bigint PRIMARY KEY, name text);
-- then:
ALTER TABLE users RENAME COLUMN name TO full_name;

-- case: rename-table-under-traffic
-- source: Sentry's rules on dangerous migrations: a renamed table fails both versions
-- expect: renaming-table error
CREATE TABLE monitors (id bigint PRIMARY KEY);
-- then:
ALTER TABLE monitors RENAME TO crons;

-- case: merge-two-name-columns
-- source: an on-call exercise after a real one: the rollback needs what was dropped
-- transaction: per-migration
-- expect: dropping-column error, mixing-schema-and-data warning
CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text);
-- then:
ALTER TABLE people ADD COLUMN full_name text;
UPDATE people SET full_name = first_name || ' ' || last_name;
ALTER TABLE people DROP COLUMN first_name;
ALTER TABLE people DROP COLUMN last_name;

-- case: reindex-in-a-quiet-hour
-- source: a shop's nightly REINDEX met the morning's first orders
-- expect: blocking-reindex error
CREATE TABLE orders (id bigint PRIMARY KEY, email text);
CREATE INDEX orders_email ON orders (email);
-- then:
REINDEX TABLE orders;

-- case: vacuum-full-to-win-space
-- source: Heroku support articles: VACUUM FULL on the largest table
-- expect: rewriting-maintenance error
CREATE TABLE events (id bigint PRIMARY KEY);
-- then:
VACUUM FULL events;

-- case: drop-index-behind-a-report
-- source: GitLab guide: DROP INDEX waits for every query and stops the rest
-- expect: blocking-index-drop warning
CREATE TABLE notes (id bigint PRIMARY KEY, author_id bigint);
CREATE INDEX notes_author ON notes (author_id);
-- then:
DROP INDEX notes_author;

-- case: new-partition-every-month
-- source: partition maintenance that stopped the parent, nobody's linter reports it
-- expect: partition-locks-parent warning
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
-- then:
CREATE TABLE events_2027_01 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2027-02-01');

-- case: attach-with-a-default-partition
-- source: a default partition of a year's rows was read under lock
-- expect: blocking-partition-attach error
CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE events_2027 (id bigint, at timestamptz NOT NULL);
-- then:
ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');

-- case: dropping-old-partitions
-- source: retention job: DROP TABLE of a partition waited for the parent's queries
-- expect: partition-locks-parent warning, dropping-partition error
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- then:
DROP TABLE events_2020;

-- case: detach-stops-the-parent
-- source: retention job, before DETACH ... CONCURRENTLY
-- expect: blocking-partition-detach error
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- then:
ALTER TABLE events DETACH PARTITION events_2020;

-- case: matview-refresh-at-noon
-- source: dashboards stood still while their view was refreshed
-- expect: blocking-matview-refresh warning
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
CREATE MATERIALIZED VIEW revenue AS SELECT sum(total) AS total FROM orders;
-- then:
REFRESH MATERIALIZED VIEW revenue;

-- case: trigger-on-a-busy-table
-- source: audit triggers rolled out at daytime
-- expect: locking-trigger-change warning
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
-- then:
CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();

-- case: triggers-off-and-forgotten
-- source: backfills that switch triggers off; foreign keys are triggers too
-- expect: disabling-trigger warning
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
ALTER TABLE orders DISABLE TRIGGER ALL;

-- case: row-security-without-a-policy
-- source: supabase users: an app that sees no rows from one moment to the next
-- expect: enabling-row-security warning
CREATE TABLE profiles (id bigint PRIMARY KEY);
-- then:
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;

-- case: foreign-key-without-an-index
-- source: a DELETE of one customer read a billion rows
-- expect: unindexed-foreign-key warning
CREATE TABLE customers (id bigint PRIMARY KEY);
-- then:
CREATE TABLE invoices (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers (id) ON DELETE CASCADE);

-- case: explicit-lock-of-everything
-- source: a script that locked the table by hand "to be safe"
-- transaction: per-migration
-- expect: explicit-table-lock warning
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
LOCK TABLE orders;

-- case: lock-in-the-middle-of-a-backfill
-- source: Hypothesis issue 8018, Forest Admin: a strong lock held while something else goes on
-- transaction: per-migration
-- expect: lock-held-while-working error
CREATE TABLE features (id bigint PRIMARY KEY);
CREATE TABLE users (id bigint PRIMARY KEY, age int);
ALTER TABLE users ADD CONSTRAINT adult CHECK (age > 0) NOT VALID;
-- then:
ALTER TABLE features ADD COLUMN first_party boolean DEFAULT false;
ALTER TABLE users VALIDATE CONSTRAINT adult;

-- case: the-same-in-a-do-block
-- source: squawk issue 528: nobody looks into DO blocks
-- expect: blocking-index-build error
CREATE TABLE orders (id bigint PRIMARY KEY, email text);
-- then:
DO $$ BEGIN CREATE INDEX orders_email ON orders (email); END $$;

-- case: set-schema
-- source: SafeTrust: "SET SCHEMA is non-destructive", and every query names the old schema
-- expect: renaming-object warning
CREATE SCHEMA tenants;
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
ALTER TABLE orders SET SCHEMA tenants;

-- case: view-in-the-way
-- source: metabase and others: the type change is refused in production, where the view exists
-- expect: failing-statement error
CREATE TABLE orders (id bigint PRIMARY KEY, total int);
CREATE VIEW totals AS SELECT id, total FROM orders;
-- then:
ALTER TABLE orders ALTER COLUMN total TYPE bigint;

-- case: pending-trigger-events
-- source: kolibri issue 6480
-- transaction: per-migration
-- expect: failing-statement error
CREATE TABLE lessons (id bigint PRIMARY KEY);
CREATE TABLE logs (id bigint PRIMARY KEY, lesson_id bigint REFERENCES lessons (id) DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX logs_lesson ON logs (lesson_id);
-- then:
INSERT INTO logs (id, lesson_id) VALUES (900001, 1);
ALTER TABLE logs ADD COLUMN kind int;

-- case: not-null-default-dropped-by-the-framework
-- source: Django until db_default: the old version's INSERTs fail during the deploy
-- transaction: per-migration
-- expect: client-side-default warning
CREATE TABLE orders (id bigint PRIMARY KEY);
-- then:
ALTER TABLE orders ADD COLUMN state text DEFAULT 'open' NOT NULL;
ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;

-- case: stored-generated-search-column
-- source: full text search added to a large table: minutes of ACCESS EXCLUSIVE
-- expect: rewriting-generated-column error
CREATE TABLE posts (id bigint PRIMARY KEY, body text);
-- then:
ALTER TABLE posts ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;

-- case: narrowing-a-code
-- source: a varchar made shorter: refused at the last row, after reading them all
-- expect: lossy-type-change error
CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(200));
-- then:
ALTER TABLE orders ALTER COLUMN code TYPE varchar(50);

-- case: dropping-a-unique-key-that-upserts-need
-- source: ON CONFLICT fails with 42P10 from the moment the key is gone
-- expect: dropping-constraint warning
CREATE TABLE settings (id bigint PRIMARY KEY, name text, CONSTRAINT one_name UNIQUE (name));
-- then:
ALTER TABLE settings DROP CONSTRAINT one_name;

-- case: unlogged-to-logged
-- source: a bulk-loaded table made durable: all of it through the log
-- expect: rewriting-table-option error
CREATE UNLOGGED TABLE imports (id bigint PRIMARY KEY);
-- then:
ALTER TABLE imports SET LOGGED;

-- case: uuid-primary-key-swap
-- source: a new primary key built in place
-- expect: blocking-primary-key error
CREATE TABLE sessions (id bigint, token uuid NOT NULL);
-- then:
ALTER TABLE sessions ADD PRIMARY KEY (token);
