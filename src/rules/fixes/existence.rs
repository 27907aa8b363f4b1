//! IF EXISTS and IF NOT EXISTS.

use super::insertion;
use crate::change::{Action, Ident};
use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;

/// Key words that may stand right in front of the name, where the words go. Of several names in one
/// DROP only the first stands behind one.
const BEFORE_NAME: &[&str] = &[
    "TABLE",
    "COLUMN",
    "ADD",
    "DROP",
    "INDEX",
    "CONCURRENTLY",
    "SEQUENCE",
    "SCHEMA",
    "EXTENSION",
    "VIEW",
    "CONSTRAINT",
    "TYPE",
    "DOMAIN",
    "FUNCTION",
    "PROCEDURE",
    "AGGREGATE",
    "TRIGGER",
    "POLICY",
    "RULE",
    "DATABASE",
];

/// The statement passes over what is there already, or what is gone. It then takes anything of that
/// name for what it wanted, so a person must look.
pub fn guard(context: &Context<'_>) -> Option<Remedy> {
    let (name, words) = name(context)?;
    let before = context.scene.script.text.get(..name.span.start as usize)?.trim_end();
    // A schema in front of the name belongs to it.
    let qualified = before.ends_with('.');
    let start = if qualified { qualifier(before)? } else { name.span.start as usize };
    let before = context.scene.script.text.get(..start)?.trim_end();
    let keyword = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next()?.to_ascii_uppercase();
    if !BEFORE_NAME.contains(&keyword.as_str()) {
        return None;
    }
    let title = format!("add {words}");
    Some(insertion(&title, Safety::Unsafe, u32::try_from(start).ok()?, &format!("{words} ")))
}

/// Where the qualifier that ends a text with its dot begins.
fn qualifier(before: &str) -> Option<usize> {
    let name = before.strip_suffix('.')?.trim_end();
    let quote = name.chars().next_back().filter(|c| matches!(c, '"' | '`'));
    match quote {
        Some(quote) => name.get(..name.len() - 1)?.rfind(quote),
        None => Some(name.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '$').len()),
    }
}

fn name<'a>(context: &Context<'a>) -> Option<(&'a Ident, &'static str)> {
    let change = context.change;
    let table = || change.table.as_ref().map(|table| &table.name);
    let (create, drop) = ("IF NOT EXISTS", "IF EXISTS");
    match &change.action {
        Action::CreateTable(made) => Some((&made.name.name, create)),
        Action::CreateIndex(index) if !index.in_alter => Some((&index.name.as_ref()?.name, create)),
        Action::CreateSequence(sequence) => Some((&sequence.name.name, create)),
        Action::CreateSchema { name: Some(name), .. } | Action::CreateExtension { name, .. } => Some((name, create)),
        Action::AddColumn { column, .. } => Some((&column.name, create)),
        Action::DropTable { .. } => Some((table()?, drop)),
        Action::DropColumn { column, .. } => Some((column, drop)),
        Action::DropIndex(index) if !index.in_alter => Some((&index.name.name, drop)),
        Action::DropConstraint { name: Some(name), .. } => Some((name, drop)),
        Action::DropObject { name, .. } => Some((&name.name, drop)),
        _ => None,
    }
}
