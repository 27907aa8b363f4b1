//! ALTER DOMAIN: a constraint is checked in every table that has a column of the domain.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, visit_expressions};

use super::outcome::Outcome;
use super::scene::{Scene, filled, has_storage};
use crate::catalog::{Domain, Key, Table};
use crate::change::{DomainChange, Expression, ObjectName};
use crate::effect::names::is_value;
use crate::effect::{FailureCause, LockMode, ScanReason, Truth};

pub(super) fn alter(scene: Scene<'_>, name: &ObjectName, change: &DomainChange, out: &mut Outcome) {
    let Some(domain) = scene.catalog.domain(name) else {
        let certain = if scene.catalog.open_world || scene.catalog.domains.is_empty() { Truth::Unknown } else { Truth::Yes };
        out.fail("42704", format!("type \"{name}\" does not exist"), FailureCause::Schema, certain);
        return;
    };
    match change {
        DomainChange::AddCheck { name, not_valid, .. } => {
            if let Some(name) = name
                && domain.checks.iter().any(|check| check.name == name.value)
            {
                out.refuse("42710", format!("constraint \"{name}\" for domain \"{}\" already exists", domain.key));
                return;
            }
            if !not_valid {
                verify(scene, domain, "23514", out);
            }
        }
        DomainChange::AddNotNull { .. } | DomainChange::SetNotNull => {
            if !domain.not_null {
                verify(scene, domain, "23502", out);
            }
        }
        DomainChange::ValidateConstraint { name } => match domain.checks.iter().find(|check| check.name == name.value) {
            // It is checked again even when it holds already.
            Some(_) => verify(scene, domain, "23514", out),
            None => missing(&name.value, domain, out),
        },
        DomainChange::DropConstraint { name, if_exists, .. } => {
            if !if_exists && !domain.checks.iter().any(|check| check.name == name.value) && !domain.not_null {
                missing(&name.value, domain, out);
            }
        }
        DomainChange::RenameConstraint { from, .. } => {
            if !domain.checks.iter().any(|check| check.name == from.value) && !domain.not_null {
                missing(&from.value, domain, out);
            }
        }
        DomainChange::DropNotNull | DomainChange::SetDefault(_) | DomainChange::DropDefault => {}
    }
}

/// A domain's CHECK knows one name, VALUE.
pub(super) fn names_value(expression: &Expression, out: &mut Outcome) {
    let Some(tree) = expression.tree.as_deref() else { return };
    let mut stranger = None;
    let _ = visit_expressions(tree, |part: &Expr| {
        if let Expr::Identifier(name) = part
            && name.quote_style.is_none()
            && !name.value.eq_ignore_ascii_case("value")
            && !is_value(&name.value.to_ascii_lowercase())
        {
            stranger = Some(name.value.clone());
        }
        // What a query inside names is not looked at, nor the fields of a composite value.
        if matches!(part, Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::CompoundFieldAccess { .. }) {
            stranger = None;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    if let Some(name) = stranger {
        out.refuse("42703", format!("column \"{name}\" does not exist: a domain's value is called VALUE"));
    }
}

fn missing(name: &str, domain: &Domain, out: &mut Outcome) {
    out.refuse("42704", format!("constraint \"{name}\" for domain \"{}\" does not exist", domain.key));
}

/// Domains over this one count as well.
pub(super) fn users<'a>(scene: Scene<'a>, key: &Key) -> Vec<(&'a Table, String)> {
    let mut found: Vec<(&Table, String)> = Vec::new();
    let mut open = vec![key.clone()];
    let mut seen: Vec<Key> = Vec::new();
    while let Some(key) = open.pop() {
        if seen.contains(&key) || seen.len() > 1000 {
            continue;
        }
        found.extend(scene.catalog.columns_of_type(&key).into_iter().map(|(table, column)| (table, column.name.clone())));
        let above = scene
            .catalog
            .domains
            .values()
            .filter(|domain| domain.base.name == key.name && scene.catalog.domain_of(&domain.base).is_some_and(|base| base.key == key));
        open.extend(above.map(|domain| domain.key.clone()));
        seen.push(key);
    }
    found
}

/// SHARE on every table with such a column, and a scan of it (manual, ALTER DOMAIN, notes).
fn verify(scene: Scene<'_>, domain: &Domain, code: &str, out: &mut Outcome) {
    for (table, column) in users(scene, &domain.key) {
        let known = table.columns.iter().find(|known| known.name == column);
        if known.and_then(|column| column.data_type.as_ref()).is_some_and(|data_type| data_type.array > 0) {
            out.refuse("0A000", format!("the domain is used inside of the values of {}.{column}", table.key));
            return;
        }
        if !has_storage(table) {
            continue;
        }
        out.lock(table, LockMode::Share);
        out.scan(table, ScanReason::Verify, Truth::Yes);
        out.fail(
            code,
            format!("values of {}.{column} may violate the domain", table.key),
            FailureCause::Data,
            Truth::Unknown.min(filled(table)),
        );
    }
}
