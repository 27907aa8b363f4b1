//! Typed access to a TOML table that remembers what was wrong and where.

use std::cell::RefCell;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigProblem, keys, parse_duration};
use crate::text::closest;

pub(super) type Problems = RefCell<Vec<ConfigProblem>>;

/// A table whose keys are known.
pub(super) struct Section<'a, 'd> {
    table: &'a DeTable<'d>,
    pub problems: &'a Problems,
}

/// A value and its place.
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

impl<'a, 'd> Section<'a, 'd> {
    /// Complains about every key that the table `name` does not have. `tables` are the names of
    /// further tables it may hold.
    pub(super) fn new(table: &'a DeTable<'d>, name: &str, tables: &[&'static str], problems: &'a Problems) -> Self {
        let known: Vec<&'static str> = keys::names(name).chain(tables.iter().copied()).collect();
        for key in table.keys() {
            let written: &str = key.get_ref();
            if known.contains(&written) {
                continue;
            }
            let place = if name.is_empty() { "lockgate.toml".to_owned() } else { format!("[{name}]") };
            let mut problem = ConfigProblem::new(key.span(), format!("{place} has no key `{written}`"));
            problem.help = Some(match closest(&written.replace('_', "-"), known.iter().copied()).or_else(|| synonym(written, &known)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", list(&known)),
            });
            problems.borrow_mut().push(problem);
        }
        Section { table, problems }
    }

    pub(super) fn wrong(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.problems.borrow_mut().push(ConfigProblem { span, message: message.into(), help });
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'d>>> {
        self.table.get(key)
    }

    fn of_type<T>(&self, key: &str, wanted: &str, read: impl Fn(&'a DeValue<'d>) -> Option<T>) -> Option<At<T>> {
        let value = self.get(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            self.wrong(value.span(), format!("`{key}` must be {wanted}, not {}", article(value.get_ref())), None);
        }
        Some(At { value: found?, span: value.span() })
    }

    pub(super) fn string(&self, key: &str) -> Option<At<&'a str>> {
        self.of_type(key, "text in quotes", DeValue::as_str)
    }

    pub(super) fn integer(&self, key: &str) -> Option<u64> {
        let read = |value: &DeValue<'_>| {
            let integer = value.as_integer()?;
            u64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
        };
        Some(self.of_type(key, "a whole number, not negative", read)?.value)
    }

    pub(super) fn duration(&self, key: &str) -> Option<Duration> {
        let text = self.string(key)?;
        let duration = parse_duration(text.value);
        if duration.is_none() {
            let help = "write a number and its unit, as in `500ms`, `3s`, `5m` or `1h`".to_owned();
            self.wrong(text.span, format!("`{}` is no length of time", text.value), Some(help));
        }
        duration
    }

    /// One text, or a list of texts.
    pub(super) fn strings(&self, key: &str) -> Vec<At<&'a str>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let one = std::slice::from_ref(value);
        let many: Vec<&'a Spanned<DeValue<'d>>> = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => one.iter().collect(),
        };
        let mut strings = Vec::new();
        for value in many {
            match value.get_ref().as_str() {
                Some(text) => strings.push(At { value: text, span: value.span() }),
                None => self.wrong(
                    value.span(),
                    format!("`{key}` must be text in quotes or a list of them, not {}", article(value.get_ref())),
                    None,
                ),
            }
        }
        strings
    }

    /// A text that is one of a few words.
    pub(super) fn choice<T>(&self, key: &str, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.string(key)?;
        let found = read(text.value);
        if found.is_none() {
            self.no_choice(&text, key, names);
        }
        found
    }

    pub(super) fn no_choice(&self, text: &At<&str>, what: &str, names: &[&str]) {
        let help = match closest(text.value, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", list(names)),
        };
        self.wrong(text.span.clone(), format!("`{}` is no value for `{what}`", text.value), Some(help));
    }

    /// A text that something else can read.
    pub(super) fn parsed<T, E: std::fmt::Display>(&self, key: &str, read: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.string(key)?;
        match read(text.value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(text.span, error.to_string(), None);
                None
            }
        }
    }

    pub(super) fn table(&self, key: &str) -> Option<&'a DeTable<'d>> {
        Some(self.of_type(key, "a table", DeValue::as_table)?.value)
    }

    /// The tables of `[[key]]`, each with its place.
    pub(super) fn tables(&self, key: &str) -> Vec<At<&'a DeTable<'d>>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value.span(), format!("`{key}` must be a list of tables"), Some(format!("write `[[{key}]]`")));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array.iter() {
            match value.get_ref().as_table() {
                Some(table) => tables.push(At { value: table, span: value.span() }),
                None => self.wrong(value.span(), format!("`{key}` must be a list of tables"), Some(format!("write `[[{key}]]`"))),
            }
        }
        tables
    }
}

/// Words people use for our keys.
fn synonym(written: &str, known: &[&'static str]) -> Option<&'static str> {
    let meant = match written {
        "directory" | "dir" | "path" | "migrations-dir" | "migrations_dir" => &["migrations", "path", "paths"][..],
        "database" | "dialect" | "target" => &["engine"],
        "system" | "tool" => &["format"],
        "baseline" | "since" | "after" => &["start-after"],
        "ignores" => &["ignore"],
        "dump" | "structure" | "base" | "schema-file" | "schema_file" => &["schema"],
        "schema-version" | "schema_version" => &["schema-at"],
        "because" | "comment" => &["reason"],
        "rule" => &["rules"],
        _ => &[],
    };
    meant.iter().find_map(|name| known.iter().find(|known| *known == name).copied())
}

fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [head @ .., last] => format!("{} and `{last}`", head.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "this number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
