//! What an SQL function gives back: its last statement has to (42P13, manual 36.5).

use sqlparser::ast::{Select, SelectItem, SetExpr};

use super::conversion::{self, Cast};
use super::expression_type::type_of;
use super::outcome::Outcome;
use super::output;
use super::scene::Scene;
use super::types::{self, Family};
use super::words::{Word, words};
use crate::change::{Action, CreateRoutine, DataType, RoutineKind, read_routine};
use crate::source::Span;

pub(super) fn fits(scene: Scene<'_>, create: &CreateRoutine, out: &mut Outcome) {
    let Some(returned) = create.returns.as_ref().filter(|_| create.kind == RoutineKind::Function) else { return };
    if matches!(returned.name.as_str(), "trigger" | "event_trigger" | "language_handler") && returned.schema.is_none() {
        out.refuse("42P13", format!("SQL functions cannot return type {}", returned.name));
        return;
    }
    let Some(body) = create.body_text.as_deref() else { return };
    if create.atomic || returned.name == "void" || scene.catalog.session.is_off("check_function_bodies") == Some(true) {
        return;
    }
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let Some(statements) = read_routine(body, Span::new(0, length), "sql", scene.catalog.target) else { return };
    let Some(last) = statements.last() else { return };
    let [change] = last.changes.as_slice() else { return };
    match &change.action {
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) => {
            let returning = words(body).iter().any(|word| matches!(word, Word::Name { text, .. } if text == "returning"));
            if !returning {
                out.refuse("42P13", "the last statement of the function must be a SELECT or have RETURNING: its result is what it returns");
            }
        }
        Action::Select { .. } if create.parameters.iter().all(|parameter| parameter.input) => {
            if let Some(query) = last.modifiers.note.as_ref().and_then(|note| note.query(scene.catalog.target))
                && query.with.is_none()
                && let SetExpr::Select(select) = query.body.as_ref()
            {
                one_value(scene, returned, select, out);
            }
        }
        _ => {}
    }
}

/// A function of a plain type returns one column that becomes it: before 13 only what needs no
/// conversion, since then what an assignment converts.
fn one_value(scene: Scene<'_>, returned: &DataType, select: &Select, out: &mut Outcome) {
    let wanted = types::resolve(scene.catalog, returned);
    if wanted.family != Family::Builtin || wanted.array || wanted.domain.is_some() || select.into.is_some() {
        return;
    }
    let plain = |item: &SelectItem| matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. });
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. }] => {
            let Some(given) = type_of(scene, tree, &output::sources(scene, &select.from, 8)) else { return };
            if given.array || given.domain.is_some() || given.family != Family::Builtin || given.base == wanted.base {
                return;
            }
            let same = |base: &str| matches!(base, "text" | "varchar");
            let refused = if scene.at_least(13) {
                matches!(conversion::cast(&given, &wanted), Cast::None | Cast::Explicit)
            } else {
                COMMON.contains(&given.base.as_str())
                    && COMMON.contains(&wanted.base.as_str())
                    && !(same(&given.base) && same(&wanted.base))
            };
            if refused {
                out.refuse("42P13", format!("the function returns {}, and its last statement gives {}", wanted.base, given.base));
            }
        }
        several if several.len() > 1 && several.iter().all(plain) => {
            out.refuse("42P13", "the last statement of the function must give exactly one column");
        }
        _ => {}
    }
}

/// Types no two of which but text and varchar are stored alike.
const COMMON: &[&str] = &[
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "text",
    "varchar",
    "bool",
    "date",
    "timestamp",
    "timestamptz",
    "uuid",
    "json",
    "jsonb",
];
