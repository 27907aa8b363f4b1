//! New migrations, laid beside the others in the project's own layout and naming.

use std::path::Path;

use super::recipe::Later;
use crate::engine::Target;
use crate::migration::{Directory, Format, NewFile, Outside, OutsideFor};

/// A migration that is written: paths relative to the directory.
#[derive(Debug, Clone)]
pub struct Laid {
    pub files: Vec<(String, String)>,
}

impl Laid {
    /// The up script's file.
    pub fn name(&self) -> &str {
        self.files.first().map_or("", |(path, _)| path)
    }
}

/// Lays one migration behind all others. `now` is the time in UTC as `YYYYMMDDhhmmss`; the directory
/// then holds the new files as well.
pub fn lay(format: &dyn Format, directory: &mut Directory, later: &Later, source: &str, now: &str, target: Target) -> Result<Laid, String> {
    if let Some(cannot) = format.no_new_files(directory) {
        return Err(cannot.to_string());
    }
    let mut now = now.to_owned();
    // A clock behind the newest version: the version after that one, then.
    for _ in 0..3 {
        let files = draw(format, directory, later, source, &now, target)?;
        let mut grown = directory.clone();
        for (path, text) in &files {
            if directory.has(path) {
                return Err(format!("`{path}` is there already"));
            }
            grown.overlay(path, text.clone().into_bytes());
        }
        let laid = Laid { files };
        if comes_last(format, &grown, laid.name()) {
            *directory = grown;
            return Ok(laid);
        }
        now = behind(format, directory, &now).ok_or_else(|| not_last(format))?;
    }
    Err(not_last(format))
}

fn not_last(format: &dyn Format) -> String {
    format!("a new migration of {} would not come last: number the files by hand", format.title())
}

/// Whether a file is the newest migration, with a version of its own.
fn comes_last(format: &dyn Format, directory: &Directory, file: &str) -> bool {
    let listing = format.list(directory);
    let mut numbered = listing.entries.iter().rev().filter(|entry| !entry.repeatable);
    let Some(newest) = numbered.next().filter(|newest| newest.up == file) else { return false };
    numbered.all(|entry| entry.version != newest.version)
}

/// One second after the newest version that is a time.
fn behind(format: &dyn Format, directory: &Directory, now: &str) -> Option<String> {
    let listing = format.list(directory);
    let digits = |version: &str| version.chars().filter(char::is_ascii_digit).take(14).collect::<String>();
    let newest = listing.entries.iter().map(|entry| digits(&entry.version)).filter(|digits| digits.len() == 14).max()?;
    let next = second_after(&newest)?;
    (next.as_str() > now).then_some(next)
}

/// `20260131115959` is followed by `20260131120000`.
fn second_after(time: &str) -> Option<String> {
    let part = |from: usize, to: usize| time.get(from..to)?.parse::<u64>().ok();
    let (day, mut hour, mut minute, mut second) = (part(0, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)? + 1);
    if second >= 60 {
        second = 0;
        minute += 1;
    }
    if minute >= 60 {
        minute = 0;
        hour += 1;
    }
    // What is a day or a month does not matter to an order.
    let day = if hour >= 24 { day + 1 } else { day };
    Some(format!("{day:08}{:02}{minute:02}{second:02}", hour % 24))
}

fn draw(
    format: &dyn Format,
    directory: &Directory,
    later: &Later,
    source: &str,
    now: &str,
    target: Target,
) -> Result<Vec<(String, String)>, String> {
    let mut files = format.new_files(directory, &later.name, now);
    if let Some(what) = later.outside {
        format.run_outside(&mut files, Outside { what, down: true }, target).map_err(|cannot| cannot.to_string())?;
    }
    // Words about the way back belong to a migration that has one.
    let has_down = files.iter().any(|file| file.template.contains("{down}"));
    let up = script(format, later, source, has_down);
    let down = way_back(format, later);
    Ok(files.iter().map(|file| (relative(directory, &file.path), fill(file, &up, &down))).collect())
}

fn script(format: &dyn Format, later: &Later, source: &str, has_down: bool) -> String {
    let mut lines = vec![format!("-- Follows {source}, from which it was parted.")];
    lines.extend(later.comment.clone());
    lines.extend(later.accepts.clone().filter(|_| has_down));
    lines.extend(later.up.iter().map(|statement| format.compound_if_needed(statement)));
    lines.join("\n")
}

fn way_back(format: &dyn Format, later: &Later) -> String {
    if !later.down.is_empty() {
        return later.down.iter().map(|statement| format.compound_if_needed(statement)).collect::<Vec<_>>().join("\n");
    }
    let why = match later.outside {
        Some(OutsideFor::Batches) => "the rows keep their new values",
        Some(OutsideFor::Concurrently) => "nothing is undone here",
        None if later.joins => "rows that were checked stay checked",
        None => "the way back stands in the migration this one follows",
    };
    format!("-- {why}\nSELECT 1;")
}

/// The template with the statements in it. What stands in front of a place on its line stands in
/// front of every line there.
fn fill(file: &NewFile, up: &str, down: &str) -> String {
    let mut out = String::new();
    for line in file.template.split_inclusive('\n') {
        let place = [("{up}", up), ("{down}", down)].into_iter().find_map(|(place, words)| Some((line.find(place)?, place, words)));
        match place {
            Some((at, place, words)) => {
                let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + place.len()..).unwrap_or_default());
                let lines: Vec<String> = words.lines().map(|word| format!("{before}{word}")).collect();
                out.push_str(&lines.join("\n"));
                out.push_str(after);
            }
            None => out.push_str(line),
        }
    }
    out
}

/// A path as the directory knows it.
pub fn relative(directory: &Directory, path: &Path) -> String {
    let inside = path.strip_prefix(directory.root()).unwrap_or(path);
    crate::source::display_path(inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::migration::system;

    fn laid(format: &str, files: &[(&str, &str)], later: &Later) -> Result<Vec<(String, String)>, String> {
        let mut directory = Directory::in_memory("m", files.iter().copied());
        let format = system::find(format).unwrap();
        lay(format, &mut directory, later, "1_a.sql", "20261120055247", Target::of(Engine::Postgres)).map(|laid| laid.files)
    }

    fn index() -> Later {
        let up = vec!["CREATE INDEX CONCURRENTLY i ON t (a);".to_owned()];
        let down = vec!["DROP INDEX CONCURRENTLY i;".to_owned()];
        Later { name: "create i".to_owned(), up, down, outside: Some(OutsideFor::Concurrently), ..Later::default() }
    }

    #[test]
    fn a_version_comes_after_one_that_is_ahead_of_the_clock() {
        let files = laid("dbmate", &[("20300101000000_a.sql", "-- migrate:up\n-- migrate:down\n")], &index()).unwrap();
        assert_eq!(files[0].0, "20300101000001_create_i.sql");
        assert_eq!(
            files[0].1,
            "-- migrate:up transaction:false\n-- Follows 1_a.sql, from which it was parted.\nCREATE INDEX CONCURRENTLY i ON t (a);\n\n\
             -- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\n"
        );
    }

    #[test]
    fn a_minute_has_sixty_seconds() {
        assert_eq!(second_after("20260131115959").as_deref(), Some("20260131120000"));
        assert_eq!(second_after("20260131115900").as_deref(), Some("20260131115901"));
        assert_eq!(second_after("2026"), None);
    }

    #[test]
    fn every_line_of_a_rollback_is_one() {
        let later = Later { down: vec!["DROP INDEX i;".to_owned(), "SELECT 2;".to_owned()], ..index() };
        let files = laid("liquibase-sql", &[("1_a.sql", "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n")], &later).unwrap();
        assert!(files[0].1.ends_with("--rollback DROP INDEX i;\n--rollback SELECT 2;\n"), "{}", files[0].1);
    }

    #[test]
    fn systems_that_cannot_say_so() {
        assert!(laid("refinery", &[("V1__a.sql", "SELECT 1;")], &index()).unwrap_err().contains("transaction"));
        assert!(laid("drizzle", &[("meta/_journal.json", "{}")], &index()).unwrap_err().contains("drizzle-kit generate"));
    }
}
