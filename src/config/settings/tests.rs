use super::*;
use crate::engine::Engine;
use crate::finding::Severity;
use crate::migration::TransactionMode;

fn parse(text: &str) -> Settings {
    Settings::parse(Path::new("lockgate.toml"), text).unwrap()
}

/// The messages, each with the text it points at.
fn wrong(text: &str) -> Vec<String> {
    match Settings::parse(Path::new("lockgate.toml"), text) {
        Err(ConfigError::Invalid { problems, text, .. }) => problems
            .iter()
            .map(|problem| format!("{}: {} ({})", &text[problem.span.clone()], problem.message, problem.help.as_deref().unwrap_or("")))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_that_can_be_set() {
    let settings = parse(
        r#"
engine = "postgres@16.2"
migrations = ["db/migrations"]
format = "goose"
transaction = "none"
start-after = "0042"
exclude = ["seed.sql"]
stats = "stats.json"
large-table-rows = 50_000
fail-on = "never"
rule-paths = ["rules"]
[rules]
dropping-column = "note"
conventions = "warning"
[options.naming]
pattern = "^[a-z_]+$"
limits = { most = 3, share = 0.5 }
[[override]]
paths = ["legacy/**"]
rules = { dropping-column = "off" }
[[ignore]]
path = "db/migrations/0001_*.sql"
rules = ["dropping-table"]
reason = "was never used"
[apply]
lock-timeout = "500ms"
statement-timeout = "0"
retries = 3
[[project]]
name = "billing"
migrations = "billing/migrations"
engine = "mysql"
"#,
    );
    assert_eq!(settings.project.engine.map(|target| target.to_string()).as_deref(), Some("postgres@16.2"));
    assert_eq!(settings.project.format.map(|format| format.id()), Some("goose"));
    assert_eq!(settings.project.transaction, Some(TransactionMode::None));
    assert_eq!((settings.large_table_rows, settings.fail_on), (Some(50_000), Some(FailOn::Never)));
    assert_eq!(settings.apply.lock_timeout, std::time::Duration::from_millis(500));
    assert_eq!((settings.apply.statement_timeout, settings.apply.retries), (None, 3));
    assert_eq!(settings.options["naming"]["limits"]["most"], toml::Value::Integer(3));
    assert_eq!(settings.level("dropping-column", "data-loss", Path::new("db/x.sql")), Some(Level::On(Severity::Note)));
    assert_eq!(settings.level("dropping-column", "data-loss", Path::new("legacy/x.sql")), Some(Level::Off));
    assert_eq!(settings.level("naming", "conventions", Path::new("legacy/x.sql")), Some(Level::On(Severity::Warning)));
    assert_eq!(settings.level("other", "locking", Path::new("x.sql")), None);
    assert_eq!(settings.for_directory(Path::new("billing/migrations/sub")).engine.map(|target| target.engine), Some(Engine::Mysql));
    assert_eq!(
        settings.for_directory(Path::new("billing/migrations")).start_after.as_deref(),
        Some("0042"),
        "what it leaves open is inherited"
    );
    assert_eq!(settings.for_directory(Path::new("db/migrations")).engine.map(|target| target.engine), Some(Engine::Postgres));
    assert_eq!(settings.directories(), [PathBuf::from("db/migrations"), PathBuf::from("billing/migrations")]);
    assert_eq!(settings.ignores.items().len(), 1);
    assert!(settings.exclude.is_match(Path::new("a/seed.sql")));
}

#[test]
fn options_differ_by_path() {
    let settings = parse(
        "[options.naming]\ntable = \"[a-z]+\"\ncolumn = \"x\"\n\
         [[override]]\npaths = [\"legacy/**\"]\noptions = { naming = { table = \"tbl_.*\" } }\n",
    );
    let table = |path: &str| settings.options(Path::new(path))["naming"]["table"].as_str().map(str::to_owned);
    assert_eq!((table("db/1.sql").as_deref(), table("legacy/1.sql").as_deref()), (Some("[a-z]+"), Some("tbl_.*")));
    assert_eq!(settings.options(Path::new("legacy/1.sql"))["naming"]["column"].as_str(), Some("x"), "what it leaves open stays");
}

#[test]
fn mistakes_are_shown_in_place_with_what_was_meant() {
    assert_eq!(wrong("enigne = 1"), ["enigne: lockgate.toml has no key `enigne` (did you mean `engine`?)"]);
    assert_eq!(wrong("start_after = \"1\""), ["start_after: lockgate.toml has no key `start_after` (did you mean `start-after`?)"]);
    assert_eq!(wrong("directory = \"x\""), ["directory: lockgate.toml has no key `directory` (did you mean `migrations`?)"]);
    assert_eq!(wrong("engine = 16"), ["16: `engine` must be text in quotes, not this number ()"]);
    assert!(wrong("engine = \"oracle\"")[0].starts_with("\"oracle\": unknown engine `oracle`"));
    assert_eq!(wrong("format = \"goos\""), ["\"goos\": unknown migration system `goos`: did you mean `goose`? ()"]);
    assert_eq!(wrong("fail-on = \"eror\""), ["\"eror\": `eror` is no value for `fail-on` (did you mean `error`?)"]);
    assert_eq!(
        wrong("[rules]\nx = \"warn\""),
        ["\"warn\": `warn` is no value for `x` (it is one of `error`, `warning`, `note` and `off`)"]
    );
    assert!(wrong("[apply]\nlock-timeout = \"3\"")[0].contains("no length of time"));
    assert!(wrong("large-table-rows = -1")[0].contains("a whole number, not negative"));
    assert!(wrong("[[ignore]]\npath = \"x\"")[0].contains("names no `rules`"));
    assert!(wrong("[[project]]\nname = \"x\"")[0].contains("names no `migrations`"));
    assert!(wrong("ignore = 1")[0].contains("list of tables"));
    assert!(wrong("engine = ")[0].contains("this is no TOML"));
    assert_eq!(wrong("a = 1\nb = 2").len(), 2, "all mistakes at once");
}

#[test]
fn rule_names_are_checked_when_the_rules_are_known() {
    let settings = parse("[rules]\ndroping-table = \"off\"\nlocking = \"note\"");
    let error = settings.check_rules(&["dropping-table", "locking"]).unwrap_err();
    assert!(error.to_string().contains("^ did you mean `dropping-table`?"), "{error}");
    assert!(settings.check_rules(&["droping-table", "locking"]).is_ok());
}
