//! What an action of ALTER TABLE takes away: data, names, guarantees.

use super::charset::{column_text, definition_text, table_text};
use super::failure;
use super::narrow;
use super::server::Server;
use super::types::Shape;
use crate::catalog::{Catalog, Column, Rows, Table};
use crate::change::{Action, Change, ColumnDef, ConstraintKind};
use crate::effect::{Breakage, BreakageKind, Effects, Loss, LossKind, Truth};

pub(super) fn of(change: &Change, table: Option<&Table>, before: &Catalog) -> Effects {
    let mut effects = Effects { reversible: Truth::Yes, ..Effects::default() };
    let name = match (table, &change.table) {
        (Some(table), _) => table.key.to_string(),
        (None, Some(name)) => name.name.value.clone(),
        (None, None) => return effects,
    };
    let fresh = table.is_some_and(|table| before.origin(table.birth).is_new() && table.rows == Rows::None);
    match &change.action {
        Action::AddColumn { column, .. } => added(&mut effects, column, &name, before),
        Action::DropColumn { column, .. } => {
            dropped_column(&mut effects, table, &column.value, &name, before);
            effects.reversible = if fresh { Truth::Yes } else { Truth::No };
        }
        Action::RenameColumn { from, to, .. } => renamed_column(&mut effects, table, &from.value, &to.value, &name, before),
        Action::ModifyColumn { column, definition, .. } => {
            if !column.is(&definition.name.value) {
                renamed_column(&mut effects, table, &column.value, &definition.name.value, &name, before);
            }
            if let Some((table, old)) = table.and_then(|table| Some((table, table.column(&column.value)?))) {
                modified(&mut effects, table, old, definition, before);
            }
        }
        Action::DropDefault { column } => lost_default(&mut effects, table, &column.value, &name),
        Action::RenameTable { to } => {
            if table.is_some_and(|table| before.resolve(to) != table.key) && before.table(to).is_some() {
                effects.failures.push(failure::schema(1050, format!("there is already a table `{}`", to.name), Truth::Yes));
            }
            break_name(&mut effects, name.clone(), format!("clients that say `{name}` no longer find it: it is `{}`", to.name));
            if let Some(table) = table {
                broken_views(&mut effects, before, table, None, "still selects from the old name");
            }
        }
        Action::DropConstraint { name: constraint, kind, .. } => {
            let what = match kind {
                Some(ConstraintKind::PrimaryKey) => "the primary key".to_owned(),
                _ => constraint.as_ref().map_or_else(|| "the constraint".to_owned(), |name| format!("`{name}`")),
            };
            guarantee(&mut effects, name, format!("{what} is no longer enforced"));
        }
        Action::DropIndex(index) => {
            let unique = table.and_then(|table| table.index(&index.name.name.value)).is_some_and(|index| index.unique);
            if unique {
                guarantee(&mut effects, name, format!("`{}` no longer keeps values apart", index.name.name));
            }
        }
        Action::AlterConstraint { name: constraint, enforced: Some(false), .. } => {
            guarantee(&mut effects, name, format!("`{constraint}` is no longer enforced"))
        }
        Action::SystemVersioning { add: false } => {
            effects.losses.push(Loss { kind: LossKind::Rows, object: format!("{name} (history)"), certain: Truth::Yes });
            effects.reversible = Truth::No;
        }
        Action::ConvertCharset { charset, .. } => converted(&mut effects, table, charset, before),
        _ => {}
    }
    if fresh {
        effects.losses.clear();
        effects.breaks.retain(|breakage| matches!(breakage.kind, BreakageKind::View | BreakageKind::Trigger));
    }
    effects
}

fn break_name(effects: &mut Effects, object: String, reason: String) {
    effects.breaks.push(Breakage { kind: BreakageKind::Name, object, reason, certain: Truth::Yes });
}

fn guarantee(effects: &mut Effects, object: String, reason: String) {
    effects.breaks.push(Breakage { kind: BreakageKind::Guarantee, object, reason, certain: Truth::Yes });
}

fn broken_views(effects: &mut Effects, before: &Catalog, table: &Table, column: Option<&str>, how: &str) {
    let views = match column {
        Some(column) => before.dependent_views_on(&table.key, column),
        None => before.dependent_views(&table.key),
    };
    for view in views {
        let certain = if column.is_some() && view.mentions.iter().any(|name| name == "*") { Truth::Unknown } else { Truth::Yes };
        let reason = format!("the view `{}` stays and {how}: reading it fails with error 1356", view.key);
        effects.breaks.push(Breakage { kind: BreakageKind::View, object: view.key.to_string(), reason, certain });
    }
}

/// Triggers are kept as text: they fail when they run.
fn broken_triggers(effects: &mut Effects, before: &Catalog, table: &Table, column: &str) {
    let own = table.triggers.iter().filter(|trigger| trigger.row_columns.iter().any(|name| name.eq_ignore_ascii_case(column)));
    let mut names: Vec<(String, Truth)> = own.map(|trigger| (trigger.name.clone(), Truth::Yes)).collect();
    for (_, trigger) in before.triggers_mentioning(&table.key) {
        if trigger.words.iter().any(|word| word.eq_ignore_ascii_case(column)) && !names.iter().any(|(name, _)| *name == trigger.name) {
            names.push((trigger.name.clone(), Truth::Unknown));
        }
    }
    for (name, certain) in names {
        let reason = format!("the trigger `{name}` still uses `{column}`: every write that fires it fails with error 1054");
        effects.breaks.push(Breakage { kind: BreakageKind::Trigger, object: name, reason, certain });
    }
}

fn dropped_column(effects: &mut Effects, table: Option<&Table>, column: &str, name: &str, before: &Catalog) {
    let computed = table.and_then(|table| table.column(column)).is_some_and(|column| column.generated.is_some());
    if !computed {
        effects.losses.push(Loss { kind: LossKind::Column, object: format!("{name}.{column}"), certain: Truth::Yes });
    }
    break_name(effects, format!("{name}.{column}"), format!("clients that read or write `{column}` fail with error 1054"));
    let Some(table) = table else { return };
    broken_views(effects, before, table, Some(column), "still selects the column");
    broken_triggers(effects, before, table, column);
    for index in table.indexes.iter().filter(|index| index.unique && index.keys.len() > 1 && index.uses(column)) {
        guarantee(effects, name.to_owned(), format!("the unique key `{}` goes on without `{column}`", index.name));
    }
}

fn renamed_column(effects: &mut Effects, table: Option<&Table>, from: &str, to: &str, name: &str, before: &Catalog) {
    if from.eq_ignore_ascii_case(to) {
        return;
    }
    break_name(effects, format!("{name}.{from}"), format!("clients that say `{from}` fail with error 1054: it is `{to}`"));
    if let Some(table) = table {
        broken_views(effects, before, table, Some(from), "still selects the old name");
        broken_triggers(effects, before, table, from);
    }
}

/// A NOT NULL column without a default: INSERTs that leave it out fail.
fn added(effects: &mut Effects, column: &ColumnDef, name: &str, before: &Catalog) {
    let Some(data_type) = &column.data_type else { return };
    if column.not_null.is_some() && column.default.is_none() && data_type.name == "json" && Server(before.target).is_mariadb() {
        let reason =
            format!("existing rows get '' in `{}`, which is not valid JSON: a later copy of the table fails with error 4025", column.name);
        guarantee(effects, format!("{name}.{}", column.name), reason);
    }
    let given = column.default.is_some() || column.generated.is_some() || column.auto_increment.is_some() || data_type.name == "serial";
    let server = Server(before.target);
    let stamp =
        data_type.name == "timestamp" && if server.is_mariadb() { !server.0.at_least(10, 10, 0) } else { !server.0.at_least(8, 0, 2) };
    if column.not_null.is_some() && !given && !stamp && super::session::Session::of(before).strict {
        let reason = format!("INSERTs that leave out `{}` fail with error 1364: it is NOT NULL without a default", column.name);
        effects.breaks.push(Breakage {
            kind: BreakageKind::Insert,
            object: format!("{name}.{}", column.name),
            reason,
            certain: Truth::Yes,
        });
    }
}

fn lost_default(effects: &mut Effects, table: Option<&Table>, column: &str, name: &str) {
    let Some(old) = table.and_then(|table| table.column(column)) else { return };
    if old.default.is_none() {
        return;
    }
    effects.lost_attributes.push("DEFAULT".to_owned());
    let kind = if old.not_null { BreakageKind::Insert } else { BreakageKind::Guarantee };
    let reason = if old.not_null {
        format!("INSERTs that leave out `{column}` fail with error 1364 once its default is gone")
    } else {
        format!("`{column}` loses its default")
    };
    effects.breaks.push(Breakage { kind, object: format!("{name}.{column}"), reason, certain: Truth::Yes });
}

/// MODIFY and CHANGE say the whole definition: what is left out is gone.
fn modified(effects: &mut Effects, table: &Table, old: &Column, new: &ColumnDef, before: &Catalog) {
    let server = Server(before.target);
    let object = format!("{}.{}", table.key, new.name);
    let column = &new.name;
    let primary = table.primary_key().is_some_and(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&old.name)));
    let still_not_null = new.not_null.is_some() || primary || new.auto_increment.is_some();
    let null_default = |text: &str| text.trim().eq_ignore_ascii_case("null");
    let mut lost: Vec<(&str, String)> = Vec::new();
    if old.not_null && !still_not_null && new.null.is_none() {
        lost.push(("NOT NULL", format!("`{column}` silently becomes nullable: NOT NULL is not repeated")));
    }
    if let Some(default) = old.default.as_ref().filter(|default| !null_default(&default.expression.text))
        && new.default.is_none()
        && new.generated.is_none()
    {
        lost.push(("DEFAULT", format!("`{column}` silently loses its default {}: it is not repeated", default.expression.text.trim())));
    }
    if old.auto_increment && new.auto_increment.is_none() {
        lost.push(("AUTO_INCREMENT", format!("`{column}` silently loses AUTO_INCREMENT: it is not repeated")));
    }
    if old.on_update.is_some() && new.on_update.is_none() {
        lost.push(("ON UPDATE", format!("`{column}` is no longer updated by itself: ON UPDATE is not repeated")));
    }
    if old.comment.is_some() && new.comment.is_none() {
        lost.push(("COMMENT", String::new()));
    }
    if old.invisible && new.invisible.is_none() {
        lost.push(("INVISIBLE", format!("`{column}` becomes visible to SELECT *: INVISIBLE is not repeated")));
    }
    let default = table_text(table, before);
    if let (Some(before_type), Some(after_type)) = (&old.data_type, &new.data_type) {
        let old_shape = Shape { data_type: before_type.clone(), text: column_text(old, &default, server), auto_increment: false };
        let new_shape = Shape { data_type: after_type.clone(), text: definition_text(after_type, &default, server), auto_increment: false };
        let omitted = after_type.charset.is_none() && after_type.collation.is_none();
        if omitted && old_shape.is_text() && new_shape.is_text() && old_shape.text != new_shape.text {
            let from = old_shape.text.collation.clone().or(old_shape.text.charset.clone()).unwrap_or_default();
            let to = new_shape.text.collation.clone().unwrap_or_else(|| "the table's default".to_owned());
            let what = if old_shape.text.charset == new_shape.text.charset { "COLLATE" } else { "CHARACTER SET" };
            lost.push((what, format!("`{column}` silently goes from {from} to {to}: its own {} is not repeated", what.to_lowercase())));
        }
        if before_type.unsigned && !after_type.unsigned && old_shape.family() == new_shape.family() {
            lost.push(("UNSIGNED", String::new()));
        }
        if let Some((code, why)) = narrow::narrowing(&old_shape, &new_shape) {
            narrowed(effects, table, &object, code, &why, before);
        }
        if old_shape.family() != new_shape.family() && !(is_text(&old_shape) && is_text(&new_shape)) {
            let (from, to) = narrow::describe(&old_shape, &new_shape);
            let reason = format!("clients that expect {from} in `{column}` get {to}");
            effects.breaks.push(Breakage { kind: BreakageKind::Type, object: object.clone(), reason, certain: Truth::Yes });
        }
    }
    for (attribute, reason) in lost {
        effects.lost_attributes.push(attribute.to_owned());
        if !reason.is_empty() {
            let insert = attribute == "DEFAULT" && still_not_null || attribute == "AUTO_INCREMENT";
            let kind = if insert { BreakageKind::Insert } else { BreakageKind::Guarantee };
            effects.breaks.push(Breakage { kind, object: object.clone(), reason, certain: Truth::Yes });
        }
    }
    let explicit_null = old.not_null && new.null.is_some() && !primary;
    if explicit_null {
        guarantee(effects, object.clone(), format!("`{column}` may now be NULL"));
    }
    if !old.not_null
        && new.not_null.is_some()
        && !primary
        && new.default.is_none()
        && new.auto_increment.is_none()
        && new.generated.is_none()
    {
        let reason = format!("INSERTs that leave out `{column}` or send NULL fail: it is NOT NULL without a default");
        effects.breaks.push(Breakage { kind: BreakageKind::Insert, object, reason, certain: Truth::Yes });
    }
}

fn is_text(shape: &Shape) -> bool {
    matches!(shape.family(), super::types::Family::Char | super::types::Family::Varchar | super::types::Family::Blob)
}

fn narrowed(effects: &mut Effects, table: &Table, object: &str, code: u16, why: &str, before: &Catalog) {
    if table.rows == Rows::None {
        return;
    }
    effects.losses.push(Loss { kind: LossKind::Values, object: object.to_owned(), certain: Truth::Unknown });
    effects.reversible = Truth::No;
    // MariaDB reports text that is no number as a wrong value, MySQL as a wrong string.
    let number = code == 1366 && why.contains("number") && Server(before.target).is_mariadb();
    let code = if number { 1292 } else { code };
    if code != 0 && super::session::Session::of(before).strict {
        effects.failures.push(failure::data(code, format!("`{object}`: {why}"), Truth::Unknown));
    }
}

fn converted(effects: &mut Effects, table: Option<&Table>, charset: &str, before: &Catalog) {
    let Some(table) = table else { return };
    let server = Server(before.target);
    let default = table_text(table, before);
    let to = super::charset::Text::of(Some(charset), None, server);
    for column in &table.columns {
        let Some(data_type) = &column.data_type else { continue };
        let old = Shape { data_type: data_type.clone(), text: column_text(column, &default, server), auto_increment: false };
        let new = Shape { text: to.clone(), ..old.clone() };
        if !old.is_text() {
            continue;
        }
        if let Some((code, why)) = narrow::narrowing(&old, &new) {
            narrowed(effects, table, &format!("{}.{}", table.key, column.name), code, &why, before);
        }
    }
}
