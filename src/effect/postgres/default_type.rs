//! The type of a simple default expression, and whether the column takes it.

use sqlparser::ast::Expr;

use super::conversion::{self, Cast};
use super::outcome::Outcome;
use super::types::{self, Family, Resolved};
use super::words::{Word, words};
use crate::catalog::Catalog;
use crate::change::{DataType, Expression};
use crate::effect::names;

/// A default is stored by an assignment cast, or refused (42804).
pub(super) fn fits(catalog: &Catalog, column: &str, data_type: &DataType, expression: &Expression, out: &mut Outcome) {
    if let Some((code, reason)) = super::content::refused(expression, "default expressions") {
        out.refuse(code, reason);
        return;
    }
    if let Some(Expr::Identifier(name)) = expression.tree.as_deref()
        && name.quote_style.is_none()
        && !name.value.eq_ignore_ascii_case("default")
        && !names::is_value(&name.value.to_ascii_lowercase())
    {
        let code = if catalog.target.at_least(12, 0, 0) { "0A000" } else { "42P10" };
        out.refuse(code, "a default cannot refer to a column");
        return;
    }
    let Some(given) = type_of(expression) else { return };
    let wanted = types::resolve(catalog, data_type);
    if wanted.family == Family::Unknown {
        return;
    }
    let given = Resolved {
        base: given.to_owned(),
        modifier: Vec::new(),
        least_field: 0,
        array: false,
        family: Family::Builtin,
        domain: None,
        constrained: false,
        domain_not_null: false,
    };
    if matches!(conversion::cast(&given, &wanted), Cast::None | Cast::Explicit) {
        out.refuse("42804", format!("the default of \"{column}\" is of type {} and does not convert by itself", given.base));
    }
}

/// One call without arguments, one keyword or one number; anything else is not judged.
fn type_of(expression: &Expression) -> Option<&'static str> {
    let words = words(&expression.text);
    match words.as_slice() {
        [Word::Name { text, called: true, quoted: false }, Word::Mark('('), Word::Mark(')')] => match text.as_str() {
            "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" => Some("timestamptz"),
            "gen_random_uuid" | "uuidv4" | "uuidv7" | "uuid_generate_v4" | "uuid_generate_v1" => Some("uuid"),
            "random" => Some("float8"),
            "txid_current" => Some("int8"),
            _ => None,
        },
        [Word::Name { text, called: false, quoted: false }] => match text.as_str() {
            "current_timestamp" => Some("timestamptz"),
            "localtimestamp" => Some("timestamp"),
            "current_date" => Some("date"),
            "true" | "false" => Some("bool"),
            _ => None,
        },
        [Word::Literal(number)] if expression.text.trim().parse::<i64>().is_ok() => Some(if number.len() < 10 { "int4" } else { "int8" }),
        _ => None,
    }
}
