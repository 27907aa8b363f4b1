-- Statements that hurt somebody, on PostgreSQL. Each case is written anew from what a write-up or an
-- issue tells: `source` is where it happened, `address` where it can be read, `happened` what came of it,
-- `expect` what must be said of it.

-- case: foreign-key-queues-behind-a-report
-- source: "Zero-downtime Postgres migrations: the hard parts", GoCardless, 2015
-- address: https://gocardless.com/blog/zero-downtime-postgres-migrations-the-hard-parts/
-- happened: the foreign key waited for a report that read the parent, and the API waited behind it for 15 seconds
-- expect: blocking-foreign-key error
CREATE TABLE payments (id bigint PRIMARY KEY, amount int);
CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint);
CREATE INDEX refunds_payment ON refunds (payment_id);
-- then:
ALTER TABLE refunds ADD CONSTRAINT refunds_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id);

-- case: new-table-locks-the-busy-parent
-- source: "Zero-downtime Postgres migrations: the hard parts", GoCardless, 2015
-- address: https://gocardless.com/blog/zero-downtime-postgres-migrations-the-hard-parts/
-- happened: the tables that were changed were empty and unused; the one they refer to was not
-- expect: locking-referenced-table note
CREATE TABLE payments (id bigint PRIMARY KEY, amount int);
-- then:
CREATE TABLE payouts (id bigint PRIMARY KEY, payment_id bigint UNIQUE REFERENCES payments (id));

-- case: int-key-to-bigint-in-place
-- source: Postmortem on the read-only outage of Basecamp, November 2018
-- address: https://m.signalvnoise.com/postmortem-on-the-read-only-outage-of-basecamp-on-november-9th-2018/
-- happened: events hit 2147483647; widening the key in place kept Basecamp read-only for almost five hours
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
-- source: Statuspage incident of 12 August 2019
-- address: https://metastatuspage.com/incidents/c666y50f1xr9
-- happened: dropping legacy columns waited behind worker jobs, and everything queued behind it for seven minutes
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
-- source: "Lesson learned from DB outage", M. Alamsyah, a ride-hailing platform
-- address: https://www.malamsyah.com/meditation/lesson-learned-from-db-outage
-- happened: add a column, backfill, carry on: three hours in which every read and write of rides waited
-- transaction: per-migration
-- expect: unbounded-update error, mixing-schema-and-data warning
CREATE TABLE rides (id bigint PRIMARY KEY, state text);
-- then:
ALTER TABLE rides ADD COLUMN status text;
UPDATE rides SET status = state;

-- case: foreign-key-of-400-milliseconds
-- source: "how I took down prod with a 400 ms migration"
-- expect: blocking-foreign-key error
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);
CREATE INDEX orders_customer ON orders (customer_id);
-- then:
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);

-- case: several-tables-one-transaction
-- source: taskcluster issue 3632, db v48 to v49, 2020
-- address: https://github.com/taskcluster/taskcluster/issues/3632
-- happened: one table was held locked while the migration waited for another
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
-- source: Cloud Foundry capi-release issue 127, 2019
-- address: https://github.com/cloudfoundry/capi-release/issues/127
-- happened: dropping and making label tables anew met live traffic on apps: deadlock detected
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

-- case: new-label-as-a-default
-- source: drizzle-orm issue 3466, 2024
-- address: https://github.com/drizzle-team/drizzle-orm/issues/3466
-- happened: the new label became a default in the transaction that added it: unsafe use of new value
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
-- source: Nextcloud Collectives pull request 914
-- address: https://github.com/nextcloud/collectives/pull/914
-- happened: the app update stopped with 23502 wherever there were pages
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
-- source: mozilla-ai/otari pull request 692, 2026
-- address: https://github.com/mozilla-ai/otari/pull/692
-- happened: measured: tens of seconds for ten million rows, at startup, under ACCESS EXCLUSIVE
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
-- source: dify issue 37706, 2026
-- address: https://github.com/langgenius/dify/issues/37706
-- happened: one UPDATE over apps and one over datasets, and nobody could write either meanwhile
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

-- case: cohort-variant-runs-out
-- source: varify issue 187, 2014
-- address: https://github.com/chop-dbhi/varify/issues/187
-- happened: the nightly job used up the integers of its key: integer out of range
-- expect: preferring-bigint-key warning
-- then:
CREATE TABLE cohort_variant (id serial PRIMARY KEY, variant_id integer);

-- case: sequence-used-up-by-upserts
-- source: Sourcegraph pull request 52299, 2023
-- address: https://github.com/sourcegraph/sourcegraph-public-snapshot/pull/52299
-- happened: every upsert takes a number; a customer's permission sync broke within months
-- expect: preferring-bigint-key warning
-- then:
CREATE TABLE user_repo_permissions (id SERIAL PRIMARY KEY, user_id integer NOT NULL, repo_id integer NOT NULL);

-- case: ais-messages-run-out
-- source: pyrate issue 40, 2016
-- address: https://github.com/UCL-ShippingGroup/pyrate/issues/40
-- happened: serial keys of ship positions stopped at 2147483647
-- expect: preferring-bigint-key warning
-- then:
CREATE TABLE ais_clean (id serial PRIMARY KEY, mmsi integer);

-- case: group-release-type
-- source: Sentry self-hosted issue 1958, 2023
-- address: https://github.com/getsentry/self-hosted/issues/1958
-- happened: the rewrite built a unique index anew, and found duplicates: the upgrade stopped
-- expect: rewriting-column-type error
CREATE TABLE sentry_grouprelease (id bigint PRIMARY KEY, project_id integer, group_id integer, release_id integer, environment varchar(64), UNIQUE (group_id, release_id, environment));
-- then:
ALTER TABLE "sentry_grouprelease" ALTER COLUMN "project_id" TYPE bigint USING "project_id"::bigint;

-- case: builds-rewritten-four-times
-- source: NixOS/hydra pull request 1887, 2026
-- address: https://github.com/NixOS/hydra/pull/1887
-- happened: each ALTER wrote 238 GB anew; grouped, it is done once
-- expect: rewriting-column-type error
CREATE TABLE Builds (id integer PRIMARY KEY, timestamp integer NOT NULL, lastChecked integer, startTime integer);
-- then:
ALTER TABLE Builds ALTER COLUMN timestamp TYPE bigint;
ALTER TABLE Builds ALTER COLUMN startTime TYPE bigint;

-- case: nine-hours-for-a-column
-- source: "The nine-hour migration", Minh Le, 2025
-- address: https://minhle.xyz/blog/postgres-nine-hour-migration-locks
-- happened: a nullable column waited behind a 90 second report that ran every five minutes, and all orders behind it
-- expect: missing-lock-timeout warning
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
-- then:
BEGIN;
ALTER TABLE orders ADD COLUMN customer_email VARCHAR(255);
COMMIT;

-- case: just-adding-a-column
-- source: "The migration that was just adding a column", Haseeb Studio
-- address: https://www.haseebstudio.com/blog/when-your-migration-takes-down-prod
-- happened: Friday, 4 p.m.: the lock queue behind an analytics session took the health checks down
-- expect: missing-lock-timeout warning
CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
-- then:
ALTER TABLE events ADD COLUMN source VARCHAR(32);

-- case: drop-columns-without-a-limit
-- source: margince issue 1844, 2026
-- address: https://github.com/margince/margince/issues/1844
-- happened: about a hundred migrations may wait for their lock for ever, with everybody behind them
-- expect: dropping-column error, missing-lock-timeout warning
CREATE TABLE team (id uuid PRIMARY KEY, workspace_id uuid);
-- then:
ALTER TABLE team DROP COLUMN workspace_id;

-- case: attribute-index-for-hours
-- source: ScorpioBroker issue 401, 2023
-- address: https://github.com/ScorpioBroker/ScorpioBroker/issues/401
-- happened: the upgrade built this for hours before anything else could start
-- expect: blocking-index-build error
CREATE TABLE temporalentityattrinstance (internalid bigint PRIMARY KEY, attributeid text, data jsonb);
-- then:
CREATE INDEX i_temporalentityattrinstance_attribname ON public.temporalentityattrinstance USING hash (attributeid text_ops);

-- case: batch-job-index
-- source: tolgee pull request 3436, 2026
-- address: https://github.com/tolgee/tolgee-platform/pull/3436
-- happened: plain index builds on large tables were taken out of the upgrade
-- expect: blocking-index-build error
CREATE TABLE tolgee_batch_job (id bigint PRIMARY KEY, created_at timestamp);
-- then:
CREATE INDEX "IDX71c7yr8a185u5jsdyndom5fa7" ON tolgee_batch_job (created_at);

-- case: search-index-locks-the-upgrade
-- source: HAPI FHIR pull request 6489, 2024
-- address: https://github.com/hapifhir/hapi-fhir/pull/6489
-- happened: every index of an upgrade locked its table until the migrator built them online
-- expect: blocking-index-build error
CREATE TABLE hfj_resource (res_id bigint PRIMARY KEY, res_type varchar(40), fhir_id varchar(64));
-- then:
CREATE UNIQUE INDEX idx_res_type_fhir_id ON hfj_resource (res_type, fhir_id);

-- case: reported-problems
-- source: temporal issue 10358, 2026
-- address: https://github.com/temporalio/temporal/issues/10358
-- happened: 35 million rows: 57 minutes under an exclusive lock, on a machine with nothing else to do
-- expect: rewriting-generated-column error, blocking-index-build error
CREATE TABLE executions_visibility (namespace_id char(64) NOT NULL, run_id char(64) NOT NULL, search_attributes jsonb, PRIMARY KEY (namespace_id, run_id));
-- then:
ALTER TABLE executions_visibility ADD COLUMN TemporalReportedProblems JSONB GENERATED ALWAYS AS (search_attributes->'TemporalReportedProblems') STORED;
CREATE INDEX by_temporal_reported_problems ON executions_visibility USING GIN (TemporalReportedProblems jsonb_path_ops);

-- case: search-vector-of-the-timeline
-- source: twenty issue 18657, 2026
-- address: https://github.com/twentyhq/twenty/issues/18657
-- happened: the upgrade timed out in each workspace; by hand it took 16 seconds under the lock
-- expect: rewriting-generated-column error
CREATE TABLE "timelineActivity" (id uuid PRIMARY KEY, name text);
-- then:
ALTER TABLE "timelineActivity" ADD COLUMN "searchVector" tsvector GENERATED ALWAYS AS (to_tsvector('simple', COALESCE("name", ''))) STORED;

-- case: alter-then-backfill-then-alter
-- source: boardsesh pull request 3496, 2026
-- address: https://github.com/boardsesh/boardsesh/pull/3496
-- happened: one table locked for two minutes of backfill, then a lock on a second: the deploy was thrown out as deadlock victim
-- transaction: per-migration
-- expect: mixing-schema-and-data warning
CREATE TABLE board_climbs (uuid text PRIMARY KEY, name text);
CREATE TABLE board_climb_stats (id bigint PRIMARY KEY, climb_uuid text, changed_at timestamptz);
-- then:
ALTER TABLE board_climb_stats ADD COLUMN synced_at timestamptz;
UPDATE board_climb_stats s SET synced_at = changed_at FROM board_climbs c WHERE c.uuid = s.climb_uuid AND c.name IS NOT NULL;
ALTER TABLE board_climbs ADD COLUMN synced_at timestamptz;

-- case: twelve-tables-and-two-busy-parents
-- source: Kilo-Org/cloud pull request 5040, 2026
-- address: https://github.com/Kilo-Org/cloud/pull/5040
-- happened: dropping tables locks what they refer to: five deploys in a row deadlocked with users' requests
-- transaction: per-migration
-- expect: dropping-table error, locking-several-tables warning
CREATE TABLE kilocode_users (id text PRIMARY KEY);
CREATE TABLE organizations (id uuid PRIMARY KEY);
CREATE TABLE cost_insight_runs (id uuid PRIMARY KEY, user_id text REFERENCES kilocode_users (id), org_id uuid REFERENCES organizations (id));
CREATE TABLE cost_insight_items (id uuid PRIMARY KEY, user_id text REFERENCES kilocode_users (id), org_id uuid REFERENCES organizations (id));
CREATE INDEX ON cost_insight_runs (user_id);
CREATE INDEX ON cost_insight_runs (org_id);
CREATE INDEX ON cost_insight_items (user_id);
CREATE INDEX ON cost_insight_items (org_id);
-- then:
DROP TABLE cost_insight_items;
DROP TABLE cost_insight_runs;

-- case: two-statistics-triggers
-- source: Sourcegraph pull request 41006, 2022
-- address: https://github.com/sourcegraph/sourcegraph-public-snapshot/pull/41006
-- happened: dropping the second trigger deadlocked with production
-- transaction: per-migration
-- expect: dropping-object warning, locking-several-tables warning
CREATE TABLE repo (id integer PRIMARY KEY);
CREATE TABLE gitserver_repos (repo_id integer PRIMARY KEY);
CREATE TABLE external_service_repos (repo_id integer PRIMARY KEY);
CREATE FUNCTION recalc() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER trig_recalc_repo_statistics_on_repo_update AFTER UPDATE ON repo FOR EACH STATEMENT EXECUTE FUNCTION recalc();
CREATE TRIGGER trig_recalc_gitserver_repos_statistics_on_update AFTER UPDATE ON gitserver_repos FOR EACH STATEMENT EXECUTE FUNCTION recalc();
CREATE TRIGGER trig_es AFTER UPDATE ON external_service_repos FOR EACH STATEMENT EXECUTE FUNCTION recalc();
-- then:
DROP TRIGGER IF EXISTS trig_recalc_repo_statistics_on_repo_update ON repo;
DROP TRIGGER IF EXISTS trig_recalc_gitserver_repos_statistics_on_update ON gitserver_repos;
DROP TRIGGER IF EXISTS trig_es ON external_service_repos;

-- case: all-migrations-in-one-transaction
-- source: dstack pull request 3220, 2025
-- address: https://github.com/dstackai/dstack/pull/3220
-- happened: all pending migrations ran in one transaction: deadlocks on deploy until each got its own
-- transaction: per-migration
-- expect: locking-several-tables warning
CREATE TABLE jobs (id uuid PRIMARY KEY);
CREATE TABLE runs (id uuid PRIMARY KEY);
CREATE TABLE instances (id uuid PRIMARY KEY);
-- then:
ALTER TABLE jobs ADD COLUMN probes jsonb;
ALTER TABLE runs ADD COLUMN priority integer;
ALTER TABLE instances ADD COLUMN health varchar(50);

-- case: models-in-one-migration
-- source: PostHog pull request 53986, 2026
-- address: https://github.com/PostHog/posthog/pull/53986
-- happened: several tables in one migration: a deadlock kept deploys from going out
-- transaction: per-migration
-- expect: locking-several-tables warning
CREATE TABLE modeling_node (id uuid PRIMARY KEY);
CREATE TABLE modeling_edge (id uuid PRIMARY KEY);
CREATE TABLE modeling_dag (id uuid PRIMARY KEY);
-- then:
ALTER TABLE modeling_node ADD COLUMN dag_id uuid;
ALTER TABLE modeling_edge ADD COLUMN dag_id uuid;
ALTER TABLE modeling_dag ADD COLUMN name text;

-- case: every-table-locked-first
-- source: pachyderm pull request 9722, 2024
-- address: https://github.com/pachyderm/pachyderm/pull/9722
-- happened: so that nothing is written between, a migration takes every table
-- transaction: per-migration
-- expect: explicit-table-lock warning
CREATE TABLE pfs_repos (id bigint PRIMARY KEY);
CREATE TABLE pfs_commits (id bigint PRIMARY KEY);
-- then:
LOCK TABLE pfs_repos, pfs_commits IN EXCLUSIVE MODE;

-- case: blobs-digest-index
-- source: harness issue 3633, 2025
-- address: https://github.com/harness/harness/issues/3633
-- happened: the runner wraps each file: the server did not start after the upgrade
-- transaction: per-migration
-- expect: concurrently-in-transaction error
CREATE TABLE blobs (blob_id bigint PRIMARY KEY, blob_digest bytea);
-- then:
CREATE INDEX CONCURRENTLY IF NOT EXISTS index_blobs_digest_blobid ON blobs (blob_digest, blob_id);

-- case: sample-index-of-the-warehouse
-- source: METR/hawk pull request 285, 2026
-- address: https://github.com/METR/hawk/pull/285
-- happened: postgresql_concurrently in an Alembic revision without an autocommit block
-- transaction: per-migration
-- expect: concurrently-in-transaction error
CREATE TABLE sample (pk uuid PRIMARY KEY, id text);
-- then:
CREATE INDEX CONCURRENTLY sample__id_idx ON sample (id);

-- case: optimization-indexes
-- source: enclavr server issue 49, 2026
-- address: https://github.com/enclavr/server/issues/49
-- happened: golang-migrate sends the file as one: the migration fails on every version
-- transaction: per-migration
-- expect: concurrently-in-transaction error
CREATE TABLE messages (id uuid PRIMARY KEY, room_id uuid, created_at timestamptz);
-- then:
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_messages_room ON messages (room_id, created_at DESC);

-- case: indexer-gives-up-concurrently
-- source: near-indexer-for-explorer pull request 141, 2021
-- address: https://github.com/near/near-indexer-for-explorer/pull/141
-- happened: Diesel wraps the migration, so CONCURRENTLY was taken out, and the table is locked instead
-- transaction: per-migration
-- expect: blocking-index-build error
CREATE TABLE action_receipt_actions (receipt_id text, index_in_action_receipt integer, receipt_receiver_account_id text, PRIMARY KEY (receipt_id, index_in_action_receipt));
-- then:
CREATE INDEX action_receipt_actions_receiver_idx ON action_receipt_actions (receipt_receiver_account_id);

-- case: file-with-more-than-the-index
-- source: Supabase CLI issue 2898, 2025
-- address: https://github.com/supabase/cli/issues/2898
-- happened: a release began to wrap each file: migrations with concurrent builds failed from then on
-- transaction: per-migration
-- expect: concurrently-in-transaction error
CREATE TABLE profiles (id uuid PRIMARY KEY, handle text);
-- then:
create index concurrently profiles_handle_idx on profiles (handle);

-- case: reporting-events-index
-- source: Chatwoot issue 15885, 2026
-- address: https://github.com/chatwoot/chatwoot/issues/15885
-- happened: the interrupted build was skipped on retry, recorded as done, and stayed INVALID
-- expect: hidden-no-op note
CREATE TABLE reporting_events (id bigint PRIMARY KEY, account_id integer, name varchar, created_at timestamp);
-- then:
CREATE INDEX CONCURRENTLY IF NOT EXISTS index_reporting_events_for_response_distribution ON reporting_events (account_id, name, created_at);

-- case: talent-network-index
-- source: freehire pull request 2165, 2026
-- address: https://github.com/strelov1/freehire/pull/2165
-- happened: a unique index that guards nothing, because its build failed half way
-- expect: failing-on-data note
CREATE TABLE talent_network (id bigint PRIMARY KEY, user_id bigint, company_id bigint);
-- then:
CREATE UNIQUE INDEX CONCURRENTLY talent_network_user_company ON talent_network (user_id, company_id);

-- case: ninety-six-builds
-- source: crowd.dev pull request 4386, 2026
-- address: https://github.com/linuxfoundation/crowd.dev/pull/4386
-- happened: a repaired run skips the invalid ones and fails where they are attached
-- expect: hidden-no-op note
CREATE TABLE versions_p0 (id bigint PRIMARY KEY, last_synced_at timestamptz, package_id bigint);
-- then:
CREATE INDEX CONCURRENTLY IF NOT EXISTS versions_p0_last_synced_at_id_package_id_idx ON versions_p0 (last_synced_at, id, package_id);

-- case: unique-data-source
-- source: Sentry self-hosted issue 4049, 2025
-- address: https://github.com/getsentry/self-hosted/issues/4049
-- happened: two rows alike, and the upgrade to 25.11.0 stopped
-- expect: blocking-unique-constraint error
CREATE TABLE workflow_engine_datasource (id bigint PRIMARY KEY, type varchar(200), source_id text);
-- then:
ALTER TABLE "workflow_engine_datasource" ADD CONSTRAINT "unique_type_source_id" UNIQUE ("type", "source_id");

-- case: meter-glucose-legacy-ids
-- source: nocturne issue 828, 2026
-- address: https://github.com/nightscout/nocturne/issues/828
-- happened: unique indexes with no cleaning up before them: old instances crash in a loop at startup
-- expect: failing-on-data warning
CREATE TABLE meter_glucose (id uuid PRIMARY KEY, tenant_id uuid, legacy_id text);
-- then:
CREATE UNIQUE INDEX ix_meter_glucose_tenant_legacy_id ON meter_glucose (tenant_id, legacy_id);

-- case: file-cache-index
-- source: ownCloud issue 20418, 2015
-- address: https://github.com/owncloud/core/issues/20418
-- happened: the update stopped on a duplicate, and the server stayed in maintenance mode
-- expect: failing-on-data warning
CREATE TABLE oc_filecache (fileid integer PRIMARY KEY, storage integer, path_hash varchar(32));
-- then:
CREATE UNIQUE INDEX oc_watdcbmwzjsxx ON oc_filecache ("storage", "path_hash");

-- case: reindex-after-glibc
-- source: Sentry self-hosted issue 4516, 2026
-- address: https://github.com/getsentry/self-hosted/issues/4516
-- happened: the upgrade reindexes everything, and stops at a duplicate that the broken index had let in
-- expect: blocking-reindex error
CREATE TABLE sentry_perfstringindexer (id bigint PRIMARY KEY, string text, organization_id bigint, use_case_id text, CONSTRAINT perf_unique_org_string_usecase UNIQUE (string, organization_id, use_case_id));
-- then:
REINDEX DATABASE postgres;

-- case: principals-of-kind-system
-- source: GPUStack issue 5676, 2026
-- address: https://github.com/gpustack/gpustack/issues/5676
-- happened: added and used in one transaction: no PostgreSQL server came up after the upgrade
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE principaltype AS ENUM ('USER', 'GROUP');
CREATE TABLE principals (id integer PRIMARY KEY, kind principaltype, is_system boolean);
-- then:
ALTER TYPE principaltype ADD VALUE 'SYSTEM';
UPDATE principals SET kind = 'SYSTEM' WHERE is_system = true;

-- case: pending-in-a-bitmask
-- source: River issue 681, 2024
-- address: https://github.com/riverqueue/river/issues/681
-- happened: exported as one file for Flyway, a function compares with the label that the file adds
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE river_job_state AS ENUM ('available', 'running');
-- then:
ALTER TYPE river_job_state ADD VALUE 'pending';
CREATE OR REPLACE FUNCTION river_job_state_in_bitmask(bitmask BIT(8), state river_job_state) RETURNS boolean LANGUAGE SQL IMMUTABLE AS $$ SELECT CASE state WHEN 'available' THEN get_bit(bitmask, 7) WHEN 'pending' THEN get_bit(bitmask, 3) ELSE 0 END = 1; $$;

-- case: entity-of-the-new-kind
-- source: efcore.pg issue 3389, 2024
-- address: https://github.com/npgsql/efcore.pg/issues/3389
-- happened: since version 9 all pending migrations share one transaction, and the next one uses the label
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE entity_type AS ENUM ('entity1', 'entity2');
CREATE TABLE entity (id uuid PRIMARY KEY, type entity_type);
-- then:
ALTER TYPE entity_type ADD VALUE 'entity3';
INSERT INTO entity (id, type) VALUES (gen_random_uuid(), 'entity3');

-- case: queue-with-a-new-status
-- source: pgqueuer issue 311, 2025
-- address: https://github.com/janbjorge/pgqueuer/issues/311
-- happened: the upgrade is one statement list in one transaction, and uses what it adds
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE pgqueuer_status AS ENUM ('queued', 'picked');
CREATE TABLE pgqueuer (id bigint PRIMARY KEY, status pgqueuer_status NOT NULL);
-- then:
ALTER TYPE pgqueuer_status ADD VALUE 'successful';
DELETE FROM pgqueuer WHERE status = 'successful';

-- case: dead-captures
-- source: alveusgg/census pull request 86, 2026
-- address: https://github.com/alveusgg/census/pull/86
-- happened: on a fresh database all migrations are one transaction: an index over the new label is refused
-- transaction: per-migration
-- expect: uncommitted-enum-value error
CREATE TYPE capture_status AS ENUM ('draft', 'complete');
CREATE TABLE captures (id bigint PRIMARY KEY, status capture_status);
-- then:
ALTER TYPE capture_status ADD VALUE 'dead';
CREATE INDEX captures_dead_idx ON captures (id) WHERE status = 'dead';

-- case: time-period-ranges
-- source: Icinga Director issue 730, 2017
-- address: https://github.com/Icinga/icingaweb2-module-director/issues/730
-- happened: two required columns for a table with rows: schema migrations cannot be applied any more
-- expect: adding-required-column error
CREATE TABLE icinga_timeperiod_range (timeperiod_id integer PRIMARY KEY);
-- then:
ALTER TABLE icinga_timeperiod_range ADD COLUMN range_key character varying(255) NOT NULL, ADD COLUMN range_value character varying(255) NOT NULL;

-- case: tagline-of-a-service
-- source: cyfronet marketplace issue 144, 2018
-- address: https://github.com/cyfronet-fid/marketplace/issues/144
-- happened: green on an empty database, mended by hand before production
-- expect: adding-required-column error
CREATE TABLE services (id bigint PRIMARY KEY, title varchar);
-- then:
ALTER TABLE "services" ADD "tagline" text NOT NULL;

-- case: state-of-a-log
-- source: Viesti-Reports issue 164, 2024
-- address: https://github.com/antedebaas/Viesti-Reports/issues/164
-- happened: the upgrade to 1.21.0 fails on every PostgreSQL with a log
-- expect: adding-required-column error
CREATE TABLE logs (id integer PRIMARY KEY, message text);
-- then:
ALTER TABLE logs ADD state INT NOT NULL;

-- case: institution-of-a-subscription
-- source: PKP issue 9617, 2024
-- address: https://github.com/pkp/pkp-lib/issues/9617
-- happened: journals with institutional subscriptions could not upgrade to 3.4
-- expect: adding-required-column error
CREATE TABLE institutional_subscriptions (institutional_subscription_id bigint PRIMARY KEY, subscription_id bigint NOT NULL);
-- then:
ALTER TABLE institutional_subscriptions ADD COLUMN institution_id bigint NOT NULL;

-- case: project-of-a-bill
-- source: Cospend issue 321, 2024
-- address: https://github.com/julien-nc/cospend-nc/issues/321
-- happened: passes on MySQL and SQLite, stops on PostgreSQL: nothing to put into the rows that are there
-- expect: adding-required-column error
CREATE TABLE oc_cospend_bills (id bigint PRIMARY KEY, what varchar(300));
-- then:
ALTER TABLE oc_cospend_bills ADD project_id VARCHAR(64) NOT NULL;

-- case: core-blink
-- source: IBM CAST issue 699, 2019
-- address: https://github.com/IBM/CAST/issues/699
-- happened: the tests ran on an empty database
-- expect: adding-required-column error
CREATE TABLE csm_allocation_history (allocation_id bigint PRIMARY KEY);
-- then:
ALTER TABLE csm_allocation_history ADD COLUMN core_blink boolean NOT NULL;

-- case: absolute-path
-- source: Dockstore issue 2093, 2019
-- address: https://github.com/dockstore/dockstore/issues/2093
-- happened: the rows had not been filled after all: latest production data could not be migrated
-- expect: blocking-not-null-scan error
CREATE TABLE sourcefile (id bigint PRIMARY KEY, absolutepath varchar);
-- then:
ALTER TABLE public.sourcefile ALTER COLUMN absolutepath SET NOT NULL;

-- case: name-hash-of-a-mailbox
-- source: Nextcloud Mail issue 9089, 2023
-- address: https://github.com/nextcloud/mail/issues/9089
-- happened: a generated hash was to be NOT NULL before any row had one
-- expect: adding-required-column error
CREATE TABLE oc_mail_mailboxes (id bigint PRIMARY KEY, name varchar(255));
-- then:
ALTER TABLE oc_mail_mailboxes ADD name_hash VARCHAR(255) NOT NULL;

-- case: game-mode-progress
-- source: TarkovTracker pull request 657, 2026
-- address: https://github.com/tarkovtracker-org/TarkovTracker/pull/657
-- happened: one INSERT over everybody held its locks for half an hour: nobody could sign in
-- transaction: per-migration
-- expect: mixing-schema-and-data warning
CREATE TABLE user_progress (user_id uuid PRIMARY KEY, pvp jsonb, pve jsonb);
CREATE TABLE user_game_mode_progress (user_id uuid, mode text, data jsonb, PRIMARY KEY (user_id, mode));
-- then:
ALTER TABLE user_game_mode_progress ADD COLUMN source text;
INSERT INTO user_game_mode_progress (user_id, mode, data, source) SELECT user_id, 'pvp', pvp, 'backfill' FROM user_progress ON CONFLICT DO NOTHING;

-- case: profiling-version
-- source: blockscout-rs pull request 1720, 2026
-- address: https://github.com/blockscout/blockscout-rs/pull/1720
-- happened: seen in review: every profiled row written, then indexes built, all in one transaction
-- transaction: per-migration
-- expect: blocking-index-build error, mixing-schema-and-data warning
CREATE TABLE operation (id text PRIMARY KEY, op_type text, timestamp timestamptz);
-- then:
ALTER TABLE operation ADD COLUMN profiling_version smallint;
UPDATE "operation" SET "profiling_version" = 1 WHERE "op_type" IS NOT NULL;
CREATE INDEX "idx_operation_v1_backfill" ON "operation" ("timestamp" DESC) WHERE "op_type" IS NOT NULL AND "profiling_version" = 1;

-- case: dataset-names
-- source: Marquez issue 2298, 2022
-- address: https://github.com/MarquezProject/marquez/issues/2298
-- happened: every installation with the view stopped at V52
-- expect: failing-statement error
CREATE TABLE datasets (uuid uuid PRIMARY KEY, name varchar(255));
CREATE VIEW datasets_view AS SELECT uuid, name FROM datasets;
-- then:
ALTER TABLE datasets ALTER COLUMN name TYPE varchar;

-- case: person-view
-- source: pg-schema-diff issue 181, 2024
-- address: https://github.com/stripe/pg-schema-diff/issues/181
-- happened: the plan drops a column that a view shows: the database is left half way
-- expect: failing-statement error
CREATE TABLE person (id serial PRIMARY KEY, name text);
CREATE VIEW person_view AS SELECT name FROM person;
-- then:
ALTER TABLE "public"."person" DROP COLUMN "name";

-- case: permission-views-left-behind
-- source: Hasura issue 3940, 2020
-- address: https://github.com/hasura/graphql-engine/issues/3940
-- happened: an upgrade forgot to take its own views away, and columns could not be dropped any more
-- expect: failing-statement error
CREATE SCHEMA hdb_views;
CREATE TABLE my_table (id integer PRIMARY KEY, my_column text);
CREATE VIEW hdb_views.role__insert AS SELECT id, my_column FROM my_table;
-- then:
ALTER TABLE my_table DROP COLUMN my_column;

-- case: bio-becomes-text
-- source: scenic issue 166, 2016
-- address: https://github.com/scenic-views/scenic/issues/166
-- happened: the views must go first, in the right version, and come back
-- expect: failing-statement error
CREATE TABLE users (id bigint PRIMARY KEY, bio varchar);
CREATE VIEW bios AS SELECT id, bio FROM users;
-- then:
ALTER TABLE users ALTER COLUMN bio TYPE text;

-- case: value-of-a-thing
-- source: contember pull request 876, 2026
-- address: https://github.com/contember/contember/pull/876
-- happened: a view that named the column in its SQL only was not dropped before
-- expect: failing-statement error
CREATE TABLE something (id uuid PRIMARY KEY, value integer);
CREATE VIEW something_view AS SELECT id, value::text AS value FROM something;
-- then:
ALTER TABLE something ALTER COLUMN value SET DATA TYPE text;

-- case: default-models-in-one-release
-- source: langwatch pull request 4073, 2026
-- address: https://github.com/langwatch/langwatch/pull/4073
-- happened: old pods ask for the columns until they are gone themselves
-- expect: dropping-column error
CREATE TABLE "Organization" (id text PRIMARY KEY, "defaultModel" text, "topicClusteringModel" text);
-- then:
ALTER TABLE "Organization" DROP COLUMN "defaultModel", DROP COLUMN "topicClusteringModel";

-- case: subscription-overflow
-- source: codex-lb pull request 2422, 2026
-- address: https://github.com/Soju06/codex-lb/pull/2422
-- happened: the whole row is loaded by old pods while the job has dropped two of its columns
-- expect: dropping-column error
CREATE TABLE dashboard_settings (id integer PRIMARY KEY, overflow_enabled boolean, overflow_order text);
-- then:
ALTER TABLE dashboard_settings DROP COLUMN overflow_enabled;
ALTER TABLE dashboard_settings DROP COLUMN overflow_order;

-- case: rename-as-drop-and-add
-- source: Prisma Migrate issue 645, 2020
-- address: https://github.com/prisma/migrate/issues/645
-- happened: a renamed field becomes a dropped column and a new one: the values are lost
-- expect: dropping-column error
CREATE TABLE "Bundle" (id text PRIMARY KEY, "secondarySkus" text);
-- then:
ALTER TABLE "Bundle" DROP COLUMN "secondarySkus", ADD COLUMN "skus" text;

-- case: downgrade-forgets-the-rename
-- source: sql-translator issue 183, 2025
-- address: https://github.com/dbsrgits/sql-translator/issues/183
-- happened: the way back drops what the way up had renamed
-- expect: dropping-column error, adding-required-column error
CREATE TABLE "tracker" (id integer PRIMARY KEY, "tracker_user_xid" integer NOT NULL);
-- then:
ALTER TABLE "tracker" DROP COLUMN "tracker_user_xid";
ALTER TABLE "tracker" ADD COLUMN "me_id" integer NOT NULL;

-- case: person-distinct-ids
-- source: PostHog issue 12721, 2022
-- address: https://github.com/PostHog/posthog/issues/12721
-- happened: two thirds of the integers of one table gone: all keys had to become wide
-- expect: rewriting-column-type error
CREATE TABLE posthog_persondistinctid (id serial PRIMARY KEY, team_id integer, distinct_id varchar(400));
-- then:
ALTER TABLE posthog_persondistinctid ALTER COLUMN id TYPE bigint;

-- case: waku-messages
-- source: logos-delivery pull request 2674, 2024
-- address: https://github.com/logos-messaging/logos-delivery/pull/2674
-- happened: 45 of 50 GiB in one table: copying it into a new one filled the disk
-- transaction: per-migration
-- expect: dropping-table error
CREATE TABLE messages_backup (id bytea, stored_at bigint, payload bytea);
-- then:
CREATE TABLE messages (id bytea PRIMARY KEY, stored_at bigint NOT NULL, payload bytea);
INSERT INTO messages (id, stored_at, payload) SELECT id, stored_at, payload FROM messages_backup;
DROP TABLE messages_backup;
