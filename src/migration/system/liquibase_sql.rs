//! Liquibase's formatted SQL: files that begin with `--liquibase formatted sql` and hold change sets
//! (`--changeset author:id`), each a migration of its own. Without a master change log the files run
//! in the order of their paths, as `includeAll` does.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common;
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside, OutsideFor};
use crate::migration::section::{Line, lines, offset};
use crate::source::Span;

pub struct LiquibaseSql;

/// What follows a keyword in a `--` comment line.
fn command<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = line.trim_start().strip_prefix("--")?.trim_start();
    let head = rest.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    rest.get(keyword.len()..).filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', ':']))
}

fn is_formatted(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let rest = first.trim_start().strip_prefix("--").map(|rest| rest.trim_start().to_ascii_lowercase());
    rest.is_some_and(|rest| rest.strip_prefix("liquibase").is_some_and(|rest| rest.trim_start().starts_with("formatted")))
}

struct ChangeSet<'a> {
    author: &'a str,
    id: &'a str,
    attributes: &'a str,
    /// From its line to the next change set.
    part: Span,
    line: Span,
}

impl ChangeSet<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.split_whitespace().find_map(|word| {
            let (key, value) = word.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim_matches('"'))
        })
    }
}

fn change_sets(text: &str) -> Vec<ChangeSet<'_>> {
    let end = offset(text.len());
    let mut sets: Vec<ChangeSet<'_>> = Vec::new();
    for line in lines(text) {
        let Some(set) = change_set(line, end) else { continue };
        if let Some(last) = sets.last_mut() {
            last.part.end = line.span.start;
        }
        sets.push(set);
    }
    sets
}

/// `--changeset author:id attribute:value …`; author and id may stand in quotes.
fn change_set(line: Line<'_>, end: u32) -> Option<ChangeSet<'_>> {
    let rest = command(line.text, "changeset")?.trim_start();
    let quoted = |text: &'_ str| text.strip_prefix('"').and_then(|inner| inner.find('"')).map(|at| at + 2);
    let colon = match quoted(rest) {
        Some(length) => length + rest.get(length..)?.find(':')?,
        None => rest.find(':')?,
    };
    let (author, rest) = rest.split_at_checked(colon)?;
    let rest = rest.get(1..)?.trim_start();
    let length = quoted(rest).unwrap_or_else(|| rest.find(char::is_whitespace).unwrap_or(rest.len()));
    let (id, attributes) = rest.split_at_checked(length)?;
    Some(ChangeSet {
        author: author.trim().trim_matches('"'),
        id: id.trim().trim_matches('"'),
        attributes,
        part: Span::new(line.span.start, end),
        line: line.span,
    })
}

impl Format for LiquibaseSql {
    fn id(&self) -> &'static str {
        "liquibase-sql"
    }

    fn title(&self) -> &'static str {
        "Liquibase formatted SQL"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        common::marker(directory, "Liquibase", is_formatted).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        let mut rollbacks = false;
        for file in directory.own_sql() {
            // The order of change sets stands in the files. A text is let go before the next.
            let Some(text) = directory.text(file).filter(|text| is_formatted(text)) else {
                listing.problems.push(common::skipped(
                    directory,
                    file,
                    "not a formatted SQL change log: its first line is not `--liquibase formatted sql`",
                ));
                continue;
            };
            rollbacks = rollbacks || text.to_ascii_lowercase().contains("rollback");
            for set in change_sets(&text) {
                let mut entry = Entry::new(format!("{file}::{}::{}", set.id, set.author), set.id, file);
                entry.part = Some(set.part);
                entry.repeatable = ["runOnChange", "runAlways"].iter().any(|name| set.attribute(name) == Some("true"));
                listing.entries.push(entry);
            }
        }
        for entry in &mut listing.entries {
            entry.down_expected = rollbacks;
        }
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let mut opened = reading.open(directory, &entry.up)?;
        let text = std::sync::Arc::clone(&opened.text);
        let Some(set) = change_sets(&text).into_iter().find(|set| Some(set.part) == entry.part) else {
            return Err(LoadError::Broken { path: directory.path(&entry.up), message: "the file changed while it was read".to_owned() });
        };
        let body = read_body(&text, &set);
        let placeholders: Vec<Span> = common::braced(&text, "${").into_iter().filter(|span| set.part.contains(*span)).collect();
        opened.stand_in(&placeholders);
        let wanted = set.attribute("dbms").is_none_or(|dbms| runs_on(dbms, reading.target.engine));
        let up = opened.sections(if wanted { &body.up } else { &[] });
        let down = match body.rollback.first() {
            Some(first) if wanted => opened.down(opened.sections(&body.rollback), *first),
            _ if entry.down_expected && wanted => Down::Missing,
            _ => Down::NotSupported,
        };
        let mut problems = opened.problems.clone();
        if set.attribute("endDelimiter").is_some_and(|delimiter| delimiter != ";") {
            let message = "this change set has a delimiter of its own; it is read as if statements ended with `;`";
            problems.push(Problem::new(ProblemKind::Grammar, directory.path(&entry.up), message).at(opened.location(set.line)));
        }
        let mut migration = reading.migration(self, directory, entry, up, down, problems);
        migration.placeholders = placeholders.iter().map(|span| opened.location(*span)).collect();
        if set.attribute("runInTransaction") == Some("false") {
            migration.transaction = TransactionMode::None;
            migration.down_transaction = TransactionMode::None;
            migration.transaction_directive = Some(opened.location(set.line));
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Listed
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let slug = common::slug(name);
        let template = format!("--liquibase formatted sql\n\n--changeset lockgate:{slug}\n{{up}}\n--rollback {{down}}\n");
        vec![NewFile::new(directory.path(&format!("{now}_{slug}.sql")), template)]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        // In a file of several change sets nobody can say from here which one is meant.
        if files.first().is_none_or(|file| change_sets(&file.template).len() != 1) {
            return Err(Cannot("put `runInTransaction:false` behind the id of the change set"));
        }
        let split = if outside.what == OutsideFor::Batches { " splitStatements:false" } else { "" };
        let mark = |line: &str| format!("{} runInTransaction:false{split}", line.trim_end());
        laying::replace_line(files, |line| command(line, "changeset").is_some(), mark);
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        let part = entry.part.unwrap_or(Span::new(0, offset(text.len())));
        let commented: Vec<String> = down.lines().map(|line| format!("--rollback {line}\n")).collect();
        Ok(laying::behind(part, text, &commented.concat()))
    }
}

struct Body {
    up: Vec<Span>,
    rollback: Vec<Span>,
}

/// Parts the lines of a change set: `--rollback SQL` lines and `/* liquibase rollback … */` blocks
/// are the way back, everything else is the way up.
fn read_body(text: &str, set: &ChangeSet<'_>) -> Body {
    let mut body = Body { up: Vec::new(), rollback: Vec::new() };
    let mut in_block = false;
    for line in lines(text).filter(|line| set.part.contains(line.span)) {
        let trimmed = line.text.trim().to_ascii_lowercase();
        if in_block {
            match line.text.find("*/") {
                Some(at) => {
                    in_block = false;
                    body.rollback.push(Span::new(line.span.start, line.span.start + offset(at)));
                }
                None => body.rollback.push(Span::new(line.span.start, line.next)),
            }
        } else if trimmed.strip_prefix("/*").is_some_and(|rest| rest.trim_start().starts_with("liquibase rollback")) {
            in_block = !trimmed.ends_with("*/");
        } else if let Some(rest) = command(line.text, "rollback") {
            let nothing = matches!(rest.trim().to_ascii_lowercase().as_str(), "empty" | "not required");
            let start = line.span.end - if nothing { 0 } else { offset(rest.len()) };
            body.rollback.push(Span::new(start, line.span.end));
        } else {
            body.up.push(Span::new(line.span.start, line.next));
        }
    }
    body
}

/// Whether a `dbms` attribute names the engine: a list, `!` for all but.
fn runs_on(dbms: &str, engine: Engine) -> bool {
    let named = |name: &str| name.parse::<Engine>() == Ok(engine);
    let (mut any, mut wanted) = (false, false);
    for name in dbms.split(',').map(str::trim) {
        match name.strip_prefix('!') {
            Some(name) if named(name) => return false,
            Some(_) => {}
            None => {
                any = true;
                wanted = wanted || named(name) || name.eq_ignore_ascii_case("all");
            }
        }
    }
    wanted || !any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_change_sets() {
        assert!(is_formatted("\n  -- Liquibase Formatted SQL\n"));
        assert!(!is_formatted("-- words\n--liquibase formatted sql"));
        let sets = change_sets("--changeset bob:1 dbms:postgresql runInTransaction:false\na;\n-- changeset \"a b\":\"2 x\"\nb;\n");
        assert_eq!(sets.iter().map(|set| (set.author, set.id)).collect::<Vec<_>>(), [("bob", "1"), ("a b", "2 x")]);
        assert_eq!(sets[0].attribute("runInTransaction"), Some("false"));
        assert!(runs_on("postgresql, mysql", Engine::Mysql) && !runs_on("!mysql", Engine::Mysql) && runs_on("!h2", Engine::Sqlite));
    }
}
