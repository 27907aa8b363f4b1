//! Enum labels: adding, renaming, and the use of a label its transaction has not committed.

use super::outcome::Outcome;
use super::scene::Scene;
use super::words::{Word, words};
use crate::catalog::Table;
use crate::change::{CreateEnum, DataType, EnumValuePlace, Expression, ObjectName, Parameter};
use crate::effect::{BreakageKind, FailureCause, Truth};

fn missing_type(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let certain = if scene.catalog.open_world || scene.catalog.enums.is_empty() { Truth::Unknown } else { Truth::Yes };
    if name.schema.as_ref().is_some_and(|schema| scene.schema_absence(&schema.value) == Truth::Yes) {
        scene.schema_exists(name, out);
        return;
    }
    out.fail("42704", format!("type \"{name}\" does not exist"), FailureCause::Schema, certain);
}

/// ALTER TYPE … ADD VALUE: outside transactions only until 11.
pub(super) fn add(
    scene: Scene<'_>,
    name: &ObjectName,
    value: &str,
    if_not_exists: bool,
    place: Option<&EnumValuePlace>,
    out: &mut Outcome,
) {
    out.reversible(Truth::No);
    let Some(known) = scene.catalog.enum_type(name) else {
        if scene.major < 12 {
            out.forbid_transaction();
        }
        missing_type(scene, name, out);
        return;
    };
    let own = scene.catalog.session.transaction.is_some()
        && known.birth.migration == scene.catalog.now.migration
        && known.birth.transaction == scene.catalog.now.transaction;
    if scene.major < 12 && !own {
        out.forbid_transaction();
    }
    if known.labels.iter().any(|label| label.value == value) {
        if !if_not_exists {
            out.refuse("42710", format!("enum label \"{value}\" already exists"));
        }
        return;
    }
    if let Some(EnumValuePlace::Before(neighbour) | EnumValuePlace::After(neighbour)) = place
        && !known.labels.iter().any(|label| label.value == *neighbour)
    {
        out.refuse("22023", format!("\"{neighbour}\" is not a label of the enum"));
    }
}

pub(super) fn rename(scene: Scene<'_>, name: &ObjectName, from: &str, to: &str, out: &mut Outcome) {
    let Some(known) = scene.catalog.enum_type(name) else {
        missing_type(scene, name, out);
        return;
    };
    if !known.labels.iter().any(|label| label.value == from) {
        out.refuse("22023", format!("\"{from}\" is not a label of the enum"));
    } else if known.labels.iter().any(|label| label.value == to) {
        out.refuse("42710", format!("enum label \"{to}\" already exists"));
    }
    out.break_client(BreakageKind::Name, format!("{name}.{from}"), format!("the label is \"{to}\" afterwards"), Truth::Yes);
}

/// A label may be there once.
pub(super) fn distinct(create: &CreateEnum, out: &mut Outcome) {
    if create.labels.iter().enumerate().any(|(at, label)| create.labels.iter().take(at).any(|other| other == label)) {
        out.refuse("23505", "a label of the enum is written twice");
    }
}

/// A label added by this very transaction cannot be used in it (12), unless the type is as new (17).
pub(super) fn unsafe_use(scene: Scene<'_>, data_type: &DataType, expression: &Expression, out: &mut Outcome) {
    unsafe_words(scene, data_type, &expression.text, out);
}

/// The same for a condition over the columns of a table: a literal is read as the type of what it
/// is compared with, which is certain where all columns named are of one enum.
pub(super) fn unsafe_condition(scene: Scene<'_>, table: &Table, condition: &Expression, out: &mut Outcome) {
    if scene.catalog.enums.is_empty() || scene.catalog.session.transaction.is_none() {
        return;
    }
    let named = || table.columns.iter().filter(|column| condition.mentions(&column.name));
    let types: Vec<&DataType> = named().filter_map(|column| column.data_type.as_ref()).collect();
    if let Some((first, rest)) = types.split_first()
        && types.len() == named().count()
        && rest.iter().all(|other| other.name == first.name)
    {
        unsafe_use(scene, first, condition, out);
    }
}

/// The body of a function in SQL is read when it is made. A literal can only be one of the enum where
/// nothing else is there that takes a text: no table, and no other input of such a type.
pub(super) fn unsafe_body(scene: Scene<'_>, inputs: &[Parameter], body: &str, out: &mut Outcome) {
    let reads = body.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("from"));
    let used = inputs
        .iter()
        .enumerate()
        .filter(|(at, input)| input.name.as_deref().is_some_and(|name| body.contains(name)) || body.contains(&format!("${}", at + 1)));
    let types: Option<Vec<&DataType>> = used.map(|(_, input)| input.data_type.as_ref()).collect();
    let Some(types) = types.filter(|_| !reads) else { return };
    let (enums, others): (Vec<_>, Vec<_>) = types.into_iter().partition(|data_type| scene.catalog.enum_of(data_type).is_some());
    if others.iter().all(|data_type| TAKE_NO_TEXT.contains(&data_type.name.as_str())) {
        for data_type in enums {
            unsafe_words(scene, data_type, body, out);
        }
    }
}

const TAKE_NO_TEXT: &[&str] =
    &["smallint", "integer", "int", "int2", "int4", "int8", "bigint", "numeric", "boolean", "bool", "bit", "bit varying", "real"];

fn unsafe_words(scene: Scene<'_>, data_type: &DataType, text: &str, out: &mut Outcome) {
    let Some(known) = scene.catalog.enum_of(data_type) else { return };
    let now = scene.catalog.now;
    if scene.catalog.session.transaction.is_none() || scene.major < 12 {
        return;
    }
    let same = |birth: crate::catalog::Birth| birth.migration == now.migration && birth.transaction == now.transaction;
    if scene.at_least(17) && same(known.birth) {
        return;
    }
    for word in words(text) {
        if let Word::Literal(text) = word
            && let Some(label) = known.labels.iter().find(|label| label.value == text)
            && same(label.birth)
            && label.birth != known.birth
        {
            out.refuse("55P04", format!("the new label \"{text}\" of enum \"{}\" must be committed before it is used", known.key));
        }
    }
}
