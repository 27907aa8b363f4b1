//! What two states of the schema differ in, said in words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::journal::SHELVES;
use super::{Birth, Catalog, Column, Constraint, Domain, DomainCheck, EnumType, Index, Key, Table};
use crate::change::{ConstraintKind, DataType, Expression, IndexKey, IndexPart};

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `column orders.email`.
    pub object: String,
    pub kind: DifferenceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It was there and is not any more.
    Missing,
    /// It was not there and still is.
    Left,
    /// It is there with another definition.
    Differs,
    /// It was not there, and no statement can take it away again: a value of an enum.
    Stays,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DifferenceKind::Missing => "is missing",
            DifferenceKind::Left => "is left behind",
            DifferenceKind::Differs => "differs",
            DifferenceKind::Stays => "stays",
        };
        write!(f, "{} {what}", self.object)
    }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, object: impl fmt::Display, kind: DifferenceKind) {
        self.0.push(Difference { object: object.to_string(), kind });
    }

    /// Compares one thing that may be on either side.
    fn compare<T>(&mut self, object: impl fmt::Display, before: Option<T>, after: Option<T>, same: impl FnOnce(&T, &T) -> bool) {
        match (before, after) {
            (Some(_), None) => self.add(object, DifferenceKind::Missing),
            (None, Some(_)) => self.add(object, DifferenceKind::Left),
            (Some(before), Some(after)) if !same(&before, &after) => self.add(object, DifferenceKind::Differs),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// Compares everything of a kind.
    fn compare_shelves<K: Ord + fmt::Display, V>(
        &mut self,
        kind: &str,
        before: &BTreeMap<K, V>,
        after: &BTreeMap<K, V>,
        same: impl Fn(&V, &V) -> bool,
    ) {
        let new = after.keys().filter(|key| !before.contains_key(key));
        for key in before.keys().chain(new) {
            self.compare(format!("{kind} {key}"), before.get(key), after.get(key), |before, after| same(before, after));
        }
    }
}

impl Catalog {
    /// What differs from another catalog, which is the state as it should be. Queries and bodies may
    /// be spelled as they like.
    pub fn differences_from(&self, expected: &Catalog) -> Vec<Difference> {
        let mut found = Differences::default();
        for (key, before) in expected.tables.iter() {
            compare_tables(&mut found, Some(before), self.table_at(key));
        }
        for (key, after) in self.tables.iter() {
            if !expected.tables.contains_key(key) {
                compare_tables(&mut found, None, Some(after));
            }
        }
        found.compare_shelves("view", &expected.views, &self.views, |before, after| {
            before.reads == after.reads && before.materialized == after.materialized
        });
        let new = self.enums.keys().filter(|key| !expected.enums.contains_key(key));
        for key in expected.enums.keys().chain(new) {
            compare_enums(&mut found, key, expected.enums.get(key), self.enums.get(key));
        }
        found.compare_shelves("domain", &expected.domains, &self.domains, |before, after| same_domain(before, after));
        found.compare_shelves("type", &expected.types, &self.types, |_, _| true);
        found.compare_shelves("sequence", &expected.sequences, &self.sequences, |before, after| before.owned_by == after.owned_by);
        found.compare_shelves("function", &expected.routines, &self.routines, |before, after| {
            before.volatility == after.volatility && before.is_procedure == after.is_procedure && before.arguments == after.arguments
        });
        found.compare_shelves("schema", &expected.schemas, &self.schemas, |_, _| true);
        found.compare_shelves("extension", &expected.extensions, &self.extensions, |_, _| true);
        found.0
    }

    /// What differs from the state at a mark; only what was written since is looked at.
    pub(super) fn differences_since(&self, mark: [usize; SHELVES]) -> Vec<Difference> {
        let mut found = Differences::default();
        let [tables, views, enums, domains, types, sequences, routines, schemas, extensions, ..] = mark;
        for (key, before) in self.tables.since(tables) {
            compare_tables(&mut found, before.map(AsRef::as_ref), self.table_at(key));
        }
        for (key, before) in self.views.since(views) {
            found.compare(format!("view {key}"), before, self.views.get(key), |before, after| {
                same_expression(Some(&before.query), Some(&after.query))
                    && before.columns == after.columns
                    && before.materialized == after.materialized
            });
        }
        for (key, before) in self.enums.since(enums) {
            compare_enums(&mut found, key, before, self.enums.get(key));
        }
        for (key, before) in self.domains.since(domains) {
            found.compare(format!("domain {key}"), before, self.domains.get(key), |before, after| same_domain(before, after));
        }
        for (key, before) in self.types.since(types) {
            found.compare(format!("type {key}"), before, self.types.get(key), |_, _| true);
        }
        for (key, before) in self.sequences.since(sequences) {
            // Those behind serial and identity columns come and go with the column.
            let owned = before.or(self.sequences.get(key)).is_some_and(|sequence| sequence.owned_by.is_some());
            if !owned {
                found.compare(format!("sequence {key}"), before, self.sequences.get(key), |_, _| true);
            }
        }
        for (key, before) in self.routines.since(routines) {
            found.compare(format!("function {key}"), before, self.routines.get(key), |before, after| {
                same_body(before.body.as_deref(), after.body.as_deref())
            });
        }
        for (name, before) in self.schemas.since(schemas) {
            found.compare(format!("schema {name}"), before, self.schemas.get(name), |_, _| true);
        }
        for (name, before) in self.extensions.since(extensions) {
            found.compare(format!("extension {name}"), before, self.extensions.get(name), |_, _| true);
        }
        found.0
    }
}

/// Values can be added to an enum; none can be taken away.
fn compare_enums(found: &mut Differences, key: &Key, before: Option<&Arc<EnumType>>, after: Option<&Arc<EnumType>>) {
    if let (Some(old), Some(new)) = (before, after) {
        let had = |value: &str| old.labels.iter().any(|label| label.value == value);
        let kept = new.labels.iter().map(|label| &label.value).filter(|value| had(value));
        if old.labels.iter().map(|label| &label.value).eq(kept) {
            for added in new.labels.iter().filter(|label| !had(&label.value)) {
                found.add(format!("value '{}' of type {key}", added.value), DifferenceKind::Stays);
            }
            return;
        }
    }
    found.compare(format!("type {key}"), before, after, |before, after| same_labels(before, after));
}

fn same_labels(a: &EnumType, b: &EnumType) -> bool {
    a.labels.iter().map(|label| &label.value).eq(b.labels.iter().map(|label| &label.value))
}

fn same_domain(a: &Domain, b: &Domain) -> bool {
    let same_check = |a: &DomainCheck, b: &DomainCheck| same_expression(Some(&a.check.expression), Some(&b.check.expression));
    same_type(Some(&a.base), Some(&b.base))
        && a.not_null == b.not_null
        && same_expression(a.default.as_ref(), b.default.as_ref())
        && a.checks.len() == b.checks.len()
        && a.checks.iter().all(|check| b.checks.iter().any(|other| same_check(check, other)))
}

fn compare_tables(found: &mut Differences, before: Option<&Table>, after: Option<&Table>) {
    let unknown;
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (Some(before), None) => {
            if before.kind != super::TableKind::MaterializedView {
                found.add(format!("table {}", before.key), DifferenceKind::Missing);
            }
            return;
        }
        // Met on the way and not made: as much of it was there before as is not known to be new.
        (None, Some(after)) if !after.complete && after.origin.is_none() => {
            unknown = Table { complete: false, ..Table::named(after.key.clone(), after.birth) };
            (&unknown, after)
        }
        (None, Some(after)) => {
            if after.kind != super::TableKind::MaterializedView {
                found.add(format!("table {}", after.key), DifferenceKind::Left);
            }
            return;
        }
        (None, None) => return,
    };
    if before.uncertain || after.uncertain {
        return;
    }
    let table = &after.key;
    for column in &before.columns {
        let other = after.columns.iter().find(|other| other.name == column.name);
        found.compare(format!("column {table}.{}", column.name), Some(column), other, |before, after| same_column(before, after));
    }
    for column in &after.columns {
        if before.columns.iter().any(|other| other.name == column.name) {
            continue;
        }
        let assumed = Column::unknown(column.name.clone());
        let old = !before.complete && column.birth == Birth::default();
        let other = if old { Some(&assumed) } else { None };
        found.compare(format!("column {table}.{}", column.name), other, Some(column), |before, after| same_column(before, after));
    }
    compare_constraints(found, before, after);
    compare_indexes(found, before, after);
    for trigger in &before.triggers {
        found.compare(format!("trigger {} on {table}", trigger.name), Some(trigger), after.trigger(&trigger.name), |before, after| {
            before.timing == after.timing && before.events == after.events
        });
    }
    for trigger in after.triggers.iter().filter(|trigger| before.trigger(&trigger.name).is_none()) {
        found.add(format!("trigger {} on {table}", trigger.name), DifferenceKind::Left);
    }
    if before.row_security != after.row_security {
        found.add(format!("row security of {table}"), DifferenceKind::Differs);
    }
}

fn compare_constraints(found: &mut Differences, before: &Table, after: &Table) {
    let name = |table: &Table, constraint: &Constraint| match constraint.kind {
        ConstraintKind::PrimaryKey => format!("primary key of {}", table.key),
        _ if constraint.name.is_empty() => format!("constraint on {} ({})", table.key, constraint.columns.join(", ")),
        _ => format!("constraint {} on {}", constraint.name, table.key),
    };
    // A NOT NULL shows in its column, named or not.
    let shown = |constraint: &&Constraint| constraint.kind != ConstraintKind::NotNull;
    for constraint in before.constraints.iter().filter(shown) {
        if !after.constraints.iter().any(|other| same_constraint(constraint, other)) {
            let kind = if after.constraint(&constraint.name).is_some_and(|other| other.kind == constraint.kind) {
                DifferenceKind::Differs
            } else {
                DifferenceKind::Missing
            };
            found.add(name(after, constraint), kind);
        }
    }
    for constraint in after.constraints.iter().filter(shown) {
        let new = !before.constraints.iter().any(|other| same_constraint(constraint, other));
        if new && before.constraint(&constraint.name).is_none_or(|other| other.kind != constraint.kind) {
            found.add(name(after, constraint), DifferenceKind::Left);
        }
    }
}

fn compare_indexes(found: &mut Differences, before: &Table, after: &Table) {
    let own = |index: &&Index| index.constraint.is_none() && !index.implied && index.attached_to.is_none();
    for index in before.indexes.iter().filter(own) {
        let object = format!("index {} on {}", index.name, after.key);
        let other = after.indexes.iter().find(|other| other.name == index.name);
        found.compare(object, Some(index), other, |before, after| same_index(before, after));
    }
    for index in after.indexes.iter().filter(own) {
        if !before.indexes.iter().any(|other| other.name == index.name) {
            found.add(format!("index {} on {}", index.name, after.key), DifferenceKind::Left);
        }
    }
}

fn same_column(a: &Column, b: &Column) -> bool {
    same_type(a.data_type.as_ref(), b.data_type.as_ref())
        && a.not_null == b.not_null
        && same_default(a, b)
        && same_generated(a, b)
        && a.identity.is_some() == b.identity.is_some()
        && a.auto_increment == b.auto_increment
        && a.on_update == b.on_update
}

fn same_generated(a: &Column, b: &Column) -> bool {
    match (&a.generated, &b.generated) {
        (Some(a), Some(b)) => a.kind == b.kind && same_expression(Some(&a.expression), Some(&b.expression)),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whatever the sequence behind a serial column is called now.
fn same_default(a: &Column, b: &Column) -> bool {
    // DEFAULT NULL is no default.
    let null = |it: &Expression| it.text.trim().eq_ignore_ascii_case("null");
    let expression = |column: &Column| column.default.as_ref().map(|default| default.expression.clone()).filter(|it| !null(it));
    let (a, b) = (expression(a), expression(b));
    let counts = |it: &Option<Expression>| it.as_ref().is_some_and(|it| it.text.trim_start().to_ascii_lowercase().starts_with("nextval("));
    let number = |it: &Option<Expression>| it.as_ref().and_then(|it| it.text.trim().trim_matches('\'').parse::<f64>().ok());
    let same_number = || number(&a).is_some_and(|a| number(&b) == Some(a));
    (counts(&a) && counts(&b)) || same_expression(a.as_ref(), b.as_ref()) || same_number()
}

/// Equal types, wherever they were written.
pub(super) fn same_type(a: Option<&DataType>, b: Option<&DataType>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            a.name == b.name
                && (a.args == b.args || has_display_width(a))
                && a.negative_scale == b.negative_scale
                && a.array == b.array
                && a.fields == b.fields
                && a.unsigned == b.unsigned
                && a.charset == b.charset
                && same_collation(a, b)
                && a.labels == b.labels
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The number behind an integer type of MySQL and MariaDB says how wide it is shown, nothing else;
/// dumps of older servers write it always. `tinyint(1)` is a type of its own to clients.
fn has_display_width(data_type: &DataType) -> bool {
    matches!(data_type.name.as_str(), "int" | "integer" | "bigint" | "smallint" | "mediumint")
}

/// Wherever it lies. A character set's own collation need not be written.
fn same_collation(a: &DataType, b: &DataType) -> bool {
    match (&a.collation, &b.collation) {
        (Some(a), Some(b)) => a.name == b.name,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => a.charset.is_some(),
    }
}

/// The same rule, under whatever name.
fn same_constraint(a: &Constraint, b: &Constraint) -> bool {
    a.kind == b.kind
        && a.columns == b.columns
        && same_expression(a.expression.as_ref(), b.expression.as_ref())
        && a.foreign_key == b.foreign_key
        && a.enforced == b.enforced
        && a.deferral == b.deferral
}

pub(super) fn same_keys(a: &[IndexKey], b: &[IndexKey]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            same_part(&a.part, &b.part)
                && a.descending == b.descending
                && a.nulls_first == b.nulls_first
                && a.prefix == b.prefix
                && a.opclass == b.opclass
                && a.collation == b.collation
        })
}

fn same_part(a: &IndexPart, b: &IndexPart) -> bool {
    match (a, b) {
        (IndexPart::Column(a), IndexPart::Column(b)) => a.is(&b.value),
        (IndexPart::Expression(a), IndexPart::Expression(b)) => same_expression(Some(a), Some(b)),
        (IndexPart::Column(_), IndexPart::Expression(_)) | (IndexPart::Expression(_), IndexPart::Column(_)) => false,
    }
}

fn same_index(a: &Index, b: &Index) -> bool {
    a.unique == b.unique
        && a.method == b.method
        && a.kind == b.kind
        && a.include == b.include
        && same_expression(a.predicate.as_ref(), b.predicate.as_ref())
        && same_keys(&a.keys, &b.keys)
}

/// Equal but for comments, for the way lines are broken and for words written large or small.
fn same_body(a: Option<&str>, b: Option<&str>) -> bool {
    let plain = |text: &str| uncommented(text).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    match (a, b) {
        (Some(a), Some(b)) => a == b || plain(a) == plain(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The text without its comments, which no two people write alike.
fn uncommented(text: &str) -> Cow<'_, str> {
    if !text.contains("--") && !text.contains("/*") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        let end = match quote {
            None if rest.starts_with("--") => Some(rest.find('\n').unwrap_or(rest.len())),
            None if rest.starts_with("/*") => Some(rest.find("*/").map_or(rest.len(), |end| end + 2)),
            _ => None,
        };
        if let Some(end) = end {
            out.push(' ');
            rest = rest.get(end..).unwrap_or("");
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            Some(_) | None => {}
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    Cow::Owned(out)
}

/// Equal but for comments, parentheses, quotes around names and casts, which dumps write and people leave out.
fn same_expression(a: Option<&Expression>, b: Option<&Expression>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || bare(&uncommented(&a.text)) == bare(&uncommented(&b.text)),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        if c == '\'' {
            quoted = !quoted;
        }
        if quoted || c == '\'' {
            out.push(c);
        } else if c == ':' && rest.starts_with(':') {
            rest = after_type(rest.get(1..).unwrap_or(""));
        } else if c == '_'
            && let Some(text) = after_introducer(&out, rest)
        {
            rest = text;
        } else if !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '`') {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// Past the character set that MySQL writes before a string: `_utf8mb4'a'`.
fn after_introducer<'a>(before: &str, rest: &'a str) -> Option<&'a str> {
    let begins = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let end = rest.find('\'').filter(|end| *end > 0 && rest.bytes().take(*end).all(|byte| byte.is_ascii_alphanumeric()));
    end.filter(|_| begins).and_then(|end| rest.get(end..))
}

/// Past a type's name, of however many words.
fn after_type(text: &str) -> &str {
    let word = |text: &str| text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '"'))).unwrap_or(text.len());
    let text = text.trim_start();
    let mut rest = text.get(word(text)..).unwrap_or("");
    loop {
        let next = rest.trim_start();
        let length = word(next);
        let more = ["varying", "precision", "with", "without", "time", "zone"];
        if !next.get(..length).is_some_and(|it| more.iter().any(|word| it.eq_ignore_ascii_case(word))) {
            return rest.strip_prefix("[]").unwrap_or(rest);
        }
        rest = next.get(length..).unwrap_or("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_and_parentheses_do_not_count() {
        assert_eq!(bare("lower((name)::text)"), bare("lower(name::text)"));
        assert_eq!(bare("'browser'::character varying"), bare("'browser'"));
        assert_eq!(bare("a::timestamp with time zone > b"), bare("a > b"));
        assert_ne!(bare("'A'"), bare("'a'"));
        assert_eq!(bare("concat(`a`,_utf8mb4' ',a_b)"), bare("concat(a, ' ', a_b)"));
    }
}
