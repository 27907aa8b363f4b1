//! Partitions: their bounds as conditions, and an index built on each of them.

use super::super::Context;
use super::{line, name};
use crate::catalog::{Key, Table, spell};
use crate::change::{Action, ConstraintDef, ConstraintKind, CreateIndex, Expression, IndexPart, PartitionAction, PartitionBound};
use crate::sql::one_line;

/// So many partitions are written out.
const MANY: usize = 24;

/// The bound of the partition that a CREATE TABLE makes: `FOR VALUES IN (1)`.
pub(super) fn bound(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::CreateTable(made) => made.partition_of.as_ref().map(|(_, bound)| one_line(&spell::bound(bound))),
        Action::AttachPartition { bound, .. } => Some(one_line(&spell::bound(bound))),
        _ => None,
    }
}

/// How a new partition is partitioned itself.
pub(super) fn partitioned(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::CreateTable(made) => made.partition_by.as_ref().map(|by| one_line(cx.words(by.span))),
        _ => None,
    }
}

/// What the bound demands of each row, as a CHECK can say it.
pub(super) fn condition(cx: &Context<'_>) -> Option<String> {
    let Action::AttachPartition { bound, .. } = &cx.change.action else { return None };
    let keys: Vec<String> = (cx.table()?.partitioning.as_ref()?.by.keys.iter())
        .map(|key| match &key.part {
            IndexPart::Column(column) => name(cx, &column.value),
            IndexPart::Expression(expression) => format!("({})", line(expression)),
        })
        .collect();
    let [key] = keys.as_slice() else { return None };
    let edge = |values: &[Expression], unbounded: &str, sign: &str| {
        let [value] = values else { return None };
        let value = line(value);
        Some(if value.eq_ignore_ascii_case(unbounded) { String::new() } else { format!(" AND {key} {sign} {value}") })
    };
    Some(match bound {
        PartitionBound::Range { from, to } => format!("{key} IS NOT NULL{}{}", edge(from, "minvalue", ">=")?, edge(to, "maxvalue", "<")?),
        PartitionBound::List(values) => {
            let (nulls, values): (Vec<String>, Vec<String>) = values.iter().map(line).partition(|value| value.eq_ignore_ascii_case("null"));
            match (nulls.is_empty(), values.is_empty()) {
                (true, _) => format!("{key} IS NOT NULL AND {key} IN ({})", values.join(", ")),
                (false, true) => format!("{key} IS NULL"),
                (false, false) => format!("{key} IS NULL OR {key} IN ({})", values.join(", ")),
            }
        }
        PartitionBound::Default | PartitionBound::Hash { .. } => return None,
    })
}

/// What stands behind the table in CREATE INDEX: `USING gin (tags) WHERE open`.
pub(super) fn index_words(cx: &Context<'_>) -> Option<String> {
    let Action::CreateIndex(_) = &cx.change.action else { return None };
    let table = cx.change.table.as_ref()?.span();
    let rest = crate::source::Span::new(table.end, cx.change.span.end.max(table.end));
    let words = one_line(cx.words(rest));
    words.starts_with(['(', 'U', 'u']).then_some(words)
}

/// The statements that build the index on each partition, and those that hang them in.
pub(super) struct Builds {
    pub make: Vec<String>,
    pub attach: Vec<String>,
}

/// What is built on every partition.
struct Wanted<'a> {
    /// `(year, id) INCLUDE (note)`.
    words: String,
    what: What<'a>,
}

enum What<'a> {
    Index(&'a CreateIndex),
    Key(&'a ConstraintDef),
}

pub(super) fn builds(cx: &Context<'_>) -> Option<Builds> {
    let whole = cx.table()?;
    let (own, wanted) = match &cx.change.action {
        Action::CreateIndex(index) => (super::super::index::name(cx), Wanted { words: index_words(cx)?, what: What::Index(index) }),
        Action::AddConstraint(added) => {
            (super::super::constraint::name(cx), Wanted { words: super::demand::key_words(cx)?, what: What::Key(added) })
        }
        _ => return None,
    };
    let mut found = Builds { make: Vec::new(), attach: Vec::new() };
    descend(cx, whole, &Key::new(whole.key.schema.as_str(), own.as_str()), &wanted, &mut found);
    (!found.make.is_empty() && found.make.len() <= MANY).then_some(found)
}

fn descend(cx: &Context<'_>, table: &Table, parent: &Key, wanted: &Wanted<'_>, found: &mut Builds) {
    let Some(partitioning) = &table.partitioning else { return };
    for partition in partitioning.partitions.iter().filter_map(|key| cx.catalog().table_at(key)) {
        let made_up = match &wanted.what {
            What::Index(index) => cx.catalog().made_up_index(partition, &index.keys, &index.include),
            What::Key(key) => cx.catalog().made_up_constraint(partition, &key.body, None, &[]),
        };
        let own = Key::new(partition.key.schema.as_str(), made_up);
        let (index, on) = (name(cx, &own.name), name(cx, &partition.key.to_string()));
        let nested = partition.partitioning.is_some();
        let words = &wanted.words;
        match &wanted.what {
            What::Index(made) => {
                let unique = if made.unique { "UNIQUE " } else { "" };
                found.make.push(match nested {
                    true => format!("CREATE {unique}INDEX {index} ON ONLY {on} {words};"),
                    false => format!("CREATE {unique}INDEX CONCURRENTLY {index} ON {on} {words};"),
                });
            }
            What::Key(key) => {
                let kind = if key.body.kind() == ConstraintKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
                let deferral = key.deferral.words().map(|words| format!(" {words}")).unwrap_or_default();
                match nested {
                    true => found.make.push(format!("ALTER TABLE ONLY {on} ADD CONSTRAINT {index} {kind} {words}{deferral};")),
                    false => {
                        found.make.push(format!("CREATE UNIQUE INDEX CONCURRENTLY {index} ON {on} {words};"));
                        found.attach.push(format!("ALTER TABLE {on} ADD CONSTRAINT {index} {kind} USING INDEX {index}{deferral};"));
                    }
                }
            }
        }
        if nested && found.make.len() <= MANY {
            descend(cx, partition, &own, wanted, found);
        }
        found.attach.push(format!("ALTER INDEX {} ATTACH PARTITION {};", name(cx, &parent.to_string()), name(cx, &own.to_string())));
    }
}

/// The statement itself, with CONCURRENTLY.
pub(super) fn concurrently(cx: &Context<'_>) -> Option<String> {
    let Action::CreateIndex(index) = &cx.change.action else { return None };
    let unique = if index.unique { "UNIQUE " } else { "" };
    let made = name(cx, crate::sql::without_schema(&super::super::index::name(cx)));
    let only = if index.only { "ONLY " } else { "" };
    Some(format!("CREATE {unique}INDEX CONCURRENTLY {made} ON {only}{} {};", super::table(cx), index_words(cx)?))
}

pub(super) fn unique(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::CreateIndex(index) => index.unique.then(|| "UNIQUE".to_owned()),
        _ => None,
    }
}

/// The partitioned table, of which a partition is made.
pub(super) fn parent(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::CreateTable(made) => made.partition_of.as_ref().map(|(parent, _)| name(cx, &super::super::shown_name(parent))),
        _ => None,
    }
}

/// An index lies in the schema of its table, whatever the search path says.
pub(super) fn index(cx: &Context<'_>) -> Option<String> {
    let own = super::super::index::name(cx);
    let schema = cx.table().map(|table| table.key.schema.as_str()).filter(|_| matches!(cx.change.action, Action::CreateIndex(_)));
    let key = Key::new(schema.unwrap_or_default(), crate::sql::without_schema(&own));
    (!own.is_empty()).then(|| name(cx, &if schema.is_some() { key.to_string() } else { own.clone() }))
}

/// MySQL and MariaDB: the first partition that is dropped or emptied, and the others.
pub(super) fn dropped(cx: &Context<'_>) -> Option<(String, Vec<String>)> {
    let Action::Partition(PartitionAction::Drop { names, .. } | PartitionAction::Truncate { names }) = &cx.change.action else {
        return None;
    };
    let (first, more) = names.split_first()?;
    Some((name(cx, &first.value), more.iter().map(|one| name(cx, &one.value)).collect()))
}
