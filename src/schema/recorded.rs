//! The migrations a dump holds, by the rows of the tables in which migration tools keep their books.

use std::collections::BTreeSet;

use sqlparser::tokenizer::Token as Lexeme;

use crate::catalog::Catalog;
use crate::change::{Action, Change, Statement};
use crate::discover::Project;
use crate::engine::Target;
use crate::migration::Entry;
use crate::sql::{Piece, Token, string_value, tokenise};

/// Tables with a row for each migration that ran, and the column that names it.
const BOOKS: &[(&str, &str)] = &[
    // Rails, dbmate, Ecto, Supabase, golang-migrate (see below).
    ("schema_migrations", "version"),
    ("__diesel_schema_migrations", "version"),
    ("_prisma_migrations", "migration_name"),
    ("_sqlx_migrations", "version"),
    ("goose_db_version", "version_id"),
    ("flyway_schema_history", "version"),
    ("schema_version", "version"),
    ("refinery_schema_history", "version"),
    ("atlas_schema_revisions", "version"),
    ("seaql_migrations", "version"),
    ("lockgate_history", "version"),
    ("gorp_migrations", "id"),
    ("pgmigrations", "name"),
    ("d1_migrations", "name"),
    ("knex_migrations", "name"),
    ("sequelizemeta", "name"),
    // Laravel, TypeORM.
    ("migrations", "migration"),
    ("migrations", "name"),
];

/// What the rows say.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    names: BTreeSet<String>,
    /// Of a table that holds the newest version alone.
    newest: Option<String>,
}

impl Recorded {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.newest.is_none()
    }

    /// Takes down what a statement of the dump says, if it fills such a table.
    pub(super) fn note(&mut self, catalog: &Catalog, statement: &Statement, piece: &Piece, text: &str) {
        let Some(change) = statement.changes.iter().find(|change| matches!(change.action, Action::Insert(_) | Action::Copy(_))) else {
            return;
        };
        let Some(column) = column_of(catalog, change, text, piece, catalog.target) else { return };
        let mut values = match piece.data {
            Some(data) => copied(data.slice(text), column.position),
            None => inserted(&tokenise(text, statement.span, catalog.target), column.position, catalog.target),
        };
        if column.newest_alone {
            self.newest = values.pop().or(self.newest.take());
        } else {
            self.names.extend(values.iter().flat_map(|value| forms(value)));
        }
    }

    /// Of each entry whether it is among them.
    pub(super) fn entries(&self, project: &Project) -> Vec<bool> {
        let mut inside = match &self.newest {
            Some(version) => project.up_to(version),
            None => vec![false; project.entries.len()],
        };
        for (inside, entry) in inside.iter_mut().zip(&project.entries) {
            *inside = *inside || self.holds(&entry.entry);
        }
        inside
    }

    fn holds(&self, entry: &Entry) -> bool {
        if entry.repeatable {
            return false;
        }
        let directory = entry.up.split_once('/').map(|(directory, _)| directory);
        let known = [Some(entry.version.as_str()), Some(entry.name.as_str()), Some(entry.up.as_str()), directory];
        known.into_iter().flatten().flat_map(forms).any(|form| self.names.contains(&form))
    }
}

/// The column that names the migration.
struct Column {
    position: usize,
    newest_alone: bool,
}

fn column_of(catalog: &Catalog, change: &Change, text: &str, piece: &Piece, target: Target) -> Option<Column> {
    let table = change.table.as_ref()?;
    let name = table.name.value.to_ascii_lowercase();
    let wanted: Vec<&str> = BOOKS.iter().filter(|(table, _)| *table == name).map(|(_, column)| *column).collect();
    if wanted.is_empty() {
        return None;
    }
    let known: Vec<String> =
        catalog.table(table).map(|table| table.columns.iter().map(|column| column.name.to_lowercase()).collect()).unwrap_or_default();
    let written = match &change.action {
        Action::Insert(insert) => insert.columns.iter().map(|column| column.value.to_lowercase()).collect(),
        // The list stands behind the name, before FROM.
        _ => columns_of_copy(&tokenise(text, piece.span, target)),
    };
    let columns = if written.is_empty() { known.clone() } else { written };
    let position = match columns.as_slice() {
        [] => 0,
        columns => columns.iter().position(|column| wanted.contains(&column.as_str()))?,
    };
    // golang-migrate and tern keep one row: the version the database is at.
    let newest_alone = (name == "schema_migrations" && columns.iter().chain(&known).any(|column| column == "dirty"))
        || (name == "schema_version" && columns.len() == 1);
    Some(Column { position, newest_alone })
}

fn columns_of_copy(tokens: &[Token]) -> Vec<String> {
    let inside = tokens.iter().skip_while(|token| token.token != Lexeme::LParen).skip(1).take_while(|token| token.token != Lexeme::RParen);
    inside.filter_map(|token| if let Lexeme::Word(word) = &token.token { Some(word.value.to_lowercase()) } else { None }).collect()
}

fn copied(data: &str, position: usize) -> Vec<String> {
    data.lines().filter_map(|line| line.split('\t').nth(position)).filter(|value| *value != "\\N").map(str::to_owned).collect()
}

/// The value at a position of every row behind VALUES.
fn inserted(tokens: &[Token], position: usize, target: Target) -> Vec<String> {
    let is_values = |token: &Token| matches!(&token.token, Lexeme::Word(word) if word.value.eq_ignore_ascii_case("values"));
    let (mut depth, mut at, mut values) = (0_u32, 0, Vec::new());
    for token in tokens.iter().skip_while(|token| !is_values(token)).skip(1) {
        match &token.token {
            Lexeme::LParen => {
                depth += 1;
                if depth == 1 {
                    at = 0;
                }
            }
            Lexeme::RParen => depth = depth.saturating_sub(1),
            Lexeme::Comma if depth == 1 => at += 1,
            Lexeme::Number(number, _) if depth == 1 && at == position => values.push(number.clone()),
            lexeme if depth == 1 && at == position => values.extend(string_value(lexeme, target).map(str::to_owned)),
            _ => {}
        }
    }
    values
}

/// How a migration may be called: as written, without what files end in, and as digits alone.
fn forms(name: &str) -> Vec<String> {
    let mut plain = name.trim().to_lowercase();
    for end in [".sql", ".up", ".rb", ".php", ".js", ".ts", ".py"] {
        if let Some(rest) = plain.strip_suffix(end) {
            plain.truncate(rest.len());
        }
    }
    let mut forms = Vec::new();
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    if !digits.is_empty() && plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | '.')) {
        // 2024-01-31-120000 is 20240131120000 to Diesel; 0007 is 7.
        let number = digits.trim_start_matches('0');
        if digits.len() == plain.len() || digits.len() >= 8 {
            forms.push(number.to_owned());
        }
    }
    if !plain.is_empty() {
        forms.push(plain);
    }
    forms
}
