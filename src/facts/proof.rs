//! What the earlier statements of a migration show of a table's rows, as long as nothing else
//! writes them: columns that hold nothing yet or are filled, keys that held until now.

use std::collections::HashSet;

use super::rows::is_every_row;
use super::{Context, Element};
use crate::catalog::{Catalog, Index, IndexState};
use crate::change::{
    Action, Change, ColumnDef, ConstraintBody, DataType, DeleteRows, Expression, Ident, IndexKey, IndexPart, ObjectName, Predicate,
    Statement, UpdateRows,
};

/// A list of columns by table; names in lower case.
type Place = (String, String);

/// Book-keeping over one migration.
#[derive(Debug, Clone, Default)]
pub struct Proofs {
    /// Columns that are NULL in every row: added here, without a value.
    blank: HashSet<Place>,
    /// Columns that are NULL in no row: an UPDATE of all of them gave a value.
    filled: HashSet<Place>,
    /// Columns that hold another value in every row: each was given a random or the next one.
    spread: HashSet<Place>,
    /// Unique keys that were given up here, or that no row stands against since the others were deleted.
    held: Vec<Held>,
}

/// A unique key that no two rows could share.
#[derive(Debug, Clone)]
struct Held {
    table: String,
    keys: Vec<String>,
    parts: Vec<IndexPart>,
    predicate: Option<String>,
    nulls_not_distinct: bool,
}

/// Nobody drops more keys in one migration and needs them all.
const MOST_HELD: usize = 500;

impl Proofs {
    /// Enters a statement that goes through.
    pub(super) fn record(&mut self, statement: &Statement, before: &Catalog) {
        for change in &statement.changes {
            let Some(table) = table_of(change, before) else { continue };
            self.enter(change, &table, before);
        }
    }

    fn enter(&mut self, change: &Change, table: &str, before: &Catalog) {
        match &change.action {
            Action::AddColumn { column, if_not_exists, .. } => {
                let own = change.table.as_ref().and_then(|table| before.table(table));
                // Nothing in the history made it before: IF NOT EXISTS is there for a second attempt.
                let new = !change.conditional && (!if_not_exists || own.is_none_or(|own| own.column(&column.name.value).is_none()));
                if is_left_null(column) && new {
                    self.blank.insert(place(table, &column.name.value));
                }
                let given = column.default.as_ref().is_some_and(|default| is_value(&default.expression));
                if given && new {
                    self.filled.insert(place(table, &column.name.value));
                }
                if is_spread(column) && new {
                    self.spread.insert(place(table, &column.name.value));
                }
            }
            Action::DropIndex(drop) => {
                if let Some((_, index)) = before.index(change.table.as_ref(), &drop.name).filter(|_| !change.conditional) {
                    self.give_up(table, index);
                }
            }
            Action::DropConstraint { name: Some(name), .. } => {
                let named = change.table.as_ref().and_then(|table| before.table(table));
                let backing = named.and_then(|table| table.indexes.iter().find(|index| index.constraint.as_deref() == Some(&*name.value)));
                if let Some(index) = backing.filter(|_| !change.conditional) {
                    self.give_up(table, index);
                }
            }
            Action::Update(update) => self.updated(update, change, table),
            Action::Delete(delete) if !delete.limited && !change.conditional => self.thinned_out(delete, change, table, before),
            Action::Insert(_) | Action::Copy(_) | Action::Merge { .. } | Action::RenameTable { .. } | Action::DropTable { .. } => {
                self.forget_table(table);
            }
            Action::ModifyColumn { column, .. } | Action::SetType { column, .. } | Action::DropColumn { column, .. } => {
                self.forget(table, &column.value);
            }
            Action::RenameColumn { from, to, .. } => {
                self.forget(table, &to.value);
                self.rename(table, &from.value, &to.value);
            }
            _ => {}
        }
    }

    /// No row fulfils the condition: it asks for NULL where every row was given a value.
    pub(super) fn leaves_none(&self, condition: &Predicate, table: &str) -> bool {
        let Predicate::Where(condition) = condition else { return false };
        let condition = text(condition);
        condition.strip_suffix("isnull").is_some_and(|column| self.filled.contains(&(table.to_owned(), column.to_owned())))
    }

    fn updated(&mut self, update: &UpdateRows, change: &Change, table: &str) {
        for (column, value) in &update.assignments {
            self.forget(table, &column.value);
            let whole = is_every_row(update) || asks_for_null(update, &column.value);
            if whole && !change.conditional && (is_value(value) || is_random(value)) {
                self.filled.insert(place(table, &column.value));
            }
            // Copied as it is from a column in which no two rows were alike.
            let from = text(value);
            let alike = |held: &&Held| held.table == table && held.predicate.is_none() && held.keys == [from.clone()];
            if whole
                && !change.conditional
                && let Some(held) = self.held.iter().find(alike).cloned()
                && self.held.len() < MOST_HELD
            {
                let part = IndexPart::Column(Ident::new(column.value.as_str(), change.span));
                self.held.push(Held { keys: vec![column.value.to_lowercase()], parts: vec![part], ..held });
            }
            if is_every_row(update) && !change.conditional && is_random(value) {
                self.spread.insert(place(table, &column.value));
            }
        }
    }

    /// `DELETE ... WHERE id NOT IN (SELECT min(id) FROM ... GROUP BY a, b)`: one row of each group is left.
    fn thinned_out(&mut self, delete: &DeleteRows, change: &Change, table: &str, before: &Catalog) {
        let (Predicate::Where(condition), Some(name)) = (&delete.predicate, &change.table) else { return };
        let condition = text(condition);
        let Some((row, rest)) = condition.split_once("notinselect") else { return };
        let own = before.table(name);
        let only = own.and_then(|own| own.primary_key()).and_then(|key| if let [one] = &*key.columns { Some(one) } else { None });
        if !["rowid", "ctid"].contains(&row) && !only.is_some_and(|key| key.eq_ignore_ascii_case(row)) {
            return;
        }
        let Some(rest) = ["min", "max"].iter().find_map(|which| rest.strip_prefix(&format!("{which}{row}from"))) else { return };
        let named = [table, &name.name.value.to_lowercase()].into_iter().find_map(|name| rest.strip_prefix(&format!("{name}groupby")));
        let keys: Vec<String> = named.map(|keys| keys.split(',').map(str::to_owned).collect()).unwrap_or_default();
        let known =
            |key: &String| own.is_none_or(|own| !own.complete || own.columns.iter().any(|column| column.name.eq_ignore_ascii_case(key)));
        if !keys.is_empty() && keys.iter().all(known) && self.held.len() < MOST_HELD {
            self.held.push(Held {
                table: table.to_owned(),
                parts: keys.iter().map(|key| IndexPart::Column(Ident::new(key.as_str(), change.span))).collect(),
                keys,
                predicate: None,
                // GROUP BY takes NULLs for alike.
                nulls_not_distinct: true,
            });
        }
    }

    fn give_up(&mut self, table: &str, index: &Index) {
        let holds = (index.unique || index.primary) && index.state == IndexState::Valid && !index.only;
        if holds && self.held.len() < MOST_HELD {
            self.held.push(Held {
                table: table.to_owned(),
                keys: index.keys.iter().map(key_text).collect(),
                parts: index.keys.iter().map(|key| key.part.clone()).collect(),
                predicate: index.predicate.as_ref().map(text),
                nulls_not_distinct: index.nulls_not_distinct,
            });
        }
    }

    fn forget(&mut self, table: &str, column: &str) {
        let at = place(table, column);
        self.blank.remove(&at);
        self.filled.remove(&at);
        self.spread.remove(&at);
        self.held.retain(|held| held.table != table || !held.parts.iter().any(|part| may_mean(part, &at.1)));
    }

    /// What is known of a column goes on under its new name.
    fn rename(&mut self, table: &str, from: &str, to: &str) {
        let (old, new) = (place(table, from), place(table, to));
        for known in [&mut self.blank, &mut self.filled, &mut self.spread] {
            if known.remove(&old) {
                known.insert(new.clone());
            }
        }
        for held in self.held.iter_mut().filter(|held| held.table == table) {
            for (key, part) in held.keys.iter_mut().zip(&mut held.parts) {
                if let IndexPart::Column(name) = part
                    && name.value.eq_ignore_ascii_case(from)
                {
                    *name = Ident::new(to, name.span);
                    *key = key.replacen(&old.1, &new.1, 1);
                }
            }
        }
        self.held.retain(|held| held.table != table || !held.parts.iter().any(|part| may_mean(part, &old.1)));
    }

    fn forget_table(&mut self, table: &str) {
        self.blank.retain(|(own, _)| own != table);
        self.filled.retain(|(own, _)| own != table);
        self.spread.retain(|(own, _)| own != table);
        self.held.retain(|held| held.table != table);
    }
}

/// The table's name as the catalog has it, in lower case.
fn table_of(change: &Change, before: &Catalog) -> Option<String> {
    let written = |name: &ObjectName| before.resolve(name).to_string().to_lowercase();
    let owner = || match &change.action {
        Action::DropIndex(drop) => before.index(None, &drop.name).map(|(table, _)| table.key.to_string().to_lowercase()),
        _ => None,
    };
    change.table.as_ref().map(written).or_else(owner)
}

fn place(table: &str, column: &str) -> Place {
    (table.to_owned(), column.to_lowercase())
}

fn is_left_null(column: &ColumnDef) -> bool {
    let null = |text: &str| text.trim().eq_ignore_ascii_case("null");
    column.default.as_ref().is_none_or(|default| null(&default.expression.text))
        && column.generated.is_none()
        && column.identity.is_none()
        && column.auto_increment.is_none()
        && column.not_null.is_none()
        && !column.data_type.as_ref().is_some_and(|it| it.is_serial())
}

fn may_mean(part: &IndexPart, column: &str) -> bool {
    match part {
        IndexPart::Column(name) => name.value.eq_ignore_ascii_case(column),
        IndexPart::Expression(expression) => text(expression).contains(column),
    }
}

/// A new column that numbers the rows, or whose default is another one for each.
fn is_spread(column: &ColumnDef) -> bool {
    column.identity.is_some()
        || column.auto_increment.is_some()
        || column.data_type.as_ref().is_some_and(DataType::is_serial)
        || column.default.as_ref().is_some_and(|default| is_random(&default.expression))
}

/// A random value that is long enough to be another one in each row, whole and in every row.
fn is_random(value: &Expression) -> bool {
    let text = text(value);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let long = has(&["gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7", "randomblob"])
        || text.contains("md5") && text.contains("random")
        || ["uuid", "newid"].contains(&text.as_str()) && value.text.contains('(');
    // Part of it, or not in every row.
    let cut = ["substr", "left", "right", "case", "coalesce", "ifnull", "nullif", "select", "trunc", "%", "mod"];
    long && !has(&cut)
}

/// `WHERE column IS NULL`, and nothing else.
fn asks_for_null(update: &UpdateRows, column: &str) -> bool {
    let Predicate::Where(condition) = &update.predicate else { return false };
    !update.joined && !update.limited && text(condition) == format!("{}isnull", column.to_lowercase())
}

/// A literal that is not NULL.
fn is_value(value: &Expression) -> bool {
    let text = value.text.trim();
    let quoted = text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'') && !text.trim_matches('\'').contains('\'');
    quoted || text.parse::<f64>().is_ok() || ["true", "false", "now()", "current_timestamp"].contains(&text.to_lowercase().as_str())
}

fn text(expression: &Expression) -> String {
    expression.text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '`' | '(' | ')')).collect::<String>().to_lowercase()
}

/// What it compares: the column or the expression, its first bytes, its collation.
fn key_text(key: &IndexKey) -> String {
    let part = match &key.part {
        IndexPart::Column(name) => name.value.to_lowercase(),
        IndexPart::Expression(expression) => text(expression),
    };
    let prefix = key.prefix.map(|prefix| format!("#{prefix}")).unwrap_or_default();
    let collation = key.collation.as_ref().map(|name| format!("@{}", name.name.value)).unwrap_or_default();
    part + &prefix + &collation
}

/// No two rows can be alike in the unique key that the change makes.
pub(super) fn is_distinct(cx: &Context<'_>) -> bool {
    let created = match (&cx.element, &cx.change.action) {
        (Some(Element::Index(index)), _) => Some(*index),
        (_, Action::CreateIndex(index)) => Some(&**index),
        _ => None,
    };
    let (keys, predicate, nulls_not_distinct, primary) = match (created, &cx.change.action) {
        (Some(index), _) if index.unique => (&index.keys, index.predicate.as_ref().map(text), index.nulls_not_distinct, false),
        (_, Action::AddConstraint(constraint)) => match &constraint.body {
            ConstraintBody::Unique(key) => (&key.columns, None, key.nulls_not_distinct, false),
            ConstraintBody::PrimaryKey(key) => (&key.columns, None, false, true),
            _ => return false,
        },
        _ => return false,
    };
    let Some(table) = table_of(cx.change, cx.catalog()) else { return false };
    let proofs = &cx.scene.ledger.proofs;
    let keys: Vec<String> = keys.iter().map(key_text).collect();
    let blank = || keys.iter().any(|key| proofs.blank.contains(&(table.clone(), key.clone())));
    let held = |held: &Held| {
        held.table == table
            && held.keys.iter().all(|key| keys.contains(key))
            && (held.predicate.is_none() || held.predicate == predicate)
            && (!nulls_not_distinct || held.nulls_not_distinct)
    };
    let spread = || keys.iter().any(|key| proofs.spread.contains(&(table.clone(), key.clone())));
    !nulls_not_distinct && !primary && blank() || spread() || proofs.held.iter().any(held) || another_stands(cx, &keys, primary)
}

/// A unique index over some of these columns is there already, as far as the history tells.
fn another_stands(cx: &Context<'_>, keys: &[String], primary: bool) -> bool {
    let Some(own) = cx.table() else { return false };
    let filled = |index: &Index| index.columns().all(|name| own.column(name).is_some_and(|column| column.not_null));
    own.indexes.iter().any(|index| {
        index.unique
            && index.state == IndexState::Valid
            && !index.only
            && index.predicate.is_none()
            && !index.keys.is_empty()
            && index.keys.iter().all(|key| keys.contains(&key_text(key)))
            && (!primary || filled(index))
    })
}

/// Every row holds NULL in the column at hand.
pub(super) fn is_blank(cx: &Context<'_>) -> bool {
    own_place(cx).is_some_and(|at| cx.scene.ledger.proofs.blank.contains(&at))
}

/// No row holds NULL in the column at hand.
pub(super) fn is_filled(cx: &Context<'_>) -> bool {
    own_place(cx).is_some_and(|at| cx.scene.ledger.proofs.filled.contains(&at))
}

fn own_place(cx: &Context<'_>) -> Option<Place> {
    Some(place(&table_of(cx.change, cx.catalog())?, &cx.column_name()?.value))
}
