//! ALTER COLUMN … TYPE.

use super::{Alter, attribute, foreign_key};
use crate::catalog::{Column, Index, Table, Validity};
use crate::change::{Action, ConstraintKind, DataType, Expression, IndexPart, TriggerEvent};
use crate::effect::postgres::broken;
use crate::effect::postgres::content;
use crate::effect::postgres::conversion::{self, Cast, Conversion, operator_family};
use crate::effect::postgres::immutability;
use crate::effect::postgres::literal;
use crate::effect::postgres::narrowing;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::routine;
use crate::effect::postgres::scene::{constraint_uses, filled};
use crate::effect::postgres::type_name;
use crate::effect::postgres::types::{self, Family, Resolved};
use crate::effect::postgres::using::{self, Using};
use crate::effect::postgres::words::{Word, words};
use crate::effect::{BreakageKind, FailureCause, LockMode, ScanReason, Truth};

pub(super) fn set(alter: &Alter<'_>, name: &str, data_type: &DataType, using: Option<&Expression>, out: &mut Outcome) {
    let table = alter.table;
    let Some(column) = table.columns.iter().find(|column| column.name == name) else {
        // Types are changed before columns are added.
        if table.complete {
            out.refuse("42703", format!("column \"{name}\" of \"{}\" does not exist", table.key));
        } else {
            unknown_column(alter, name, out);
        }
        return;
    };
    if alter.is_partition_key(name) {
        out.refuse("42P16", format!("\"{name}\" is part of the partition key of \"{}\"", table.key));
        return;
    }
    if alter.is_inherited(name) {
        out.refuse("42P16", format!("\"{name}\" is inherited: its type is changed on the parent"));
        return;
    }
    if alter.scene.statement.modifiers.only && !alter.scene.children(&table.key).is_empty() {
        out.refuse("42P16", format!("the type of \"{name}\" must be changed in the child tables too"));
        return;
    }
    if column.generated.is_some() && using.is_some() {
        out.refuse("42611", "USING cannot be given for a generated column");
        return;
    }
    alter.lock_family(LockMode::AccessExclusive, out);
    if data_type.is_serial() {
        out.refuse("42704", format!("type \"{}\" does not exist: it is a shorthand of column definitions", data_type.name));
        return;
    }
    let to = types::resolve(alter.scene.catalog, data_type);
    type_name::exists(alter.scene, data_type, out);
    type_name::collates(alter.scene, data_type, out);
    if let (Some(using), false) = (using, out.will_fail()) {
        literal::expression(alter.scene, table, using, out);
    }
    if out.will_fail() {
        return;
    }
    let Some(old_type) = &column.data_type else {
        dependants(alter, name, out);
        unknown_column(alter, name, out);
        return;
    };
    let from = types::resolve(alter.scene.catalog, old_type);
    if column.identity.is_some() {
        attribute::lock_sequence(alter, name, LockMode::ShareRowExclusive, out);
        if to.array || !matches!(to.base.as_str(), "int2" | "int4" | "int8") {
            out.refuse("22023", "the type of an identity column must be smallint, integer or bigint");
            return;
        }
    }
    if let Some((code, reason)) = using.and_then(|expression| content::refused(expression, "USING")) {
        out.refuse(code, reason);
        return;
    }
    let conversion = decide(alter, name, &from, &to, using, out);
    // Predicates are read again with the new type (proven: text > integer is no operator).
    if operator_family(&from) != operator_family(&to)
        && let Some(index) = table.indexes.iter().find(|index| {
            let mentions = |text: &str| words(text).iter().any(|word| matches!(word, Word::Name { text, .. } if text == name));
            index.predicate.as_ref().is_some_and(|predicate| mentions(&predicate.text))
        })
    {
        let reason = format!("the predicate of index \"{}\" may not be valid for the new type", index.name);
        out.fail("42883", reason, FailureCause::Schema, Truth::Unknown);
    }
    // DROP DEFAULT runs with the drops, before any change of type, wherever it is written.
    let default_goes = alter.scene.actions().any(|action| matches!(action, Action::DropDefault { column } if column.value == name));
    if !default_goes {
        default_converts(column, &from, &to, out);
    }
    dependants(alter, name, out);
    if !out.will_fail() {
        read_again(alter, column, &from, &to, data_type, out);
    }
    if out.will_fail() {
        return;
    }
    let rewritten = rewrite_truth(alter, &conversion, out);
    let reason = match &conversion {
        Conversion::Rewrite(reason) => reason.clone(),
        _ => "the stored values may have to be converted".to_owned(),
    };
    let computed = using.is_some_and(|expression| matches!(using::read(alter.scene.catalog, expression, name), Using::Expression));
    let keeps = !computed && narrowing::fits(&from, &to, using.is_some());
    let collation_changes = collation(column, old_type) != collation_of(data_type);
    for member in &alter.family {
        if rewritten.possible() {
            out.rewrite(member, rewritten, reason.clone());
        }
        rebuild_indexes(member, name, &from, &to, collation_changes, rewritten, out);
        for check in member.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check) {
            if constraint_uses(check, name) && check.validity == Validity::Valid && check.enforced {
                out.scan(member, ScanReason::Verify, Truth::Yes);
            }
        }
        let same_comparison = operator_family(&from) == operator_family(&to) && !rewritten.possible();
        foreign_keys(alter, member, name, &to, (!same_comparison, keeps), out);
    }
    narrowing::judge(table, name, &from, &to, using.is_some(), out);
    if !from.same_base(&to) {
        let object = format!("{}.{name}", table.key);
        out.break_client(BreakageKind::Type, object, "clients and cached plans expect the old type", Truth::Unknown);
    }
}

/// CHECKs and the expressions of indexes, analysed anew with the new type.
fn read_again(alter: &Alter<'_>, column: &Column, from: &Resolved, to: &Resolved, data_type: &DataType, out: &mut Outcome) {
    let name = column.name.as_str();
    let gone = |known: &String| alter.dropped_constraints.contains(known);
    for member in &alter.family {
        let checks = member.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check && !gone(&constraint.name));
        for check in checks {
            if let Some(lost) = check.expression.as_ref().and_then(|expression| broken::broken(expression, name, from, to)) {
                out.refuse("42883", format!("{lost} in the constraint \"{}\" does not exist for the new type", check.name));
                return;
            }
        }
        for index in &member.indexes {
            let keys = index.keys.iter().filter_map(|key| match &key.part {
                IndexPart::Expression(expression) => Some(expression),
                IndexPart::Column(_) => None,
            });
            for expression in keys.chain(&index.predicate).filter(|expression| expression.mentions(name)) {
                if let Some(lost) = broken::broken(expression, name, from, to) {
                    out.refuse("42883", format!("{lost} in the index \"{}\" does not exist for the new type", index.name));
                    return;
                }
                let mut changed = (*member).clone();
                for own in changed.columns.iter_mut().filter(|own| own.name == name) {
                    own.data_type = Some(data_type.clone());
                }
                if immutability::is_mutable(alter.scene, &changed, expression) {
                    out.refuse("42P17", format!("the expression of the index \"{}\" is not immutable for the new type", index.name));
                    return;
                }
            }
        }
    }
}

fn unknown_column(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    let what = format!("{}.{name}", alter.table.key);
    out.unknown(format!("the type of {what}"), "whether the table is rewritten");
    for member in &alter.family {
        out.lock(member, LockMode::AccessExclusive);
        out.rewrite(member, Truth::Unknown, "the stored values may have to be converted");
    }
}

fn rewrite_truth(alter: &Alter<'_>, conversion: &Conversion, out: &mut Outcome) -> Truth {
    match conversion {
        Conversion::Free | Conversion::Refused => Truth::No,
        Conversion::Rewrite(_) => Truth::Yes,
        Conversion::Unknown => {
            out.unknown("how the two types relate", "whether the table is rewritten");
            Truth::Unknown
        }
        Conversion::ZoneDependent => match alter.scene.catalog.session.setting("timezone") {
            _ if alter.scene.major < 12 => Truth::Yes,
            Some(zone) => Truth::from(!is_utc(zone)),
            None => {
                out.unknown("the session's time zone", "whether the table is rewritten: in UTC it is not");
                Truth::Unknown
            }
        },
    }
}

fn is_utc(zone: &str) -> bool {
    matches!(
        zone.trim_matches('\'').to_lowercase().as_str(),
        "utc"
            | "etc/utc"
            | "gmt"
            | "etc/gmt"
            | "uct"
            | "etc/uct"
            | "zulu"
            | "etc/zulu"
            | "universal"
            | "etc/universal"
            | "greenwich"
            | "0"
            | "gmt0"
    )
}

/// Whether a conversion may be used, and what it costs.
fn decide(alter: &Alter<'_>, name: &str, from: &Resolved, to: &Resolved, using: Option<&Expression>, out: &mut Outcome) -> Conversion {
    let Some(expression) = using else {
        let conversion = conversion::convert(from, to, false);
        if conversion == Conversion::Refused {
            out.refuse("42804", format!("\"{name}\" cannot be cast automatically to the new type; USING is needed"));
        }
        return conversion;
    };
    match using::read(alter.scene.catalog, expression, name) {
        Using::Column => {
            let conversion = conversion::convert(from, to, false);
            if conversion == Conversion::Refused {
                out.refuse("42804", format!("the result of USING for \"{name}\" cannot be cast automatically to the new type"));
            }
            conversion
        }
        Using::Casts(steps) => {
            let mut current = from.clone();
            let mut worst = Conversion::Free;
            for step in &steps {
                worst = worse(worst, conversion::convert(&current, step, true));
                if worst == Conversion::Refused {
                    out.refuse("42846", format!("there is no cast for \"{name}\" to the type USING names"));
                    return Conversion::Refused;
                }
                current = step.clone();
            }
            let last = conversion::convert(&current, to, false);
            if last == Conversion::Refused {
                out.refuse("42804", format!("the result of USING for \"{name}\" cannot be cast automatically to the new type"));
            }
            worse(worst, last)
        }
        Using::Expression => Conversion::Rewrite("USING computes every value".to_owned()),
    }
}

fn worse(one: Conversion, other: Conversion) -> Conversion {
    let rank = |conversion: &Conversion| match conversion {
        Conversion::Free => 0,
        Conversion::ZoneDependent => 1,
        Conversion::Unknown => 2,
        Conversion::Rewrite(_) => 3,
        Conversion::Refused => 4,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

/// The default has the old type and must convert by itself.
fn default_converts(column: &Column, from: &Resolved, to: &Resolved, out: &mut Outcome) {
    let Some(default) = &column.default else { return };
    let text = default.expression.text.trim().to_lowercase();
    if text == "null" || column.generated.is_some() || from.family == Family::Unknown {
        return;
    }
    if matches!(conversion::cast(from, to), Cast::None | Cast::Explicit) {
        out.refuse("42804", format!("the default of \"{}\" cannot be cast automatically to the new type", column.name));
    }
}

/// The publication whose column list or WHERE (PostgreSQL 15) names a column of the table.
pub(in crate::effect::postgres) fn publication_of<'a>(table: &'a Table, column: &str) -> Option<&'a str> {
    let names = |known: &&crate::catalog::Published| known.columns.iter().any(|name| name == column);
    table.publications.iter().find(names).map(|known| known.publication.as_str())
}

/// What else uses the column and is not converted with it.
fn dependants(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    for member in &alter.family {
        for (view, certain) in alter.scene.views_over_column(member, name) {
            let reason = format!("\"{name}\" is used by the view \"{}\"", view.key);
            out.fail("0A000", reason, FailureCause::Schema, certain);
        }
        for (routine, certain) in routine::holding_on(alter.scene, &member.key, Some(name)) {
            let reason = format!("\"{name}\" is used by the function {}", routine.key);
            out.fail("0A000", reason, FailureCause::Schema, certain);
        }
        for other in &member.columns {
            if other.generated.as_ref().is_some_and(|generated| generated.expression.mentions(name)) && other.name != name {
                let code = if alter.scene.at_least(15) { "0A000" } else { "42601" };
                out.refuse(code, format!("\"{name}\" is used by the generated column \"{}\"", other.name));
            }
        }
        for trigger in &member.triggers {
            let listed = trigger.events.iter().any(|event| match event {
                TriggerEvent::Update(columns) => columns.iter().any(|column| column.value == name),
                TriggerEvent::Insert | TriggerEvent::Delete | TriggerEvent::Truncate => false,
            });
            if listed || trigger.row_columns.iter().any(|column| column == name) {
                out.refuse("0A000", format!("\"{name}\" is used in the definition of trigger \"{}\"", trigger.name));
            }
        }
        for rule in &member.rules {
            let reason = format!("\"{name}\" may be used by the rule \"{}\"", rule.name);
            out.fail("0A000", reason, FailureCause::Schema, Truth::Unknown);
        }
        if let Some(publication) = publication_of(member, name) {
            out.refuse("0A000", format!("\"{name}\" is in the column list or the WHERE of the publication \"{publication}\""));
        }
        if let Some((policy, _)) = member.policy_conditions.iter().find(|(_, condition)| condition.mentions(name)) {
            out.refuse("0A000", format!("\"{name}\" is used in the definition of policy \"{policy}\""));
        }
    }
}

/// Indexes on the column are made anew; they keep their file where the comparison stays the same
/// and neither expression nor predicate has to be computed.
fn rebuild_indexes(
    table: &Table,
    name: &str,
    from: &Resolved,
    to: &Resolved,
    collation_changes: bool,
    rewritten: Truth,
    out: &mut Outcome,
) {
    for index in table.indexes.iter().filter(|index| index.uses(name)) {
        out.lock_index(table, index, LockMode::AccessExclusive);
        if rewritten == Truth::Yes || survives(index, name, from, to, collation_changes) {
            continue;
        }
        if !has_opclass(index, to) {
            out.refuse("42704", format!("the new type has no default operator class for the index \"{}\"", index.name));
            return;
        }
        out.scan(table, ScanReason::IndexBuild, Truth::Yes);
        out.build(table, &index.name, true, Truth::Yes);
    }
    if rewritten == Truth::Yes
        && let Some(index) = table.indexes.iter().find(|index| is_plain_key(index, name) && !has_opclass(index, to))
    {
        out.refuse("42704", format!("the new type has no default operator class for the index \"{}\"", index.name));
    }
}

fn is_plain_key(index: &Index, name: &str) -> bool {
    index.columns().any(|column| column == name)
}

/// Types without an order cannot be keys of a plain index.
fn has_opclass(index: &Index, to: &Resolved) -> bool {
    !(index.method.is_empty() || index.method == "btree") || crate::effect::postgres::index::orderable(to)
}

fn survives(index: &Index, name: &str, from: &Resolved, to: &Resolved, collation_changes: bool) -> bool {
    // The indexes of partitions are made anew along with their parent's.
    if index.attached_to.is_some() || index.predicate.is_some() || index.keys.iter().any(|key| matches!(key.part, IndexPart::Expression(_)))
    {
        return false;
    }
    let Some(key) = index.keys.iter().find(|key| key.column_name().is_some_and(|column| column.value == name)) else {
        return true;
    };
    let same_class = key.opclass.is_some() || operator_family(from) == operator_family(to);
    same_class && (key.collation.is_some() || !collation_changes)
}

fn collation(column: &Column, data_type: &DataType) -> Option<String> {
    column.collation.clone().or_else(|| collation_of(data_type)).filter(|name| name != "default")
}

fn collation_of(data_type: &DataType) -> Option<String> {
    data_type.collation.as_ref().map(|name| name.name.value.clone()).filter(|name| name != "default")
}

fn foreign_keys(alter: &Alter<'_>, table: &Table, name: &str, to: &Resolved, (changed, keeps): (bool, bool), out: &mut Outcome) {
    for constraint in table.foreign_keys().filter(|constraint| constraint.columns.iter().any(|column| column == name)) {
        if let Some(parent) = constraint.foreign_key.as_ref().and_then(|key| alter.scene.table_at(&key.references)) {
            let wanted = constraint.foreign_key.as_ref().map_or(&[][..], |key| &key.referenced_columns);
            let primary: &[String] = parent.primary_key().map_or(&[], |key| &key.columns);
            let wanted = if wanted.is_empty() { primary } else { wanted };
            let at = constraint.columns.iter().position(|column| column == name);
            let other = at.and_then(|at| wanted.get(at)).and_then(|other| parent.columns.iter().find(|column| column.name == *other));
            if let Some(other) = other.and_then(|column| column.data_type.as_ref())
                && foreign_key::comparable(to, &types::resolve(alter.scene.catalog, other)) == Truth::No
            {
                out.refuse("42804", format!("foreign key constraint \"{}\" cannot be implemented with this type", constraint.name));
                return;
            }
            let check = changed && constraint.validity == Validity::Valid && filled(table) != Truth::No;
            foreign_key::remake(alter.scene, table, parent, check, keeps, out);
            let referenced = constraint.foreign_key.as_ref().map_or(&[][..], |key| &key.referenced_columns);
            foreign_key::lock_key(alter.scene, parent, referenced, out);
        }
    }
    for (child, constraint) in alter.scene.referencing(&table.key) {
        let Some(key) = &constraint.foreign_key else { continue };
        let named = if key.referenced_columns.is_empty() {
            table.primary_key().is_some_and(|primary| primary.columns.iter().any(|column| column == name))
        } else {
            key.referenced_columns.iter().any(|column| column == name)
        };
        if named {
            let at = if key.referenced_columns.is_empty() {
                table.primary_key().and_then(|primary| primary.columns.iter().position(|column| column == name))
            } else {
                key.referenced_columns.iter().position(|column| column == name)
            };
            let own = at.and_then(|at| constraint.columns.get(at)).and_then(|own| child.columns.iter().find(|column| column.name == *own));
            if let Some(own) = own.and_then(|column| column.data_type.as_ref())
                && child.key != table.key
                && foreign_key::comparable(to, &types::resolve(alter.scene.catalog, own)) == Truth::No
            {
                out.refuse("42804", format!("foreign key constraint \"{}\" cannot be implemented with this type", constraint.name));
                return;
            }
            let check = changed && constraint.validity == Validity::Valid && filled(child) != Truth::No;
            foreign_key::remake(alter.scene, child, table, check, keeps, out);
        }
    }
}
