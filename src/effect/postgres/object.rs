//! Sequences, types, functions, triggers, rules, policies, comments, grants: everything that is
//! created, dropped or renamed by kind and name.

use super::outcome::Outcome;
use super::publication;
use super::scene::{Relation, Scene};
use super::type_name;
use super::words::Word;
use crate::catalog::Sequence;
use crate::change::{Action, Change, Ident, ObjectKind, ObjectName};
use crate::effect::{BreakageKind, FailureCause, LockMode, RelationKind, Truth};

/// The name in a literal such as `'public.seq'`.
fn name_in(text: &str) -> ObjectName {
    let ident = |part: &str| {
        let part = part.trim();
        let value = part.strip_prefix('"').and_then(|part| part.strip_suffix('"')).map_or_else(|| part.to_lowercase(), ToOwned::to_owned);
        Ident { value, ..Ident::default() }
    };
    match text.split_once('.') {
        Some((schema, name)) => ObjectName { schema: Some(ident(schema)), name: ident(name) },
        None => ObjectName::bare(ident(text)),
    }
}

/// The sequence a literal such as `'public.seq'` names.
pub(super) fn sequence_named<'a>(scene: Scene<'a>, text: &str) -> Option<&'a Sequence> {
    let catalog = scene.catalog;
    catalog.sequence(&name_in(text))
}

/// Relations that a text names in a literal: `nextval('s')`, `'t'::regclass`.
pub(super) fn relations_in(text: &[Word]) -> Vec<ObjectName> {
    let called = text.windows(3).filter_map(|words| match words {
        [Word::Name { text, called: true, .. }, Word::Mark('('), Word::Literal(name)]
            if matches!(text.as_str(), "nextval" | "setval" | "currval") =>
        {
            Some(name)
        }
        _ => None,
    });
    let cast = text.windows(4).filter_map(|words| match words {
        [Word::Literal(name), Word::Mark(':'), Word::Mark(':'), Word::Name { text, .. }] if text == "regclass" => Some(name),
        _ => None,
    });
    let plain = |name: &&String| name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"') && name.matches('.').count() < 2;
    called.chain(cast).filter(plain).map(|name| name_in(name)).collect()
}

/// Sequences that a text reads or advances: `nextval('s')`, `setval('s', …)`, `currval('s')`, and with
/// `pg_get_serial_sequence('t', 'c')` in the place of the name.
pub(super) fn sequences_in<'a>(scene: Scene<'a>, text: &[Word]) -> Vec<&'a Sequence> {
    let advances = |word: &str| matches!(word, "nextval" | "setval" | "currval");
    let named = text.windows(3).filter_map(|words| match words {
        [Word::Name { text, called: true, .. }, Word::Mark('('), Word::Literal(name)] if advances(text) => sequence_named(scene, name),
        _ => None,
    });
    let owned = text.windows(7).filter_map(|words| match words {
        [
            Word::Name { text, called: true, .. },
            Word::Mark('('),
            Word::Name { text: inner, called: true, .. },
            Word::Mark('('),
            Word::Literal(table),
            Word::Mark(','),
            Word::Literal(column),
        ] if advances(text) && inner == "pg_get_serial_sequence" => {
            let key = scene.catalog.resolve(&name_in(table));
            scene.owned_sequences(&key, Some(column)).first().copied()
        }
        _ => None,
    });
    named.chain(owned).collect()
}

pub(super) fn table_of<'a>(scene: Scene<'a>, change: &Change, out: &mut Outcome) -> Option<Relation<'a>> {
    let name = change.table.as_ref()?;
    let found = scene.relation(name);
    if found.is_none() {
        out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
    }
    found
}

/// Columns that a statement names beside a table or a view.
pub(super) fn columns_exist(relation: Relation<'_>, columns: &[Ident], out: &mut Outcome) {
    let missing = match relation {
        Relation::Table(table) if table.complete && !table.uncertain && !table.columns.is_empty() => {
            columns.iter().find(|name| !table.columns.iter().any(|column| column.name == name.value))
        }
        Relation::View(view) if !view.columns.is_empty() => columns.iter().find(|name| !view.columns.contains(&name.value)),
        _ => None,
    };
    if let Some(missing) = missing.filter(|name| !super::alter_table::is_system_column(&name.value)) {
        out.refuse("42703", format!("column \"{missing}\" does not exist"));
    }
}

/// OWNED BY: the table is locked while the column is looked up.
pub(super) fn owner(scene: Scene<'_>, name: &ObjectName, column: &str, out: &mut Outcome) {
    let Some(relation) = scene.relation(name) else { return };
    out.lock_relation(relation, LockMode::AccessShare);
    if let Relation::Table(table) = relation
        && table.complete
        && !table.columns.iter().any(|known| known.name == column)
    {
        out.refuse("42703", format!("column \"{column}\" of \"{}\" does not exist", table.key));
    }
}

pub(super) fn alter_sequence(
    scene: Scene<'_>,
    name: &ObjectName,
    owned_by: Option<&(ObjectName, Ident)>,
    if_exists: bool,
    out: &mut Outcome,
) {
    match scene.relation(name) {
        Some(Relation::Sequence(sequence)) => {
            out.lock_sequence(sequence, LockMode::ShareRowExclusive);
            let identity = sequence.owned_by.as_ref().is_some_and(|(table, column)| {
                let column = scene.table_at(table).and_then(|table| table.columns.iter().find(|known| known.name == *column));
                column.is_some_and(|column| column.identity.is_some())
            });
            if identity && owned_by.is_some() {
                out.refuse("0A000", format!("\"{name}\" is an identity column's sequence and keeps its owner"));
                return;
            }
            if let Some((table, column)) = owned_by {
                owner(scene, table, &column.value, out);
                let elsewhere = scene.table(table).is_some_and(|table| table.key.schema != sequence.key.schema);
                if elsewhere && !out.will_fail() {
                    out.refuse("55000", format!("\"{name}\" must be in the schema of the table it belongs to"));
                }
            }
        }
        Some(_) => out.refuse("42809", format!("\"{name}\" is not a sequence")),
        None if if_exists => {}
        None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
    }
}

/// Kinds whose relations are locked when they are named.
fn named_relation<'a>(scene: Scene<'a>, kind: ObjectKind, name: &ObjectName) -> Option<Relation<'a>> {
    match kind {
        ObjectKind::Table
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Sequence
        | ObjectKind::ForeignTable
        | ObjectKind::Index => scene.relation(name),
        _ => None,
    }
}

fn is_relation(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence
            | ObjectKind::ForeignTable
            | ObjectKind::Index
    )
}

/// ALTER … RENAME TO, SET SCHEMA, OWNER TO and other alterations by kind and name.
pub(super) fn alter(scene: Scene<'_>, change: &Change, kind: ObjectKind, name: &ObjectName, what: Alteration, out: &mut Outcome) {
    match kind {
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
            if let Some(relation) = table_of(scene, change, out) {
                out.lock_relation(relation, LockMode::AccessExclusive);
                part_exists(kind, name, relation, out);
                if scene.at_least(15) {
                    on_partitions(scene, kind, relation, out);
                }
            }
        }
        ObjectKind::Publication => publication::alter(scene, change, name, out),
        ObjectKind::Type => {
            type_name::named(scene, name, out);
            if what != Alteration::Schema {
                composite(scene, name, out);
            }
        }
        ObjectKind::Domain => type_name::named(scene, name, out),
        ObjectKind::Function | ObjectKind::Procedure => routine_exists(scene, name, out),
        ObjectKind::Schema => scene.schema_named(&name.name.value, out),
        _ if is_relation(kind) => match named_relation(scene, kind, name) {
            Some(relation) => {
                if what == Alteration::Storage && scene.major < 15 && matches!(relation, Relation::Sequence(_)) {
                    out.refuse("42809", format!("\"{name}\" is not a table"));
                    return;
                }
                if let (Relation::Sequence(sequence), Alteration::Owner | Alteration::Schema) = (relation, what)
                    && sequence.owned_by.is_some()
                {
                    out.refuse("0A000", format!("\"{name}\" belongs to a column of a table, and goes with it"));
                    return;
                }
                let fits = match (kind, relation) {
                    (ObjectKind::View, Relation::View(view)) => !view.materialized,
                    (ObjectKind::MaterializedView, Relation::View(view)) => view.materialized,
                    (ObjectKind::View, Relation::Table(_) | Relation::Sequence(_) | Relation::Index(..)) => false,
                    (ObjectKind::Sequence, Relation::Table(_) | Relation::View(_) | Relation::Index(..)) => false,
                    (ObjectKind::ForeignTable, Relation::Table(table)) => table.kind == crate::catalog::TableKind::Foreign,
                    _ => true,
                };
                if !fits {
                    out.refuse("42809", format!("\"{name}\" is another kind of relation"));
                    return;
                }
                let mode = match (relation, what) {
                    (Relation::Index(..), Alteration::Rename) if scene.at_least(12) => LockMode::ShareUpdateExclusive,
                    (Relation::Sequence(_), Alteration::Other) => LockMode::ShareRowExclusive,
                    _ => LockMode::AccessExclusive,
                };
                out.lock_relation(relation, mode);
                if let (Relation::Table(_) | Relation::View(_), Alteration::Owner) = (relation, what)
                    && let Some(table) = scene.table_at(&scene.catalog.resolve(name))
                {
                    out.lock_indexes(table, LockMode::AccessExclusive);
                }
                if let (Relation::Table(table), Alteration::Schema) = (relation, what) {
                    for sequence in scene.owned_sequences(&table.key, None) {
                        out.lock_sequence(sequence, LockMode::AccessExclusive);
                    }
                }
            }
            None if scene.statement.modifiers.if_exists => {}
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        },
        _ => {}
    }
    if let Action::SetObjectSchema { to, .. } = &change.action {
        let gone = ObjectName { schema: Some(to.clone()), name: name.name.clone() };
        scene.schema_exists(&gone, out);
    }
    if let (ObjectKind::Schema, Action::RenameObject { to, .. }) = (kind, &change.action)
        && scene.catalog.schemas.contains_key(&to.name.value)
    {
        out.refuse("42P06", format!("schema \"{to}\" already exists"));
    }
    if matches!(what, Alteration::Rename | Alteration::Schema)
        && !matches!(kind, ObjectKind::Index | ObjectKind::Policy | ObjectKind::Trigger | ObjectKind::Rule)
    {
        out.break_client(BreakageKind::Name, name.to_string(), "it is known under another name afterwards", Truth::Yes);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alteration {
    Rename,
    Schema,
    Owner,
    /// SET LOGGED of a sequence: its file is written anew.
    Storage,
    Other,
}

/// A row trigger of a partitioned table has its like on every partition.
pub(super) fn on_partitions(scene: Scene<'_>, kind: ObjectKind, relation: Relation<'_>, out: &mut Outcome) {
    if let (ObjectKind::Trigger, Relation::Table(table)) = (kind, relation)
        && table.partitioning.is_some()
    {
        for member in scene.descendants(table) {
            out.lock(member, LockMode::AccessExclusive);
        }
    }
}

/// A trigger, rule or policy of a table.
pub(super) fn part_exists(kind: ObjectKind, name: &ObjectName, relation: Relation<'_>, out: &mut Outcome) -> bool {
    let Relation::Table(table) = relation else { return true };
    let wanted = &name.name.value;
    let exists = match kind {
        ObjectKind::Trigger => table.triggers.iter().any(|known| known.name == *wanted),
        ObjectKind::Rule => table.rules.iter().any(|known| known.name == *wanted),
        _ => table.policies.contains(wanted),
    };
    if !exists && table.complete {
        out.refuse("42704", format!("\"{wanted}\" for table \"{}\" does not exist", table.key));
        return false;
    }
    true
}

/// A composite type is a relation of its own, locked like a table.
pub(super) fn composite(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let key = scene.catalog.resolve_type(name);
    if scene.catalog.types.get(&key).is_some_and(|known| known.attributes.is_some()) {
        out.lock_key(&key, RelationKind::Table, LockMode::AccessExclusive);
    }
}

/// A routine that is named and not dropped. `arguments` are counted where they are written.
pub(super) fn routine_exists(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let catalog = scene.catalog;
    if catalog.routine(name).is_some() || super::volatility::is_builtin(&name.name.value) {
        return;
    }
    if name.schema.as_ref().is_some_and(|schema| scene.schema_absence(&schema.value) == Truth::Yes) {
        scene.schema_exists(name, out);
        return;
    }
    let certain =
        if catalog.open_world || catalog.routines.is_empty() || !catalog.extensions.is_empty() { Truth::Unknown } else { Truth::Yes };
    out.fail("42883", format!("function \"{name}\" does not exist"), FailureCause::Schema, certain);
}

pub(super) fn create_object(scene: Scene<'_>, change: &Change, kind: ObjectKind, out: &mut Outcome) {
    match kind {
        ObjectKind::Database => out.forbid_transaction(),
        ObjectKind::Tablespace => {
            out.forbid_transaction();
            out.fail("58P01", "the directory must be there on the server, empty and its own", FailureCause::Schema, Truth::Unknown);
        }
        ObjectKind::Subscription => out.effects.transactionality = crate::effect::Transactionality::Unknown,
        ObjectKind::Statistics | ObjectKind::Publication => {
            if kind == ObjectKind::Publication {
                publication::is_new(scene, change, out);
                if change.table.is_none() {
                    return;
                }
            }
            let Some(relation) = table_of(scene, change, out) else { return };
            out.lock_relation(relation, LockMode::ShareUpdateExclusive);
            let columns: &[Ident] = match &change.action {
                Action::CreateObject { columns, .. } => columns,
                _ => &[],
            };
            if let Relation::View(view) = relation
                && !view.materialized
            {
                let code = if kind == ObjectKind::Publication { "22023" } else { "42809" };
                out.refuse(code, format!("\"{}\" is a view", view.key));
                return;
            }
            if kind == ObjectKind::Publication {
                publication::lists(scene, relation, columns, out);
                return;
            }
            if let Action::CreateObject { name, if_not_exists: false, .. } = &change.action
                && scene.catalog.statistics_owner(name).is_some()
            {
                out.refuse("42710", format!("statistics \"{name}\" exist already"));
            }
            columns_exist(relation, columns, out);
            let twice = columns.iter().enumerate().any(|(at, name)| columns.iter().take(at).any(|other| other == name));
            match columns {
                [one, other] if one == other && one.span == other.span => {
                    out.refuse("42P17", "extended statistics are about two columns or more");
                }
                _ if twice => out.refuse("42701", "a column is named twice in the definition of statistics"),
                _ => {}
            }
        }
        _ => {}
    }
}

/// COMMENT ON: SHARE UPDATE EXCLUSIVE on a relation, ACCESS SHARE for what hangs on one.
pub(super) fn comment(scene: Scene<'_>, change: &Change, kind: ObjectKind, name: &ObjectName, out: &mut Outcome) {
    match kind {
        ObjectKind::Constraint | ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
            if let Some(relation) = table_of(scene, change, out) {
                out.lock_relation(relation, LockMode::AccessShare);
                let exists = match relation {
                    // NOT NULL constraints have names of their own since 18.
                    Relation::Table(table) if kind == ObjectKind::Constraint => {
                        table.constraints.iter().any(|known| known.name == name.name.value)
                            || !table.complete
                            || name.name.value.contains("_not_null")
                    }
                    Relation::Table(_) if kind != ObjectKind::Constraint => {
                        part_exists(kind, name, relation, out);
                        true
                    }
                    _ => true,
                };
                if !exists {
                    out.refuse("42704", format!("constraint \"{name}\" does not exist"));
                }
            }
        }
        ObjectKind::Column => {
            if let Some(relation) = table_of(scene, change, out) {
                out.lock_relation(relation, LockMode::ShareUpdateExclusive);
                columns_exist(relation, std::slice::from_ref(&name.name), out);
            }
        }
        _ if is_relation(kind) => match scene.relation(name) {
            Some(relation) => {
                out.lock_relation(relation, LockMode::ShareUpdateExclusive);
                let fits = match (kind, relation) {
                    (ObjectKind::Table, Relation::Table(table)) => table.kind != crate::catalog::TableKind::MaterializedView,
                    (ObjectKind::Table, _) => false,
                    (ObjectKind::View, Relation::View(view)) => !view.materialized,
                    (ObjectKind::View, Relation::Table(_))
                    | (ObjectKind::Sequence | ObjectKind::Index, Relation::Table(_) | Relation::View(_)) => false,
                    _ => true,
                };
                if !fits {
                    out.refuse("42809", format!("\"{name}\" is another kind of relation"));
                }
            }
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        },
        ObjectKind::Type | ObjectKind::Domain => type_name::named(scene, name, out),
        ObjectKind::Function | ObjectKind::Procedure => routine_exists(scene, name, out),
        ObjectKind::Schema => scene.schema_named(&name.name.value, out),
        _ => {}
    }
}

/// GRANT and REVOKE: from 18 each relation named is locked while its privileges change.
pub(super) fn privileges(
    scene: Scene<'_>,
    names: &[ObjectName],
    columns: &[Ident],
    objects: &[(ObjectKind, ObjectName)],
    out: &mut Outcome,
) {
    for (kind, name) in objects {
        match kind {
            ObjectKind::Schema => scene.schema_named(&name.name.value, out),
            ObjectKind::Type | ObjectKind::Domain => type_name::named(scene, name, out),
            _ => routine_exists(scene, name, out),
        }
    }
    for name in names {
        if let Some(relation) = scene.relation(name) {
            columns_exist(relation, columns, out);
        }
        match scene.relation(name) {
            Some(relation) if scene.at_least(18) => out.lock_relation(relation, LockMode::AccessShare),
            Some(_) => {}
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        }
    }
}
