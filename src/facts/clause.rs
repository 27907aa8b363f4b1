//! Words of a change that several kinds of changes share: CONCURRENTLY, IF EXISTS, CASCADE.

use super::shown_name;
use crate::change::{Action, Change, ObjectKind, ObjectName};

pub(super) fn is_concurrent(action: &Action) -> bool {
    match action {
        Action::CreateIndex(index) => index.concurrently.is_some(),
        Action::DropIndex(index) => index.concurrently.is_some(),
        Action::Reindex(reindex) => reindex.concurrently.is_some(),
        Action::DetachPartition { concurrently, .. } | Action::RefreshView { concurrently, .. } => concurrently.is_some(),
        _ => false,
    }
}

pub(super) fn if_exists(action: &Action) -> bool {
    match action {
        Action::DropTable { if_exists, .. }
        | Action::DropColumn { if_exists, .. }
        | Action::RenameColumn { if_exists, .. }
        | Action::ModifyColumn { if_exists, .. }
        | Action::DropExpression { if_exists, .. }
        | Action::DropIdentity { if_exists, .. }
        | Action::DropConstraint { if_exists, .. }
        | Action::RenameIndex { if_exists, .. }
        | Action::AlterIndex { if_exists, .. }
        | Action::AlterSequence { if_exists, .. }
        | Action::DropObject { if_exists, .. }
        | Action::RenameObject { if_exists, .. } => *if_exists,
        Action::DropIndex(index) => index.if_exists,
        _ => false,
    }
}

pub(super) fn if_not_exists(action: &Action) -> bool {
    match action {
        Action::CreateTable(table) => table.if_not_exists,
        Action::AddColumn { if_not_exists, .. }
        | Action::AddEnumValue { if_not_exists, .. }
        | Action::CreateSchema { if_not_exists, .. }
        | Action::CreateExtension { if_not_exists, .. }
        | Action::CreateObject { if_not_exists, .. } => *if_not_exists,
        Action::CreateIndex(index) => index.if_not_exists,
        Action::CreateView(view) => view.if_not_exists,
        Action::CreateSequence(sequence) => sequence.if_not_exists,
        Action::CreateRoutine(routine) => routine.if_not_exists,
        Action::CreateTrigger(trigger) => trigger.if_not_exists,
        Action::AddConstraint(constraint) => constraint.if_not_exists,
        _ => false,
    }
}

pub(super) fn is_cascade(action: &Action) -> bool {
    match action {
        Action::DropTable { cascade, .. }
        | Action::DropColumn { cascade, .. }
        | Action::DropConstraint { cascade, .. }
        | Action::DropObject { cascade, .. }
        | Action::Truncate { cascade, .. }
        | Action::AlterTypeAttribute { cascade, .. } => *cascade,
        Action::DropIndex(index) => index.cascade,
        _ => false,
    }
}

pub(super) fn replaces(action: &Action) -> bool {
    match action {
        Action::CreateTable(table) => table.or_replace,
        Action::CreateView(view) => view.or_replace,
        Action::CreateIndex(index) => index.or_replace,
        Action::CreateRoutine(routine) => routine.or_replace,
        Action::CreateTrigger(trigger) => trigger.or_replace,
        Action::CreateObject { or_replace, .. } => *or_replace,
        _ => false,
    }
}

pub(super) fn new_name(action: &Action) -> Option<String> {
    match action {
        Action::RenameTable { to } | Action::RenameObject { to, .. } => Some(shown_name(to)),
        Action::RenameColumn { to, .. }
        | Action::RenameConstraint { to, .. }
        | Action::RenameIndex { to, .. }
        | Action::SetSchema { to } => Some(to.value.clone()),
        Action::ModifyColumn { definition, .. } => Some(definition.name.value.clone()),
        Action::SetObjectSchema { to, .. } => Some(to.value.clone()),
        Action::RenameEnumValue { to, .. } => Some(to.clone()),
        _ => None,
    }
}

/// The object that could be written with a schema.
pub(super) fn named(change: &Change) -> Option<&ObjectName> {
    match &change.action {
        Action::CreateTable(table) if table.persistence == crate::change::Persistence::Temporary => None,
        Action::CreateTable(table) => Some(&table.name),
        Action::CreateView(view) => (!view.temporary).then_some(&view.name),
        Action::CreateSequence(sequence) => (!sequence.temporary).then_some(&sequence.name),
        Action::CreateEnum(one) => Some(&one.name),
        Action::CreateDomain(domain) => Some(&domain.name),
        Action::CreateRoutine(routine) => Some(&routine.name),
        Action::CreateType { name, .. } | Action::AddEnumValue { name, .. } | Action::AlterSequence { name, .. } => Some(name),
        Action::DropIndex(drop) => Some(&drop.name),
        _ => change.table.as_ref(),
    }
}

/// Whether it can be run once more after it went through: it asks first, or says the same again. A
/// routine that stays behind is dropped or replaced by the next attempt.
pub(super) fn is_repeatable(change: &Change) -> bool {
    let routine = match &change.action {
        Action::CreateRoutine(_) => true,
        Action::DropObject { kind, .. } => matches!(kind, ObjectKind::Function | ObjectKind::Procedure),
        _ => false,
    };
    // The same definition once more changes nothing.
    let again = matches!(&change.action, Action::ModifyColumn { column, definition, .. } if definition.name.is(&column.value));
    change.conditional
        || again
        || routine
        || if_exists(&change.action)
        || if_not_exists(&change.action)
        || replaces(&change.action)
        || matches!(&change.action, Action::SetDefault { .. } | Action::DropDefault { .. } | Action::TableOptions(_))
}

/// `column::type` or `CAST(column AS type)`, in parentheses or not.
pub(super) fn is_cast_of(expression: &str, column: &str) -> bool {
    let plain: String = expression.chars().filter(|c| !matches!(c, '(' | ')' | '"')).collect::<String>().to_lowercase();
    let column = column.to_lowercase();
    let mut rest = plain.trim();
    rest = rest.strip_prefix("cast").filter(|rest| rest.trim_end().contains(" as ")).unwrap_or(rest).trim_start();
    let Some(rest) = rest.strip_prefix(&column).map(str::trim) else { return false };
    let is_name = |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | ' ' | ',' | '[' | ']'));
    rest.is_empty() || (rest.starts_with("::") || rest.starts_with("as ")) && is_name(rest)
}
