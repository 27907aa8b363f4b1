//! No clause is lost: each statement of `tests/data/clauses.toml` is read whole, and its clauses are
//! seen in the typed change.

use libtest_mimic::{Arguments, Failed, Trial};
use lockgate::change::{Action, Parsing, Statement, read};
use lockgate::engine::Target;
use lockgate::source::{Script, SourceId};

const TABLE: &str = include_str!("data/clauses.toml");

fn main() {
    let arguments = Arguments::from_args();
    let table: toml::Table = TABLE.parse().unwrap();
    let mut trials = Vec::new();
    for (target, groups) in &table {
        let target: Target = target.parse().unwrap();
        for (group, rows) in groups.as_table().unwrap() {
            for (sql, wanted) in rows.as_table().unwrap() {
                let sql = sql.clone();
                let wanted: Vec<String> = wanted.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
                let name = format!("{}/{group}/{sql}", target.engine.name());
                trials.push(Trial::test(name, move || seen(target, &sql, &wanted).map_err(Failed::from)));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn seen(target: Target, sql: &str, wanted: &[String]) -> Result<(), String> {
    let whole = one(target, &sql.replace(['⟦', '⟧'], ""));
    let refused = !matches!(whole.parsing, Parsing::Complete);
    let opaque = whole.changes.iter().any(|change| matches!(change.action, Action::Opaque { .. }));
    match wanted {
        [word] if word == "refused" => return if refused { Ok(()) } else { Err("it is no valid statement".to_owned()) },
        [word, by] if word == "refused" => {
            return match &whole.parsing {
                Parsing::Unsupported { needs, .. } if needs.starts_with(by.as_str()) => Ok(()),
                other => Err(format!("{other:?}")),
            };
        }
        _ => {}
    }
    if refused || opaque {
        return Err(format!("not understood: {:?}", whole.parsing));
    }
    let (kinds, words) = wanted.split_at(wanted.iter().take_while(|word| is_kind(word)).count());
    let found: Vec<&str> = whole.changes.iter().map(|change| change.action.kind().name()).collect();
    if !kinds.is_empty() && found != kinds {
        return Err(format!("it is {found:?}"));
    }
    let told = told(&whole);
    if let Some(missing) = words.iter().find(|word| !told.contains(word.as_str())) {
        return Err(format!("`{missing}` is not in\n{told}"));
    }
    for clause in clauses(sql) {
        let without = one(target, &without(sql, clause));
        if self::told(&without) == told {
            return Err(format!("`{clause}` makes no difference to\n{told}"));
        }
    }
    Ok(())
}

fn one(target: Target, sql: &str) -> Statement {
    let mut statements = read(&Script::whole(SourceId(0), sql.into()), target);
    if statements.is_empty() {
        // A comment of conditions that this server does not meet.
        statements = read(&Script::whole(SourceId(0), "SELECT 1".into()), target);
    }
    assert_eq!(statements.len(), 1, "{sql}");
    statements.swap_remove(0)
}

/// Kinds are words with hyphens; what is looked for in the change has other signs, or stands behind them.
fn is_kind(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn clauses(sql: &str) -> impl Iterator<Item = &str> {
    sql.split('⟦').skip(1).filter_map(|rest| rest.split('⟧').next())
}

fn without(sql: &str, clause: &str) -> String {
    sql.replace(&format!("⟦{clause}⟧"), "").replace(['⟦', '⟧'], "")
}

/// The changes and the modifiers in words; places left out, names as they are shown.
fn told(statement: &Statement) -> String {
    let text = format!("{:?} {:?}", statement.changes, statement.modifiers);
    let text = around(&text, "Span { ", |_| "..".to_owned());
    let text = around(&text, "Ident { ", |inside| inside.split('"').nth(1).unwrap_or_default().to_owned());
    around(&text, "ObjectName { schema: ", |inside| {
        let inside = inside.replace("None, name: ", "").replace("Some(", "");
        inside.replace("), name: ", ".")
    })
}

/// Each `Name { … }` without braces inside, replaced.
fn around(text: &str, opening: &str, by: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split(opening);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (inside, rest) = piece.split_once(" }").unwrap_or((piece, ""));
        out.push_str(&by(inside));
        out.push_str(rest);
    }
    out
}
