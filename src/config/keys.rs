//! Every key of the configuration, with its meaning: what `init` writes, what the README shows, and
//! what an unknown key is compared with.

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The table it stands in; empty for the top.
    pub table: &'static str,
    pub name: &'static str,
    /// An example or the default, as TOML.
    pub example: &'static str,
    pub meaning: &'static str,
}

const fn key(table: &'static str, name: &'static str, example: &'static str, meaning: &'static str) -> Key {
    Key { table, name, example, meaning }
}

pub const KEYS: &[Key] = &[
    key(
        "",
        "engine",
        r#""postgres@16""#,
        "the database that runs the migrations, and its version or a range of them (postgres@14..18): postgres, mysql, mariadb or sqlite",
    ),
    key("", "extends", r#""../lockgate-base.toml""#, "a file, or a list of them, to start from; what stands here goes before it"),
    key("", "migrations", r#""db/migrations""#, "the directory of migrations, or a list of them"),
    key("", "format", r#""goose""#, "the migration system, when it is not to be detected"),
    key("", "transaction", r#""per-migration""#, "how the runner wraps a file that does not say so itself: per-migration or none"),
    key("", "start-after", r#""20260101120000""#, "migrations up to and with this one are read but not reported"),
    key("", "schema", r#""db/structure.sql""#, "a dump of the schema (a file, or a directory of them) that the history starts from"),
    key("", "schema-at", r#""20260101120000""#, "the newest migration that dump holds, where it has no list of them; empty: none"),
    key("", "exclude", r#"["**/seed.sql"]"#, "files that are not reported"),
    key("", "stats", r#""lockgate-stats.json""#, "table sizes, written by `lockgate stats`"),
    key("", "large-table-rows", "100_000", "from how many rows on a table counts as large"),
    key("", "fail-on", r#""warning""#, "the least severity that makes the exit code 1: error, warning, note or never"),
    key("", "rule-paths", r#"["lockgate-rules"]"#, "folders with rules of your own"),
    key("rules", "RULE", r#""warning""#, "a rule's or category's severity: error, warning, note or off"),
    key("options", "RULE", "{ key = value }", "a rule's own options"),
    key("override", "paths", r#"["legacy/**"]"#, "the files an override is for"),
    key("override", "rules", r#"{ dropping-column = "note" }"#, "severities for these files"),
    key("override", "options", r#"{ naming = { table = "tbl_.*" } }"#, "rules' options for these files"),
    key("ignore", "path", r#""db/migrations/0042_*.sql""#, "the file (or pattern) whose findings are accepted"),
    key("ignore", "rules", r#"["dropping-table"]"#, "which rules' findings"),
    key("ignore", "reason", r#""table was never used""#, "why that is safe here"),
    key("apply", "lock-timeout", r#""3s""#, "how long a statement may queue for a strong lock before it is given up and tried again"),
    key("apply", "statement-timeout", r#""0""#, "how long one statement may run; 0 leaves it to the server"),
    key("apply", "retries", "10", "how often a statement that did not get its lock is tried again"),
    key("apply", "retry-delay", r#""1s""#, "the pause before the first new try; it doubles each time"),
    key("apply", "retry-delay-max", r#""1m""#, "the longest pause"),
    key("apply", "wait-for-run", r#""5m""#, "how long to wait while another run is at work"),
    key("project", "name", r#""billing""#, "what the project is called in reports"),
    key("project", "migrations", r#""billing/migrations""#, "its directory, or a list of them"),
    key("project", "engine", r#""mysql@8.0""#, "its database"),
    key("project", "format", r#""goose""#, "its migration system"),
    key("project", "transaction", r#""none""#, "how its runner wraps files"),
    key("project", "start-after", r#""0042""#, "from where on it is reported"),
    key("project", "schema", r#""billing/structure.sql""#, "the schema its history starts from"),
    key("project", "schema-at", r#""0042""#, "the newest migration that dump holds"),
    key("project", "stats", r#""billing-stats.json""#, "its table sizes"),
];

/// The names of the keys of one table.
pub(super) fn names(table: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter(move |key| key.table == table && key.name != "RULE").map(|key| key.name)
}
