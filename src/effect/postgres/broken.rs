//! Expressions over a column whose type changes: they were written down with the operators and
//! functions of the old type, and are read again with the new one.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value, visit_expressions};

use super::proof;
use super::types::{Family, Resolved};
use crate::change::Expression;

/// Kinds of types with operators of their own; between two of them there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Moment,
    Bool,
    Enum,
    Uuid,
    Bytea,
    Json,
    Array,
}

fn kind(of: &Resolved) -> Option<Kind> {
    if of.array {
        return Some(Kind::Array);
    }
    if of.family == Family::Enum {
        return Some(Kind::Enum);
    }
    Some(match of.base.as_str() {
        "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" => Kind::Number,
        "text" | "varchar" | "bpchar" => Kind::Text,
        "date" | "timestamp" | "timestamptz" => Kind::Moment,
        "bool" => Kind::Bool,
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytea,
        "json" | "jsonb" => Kind::Json,
        _ => return None,
    })
}

/// What no longer exists for the new type, in words; `None` where that is not certain.
pub(super) fn broken(expression: &Expression, column: &str, from: &Resolved, to: &Resolved) -> Option<String> {
    if from.base == to.base && from.array == to.array || from.base == "varchar" {
        // What takes a varchar takes it as text, by a cast that stays.
        return None;
    }
    let (old, new) = (kind(from)?, kind(to)?);
    let tree = expression.tree.as_deref()?;
    let change = Change { column, from, old, new };
    let found = visit_expressions(tree, |part: &Expr| match change.lost(part) {
        Some(lost) => ControlFlow::Break(lost),
        None => ControlFlow::Continue(()),
    });
    match found {
        ControlFlow::Break(lost) => Some(lost),
        ControlFlow::Continue(()) => None,
    }
}

struct Change<'a> {
    column: &'a str,
    from: &'a Resolved,
    old: Kind,
    new: Kind,
}

impl Change<'_> {
    fn lost(&self, part: &Expr) -> Option<String> {
        match part {
            Expr::BinaryOp { left, op, right } => {
                let operand = if self.is_column(left) {
                    right
                } else if self.is_column(right) {
                    left
                } else {
                    return None;
                };
                let gone = match op {
                    BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::Lt
                    | BinaryOperator::LtEq
                    | BinaryOperator::Gt
                    | BinaryOperator::GtEq => self.beside(operand),
                    BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => {
                        self.old == Kind::Number && self.beside(operand) && !matches!(self.new, Kind::Moment | Kind::Json)
                    }
                    BinaryOperator::PGRegexMatch | BinaryOperator::PGRegexIMatch | BinaryOperator::PGRegexNotMatch => self.text_only(),
                    _ => false,
                };
                gone.then(|| format!("the operator {op} of \"{}\"", self.column))
            }
            Expr::Like { expr, .. } | Expr::ILike { expr, .. } if self.is_column(expr) => {
                self.text_only().then(|| format!("LIKE of \"{}\"", self.column))
            }
            Expr::InList { expr, list, .. } if self.is_column(expr) => {
                list.iter().all(|value| self.beside(value)).then(|| format!("IN of \"{}\"", self.column))
            }
            Expr::Between { expr, low, .. } if self.is_column(expr) => self.beside(low).then(|| format!("BETWEEN of \"{}\"", self.column)),
            Expr::Function(function) => self.call(function),
            _ => None,
        }
    }

    fn is_column(&self, tree: &Expr) -> bool {
        match tree {
            Expr::Nested(inner) => self.is_column(inner),
            Expr::Identifier(name) => proof::same(name, self.column),
            _ => false,
        }
    }

    /// A constant that got the old type, or one the old type is compared with, and the new one is not.
    fn beside(&self, constant: &Expr) -> bool {
        let Expr::Value(value) = constant else { return false };
        match &value.value {
            Value::SingleQuotedString(_) => self.new != self.old || self.old == Kind::Enum,
            // A fraction beside a whole number: the column is cast, and the cast stays.
            Value::Number(number, _) => {
                let whole = number.bytes().all(|byte| byte.is_ascii_digit()) && number.len() < 10;
                let exact = matches!(self.from.base.as_str(), "numeric" | "float8");
                self.old == Kind::Number && self.new != Kind::Number && (whole || exact)
            }
            Value::Boolean(_) => self.old == Kind::Bool && self.new != Kind::Bool,
            _ => false,
        }
    }

    fn text_only(&self) -> bool {
        self.from.base == "text" && self.new != Kind::Text
    }

    fn call(&self, function: &Function) -> Option<String> {
        let FunctionArguments::List(list) = &function.args else { return None };
        let arguments: Vec<&Expr> = list
            .args
            .iter()
            .filter_map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Some(tree),
                _ => None,
            })
            .collect();
        let at = arguments.iter().position(|argument| self.is_column(argument))?;
        let name = function.name.to_string().to_ascii_lowercase();
        let gone = match (name.as_str(), at) {
            ("lower" | "upper" | "initcap" | "char_length" | "reverse" | "left" | "right" | "split_part" | "replace", 0) => {
                self.text_only()
            }
            ("length" | "md5", 0) => self.text_only() && self.new != Kind::Bytea,
            ("date_trunc" | "date_part", 1) => self.old == Kind::Moment && self.new != Kind::Moment,
            ("abs", 0) => self.old == Kind::Number && self.new != Kind::Number,
            ("array_length" | "cardinality" | "array_ndims", 0) => self.old == Kind::Array && self.new != Kind::Array,
            _ => false,
        };
        gone.then(|| format!("{name}({})", self.column))
    }
}
