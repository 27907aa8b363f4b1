//! `lockgate fix` against servers: both ways lead to the same schema, and the way back leads back.

use std::path::Path;
use std::process::Command;

use lockgate::driver::Session;
use lockgate::engine::Target;
use lockgate::sql::split;

use super::Case;
use crate::servers::Server;

pub const CASES: &[(&str, Case)] = &[("fix_parts", fix_parts), ("fix_down", fix_down)];
pub const MYSQL_FAMILY: &[(&str, Case)] = &[("fix_down", fix_down_family)];

const TABLES: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, number text, email text, customer_id bigint, total int, status text, ref int, a int);
CREATE INDEX orders_email_idx ON orders (email);
CREATE INDEX orders_old_idx ON orders (status);
CREATE TABLE plain (a int, b int);
INSERT INTO customers SELECT g FROM generate_series(1, 10) g;
INSERT INTO orders SELECT g, g::text, 'e' || g, 1 + g % 10, g, NULL, g, g FROM generate_series(1, 12345) g;
INSERT INTO plain SELECT g, g FROM generate_series(1, 100) g;
";

/// What every recipe is for, and statements that build on one another.
const DANGEROUS: &[(&str, &str)] = &[
    (
        "0002_change.sql",
        "SET lock_timeout = '5s';
-- totals are positive
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total >= 0);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id); -- who ordered
ALTER TABLE orders ALTER COLUMN email SET NOT NULL, ADD COLUMN note text;
CREATE INDEX orders_number_idx ON orders (number);
ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number) DEFERRABLE;
ALTER TABLE public.orders ADD UNIQUE (ref), ADD COLUMN z int;
UPDATE orders SET status = 'open', a = a + 1;
ALTER TABLE orders ALTER COLUMN status SET NOT NULL;
ALTER TABLE plain ADD PRIMARY KEY (a, b);
CREATE UNIQUE INDEX ON orders (a, id);
",
    ),
    ("0003_drop.sql", "DROP INDEX orders_old_idx;\nCREATE TABLE other (id int PRIMARY KEY);\n"),
    ("0004_alone.sql", "CREATE INDEX alone_idx ON orders (lower(email)) WHERE a > 3;\n"),
    (
        "0005_more.sql",
        "ALTER TABLE customers ADD COLUMN n int;
ALTER TABLE customers ADD CONSTRAINT n_pos CHECK (n > 0) NOT VALID;
ALTER TABLE customers VALIDATE CONSTRAINT n_pos;
ALTER TABLE orders ADD CONSTRAINT \"Odd Name\" CHECK (a > 0);
",
    ),
];

fn fix_parts(server: &Server, database: &str) {
    let (target, folder) = (target(server, database), project(&[("0001_init.sql", TABLES)], DANGEROUS));
    let (one, two) = (format!("{database}_1"), format!("{database}_2"));
    let shape = |database: &str| {
        server.database(database);
        let mut session = server.session(database);
        run(&mut *session, folder.path(), target, |file| !file.contains(".down."));
        let rows = session.query_value("SELECT sum(a) || ' ' || count(*) FILTER (WHERE status = 'open') FROM orders").unwrap();
        (postgres_shape(&mut *session), rows)
    };
    let before = shape(&one);
    let said = lockgate(folder.path(), target, &[]);
    assert_eq!(said.0, 0, "{}", said.1);
    assert!(std::fs::read_dir(folder.path()).unwrap().count() > 15, "{}", said.1);
    assert_eq!(shape(&two), before);
}

const CHANGES: &[(&str, &str)] = &[
    (
        "0002_many.sql",
        "CREATE TABLE refunds (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE);
CREATE INDEX ON refunds (order_id);
ALTER TABLE orders ADD COLUMN note text, ADD COLUMN x int, ADD CONSTRAINT x_pos CHECK (x > 0), ADD UNIQUE (x);
ALTER TABLE orders DROP COLUMN status;
ALTER TABLE orders RENAME COLUMN number TO no;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,3), ALTER COLUMN total SET DEFAULT 1;
ALTER TABLE orders ALTER COLUMN email SET NOT NULL;
DROP INDEX orders_email_idx;
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE plain ADD PRIMARY KEY (a, b);
CREATE VIEW big AS SELECT id FROM purchases WHERE total > 100;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON purchases FOR EACH ROW EXECUTE PROCEDURE touch();
",
    ),
    (
        "0003_drop.sql",
        "DROP TRIGGER touch ON purchases;
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.x := 1; RETURN NEW; END $$;
DROP VIEW big;
DROP TABLE refunds;
ALTER TABLE plain DROP CONSTRAINT plain_pkey;
ALTER TABLE purchases DROP COLUMN x;
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
",
    ),
];

fn fix_down(server: &Server, database: &str) {
    leads_back(server, database, TABLES, CHANGES, postgres_shape);
}

const FAMILY_TABLES: &str = "CREATE TABLE customers (id bigint PRIMARY KEY AUTO_INCREMENT);
CREATE TABLE orders (id bigint PRIMARY KEY, number varchar(20), email varchar(50) NOT NULL DEFAULT 'x', customer_id bigint, total int unsigned, old text);
CREATE UNIQUE INDEX orders_email_idx ON orders (email);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 'a', 'b', 1, 2, 'c');
";

const FAMILY_CHANGES: &[(&str, &str)] = &[
    (
        "0002_many.sql",
        "CREATE TABLE refunds (id bigint PRIMARY KEY AUTO_INCREMENT, order_id bigint NOT NULL, KEY by_order (order_id));
ALTER TABLE orders ADD COLUMN note varchar(10), ADD CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE orders DROP COLUMN old;
ALTER TABLE orders MODIFY COLUMN total bigint unsigned NOT NULL DEFAULT 7;
ALTER TABLE orders CHANGE COLUMN number no varchar(40);
DROP INDEX orders_email_idx ON orders;
CREATE INDEX total_idx ON orders (total, no(5));
RENAME TABLE orders TO purchases;
",
    ),
    ("0003_drop.sql", "DROP TABLE refunds;\nALTER TABLE purchases ALTER COLUMN email DROP DEFAULT;\n"),
];

fn fix_down_family(server: &Server, database: &str) {
    leads_back(server, database, FAMILY_TABLES, FAMILY_CHANGES, family_shape);
}

fn leads_back(server: &Server, database: &str, tables: &str, changes: &[(&str, &str)], shape: fn(&mut dyn Session) -> Vec<String>) {
    let target = target(server, database);
    let folder = project(&[("0001_init.sql", tables), ("0001_init.down.sql", "DROP TABLE orders;\n")], changes);
    let said = lockgate(folder.path(), target, &["--down"]);
    assert_eq!(said.0, 0, "{}", said.1);
    let mut session = server.session(database);
    run(&mut *session, folder.path(), target, |file| file == "0001_init.sql");
    let mut shapes = Vec::new();
    for (file, _) in changes {
        shapes.push(shape(&mut *session));
        run(&mut *session, folder.path(), target, |one| one == *file);
    }
    for ((file, _), before) in changes.iter().zip(shapes).rev() {
        let down = file.replace(".sql", ".down.sql");
        let text = std::fs::read_to_string(folder.path().join(&down)).unwrap();
        assert!(!text.contains("irreversible"), "{text}");
        run(&mut *session, folder.path(), target, |one| one == down);
        assert_eq!(shape(&mut *session), before, "after {down}:\n{text}");
    }
}

fn target(server: &Server, database: &str) -> Target {
    server.database(database);
    server.session(database).info().target()
}

fn project(first: &[(&str, &str)], files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    first.iter().chain(files).for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

/// `lockgate fix --write`: its exit code and all it said.
fn lockgate(folder: &Path, target: Target, more: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.arg("fix").arg(folder).args(["--write", "--no-config", "--engine", &target.to_string()]).args(more);
    let output = command.env_remove("DATABASE_URL").output().unwrap();
    (output.status.code().unwrap_or(-1), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// Sends the statements of some files, one by one.
fn run(session: &mut dyn Session, folder: &Path, target: Target, wanted: impl Fn(&str) -> bool) {
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    files.retain(|file| file.ends_with(".sql") && wanted(file));
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        for piece in split(&text, target).pieces {
            let statement = piece.span.slice(&text);
            session.execute(statement).unwrap_or_else(|error| panic!("{file}: {error}\n{statement}\n{text}"));
        }
    }
}

fn lines(session: &mut dyn Session, queries: &[&str]) -> Vec<String> {
    let rows = |query: &&str| session.query(query).unwrap_or_else(|error| panic!("{error}\n{query}"));
    let all: Vec<_> = queries.iter().flat_map(rows).collect();
    all.into_iter().map(|row| row.iter().map(|value| value.clone().unwrap_or_default()).collect::<Vec<_>>().join("|")).collect()
}

/// Everything but the order of columns, which no ADD COLUMN can choose.
fn postgres_shape(session: &mut dyn Session) -> Vec<String> {
    lines(
        session,
        &[
            "SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid)
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 2, 3",
            "SELECT 'constraint', conrelid::regclass::text, conname, convalidated::text, pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace ORDER BY 2, 3",
            "SELECT 'index', indexrelid::regclass::text, indisvalid::text, pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 2",
            "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 2, 3",
            "SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 2, 3",
            "SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 2",
            "SELECT 'enum', enumtypid::regtype::text, enumlabel FROM pg_enum ORDER BY 2, enumsortorder",
            "SELECT 'sequence', relname FROM pg_class WHERE relkind = 'S' ORDER BY 2",
        ],
    )
}

fn family_shape(session: &mut dyn Session) -> Vec<String> {
    let tables = lines(session, &["SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1"]);
    let shown = |table: &String| {
        let create = session.query(&format!("SHOW CREATE TABLE {table}")).unwrap();
        let text = create.first().and_then(|row| row.get(1).cloned().flatten()).unwrap_or_default();
        // The counter of a table that was made again begins at 1.
        text.lines().map(|line| line.split(" AUTO_INCREMENT=").next().unwrap_or_default().to_owned()).collect::<Vec<_>>().join("\n")
    };
    tables.iter().map(shown).collect()
}
