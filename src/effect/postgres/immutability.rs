//! Whether an expression may stand where only immutable ones do: in indexes and generated columns.
//!
//! Volatile and stable functions may not, and neither may casts whose outcome a setting decides
//! (`pg_cast`, `pg_proc`: what reads or prints a date, a time stamp or an enum is stable).

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::scene::Scene;
use super::types::{self, Family};
use super::volatility;
use crate::catalog::Table;
use crate::change::{Expression, Volatility};
use crate::effect::Truth;

/// It is certain not to be immutable.
pub(super) fn is_mutable(scene: Scene<'_>, table: &Table, expression: &Expression) -> bool {
    if volatility::judge(scene.catalog, expression).volatile == Truth::Yes {
        return true;
    }
    expression.tree.as_deref().is_some_and(|tree| Judge { scene, table }.mutable(tree))
}

struct Judge<'a> {
    scene: Scene<'a>,
    table: &'a Table,
}

impl Judge<'_> {
    fn mutable(&self, tree: &Expr) -> bool {
        let of = |inner: &Expr| self.mutable(inner);
        match tree {
            Expr::Identifier(ident) => ident.quote_style.is_none() && is_clock(&ident.value),
            Expr::Cast { expr, data_type, .. } => {
                of(expr) || !is_literal(expr) && self.type_of(expr).is_some_and(|from| depends(&from, &internal(&data_type.to_string())))
            }
            Expr::Extract { expr, .. } => of(expr) || self.type_of(expr).as_deref() == Some("timestamptz"),
            Expr::Function(function) => self.call(function),
            Expr::BinaryOp { left, right, .. } => of(left) || of(right),
            Expr::UnaryOp { expr, .. } | Expr::Nested(expr) | Expr::IsNull(expr) | Expr::IsNotNull(expr) => of(expr),
            Expr::Collate { expr, .. } => of(expr),
            Expr::AtTimeZone { timestamp, .. } => of(timestamp),
            Expr::Between { expr, low, high, .. } => of(expr) || of(low) || of(high),
            Expr::InList { expr, list, .. } => of(expr) || list.iter().any(of),
            Expr::Case { operand, conditions, else_result, .. } => {
                operand.as_deref().is_some_and(of)
                    || conditions.iter().any(|when| of(&when.condition) || of(&when.result))
                    || else_result.as_deref().is_some_and(of)
            }
            _ => false,
        }
    }

    fn call(&self, function: &Function) -> bool {
        let name = function.name.to_string().to_lowercase();
        let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
        let arguments: Vec<&Expr> = match &function.args {
            FunctionArguments::List(list) => list
                .args
                .iter()
                .filter_map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Some(tree),
                    _ => None,
                })
                .collect(),
            FunctionArguments::None => return is_clock(name),
            FunctionArguments::Subquery(_) => Vec::new(),
        };
        if arguments.iter().any(|argument| self.mutable(argument)) {
            return true;
        }
        let (schema, plain) = name.split_once('.').map_or((None, name), |(schema, plain)| (Some(schema), plain));
        if let Some(routine) = volatility::routine(self.scene.catalog, schema, plain) {
            return routine.volatility == Volatility::Stable;
        }
        match (plain, arguments.len()) {
            ("date_trunc", 2) => {
                arguments.get(1).and_then(|it| self.type_of(it)).is_some_and(|it| matches!(it.as_str(), "timestamptz" | "date"))
            }
            ("date_part", 2) => arguments.get(1).and_then(|it| self.type_of(it)).as_deref() == Some("timestamptz"),
            ("to_tsvector" | "to_tsquery" | "plainto_tsquery" | "phraseto_tsquery" | "websearch_to_tsquery" | "age", 1) => true,
            ("to_timestamp", 2) => true,
            _ => STABLE.contains(&plain),
        }
    }

    /// The internal name of a column's or a cast's type.
    fn type_of(&self, tree: &Expr) -> Option<String> {
        match tree {
            Expr::Identifier(ident) => {
                let name = crate::effect::names::folded(ident, self.scene.catalog);
                let column = self.table.columns.iter().find(|column| column.name == name)?;
                let resolved = types::resolve(self.scene.catalog, column.data_type.as_ref()?);
                match resolved.family {
                    _ if resolved.array => None,
                    Family::Builtin => Some(resolved.base),
                    Family::Enum => Some("enum".to_owned()),
                    Family::Composite | Family::Extension | Family::Unknown => None,
                }
            }
            Expr::Nested(inner) => self.type_of(inner),
            Expr::Cast { data_type, .. } => Some(internal(&data_type.to_string())),
            _ => None,
        }
    }
}

/// A cast that a time zone, a date style or an enum's labels decide.
fn depends(from: &str, to: &str) -> bool {
    let text = |name: &str| matches!(name, "text" | "varchar" | "bpchar" | "name");
    let moment = |name: &str| matches!(name, "date" | "timestamp" | "timestamptz" | "timetz");
    match (from, to) {
        ("timestamptz", "date" | "timestamp" | "time" | "timetz") | ("date" | "timestamp", "timestamptz") | ("time", "timetz") => true,
        _ if text(from) => moment(to) || matches!(to, "time" | "interval" | "enum" | "regclass" | "regtype"),
        _ if text(to) => matches!(from, "date" | "timestamp" | "timestamptz" | "enum"),
        _ => false,
    }
}

/// The internal name of a type as sqlparser prints it.
fn internal(printed: &str) -> String {
    let lower = printed.to_lowercase();
    let bare = lower.split('(').next().unwrap_or(&lower).trim();
    match bare {
        "timestamp with time zone" => "timestamptz".to_owned(),
        "timestamp without time zone" => "timestamp".to_owned(),
        "time with time zone" => "timetz".to_owned(),
        "time without time zone" => "time".to_owned(),
        "character varying" => "varchar".to_owned(),
        "character" | "char" => "bpchar".to_owned(),
        other => other.to_owned(),
    }
}

fn is_literal(tree: &Expr) -> bool {
    match tree {
        Expr::Value(value) => matches!(value.value, Value::SingleQuotedString(_) | Value::Number(..) | Value::Null | Value::Boolean(_)),
        Expr::Nested(inner) => is_literal(inner),
        _ => false,
    }
}

fn is_clock(name: &str) -> bool {
    CLOCKS.iter().any(|clock| name.eq_ignore_ascii_case(clock))
}

const CLOCKS: &[&str] =
    &["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role"];

/// Stable functions (`pg_proc.provolatile`), those that depend on their arguments' types left out.
const STABLE: &[&str] = &[
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "current_setting",
    "current_database",
    "current_schema",
    "to_char",
    "to_date",
    "concat",
    "concat_ws",
    "format",
    "to_json",
    "to_jsonb",
    "row_to_json",
    "json_build_object",
    "jsonb_build_object",
    "json_build_array",
    "jsonb_build_array",
    "array_to_string",
    "unaccent",
    "to_regclass",
    "make_timestamptz",
    "txid_current",
    "pg_typeof",
];
