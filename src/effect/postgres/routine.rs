//! CREATE FUNCTION and CREATE PROCEDURE over one there is: what OR REPLACE must keep.

use super::enums;
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use super::type_name::exists as type_exists;
use super::words::{Word, words};
use super::{explain, sql_result, types};
use crate::catalog::{Catalog, Key, Routine};
use crate::change::{Action, CreateRoutine, DataType, Ident, InsertSource, ObjectName, Parameter, RoutineKind};
use crate::effect::{FailureCause, LockMode, Truth};
use crate::source::Span;

/// Replacing keeps the return type, the names of the inputs and their defaults (manual, CREATE
/// FUNCTION, Notes; 42P13).
pub(super) fn create(scene: Scene<'_>, create: &CreateRoutine, out: &mut Outcome) {
    scene.schema_exists(&create.name, out);
    if let Some(returned) = create.returns.as_ref().filter(|returned| returned.name != "table") {
        type_exists(scene, returned, out);
    }
    for data_type in create.parameters.iter().filter_map(|parameter| parameter.data_type.as_ref()) {
        if scene.catalog.extensions.is_empty() && !is_row_type(scene, data_type) {
            type_exists(scene, data_type, out);
        }
    }
    language(scene, &create.language, out);
    if create.language == "sql" {
        sql_result::fits(scene, create, out);
    }
    if let (Some(body), "sql") = (&create.body_text, create.language.as_str()) {
        body_is_looked_up(scene, body, &create.parameters, out);
    }
    let key = scene.catalog.key(&create.name);
    let Some(newest) = scene.catalog.routines.get(&key) else { return };
    let all = std::iter::once(newest.as_ref()).chain(newest.overloads.iter().map(AsRef::as_ref));
    let Some(known) = all.into_iter().find(|known| takes_the_same(scene, known, create)) else { return };
    if !create.or_replace {
        out.refuse("42723", format!("function \"{}\" already exists with the same arguments", create.name));
        return;
    }
    let outputs = |parameters: &[Parameter]| parameters.iter().any(|parameter| !parameter.input);
    if let (Some(old), Some(new)) = (&known.returns, &create.returns)
        && !outputs(&known.parameters)
        && !outputs(&create.parameters)
        && !same(scene, old, new)
    {
        out.refuse("42P13", format!("the return type of \"{}\" cannot be changed", create.name));
        return;
    }
    for (old, new) in inputs(&known.parameters).zip(inputs(&create.parameters)) {
        if let Some(name) = &old.name
            && old.name != new.name
        {
            out.refuse("42P13", format!("the input parameter \"{name}\" of \"{}\" cannot get another name", create.name));
            return;
        }
        if old.optional && !new.optional {
            out.refuse("42P13", format!("the defaults of \"{}\" cannot be taken away", create.name));
            return;
        }
    }
}

/// Every table and view brings a type of its name.
fn is_row_type(scene: Scene<'_>, data_type: &DataType) -> bool {
    let name = Ident { value: data_type.name.clone(), ..Ident::default() };
    scene.relation(&ObjectName { schema: data_type.schema.clone(), name }).is_some()
}

/// Languages that every server has, and those that extensions and hosts are known to bring.
const LANGUAGES: &[&str] = &["sql", "plpgsql", "c", "internal"];
const BROUGHT: &[&str] = &["pl", "java", "tcl", "python", "perl", "js", "v8", "lua", "rust", "tsql", "proxy", "sh", "r"];

/// A language that nothing can have brought.
fn language(scene: Scene<'_>, name: &str, out: &mut Outcome) {
    let catalog = scene.catalog;
    if LANGUAGES.contains(&name) || BROUGHT.iter().any(|start| name.starts_with(start)) {
        return;
    }
    let handler = |routine: &Routine| routine.returns.as_ref().is_some_and(|returned| returned.name == "language_handler");
    let brought = !catalog.extensions.is_empty() || catalog.routines.values().any(|routine| handler(routine));
    let certain = if catalog.open_world || brought { Truth::Unknown } else { Truth::Yes };
    out.fail("42704", format!("language \"{name}\" does not exist"), FailureCause::Schema, certain);
}

fn inputs(parameters: &[Parameter]) -> impl Iterator<Item = &Parameter> {
    parameters.iter().filter(|parameter| parameter.input)
}

/// Of the same input types, as far as that is certain.
fn takes_the_same(scene: Scene<'_>, known: &Routine, create: &CreateRoutine) -> bool {
    let types = |parameters: &[Parameter]| inputs(parameters).map(|one| one.data_type.clone()).collect::<Option<Vec<_>>>();
    // What a procedure gives out is part of what it is called by since PostgreSQL 14.
    if create.kind == RoutineKind::Procedure && create.parameters.iter().any(|parameter| !parameter.input) {
        return false;
    }
    let (Some(old), Some(new)) = (types(&known.parameters), types(&create.parameters)) else { return false };
    known.arguments == create.arguments && old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| same(scene, old, new))
}

fn same(scene: Scene<'_>, a: &DataType, b: &DataType) -> bool {
    types::resolve(scene.catalog, a).base == types::resolve(scene.catalog, b).base && a.array == b.array
}

/// The statements of a body are analysed when it is made (unless `check_function_bodies` is off):
/// the tables they name, and those below their views, are locked as a query locks them before it is
/// planned.
fn body_is_looked_up(scene: Scene<'_>, body: &str, parameters: &[Parameter], out: &mut Outcome) {
    if scene.catalog.session.is_off("check_function_bodies") == Some(true) {
        return;
    }
    enums::unsafe_body(scene, parameters, body, out);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let Some(statements) = crate::change::read_routine(body, Span::new(0, length), "sql", scene.catalog.target) else { return };
    for statement in &statements {
        let scene = Scene { statement, ..scene };
        // What DDL names is not looked up, and an earlier statement of the body has made nothing yet.
        for change in statement.changes.iter().filter(|change| is_rows(&change.action)) {
            explain::analysed(scene, change, parameters.is_empty(), out);
            let reads: &[ObjectName] = match &change.action {
                Action::Select { reads, .. } => reads,
                Action::Update(rows) => &rows.reads,
                Action::Delete(rows) => &rows.reads,
                Action::Insert(rows) => match &rows.source {
                    InsertSource::Query { reads, .. } => reads,
                    InsertSource::Values { .. } | InsertSource::DefaultValues => &[],
                },
                _ => &[],
            };
            let mut open: Vec<Relation<'_>> = reads.iter().filter_map(|name| scene.relation(name)).collect();
            let mut left = 100;
            while let (Some(relation), 1..) = (open.pop(), left) {
                left -= 1;
                out.lock_relation(relation, LockMode::AccessShare);
                if let Relation::View(view) = relation
                    && !view.materialized
                {
                    open.extend(view.reads.iter().filter_map(|key| scene.relation_at(key)));
                }
            }
        }
    }
}

fn is_rows(action: &Action) -> bool {
    matches!(action, Action::Select { .. } | Action::Insert(_) | Action::Update(_) | Action::Delete(_))
}

/// Functions whose body was read when they were made and names the table, or this column of it
/// (PostgreSQL 14: manual, CREATE FUNCTION, sql_body).
pub(super) fn holding_on<'a>(scene: Scene<'a>, table: &Key, column: Option<&str>) -> Vec<(&'a Routine, Truth)> {
    let catalog: &'a Catalog = scene.catalog;
    let all =
        catalog.routines.values().flat_map(|newest| std::iter::once(newest.as_ref()).chain(newest.overloads.iter().map(AsRef::as_ref)));
    let mut found = Vec::new();
    for routine in all.filter(|routine| routine.atomic) {
        let Some(body) = routine.body.as_deref() else { continue };
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let statements = crate::change::read_routine(body, Span::new(0, length), "sql", catalog.target).unwrap_or_default();
        let changes = || statements.iter().flat_map(|statement| &statement.changes);
        let reads: Vec<Key> = changes()
            .flat_map(|change| match &change.action {
                Action::Select { reads, .. } => reads.as_slice(),
                Action::Insert(rows) => match &rows.source {
                    InsertSource::Query { reads, .. } => reads.as_slice(),
                    InsertSource::Values { .. } | InsertSource::DefaultValues => &[],
                },
                Action::Update(rows) => &rows.reads,
                Action::Delete(rows) => &rows.reads,
                _ => &[],
            })
            .chain(changes().filter_map(|change| change.table.as_ref()))
            .map(|name| catalog.resolve(name))
            .collect();
        if !reads.contains(table) {
            continue;
        }
        let names = words(body);
        let named = |wanted: &str| names.iter().any(|word| matches!(word, Word::Name { text, .. } if text == wanted));
        match column {
            None => found.push((routine, Truth::Yes)),
            Some(column) if named(column) => {
                found.push((routine, if reads.iter().all(|key| key == table) { Truth::Yes } else { Truth::Unknown }))
            }
            Some(_) => {}
        }
    }
    found
}
