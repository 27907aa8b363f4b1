//! OLD and NEW: the rows that the condition of a trigger and the commands of a rule speak of.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Ident, visit_expressions};

use super::alter_table::is_system_column;
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use crate::catalog::Table;
use crate::change::{CreateTrigger, TriggerEvent, TriggerTiming};
use crate::effect::names;

/// What is wrong with a name of a condition.
enum Wrong {
    Missing(String),
    Ambiguous(String),
    Subquery,
}

/// The WHEN of a trigger is analysed when it is made (manual, CREATE TRIGGER): first its names, then
/// whether the trigger has the rows they stand for.
pub(super) fn condition(scene: Scene<'_>, trigger: &CreateTrigger, table: &Table, out: &mut Outcome) {
    let Some(tree) = trigger.when.as_ref().and_then(|when| when.tree.as_deref()) else { return };
    if trigger.timing == TriggerTiming::InsteadOf {
        return;
    }
    let folded = |name: &Ident| names::folded(name, scene.catalog);
    let known = table.complete && !table.uncertain && !table.columns.is_empty();
    let (mut old, mut new) = (false, false);
    let mut generated = None;
    let found = visit_expressions(tree, |part: &Expr| {
        match part {
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => return ControlFlow::Break(Wrong::Subquery),
            Expr::CompoundIdentifier(parts) => {
                let [row, column] = parts.as_slice() else { return ControlFlow::Continue(()) };
                match folded(row).as_str() {
                    "old" => old = true,
                    "new" => new = true,
                    _ => return ControlFlow::Continue(()),
                }
                let name = folded(column);
                let own = table.columns.iter().find(|known| known.name == name);
                if own.is_none() && known && !is_system_column(&name) {
                    return ControlFlow::Break(Wrong::Missing(format!("{}.{name}", folded(row))));
                }
                if folded(row) == "new" && own.is_some_and(|own| own.generated.is_some()) {
                    generated = Some(name);
                }
            }
            Expr::Identifier(name) => match folded(name).as_str() {
                "old" => old = true,
                "new" => new = true,
                plain if table.columns.iter().any(|known| known.name == plain) => {
                    return ControlFlow::Break(Wrong::Ambiguous(plain.to_owned()));
                }
                _ => {}
            },
            _ => {}
        }
        ControlFlow::Continue(())
    });
    if let ControlFlow::Break(wrong) = found {
        match wrong {
            Wrong::Missing(name) => out.refuse("42703", format!("column {name} does not exist")),
            Wrong::Ambiguous(name) => out.refuse("42702", format!("\"{name}\" is ambiguous here: write OLD.{name} or NEW.{name}")),
            Wrong::Subquery => out.refuse("0A000", "the WHEN condition of a trigger cannot hold a subquery"),
        }
        return;
    }
    let on = |wanted: fn(&TriggerEvent) -> bool| trigger.events.iter().any(wanted);
    if (old || new) && !trigger.for_each_row {
        out.refuse("42P17", "the WHEN condition of a statement trigger sees no row");
    } else if old && on(|event| matches!(event, TriggerEvent::Insert)) {
        out.refuse("42P17", "the WHEN condition of an INSERT trigger has no OLD row");
    } else if new && on(|event| matches!(event, TriggerEvent::Delete)) {
        out.refuse("42P17", "the WHEN condition of a DELETE trigger has no NEW row");
    } else if let Some(name) = generated.filter(|_| trigger.timing == TriggerTiming::Before && scene.at_least(12)) {
        out.refuse("42P17", format!("\"{name}\" is generated after the triggers that run before the change"));
    }
}

/// NEW and OLD in a rule have the columns of its relation.
pub(super) fn of_rule(relation: Relation<'_>, named: &[String], out: &mut Outcome) {
    let missing = |columns: &[&str]| {
        named.iter().find(|name| !is_system_column(name) && !columns.iter().any(|column| column.eq_ignore_ascii_case(name))).cloned()
    };
    let missing = match relation {
        Relation::Table(table) if table.complete && !table.uncertain && !table.columns.is_empty() => {
            missing(&table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>())
        }
        Relation::View(view) if !view.columns.is_empty() => missing(&view.columns.iter().map(String::as_str).collect::<Vec<_>>()),
        _ => None,
    };
    if let Some(name) = missing {
        out.refuse("42703", format!("\"{name}\" is no column of the rows NEW and OLD"));
    }
}
