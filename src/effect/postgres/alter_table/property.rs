//! Owner, schema, name, storage, triggers, rules, row security.

use super::{Alter, level};
use crate::catalog::{Index, Table};
use crate::change::{Action, Deferral, Persistence, TriggerScope};
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::rebuild;
use crate::effect::{BreakageKind, FailureCause, LockMode, Truth};

pub(super) fn set(alter: &Alter<'_>, action: &Action, out: &mut Outcome) {
    let table = alter.table;
    match action {
        Action::RenameTable { to } => {
            let key = crate::catalog::Key::new(table.key.schema.clone(), to.name.value.clone());
            if alter.scene.relation_at(&key).is_some() {
                out.refuse("42P07", format!("relation \"{to}\" already exists"));
            }
            renamed(alter, out);
        }
        Action::SetSchema { to } => {
            if (to.value.starts_with("pg_temp") || to.value == "pg_toast") && table.persistence != Persistence::Temporary {
                out.refuse("0A000", "objects cannot be moved into or out of temporary schemas");
                return;
            }
            if !alter.scene.catalog.knows_schema(&to.value) {
                let open = alter.scene.catalog.open_world || matches!(to.value.as_str(), "pg_catalog" | "information_schema");
                let certain = if open { Truth::Unknown } else { Truth::Yes };
                out.fail("3F000", format!("schema \"{to}\" does not exist"), FailureCause::Schema, certain);
            }
            let key = crate::catalog::Key::new(to.value.clone(), table.key.name.clone());
            if to.value != table.key.schema && alter.scene.relation_at(&key).is_some() {
                out.refuse("42P07", format!("relation \"{}\" already exists in schema \"{to}\"", table.key.name));
            }
            for sequence in alter.scene.owned_sequences(&table.key, None) {
                out.lock_sequence(sequence, LockMode::AccessExclusive);
            }
            renamed(alter, out);
        }
        Action::Owner { to, .. } => {
            // Nothing below the table is touched when the owner stays the same.
            let same = matches!(to.to_lowercase().as_str(), "current_user" | "current_role" | "session_user" | "postgres");
            if !same {
                out.lock_indexes(table, LockMode::AccessExclusive);
                for sequence in alter.scene.owned_sequences(&table.key, None) {
                    out.lock_sequence(sequence, LockMode::AccessExclusive);
                }
            }
        }
        Action::SetLogged { logged } => set_logged(alter, *logged, out),
        Action::SetTablespace { tablespace } => {
            let now = table.tablespace.as_deref().unwrap_or("pg_default");
            if tablespace.value != now && crate::effect::postgres::scene::has_storage(table) {
                copied(alter, &tablespace.value, out);
            }
        }
        Action::SetAccessMethod { method } => {
            if table.partitioning.is_some() && !alter.scene.at_least(17) {
                out.refuse("42809", "the access method of a partitioned table cannot be changed");
                return;
            }
            let now = table.access_method.as_deref().unwrap_or("heap");
            let wanted = method.as_ref().map_or("heap", |method| method.value.as_str());
            if wanted != now && crate::effect::postgres::scene::has_storage(table) {
                out.rewrite(table, Truth::Yes, format!("the rows move to the access method \"{wanted}\""));
            }
        }
        Action::SetStorageParameters { options, reset } => {
            if table.partitioning.is_some() && !options.is_empty() && !reset {
                let code = if alter.scene.at_least(16) { "42809" } else { "22023" };
                out.refuse(code, "storage parameters cannot be set on a partitioned table");
                return;
            }
            for option in options {
                let name = option.name.to_lowercase();
                if !level::known_parameter(&name) {
                    out.refuse("22023", format!("there is no storage parameter \"{name}\""));
                }
                let percent = option.value.trim_matches('\'').parse::<i64>().ok();
                if name == "fillfactor" && !reset && percent.is_some_and(|percent| !(10..=100).contains(&percent)) {
                    out.refuse("22023", "fillfactor goes from 10 to 100");
                }
                if level::parameter_since(&name) > alter.scene.major && !reset {
                    out.refuse("22023", format!("PostgreSQL {} has no parameter \"{name}\"", alter.scene.major));
                }
                // SET WITH OIDS added a hidden column (until 11).
                if name == "oids" && alter.scene.major < 12 && !option.value.eq_ignore_ascii_case("false") && !reset {
                    out.rewrite(table, Truth::Yes, "every row gets an object identifier");
                }
            }
        }
        Action::ReplicaIdentity { value } => replica_identity(alter, value, out),
        Action::ClusterOn { .. } if table.partitioning.is_some() => {
            out.refuse("0A000", "an index of a partitioned table cannot be marked for clustering");
        }
        Action::ClusterOn { index: Some(name) } => match table.indexes.iter().find(|index| index.name == name.value) {
            Some(index) => {
                out.lock_index(table, index, LockMode::ShareUpdateExclusive);
                rebuild::clusterable(index, out);
            }
            None if table.complete => out.refuse("42704", format!("index \"{name}\" for table \"{}\" does not exist", table.key)),
            None => {}
        },
        Action::SetTriggerState { trigger, .. } => {
            if let TriggerScope::Named(name) = trigger
                && table.complete
                && !table.triggers.iter().any(|known| known.name == name.value)
            {
                out.refuse("42704", format!("trigger \"{name}\" for table \"{}\" does not exist", table.key));
            }
            // A row trigger has its like on every partition.
            let row_trigger = table.triggers.iter().any(|known| match trigger {
                TriggerScope::Named(name) => known.name == name.value,
                TriggerScope::All | TriggerScope::User => true,
            });
            if table.partitioning.is_some() && row_trigger && alter.scene.at_least(11) {
                alter.lock_family(LockMode::ShareRowExclusive, out);
            }
        }
        Action::SetRuleState { rule, .. } if table.complete && !table.rules.iter().any(|known| known.name == rule.value) => {
            out.refuse("42704", format!("rule \"{rule}\" for relation \"{}\" does not exist", table.key));
        }
        Action::RowSecurity { enable: Some(true), .. } => {
            let object = table.key.to_string();
            out.break_client(
                BreakageKind::Guarantee,
                object,
                "roles that do not own the table see only what a policy allows them",
                Truth::from(!table.row_security),
            );
        }
        _ => {}
    }
}

fn renamed(alter: &Alter<'_>, out: &mut Outcome) {
    let name = alter.table.key.to_string();
    out.break_client(BreakageKind::Name, name, "the table is known under another name afterwards", Truth::Yes);
}

/// SET TABLESPACE copies the files as they are; no index of the table moves with it.
fn copied(alter: &Alter<'_>, tablespace: &str, out: &mut Outcome) {
    let table = alter.table.key.to_string();
    out.effects.rewrites.push(crate::effect::Rewrite {
        table,
        certain: Truth::Yes,
        reason: format!("the whole table is copied to tablespace \"{tablespace}\""),
    });
}

fn set_logged(alter: &Alter<'_>, logged: bool, out: &mut Outcome) {
    let table = alter.table;
    let is_logged = match table.persistence {
        Persistence::Permanent => true,
        Persistence::Unlogged => false,
        Persistence::Temporary => {
            out.refuse("42P16", format!("\"{}\" is temporary", table.key));
            return;
        }
    };
    if table.partitioning.is_some() && alter.scene.at_least(18) {
        out.refuse("42809", format!("\"{}\" is partitioned: its partitions are logged or not", table.key));
        return;
    }
    if is_logged == logged || table.partitioning.is_some() {
        return;
    }
    if !logged && !table.publications.is_empty() {
        out.refuse("55000", format!("\"{}\" is part of a publication: it cannot become unlogged", table.key));
        return;
    }
    if !logged {
        let other = alter
            .scene
            .referencing(&table.key)
            .into_iter()
            .find(|(child, _)| child.key != table.key && child.persistence == Persistence::Permanent);
        if let Some((child, _)) = other {
            out.refuse("42P16", format!("\"{}\" is referenced by the logged table \"{}\"", table.key, child.key));
            return;
        }
    } else {
        let unlogged = table.foreign_keys().filter_map(|key| key.foreign_key.as_ref()).find_map(|key| {
            alter.scene.table_at(&key.references).filter(|parent| parent.persistence == Persistence::Unlogged && parent.key != table.key)
        });
        if let Some(parent) = unlogged {
            out.refuse("42P16", format!("\"{}\" references the unlogged table \"{}\"", table.key, parent.key));
            return;
        }
    }
    out.rewrite(
        table,
        Truth::Yes,
        if logged { "the rows have to go through the write-ahead log" } else { "the rows are written anew, unlogged" },
    );
    if alter.scene.at_least(15) {
        for sequence in alter.scene.owned_sequences(&table.key, None) {
            out.lock_sequence(sequence, LockMode::AccessExclusive);
        }
    }
    if !logged {
        out.break_client(
            BreakageKind::Guarantee,
            table.key.to_string(),
            "the rows do not survive a crash and are not replicated",
            Truth::Yes,
        );
    }
}

/// The key behind the index may be checked at the end of the transaction.
fn deferrable(table: &Table, index: &Index) -> bool {
    let constraint = index.constraint.as_ref().and_then(|name| table.constraints.iter().find(|known| known.name == *name));
    constraint.is_some_and(|constraint| matches!(constraint.deferral, Deferral::Deferrable | Deferral::InitiallyDeferred))
}

/// `value` is `default`, `full`, `nothing` or names an index.
fn replica_identity(alter: &Alter<'_>, value: &str, out: &mut Outcome) {
    let name = value.trim();
    let lowered = name.to_lowercase();
    if matches!(lowered.as_str(), "default" | "full" | "nothing") {
        return;
    }
    let name = lowered.strip_prefix("using index").map_or(name, |rest| name.get(name.len() - rest.len()..).unwrap_or(name)).trim();
    let table = alter.table;
    match table.indexes.iter().find(|index| index.name == name.trim_matches('"')) {
        Some(index) => {
            out.lock_index(table, index, LockMode::Share);
            if !index.unique {
                out.refuse("42809", format!("\"{name}\" is not a unique index"));
            } else if deferrable(table, index) {
                out.refuse("0A000", format!("\"{name}\" is checked late, which identifies no row"));
            } else if index.predicate.is_some() || index.keys.iter().any(|key| key.column_name().is_none()) {
                out.refuse("0A000", format!("\"{name}\" is partial or over expressions, which identifies no row"));
            } else if index.columns().any(|column| table.columns.iter().any(|known| known.name == column && !known.not_null)) {
                out.refuse("42809", format!("\"{name}\" holds a column that may be null, which identifies no row"));
            }
        }
        None if table.complete => {
            out.fail("42704", format!("index \"{name}\" for table \"{}\" does not exist", table.key), FailureCause::Schema, Truth::Yes);
        }
        None => {}
    }
}
