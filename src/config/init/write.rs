//! The text of a new `lockgate.toml`.

use std::fmt::Write as _;

use super::Proposed;
use crate::config::KEYS;

/// A commented configuration for what was found.
pub(super) fn toml(projects: &[Proposed]) -> String {
    let mut text = String::from("# What `lockgate lint` and `lockgate apply` go by.\n\n");
    match projects {
        [] => unknown(&mut text),
        [only] => single(&mut text, only),
        several => {
            text.push_str("# Several sets of migrations: each has its own settings.\n\n");
            for project in several {
                text.push_str("[[project]]\n");
                settings(&mut text, project);
                text.push('\n');
            }
        }
    }
    let nested = projects.len() > 1;
    optional(&mut text, nested);
    text
}

fn single(text: &mut String, project: &Proposed) {
    settings(text, project);
    text.push('\n');
}

fn settings(text: &mut String, project: &Proposed) {
    let evidence = project.engines.iter().find(|case| case.engine == project.target.engine).and_then(|case| case.evidence.first());
    let _ = match evidence {
        Some(evidence) => writeln!(text, "# {}: {}", comment(&evidence.path.display().to_string()), comment(&evidence.what)),
        None if project.certain => Ok(()),
        None => writeln!(text, "# Nothing here names the database: is this the right one, and which version runs in production?"),
    };
    let _ = writeln!(text, "engine = {}", quoted(&project.target.to_string()));
    let _ = writeln!(text, "migrations = {}", quoted(&crate::source::display_path(&project.directory)));
    let why = project.evidence.first().map(|evidence| comment(&evidence.what)).unwrap_or_default();
    let _ = writeln!(text, "# {}: {why}", project.title);
    let _ = writeln!(text, "format = {}", quoted(project.format));
    schema(text, project);
    if let Some(newest) = &project.newest {
        text.push_str("# What is there already is read for its schema and not reported. Delete this line to see it all.\n");
        let _ = writeln!(text, "start-after = {}", quoted(newest));
    }
}

/// A dump with a list of migrations says by itself what it holds. Of one without, only its owner
/// knows, so it is shown and not set.
fn schema(text: &mut String, project: &Proposed) {
    let Some(dump) = &project.dump else { return };
    let path = quoted(&crate::source::display_path(&dump.path));
    let _ = if dump.listed > 0 {
        writeln!(
            text,
            "# What the history starts from; the {} migrations it lists as applied are not replayed over it.\nschema = {path}",
            dump.listed
        )
    } else {
        text.push_str("# A schema dump that does not list the migrations it holds. Where the migrations do not make every table\n");
        text.push_str("# themselves, start from it, and say which of them is the newest in it (empty: it is older than all of them).\n");
        writeln!(text, "# schema = {path}\n# schema-at = {}", quoted(project.newest.as_deref().unwrap_or_default()))
    };
}

fn unknown(text: &mut String) {
    text.push_str("# No migrations were found here. Where are they, and what runs them?\n");
    text.push_str("# engine = \"postgres@16\"\n# migrations = \"db/migrations\"\n\n");
}

/// What may be set, each line a comment. Keys of the top must stand before the first table, so
/// below `[[project]]` they are left out.
fn optional(text: &mut String, nested: bool) {
    let shown = ["transaction", "exclude", "stats", "large-table-rows", "fail-on", "rule-paths"];
    for key in KEYS.iter().filter(|key| key.table.is_empty() && shown.contains(&key.name) && !nested) {
        let _ = writeln!(text, "# {}: {}\n# {} = {}\n", key.name, key.meaning, key.name, key.example);
    }
    text.push_str("# [rules]\n# dropping-column = \"warning\"\n\n");
    text.push_str("# Accept a finding in a file that must not change any more:\n");
    text.push_str("# [[ignore]]\n# path = \"db/migrations/0042_drop_legacy.sql\"\n# rules = [\"dropping-table\"]\n# reason = \"the table was never used\"\n\n");
    text.push_str("# [apply]\n");
    for key in KEYS.iter().filter(|key| key.table == "apply") {
        let _ = writeln!(text, "# {} = {} # {}", key.name, key.example, key.meaning);
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text that stays on its comment line.
fn comment(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}
