//! The names engines make up.

use std::collections::HashSet;

use super::types::columns_in;
use crate::catalog::{Catalog, Key, Table};
use crate::change::{ConstraintBody, Ident, IndexKey, IndexPart};
use crate::engine::Engine;

/// PostgreSQL keeps 63 bytes of a name (`NAMEDATALEN - 1`).
const POSTGRES_NAME: usize = 63;

/// What a made-up name is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    PrimaryKey,
    Unique,
    Index,
    Exclusion,
    ForeignKey,
    Check,
    Sequence,
    NotNull,
}

impl Label {
    fn suffix(self) -> &'static str {
        match self {
            Label::PrimaryKey => "pkey",
            Label::Unique => "key",
            Label::Index => "idx",
            Label::Exclusion => "excl",
            Label::ForeignKey => "fkey",
            Label::Check => "check",
            Label::Sequence => "seq",
            Label::NotNull => "not_null",
        }
    }
}

impl Catalog {
    /// PostgreSQL's `ChooseRelationName` and `ChooseConstraintName`: `table_columns_label`, with a
    /// number behind the label until nothing else has the name.
    pub(super) fn postgres_name(&self, table: &Table, columns: &str, label: Label) -> String {
        let name = |number: u32| {
            let suffix = if number == 0 { label.suffix().to_owned() } else { format!("{}{number}", label.suffix()) };
            Key { schema: table.key.schema.clone(), name: postgres_join(&table.key.name, columns, &suffix) }
        };
        let taken = |key: &Key| {
            table.constraints.iter().any(|constraint| constraint.name == key.name)
                || table.indexes.iter().any(|index| index.name == key.name)
                || self.index_owners.contains_key(key)
                || self.tables.contains_key(key)
                || self.sequences.contains_key(key)
                || self.views.contains_key(key)
        };
        // Names are numbered without gaps: after the newest of many comes the next.
        let newest = table.constraints.iter().rev().take(if table.constraints.len() > 64 { 4 } else { 0 }).find_map(|constraint| {
            let digits = constraint.name.len() - constraint.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let number = constraint.name.get(constraint.name.len() - digits..)?.parse::<u32>().ok()?;
            (name(number).name == constraint.name).then_some(number)
        });
        match newest.map(|number| name(number.saturating_add(1))).filter(|next| !taken(next)) {
            Some(next) => next.name,
            None => name(first_free(&|number| taken(&name(number)))).name,
        }
    }

    /// The name of an index or key constraint that was written without one.
    pub(super) fn index_name(&self, table: &Table, keys: &[IndexKey], include: &[String], label: Label) -> String {
        match self.target.engine {
            Engine::Postgres => {
                let columns = if label == Label::PrimaryKey { String::new() } else { postgres_columns(keys, include) };
                self.postgres_name(table, &columns, label)
            }
            Engine::Mysql | Engine::Mariadb => {
                if label == Label::PrimaryKey {
                    return "PRIMARY".to_owned();
                }
                let first = match keys.first().map(|key| &key.part) {
                    Some(IndexPart::Column(name)) => name.value.as_str(),
                    Some(IndexPart::Expression(_)) | None => "functional_index",
                };
                mysql_key_name(table, first)
            }
            Engine::Sqlite => {
                let made = table.indexes.iter().filter(|index| index.name.starts_with("sqlite_autoindex_")).count();
                format!("sqlite_autoindex_{}_{}", table.key.name, made + 1)
            }
        }
    }

    /// The name of a foreign key or CHECK that was written without one.
    pub(super) fn constraint_name(&self, table: &Table, columns: &[String], label: Label) -> String {
        match self.target.engine {
            Engine::Postgres => {
                let addition = match label {
                    // Before 12 only the first column made it into the name.
                    Label::ForeignKey if !self.target.at_least(12, 0, 0) => columns.first().cloned().unwrap_or_default(),
                    Label::ForeignKey => join_columns(columns.iter().map(String::as_str)),
                    // A CHECK over several columns is named after the table alone.
                    _ if columns.len() == 1 => columns.first().cloned().unwrap_or_default(),
                    _ => String::new(),
                };
                self.postgres_name(table, &addition, label)
            }
            Engine::Mysql => {
                let infix = if label == Label::ForeignKey { "_ibfk_" } else { "_chk_" };
                numbered(table, &format!("{}{infix}", table.key.name))
            }
            Engine::Mariadb if label == Label::ForeignKey => numbered(table, &format!("{}_ibfk_", table.key.name)),
            Engine::Mariadb => numbered(table, "CONSTRAINT_"),
            Engine::Sqlite => String::new(),
        }
    }
}

impl Catalog {
    /// What the engine would call a constraint that is written without a name; `column` is the one
    /// in whose definition it stands, `new` are those that the statement adds.
    pub fn made_up_constraint(&self, table: &Table, body: &ConstraintBody, column: Option<&str>, new: &[&str]) -> String {
        let own = |columns: Vec<String>| if columns.is_empty() { column.map(str::to_owned).into_iter().collect() } else { columns };
        let keyed = |keys: &[IndexKey], include: &[String], label: Label| match (keys, column) {
            ([], Some(column)) => {
                self.index_name(table, &[IndexKey::column(Ident::new(column, crate::source::Span::default()))], include, label)
            }
            (keys, _) => self.index_name(table, keys, include, label),
        };
        match body {
            ConstraintBody::PrimaryKey(key) => keyed(&key.columns, &[], Label::PrimaryKey),
            ConstraintBody::Unique(key) => {
                let include: Vec<String> = key.include.iter().map(|one| one.value.clone()).collect();
                keyed(&key.columns, &include, Label::Unique)
            }
            ConstraintBody::Exclusion(exclusion) => self.index_name(table, &exclusion.columns, &[], Label::Exclusion),
            ConstraintBody::ForeignKey(key) => {
                let columns = own(key.columns.iter().map(|one| one.value.clone()).collect());
                self.constraint_name(table, &columns, Label::ForeignKey)
            }
            ConstraintBody::Check(check) => {
                let mut columns = columns_in(&check.expression, &table.columns);
                let named = |new: &&&str| table.column(new).is_none() && columns_in_text(&check.expression.text, new);
                columns.extend(new.iter().filter(named).map(|new| (*new).to_owned()));
                self.constraint_name(table, &columns, Label::Check)
            }
            ConstraintBody::NotNull { column } => self.postgres_name(table, &column.value, Label::NotNull),
        }
    }

    /// What the engine would call an index that is written without a name.
    pub fn made_up_index(&self, table: &Table, keys: &[IndexKey], include: &[Ident]) -> String {
        let include: Vec<String> = include.iter().map(|one| one.value.clone()).collect();
        self.index_name(table, keys, &include, Label::Index)
    }
}

/// Whether a name stands in an expression.
fn columns_in_text(text: &str, name: &str) -> bool {
    text.split(|c: char| c != '_' && c != '$' && !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(name))
}

/// The first number that is free. Names that an engine made up are numbered without gaps, so that
/// beyond a handful the numbers need not be tried one by one.
fn first_free(taken: &dyn Fn(u32) -> bool) -> u32 {
    const ONE_BY_ONE: u32 = 64;
    if let Some(free) = (0..ONE_BY_ONE).find(|number| !taken(*number)) {
        return free;
    }
    let (mut low, mut high) = (ONE_BY_ONE - 1, ONE_BY_ONE * 2);
    while taken(high) {
        low = high;
        high = high.saturating_mul(2);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if taken(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// One more than the highest number in use.
fn numbered(table: &Table, prefix: &str) -> String {
    let highest = table
        .constraints
        .iter()
        .filter_map(|constraint| {
            constraint.name.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)).and(constraint.name.get(prefix.len()..))
        })
        .filter_map(|number| number.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    format!("{prefix}{}", highest.saturating_add(1))
}

/// The first column, then `_2`, `_3` … (`make_unique_key_name`).
pub(super) fn mysql_key_name(table: &Table, first: &str) -> String {
    let own: HashSet<String> = table.indexes.iter().map(|index| index.name.to_ascii_lowercase()).collect();
    let taken = |name: &str| own.contains(&name.to_ascii_lowercase()) || name.eq_ignore_ascii_case("PRIMARY");
    if !taken(first) {
        return first.to_owned();
    }
    let number = first_free(&|number| taken(&format!("{first}_{}", number.saturating_add(2)))).saturating_add(2);
    format!("{first}_{number}")
}

/// `makeObjectName`: the longer of the two parts gives way until everything fits.
pub fn postgres_join(table: &str, columns: &str, label: &str) -> String {
    let separators = if columns.is_empty() { 1 } else { 2 };
    let room = POSTGRES_NAME.saturating_sub(label.len() + separators);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let first = clip(table, first);
    if columns.is_empty() { format!("{first}_{label}") } else { format!("{first}_{}_{label}", clip(columns, second)) }
}

/// Cuts at a character boundary.
fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

/// `ChooseIndexColumnNames` and `ChooseIndexNameAddition`: expressions are named after their
/// function, else `expr`; repeats are numbered.
pub fn postgres_columns(keys: &[IndexKey], include: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    let written = keys.iter().map(|key| match &key.part {
        IndexPart::Column(name) => name.value.clone(),
        IndexPart::Expression(expression) => expression_name(&expression.text, 0).0.unwrap_or_else(|| "expr".to_owned()),
    });
    for base in written.chain(include.iter().cloned()) {
        let mut name = base.clone();
        let mut number = 0u32;
        while names.contains(&name) {
            number += 1;
            name = format!("{base}{number}");
        }
        names.push(name);
    }
    join_columns(names.iter().map(String::as_str))
}

fn join_columns<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
        if joined.len() > POSTGRES_NAME {
            break;
        }
    }
    joined
}

/// `FigureIndexColname`: the column or function an expression comes down to, else its type's name
/// after a cast; the number says how good the name is.
fn expression_name(text: &str, depth: u8) -> (Option<String>, u8) {
    let text = text.trim();
    if depth > 16 {
        return (None, 0);
    }
    if let Some(inner) = closed(text) {
        return expression_name(inner, depth + 1);
    }
    let upper = text.to_ascii_uppercase();
    if let Some(inner) = upper.strip_prefix("CAST").map(str::trim_start).and_then(closed)
        && let Some(at) = inner.rfind(" AS ")
    {
        let start = text.len() - text.trim_start_matches(|c: char| c != '(').len() + 1;
        let inner = text.get(start..text.len().saturating_sub(1)).unwrap_or("");
        return cast_name(inner.get(..at).unwrap_or(""), inner.get(at + 4..).unwrap_or(""), depth);
    }
    if upper.starts_with("CASE ") || upper.starts_with("CASE\n") {
        // The name of ELSE would be better; a constant has none.
        return (Some("case".to_owned()), 1);
    }
    if let Some((operand, type_name)) = last_cast(text) {
        return cast_name(operand, type_name, depth);
    }
    if let Some(at) = upper.rfind(" COLLATE ") {
        return expression_name(text.get(..at).unwrap_or(""), depth + 1);
    }
    let length = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '"'))).unwrap_or(text.len());
    let name = text.get(..length).unwrap_or("");
    let rest = text.get(length..).unwrap_or("").trim();
    let own = name.rsplit('.').next().unwrap_or(name);
    let own = if own.contains('"') { own.trim_matches('"').to_owned() } else { own.to_ascii_lowercase() };
    let named = !own.is_empty() && own != "not" && !own.starts_with(|c: char| c.is_ascii_digit());
    // Nothing, a call's arguments, or subscripts may follow; anything else is an operator.
    let plain = rest.is_empty() || (rest.starts_with('(') && closed(rest).is_some()) || (rest.starts_with('[') && rest.ends_with(']'));
    if named && plain { (Some(own), 2) } else { (None, 0) }
}

fn cast_name(operand: &str, type_name: &str, depth: u8) -> (Option<String>, u8) {
    match expression_name(operand, depth + 1) {
        (Some(name), 2) => (Some(name), 2),
        _ => {
            let bare = type_name.split('(').next().unwrap_or(type_name).trim().to_ascii_lowercase();
            let internal = match bare.as_str() {
                "int" | "integer" => "int4",
                "bigint" => "int8",
                "smallint" => "int2",
                "boolean" => "bool",
                "character varying" => "varchar",
                "timestamp with time zone" => "timestamptz",
                "double precision" => "float8",
                "real" => "float4",
                other => other,
            };
            (Some(internal.to_owned()), 1)
        }
    }
}

/// `operand::type` where nothing but the cast is outermost.
fn last_cast(text: &str) -> Option<(&str, &str)> {
    let at = text.rfind("::")?;
    let type_name = text.get(at + 2..)?;
    let words = type_name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '(' | ')' | ',' | '[' | ']' | '"'));
    let balanced = type_name.matches('(').count() == type_name.matches(')').count();
    let operand = text.get(..at)?;
    let one = operand.trim_end().ends_with(')') || !operand.trim().contains(' ') || operand.trim().starts_with('\'');
    (words && balanced && one && is_operand(operand.trim())).then_some((operand, type_name))
}

/// A name, literal, call or parenthesis: what binds closer than `::`.
fn is_operand(text: &str) -> bool {
    if text.starts_with('\'') {
        return text.len() > 1 && text.ends_with('\'') && text.matches('\'').count() == 2;
    }
    let length = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '"' | ':'))).unwrap_or(text.len());
    let rest = text.get(length..).unwrap_or("").trim();
    rest.is_empty() || closed(rest).is_some() || (rest.starts_with('[') && rest.ends_with(']'))
}

/// The inside of parentheses that belong together.
fn closed(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut quote) = (0i32, None);
    for c in inner.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '\'' | '"' => quote = Some(c),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            },
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_number_is_found_among_many() {
        for used in [0, 1, 63, 64, 65, 1000] {
            assert_eq!(first_free(&|number| number < used), used);
        }
    }

    #[test]
    fn long_names_lose_from_the_longer_part() {
        let name = postgres_join(&"t".repeat(60), "column", "fkey");
        assert_eq!(name, format!("{}_column_fkey", "t".repeat(51)));
        assert_eq!(name.len(), 63);
        assert_eq!(postgres_join("t", "", "pkey"), "t_pkey");
    }

    /// As PostgreSQL 16 answers.
    #[test]
    fn expressions_are_named_after_their_function() {
        let name = |text: &str| expression_name(text, 0).0;
        assert_eq!(name("(lower(email))").as_deref(), Some("lower"));
        assert_eq!(name("(c::text)").as_deref(), Some("c"));
        assert_eq!(name("('x'::text)").as_deref(), Some("text"));
        assert_eq!(name("a + b"), None);
        assert_eq!(name("lower(a) || upper(b)"), None);
    }
}
