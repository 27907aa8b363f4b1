//! `column.*`

use super::value::Scale;
use super::{Context, Element, Fact, FactType, Value, shown_name};
use crate::catalog::{Column, Table, spell};
use crate::change::{Action, Change, ColumnDef, ConstraintBody, DataType, DefaultValue, GeneratedKind, ObjectKind};
use crate::effect::Truth;
use crate::sql::one_line;

static GENERATED: Scale = Scale { ordered: false, words: &["none", "virtual", "stored"] };

/// The definition the change writes: ADD COLUMN, MODIFY, CHANGE, or one of a CREATE TABLE.
pub(super) fn definition<'a>(cx: &Context<'a>) -> Option<&'a ColumnDef> {
    if let Some(Element::Column(column)) = cx.element {
        return Some(column);
    }
    match &cx.change.action {
        Action::AddColumn { column, .. } => Some(column),
        Action::ModifyColumn { definition, .. } => Some(definition),
        _ => None,
    }
}

fn defined(cx: &Context<'_>, test: fn(&ColumnDef) -> bool) -> Value<'static> {
    Value::flag(definition(cx).is_some_and(test))
}

fn has_constraint(column: &ColumnDef, test: fn(&ConstraintBody) -> bool) -> bool {
    column.constraints.iter().any(|constraint| test(&constraint.body))
}

/// A type as it was written, or pieced together when its text is not at hand.
fn type_text(cx: &Context<'_>, data_type: &DataType) -> String {
    let written = one_line(cx.words(data_type.span));
    if written.is_empty() { printed_type(cx, data_type) } else { written }
}

/// A type of the catalog, as a definition writes it.
pub(super) fn printed_type(cx: &Context<'_>, data_type: &DataType) -> String {
    spell::data_type(data_type, cx.target())
}

fn new_type<'a>(cx: &Context<'a>) -> Option<&'a DataType> {
    match &cx.change.action {
        Action::SetType { data_type, .. } => Some(data_type),
        _ => definition(cx).and_then(|column| column.data_type.as_ref()),
    }
}

/// PRIMARY KEY at the column, or over this column alone at the end of the table.
fn is_key(cx: &Context<'_>) -> bool {
    let Some(column) = definition(cx) else { return false };
    if has_constraint(column, |body| matches!(body, ConstraintBody::PrimaryKey(_))) {
        return true;
    }
    let Action::CreateTable(table) = &cx.change.action else { return false };
    table.constraints.iter().any(|constraint| match &constraint.body {
        ConstraintBody::PrimaryKey(key) => match &key.columns[..] {
            [only] => only.column_name().is_some_and(|name| name.is(&column.name.value)),
            _ => false,
        },
        ConstraintBody::Unique(_)
        | ConstraintBody::Check(_)
        | ConstraintBody::ForeignKey(_)
        | ConstraintBody::Exclusion(_)
        | ConstraintBody::NotNull { .. } => false,
    })
}

/// NOT NULL, and nothing but the client can give a value.
pub(super) fn is_required(column: &ColumnDef) -> bool {
    let not_null = column.not_null.is_some() || has_constraint(column, |body| matches!(body, ConstraintBody::PrimaryKey(_)));
    let given = column.default.as_ref().is_some_and(|default| !default.expression.text.trim().eq_ignore_ascii_case("null"))
        || column.generated.is_some()
        || column.identity.is_some()
        || column.auto_increment.is_some()
        || column.data_type.as_ref().is_some_and(DataType::is_serial);
    not_null && !given
}

/// What MODIFY and CHANGE forget: they replace the whole definition.
fn omitted(cx: &Context<'_>) -> Vec<&'static str> {
    let (Action::ModifyColumn { definition, .. }, Some(old)) = (&cx.change.action, cx.column()) else { return Vec::new() };
    let in_key =
        cx.table().and_then(Table::primary_key).is_some_and(|key| key.columns.iter().any(|name| old.name.eq_ignore_ascii_case(name)));
    // AUTO_INCREMENT says it as well.
    let says = definition.not_null.is_some() || definition.null.is_some() || definition.auto_increment.is_some();
    let silent_null = !says && definition.generated.is_none();
    let mut lost = Vec::new();
    if old.not_null && silent_null && !in_key {
        lost.push("NOT NULL");
    }
    // DEFAULT NULL is what a column without a default has.
    let null = |default: &DefaultValue| default.expression.text.trim().eq_ignore_ascii_case("null");
    if old.default.as_ref().is_some_and(|default| !null(default)) && definition.default.is_none() {
        lost.push("DEFAULT");
    }
    if old.auto_increment && definition.auto_increment.is_none() {
        lost.push("AUTO_INCREMENT");
    }
    if old.on_update.is_some() && definition.on_update.is_none() {
        lost.push("ON UPDATE");
    }
    if old.comment.is_some() && definition.comment.is_none() {
        lost.push("COMMENT");
    }
    if loses_charset(cx, old, definition) {
        lost.push("CHARACTER SET");
    }
    lost
}

fn identifies(cx: &Context<'_>) -> bool {
    let (Some(table), Some(own)) = (&cx.change.table, cx.column_name()) else { return false };
    let pointing = cx.catalog().referencing_foreign_keys(&cx.catalog().resolve(table));
    let pointed_at = pointing.iter().filter_map(|(_, one)| one.foreign_key.as_ref()).flat_map(|far| &far.referenced_columns);
    let key = cx.table().and_then(Table::primary_key).into_iter().flat_map(|key| &key.columns);
    pointed_at.chain(key).any(|name| own.is(name))
}

/// A text column with a character set of its own gets the table's when the definition names none.
fn loses_charset(cx: &Context<'_>, old: &Column, definition: &ColumnDef) -> bool {
    let Some(own) = old.data_type.as_ref().and_then(|data_type| data_type.charset.as_ref()) else { return false };
    let Some(new) = &definition.data_type else { return false };
    let is_text = ["char", "text", "enum", "set"].iter().any(|part| new.name.contains(part));
    let named = new.charset.is_some() || new.collation.is_some();
    let default = cx.table().and_then(|table| table.charset.as_deref());
    is_text && !named && default.is_some_and(|default| !own.value.eq_ignore_ascii_case(default))
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "column.name",
        kind: FactType::Text,
        doc: "Its name.",
        get: |cx| Value::maybe(cx.column_name().map(|name| name.value.as_str())),
    },
    Fact {
        name: "column.exists",
        kind: FactType::Flag,
        doc: "The table had it before the statement; unknown when the table's definition is not known.",
        get: |cx| match (cx.column().is_some(), cx.table().is_some_and(|table| table.complete)) {
            (true, _) => Value::flag(true),
            (false, true) => Value::flag(Truth::No),
            (false, false) => Value::Unknown,
        },
    },
    Fact {
        name: "column.new",
        kind: FactType::Flag,
        doc: "It was added in this migration.",
        get: |cx| Value::flag(cx.column().is_some_and(|column| column.birth.origin(cx.catalog().now).is_new())),
    },
    Fact {
        name: "column.returns",
        kind: FactType::Flag,
        doc: "A column of this name is added to the same table further down in this migration; for DROP DEFAULT, that the column gets a default again, or is dropped itself.",
        get: |cx| {
            let (Some(table), Some(column)) = (&cx.change.table, cx.column_name()) else { return Value::flag(false) };
            let default = matches!(cx.change.action, Action::DropDefault { .. });
            Value::flag(cx.later().filter(|change| change.table.as_ref().is_some_and(|other| other.name.is(&table.name.value))).any(
                |change| match &change.action {
                    Action::AddColumn { column: added, .. } => !default && added.name.is(&column.value),
                    Action::SetDefault { column: other, .. } | Action::DropColumn { column: other, .. } => {
                        default && other.is(&column.value)
                    }
                    _ => false,
                },
            ))
        },
    },
    Fact {
        name: "column.original",
        kind: FactType::Text,
        doc: "The name it had when this migration began, which renamed it since; empty otherwise.",
        get: |cx| {
            let columns = &cx.scene.ledger.migration.columns;
            let written = cx.change.table.as_ref().zip(cx.column_name());
            Value::text(written.and_then(|(table, name)| columns.original(&shown_name(table), &name.value)).unwrap_or_default())
        },
    },
    Fact {
        name: "column.succeeded",
        kind: FactType::Flag,
        doc: "Its values were copied to another column of the table in this migration, and that one gets its name further down.",
        get: |cx| {
            let (Some(table), Some(column)) = (&cx.change.table, cx.column_name()) else { return Value::flag(false) };
            let columns = &cx.scene.ledger.migration.columns;
            let takes_over = |heir: &str| {
                cx.later().any(|change| {
                    let renames = match &change.action {
                        Action::RenameColumn { from, to, .. } => from.is(heir) && to.is(&column.value),
                        Action::ModifyColumn { column: from, definition, .. } => from.is(heir) && definition.name.is(&column.value),
                        _ => false,
                    };
                    renames && change.table.as_ref().is_some_and(|other| other.name.is(&table.name.value))
                })
            };
            Value::flag(columns.copies(&shown_name(table), &column.value).any(takes_over))
        },
    },
    Fact {
        name: "column.was_generated",
        kind: FactType::Flag,
        doc: "The values that are there are computed from other columns.",
        get: |cx| Value::flag(cx.column().is_some_and(|column| column.generated.is_some())),
    },
    Fact {
        name: "column.name_returns",
        kind: FactType::Flag,
        doc: "Another column of the table gets its name further down in this migration.",
        get: |cx| {
            let (Some(table), Some(column)) = (&cx.change.table, cx.column_name()) else { return Value::flag(false) };
            let takes = |change: &Change| match &change.action {
                Action::AddColumn { column: other, .. } => other.name.is(&column.value),
                Action::RenameColumn { to, .. } => to.is(&column.value),
                _ => false,
            };
            Value::flag(
                cx.later().any(|change| takes(change) && change.table.as_ref().is_some_and(|other| other.name.is(&table.name.value))),
            )
        },
    },
    Fact {
        name: "column.carried",
        kind: FactType::Flag,
        doc: "This migration gave another column, of its table or of another one, values that are made from it.",
        get: |cx| {
            let columns = &cx.scene.ledger.migration.columns;
            let written = cx.change.table.as_ref().zip(cx.column_name());
            Value::flag(written.is_some_and(|(table, name)| columns.is_carried(&shown_name(table), &name.value)))
        },
    },
    Fact {
        name: "column.recomputed",
        kind: FactType::Flag,
        doc: "It is dropped here, added again further down in this migration as a generated column, and as far as is known was one before: its values are computed anew.",
        get: |cx| {
            let (Some(table), Some(column)) = (&cx.change.table, cx.column_name()) else { return Value::flag(false) };
            let was = cx.column().is_none_or(|column| column.generated.is_some());
            let again = |change: &Change| {
                matches!(&change.action, Action::AddColumn { column: added, .. } if added.name.is(&column.value) && added.generated.is_some())
                    && change.table.as_ref().is_some_and(|other| other.name.is(&table.name.value))
            };
            Value::flag(was && matches!(cx.change.action, Action::DropColumn { .. }) && cx.later().any(again))
        },
    },
    Fact {
        name: "column.type",
        kind: FactType::Text,
        doc: "Its type after the change, as written.",
        get: |cx| match (new_type(cx), cx.column().and_then(|column| column.data_type.as_ref())) {
            (Some(data_type), _) => Value::text(type_text(cx, data_type)),
            (None, Some(old)) => Value::text(printed_type(cx, old)),
            (None, None) => Value::text(""),
        },
    },
    Fact {
        name: "column.base_type",
        kind: FactType::Text,
        doc: "The engine's own name of its type after the change, without length, array brackets or attributes: `character varying`, `int`.",
        get: |cx| match (new_type(cx), cx.column().and_then(|column| column.data_type.as_ref())) {
            (Some(data_type), _) => Value::text(data_type.name.as_str()),
            (None, Some(old)) => Value::text(old.name.as_str()),
            (None, None) => Value::text(""),
        },
    },
    Fact {
        name: "column.length",
        kind: FactType::Number,
        doc: "The first number in brackets behind its type: length, precision or display width; 0 when there is none.",
        get: |cx| Value::count(new_type(cx).and_then(DataType::length).unwrap_or(0)),
    },
    Fact {
        name: "column.zerofill",
        kind: FactType::Flag,
        doc: "MySQL and MariaDB: its type says ZEROFILL.",
        get: |cx| Value::flag(new_type(cx).is_some_and(|data_type| data_type.zerofill)),
    },
    Fact {
        name: "column.charset",
        kind: FactType::Text,
        doc: "The character set its definition names, in lower case.",
        get: |cx| {
            Value::maybe(new_type(cx).and_then(|data_type| data_type.charset.as_ref()).map(|charset| charset.value.to_ascii_lowercase()))
        },
    },
    Fact {
        name: "column.key",
        kind: FactType::Flag,
        doc: "It is a primary key by itself, by its own definition or by the table's.",
        get: |cx| Value::flag(is_key(cx)),
    },
    Fact {
        name: "column.identifies",
        kind: FactType::Flag,
        doc: "Rows are named by it: it stands in the table's primary key, or a foreign key points at it.",
        get: |cx| Value::flag(identifies(cx)),
    },
    Fact {
        name: "column.commented",
        kind: FactType::Flag,
        doc: "Its definition has a COMMENT, or this migration gives it one further down.",
        get: |cx| {
            let inline = definition(cx).is_some_and(|column| column.comment.as_ref().is_some_and(|comment| !comment.is_empty()));
            let Some(name) = cx.column_name() else { return Value::flag(false) };
            let later = cx.later().any(|change| {
                matches!(&change.action, Action::Comment { kind: ObjectKind::Column, name: said } if said.name.is(&name.value))
                    && change.table.as_ref().is_none_or(|table| cx.change.table.as_ref().is_some_and(|own| own.name.is(&table.name.value)))
            });
            Value::flag(inline || later)
        },
    },
    Fact {
        name: "column.old_type",
        kind: FactType::Text,
        doc: "Its type before the change; unknown when the history does not tell.",
        get: |cx| match cx.column().and_then(|column| column.data_type.as_ref()) {
            Some(data_type) => Value::text(printed_type(cx, data_type)),
            None => Value::Unknown,
        },
    },
    Fact {
        name: "column.required",
        kind: FactType::Flag,
        doc: "The definition says NOT NULL and gives no default, identity or expression: every INSERT must name it.",
        get: |cx| defined(cx, is_required),
    },
    Fact {
        name: "column.not_null",
        kind: FactType::Flag,
        doc: "The definition says NOT NULL.",
        get: |cx| defined(cx, |column| column.not_null.is_some()),
    },
    Fact {
        name: "column.blank",
        kind: FactType::Flag,
        doc: "It was added earlier in this migration without a value, and nothing was written since: NULL in every row.",
        get: |cx| Value::flag(super::proof::is_blank(cx)),
    },
    Fact {
        name: "column.filled",
        kind: FactType::Flag,
        doc: "An earlier statement of this migration gave it a value in every row that had none, and nothing was written since.",
        get: |cx| Value::flag(super::proof::is_filled(cx)),
    },
    Fact {
        name: "column.was_not_null",
        kind: FactType::Flag,
        doc: "It was NOT NULL before the statement.",
        get: |cx| cx.column().map_or(Value::Unknown, |column| Value::flag(column.not_null)),
    },
    Fact {
        name: "column.has_default",
        kind: FactType::Flag,
        doc: "The change gives it a default.",
        get: |cx| match &cx.change.action {
            Action::SetDefault { .. } => Value::flag(true),
            _ => defined(cx, |column| column.default.is_some()),
        },
    },
    Fact {
        name: "column.default",
        kind: FactType::Text,
        doc: "The default the change gives it, as written.",
        get: |cx| match &cx.change.action {
            Action::SetDefault { default, .. } => Value::text(&*default.expression.text),
            _ => Value::maybe(definition(cx).and_then(|column| column.default.as_ref()).map(|default| &*default.expression.text)),
        },
    },
    Fact {
        name: "column.narrows_key",
        kind: FactType::Names,
        doc: "Unique keys over this column and others: without it they demand more than before.",
        get: |cx| {
            let (Some(table), Some(column)) = (cx.table(), cx.column()) else { return Value::Names(Vec::new()) };
            let over = |index: &&crate::catalog::Index| {
                index.unique
                    && index.keys.len() > 1
                    && index.keys.iter().any(|key| key.column_name().is_some_and(|name| name.is(&column.name)))
            };
            Value::Names(table.indexes.iter().filter(over).map(|index| index.name.clone().into()).collect())
        },
    },
    Fact {
        name: "column.was_computed",
        kind: FactType::Flag,
        doc: "It was computed from others before the statement.",
        get: |cx| cx.column().map_or(Value::Unknown, |column| Value::flag(column.generated.is_some())),
    },
    Fact {
        name: "column.had_default",
        kind: FactType::Flag,
        doc: "It had a default before the statement; unknown when the history does not tell.",
        get: |cx| cx.column().map_or(Value::Unknown, |column| Value::flag(column.default.is_some())),
    },
    Fact {
        name: "column.omitted",
        kind: FactType::Names,
        doc: "Attributes that the column has and that a MODIFY or CHANGE leaves out, so that they are lost.",
        get: |cx| Value::Names(omitted(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "column.generated",
        kind: FactType::Level(&GENERATED),
        doc: "Whether the definition computes it, and whether the value is stored.",
        get: |cx| {
            let word = match definition(cx).and_then(|column| column.generated.as_ref()).map(|generated| generated.kind) {
                None => "none",
                Some(GeneratedKind::Virtual) => "virtual",
                Some(GeneratedKind::Stored) => "stored",
            };
            Value::word(&GENERATED, word)
        },
    },
    Fact {
        name: "column.numbered",
        kind: FactType::Flag,
        doc: "The definition numbers rows: serial, identity or AUTO_INCREMENT.",
        get: |cx| {
            defined(cx, |column| {
                column.identity.is_some() || column.auto_increment.is_some() || column.data_type.as_ref().is_some_and(DataType::is_serial)
            })
        },
    },
    Fact {
        name: "column.unique",
        kind: FactType::Flag,
        doc: "The definition says UNIQUE.",
        get: |cx| defined(cx, |column| has_constraint(column, |body| matches!(body, ConstraintBody::Unique(_)))),
    },
    Fact {
        name: "column.primary_key",
        kind: FactType::Flag,
        doc: "The definition says PRIMARY KEY.",
        get: |cx| defined(cx, |column| has_constraint(column, |body| matches!(body, ConstraintBody::PrimaryKey(_)))),
    },
    Fact {
        name: "column.check",
        kind: FactType::Flag,
        doc: "The definition has a CHECK.",
        get: |cx| defined(cx, |column| has_constraint(column, |body| matches!(body, ConstraintBody::Check(_)))),
    },
    Fact {
        name: "column.foreign_key",
        kind: FactType::Flag,
        doc: "The definition has a REFERENCES clause.",
        get: |cx| defined(cx, |column| has_constraint(column, |body| matches!(body, ConstraintBody::ForeignKey(_)))),
    },
];
