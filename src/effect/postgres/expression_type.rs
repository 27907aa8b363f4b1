//! The type of an expression where it is plain to see; `None` where it is not.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart, UnaryOperator, Value,
};

use super::literal::read_type;
use super::output::Source;
use super::scene::Scene;
use super::types::{self, Family, Resolved};
use crate::effect::names;

pub(super) fn type_of(scene: Scene<'_>, tree: &Expr, sources: &[Source]) -> Option<Resolved> {
    let of = |inner: &Expr| type_of(scene, inner, sources);
    match tree {
        Expr::Nested(inner) => of(inner),
        Expr::Identifier(name) => column(scene, None, name, sources),
        Expr::CompoundIdentifier(names) => match names.as_slice() {
            [qualifier, name] => column(scene, Some(qualifier), name, sources),
            _ => None,
        },
        Expr::Cast { data_type, .. } => {
            let resolved = types::resolve(scene.catalog, &read_type(data_type)?);
            (resolved.family != Family::Unknown).then_some(resolved)
        }
        Expr::Value(value) => match &value.value {
            Value::Boolean(_) => plain("bool"),
            Value::Number(number, _) if number.parse::<i32>().is_ok() => plain("int4"),
            Value::Number(number, _) if number.parse::<i64>().is_ok() => plain("int8"),
            Value::Number(..) => plain("numeric"),
            _ => None,
        },
        Expr::Exists { .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. } => plain("bool"),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => plain("bool"),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => bare(of(expr)?).filter(is_number),
        Expr::BinaryOp { left, op, right } => operation(op, || Some((of(left)?, of(right)?)), || of(left), || of(right)),
        Expr::Case { conditions, else_result, .. } => {
            let results = conditions.iter().map(|when| &when.result).chain(else_result.as_deref());
            common(results.map(|result| (is_null(result), of(result))))
        }
        Expr::Extract { .. } => plain(if scene.at_least(14) { "numeric" } else { "float8" }),
        Expr::Function(function) => called(scene, function, sources),
        _ => None,
    }
}

fn plain(base: &str) -> Option<Resolved> {
    Some(Resolved {
        base: base.to_owned(),
        modifier: Vec::new(),
        least_field: 0,
        array: false,
        family: Family::Builtin,
        domain: None,
        constrained: false,
        domain_not_null: false,
    })
}

/// A built-in type without its modifier; a domain gives its base type.
fn bare(of: Resolved) -> Option<Resolved> {
    if of.family != Family::Builtin || of.array { None } else { plain(&of.base) }
}

fn is_number(of: &Resolved) -> bool {
    matches!(of.base.as_str(), "int2" | "int4" | "int8" | "numeric" | "float4" | "float8")
}

fn is_null(tree: &Expr) -> bool {
    matches!(tree, Expr::Value(value) if matches!(value.value, Value::Null))
}

fn column(scene: Scene<'_>, qualifier: Option<&Ident>, name: &Ident, sources: &[Source]) -> Option<Resolved> {
    let folded = names::folded(name, scene.catalog);
    if let Some(qualifier) = qualifier {
        let qualifier = names::folded(qualifier, scene.catalog);
        let mut of_name = sources.iter().filter(|source| source.name == qualifier);
        let source = of_name.next().filter(|_| of_name.next().is_none())?;
        return source.columns.as_ref()?.iter().find(|column| column.name == folded)?.data_type.clone();
    }
    if name.quote_style.is_none() {
        match folded.as_str() {
            "current_timestamp" => return plain("timestamptz"),
            "current_date" => return plain("date"),
            "localtimestamp" => return plain("timestamp"),
            _ => {}
        }
    }
    // One that is not known whole may have it too.
    if sources.iter().any(|source| source.columns.is_none()) {
        return None;
    }
    let mut found = sources.iter().flat_map(|source| source.columns.iter().flatten()).filter(|column| column.name == folded);
    found.next().filter(|_| found.next().is_none())?.data_type.clone()
}

/// What CASE, coalesce and the like make of several: only where all are of one built-in type.
fn common(all: impl Iterator<Item = (bool, Option<Resolved>)>) -> Option<Resolved> {
    let mut found: Option<Resolved> = None;
    for (null, one) in all {
        if null {
            continue;
        }
        let one = one?;
        // Lengths and precisions stay only where all have the same; such are left unjudged.
        if !one.modifier.is_empty() || one.array || one.family != Family::Builtin || one.domain.is_some() {
            return None;
        }
        match &found {
            None => found = Some(one),
            Some(known) if known.base == one.base => {}
            Some(_) => return None,
        }
    }
    found
}

fn operation(
    op: &BinaryOperator,
    both: impl Fn() -> Option<(Resolved, Resolved)>,
    left: impl Fn() -> Option<Resolved>,
    right: impl Fn() -> Option<Resolved>,
) -> Option<Resolved> {
    match op {
        BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::Lt
        | BinaryOperator::LtEq
        | BinaryOperator::Gt
        | BinaryOperator::GtEq
        | BinaryOperator::And
        | BinaryOperator::Or => plain("bool"),
        BinaryOperator::LongArrow | BinaryOperator::HashLongArrow => match left()?.base.as_str() {
            "json" | "jsonb" => plain("text"),
            _ => None,
        },
        BinaryOperator::Arrow | BinaryOperator::HashArrow => bare(left()?).filter(|of| matches!(of.base.as_str(), "json" | "jsonb")),
        BinaryOperator::StringConcat => {
            let text = |of: Option<Resolved>| of.is_some_and(|of| of.is_string() && of.family == Family::Builtin && of.domain.is_none());
            if text(left()) || text(right()) { plain("text") } else { None }
        }
        BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => {
            let (left, right) = both()?;
            arithmetic(op, &bare(left)?, &bare(right)?)
        }
        _ => None,
    }
}

fn arithmetic(op: &BinaryOperator, left: &Resolved, right: &Resolved) -> Option<Resolved> {
    const WIDTHS: &[&str] = &["int2", "int4", "int8", "numeric"];
    let width = |of: &Resolved| WIDTHS.iter().position(|known| *known == of.base);
    if let (Some(a), Some(b)) = (width(left), width(right)) {
        return WIDTHS.get(a.max(b)).and_then(|base| plain(base));
    }
    match (left.base.as_str(), op, right.base.as_str()) {
        ("float8", _, other) | (other, _, "float8") if is_number(left) && is_number(right) && other != "float4" => plain("float8"),
        ("date", BinaryOperator::Plus | BinaryOperator::Minus, "int4") => plain("date"),
        ("date", BinaryOperator::Minus, "date") => plain("int4"),
        ("timestamp", BinaryOperator::Minus, "timestamp") | ("timestamptz", BinaryOperator::Minus, "timestamptz") => plain("interval"),
        ("timestamp" | "timestamptz", BinaryOperator::Plus | BinaryOperator::Minus, "interval") => plain(&left.base),
        _ => None,
    }
}

/// Functions of the server's own whose result follows from their name, or from one argument.
fn called(scene: Scene<'_>, function: &Function, sources: &[Source]) -> Option<Resolved> {
    let [ObjectNamePart::Identifier(ident)] = function.name.0.as_slice() else { return None };
    let name = names::folded(ident, scene.catalog);
    let own = crate::change::ObjectName::bare(crate::change::Ident { value: name.clone(), ..Default::default() });
    if scene.catalog.routine(&own).is_some() {
        return None;
    }
    let arguments: Vec<&FunctionArg> = match &function.args {
        FunctionArguments::List(list) => list.args.iter().collect(),
        FunctionArguments::None => Vec::new(),
        FunctionArguments::Subquery(_) => return None,
    };
    let tree = |at: usize| match arguments.get(at)? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Some(tree),
        _ => None,
    };
    let argument = |at: usize| type_of(scene, tree(at)?, sources);
    match name.as_str() {
        "count" | "row_number" | "rank" | "dense_rank" => plain("int8"),
        "sum" => match bare(argument(0)?)?.base.as_str() {
            "int2" | "int4" => plain("int8"),
            "int8" | "numeric" => plain("numeric"),
            base @ ("float4" | "float8" | "interval" | "money") => plain(base),
            _ => None,
        },
        "avg" => match bare(argument(0)?)?.base.as_str() {
            "int2" | "int4" | "int8" | "numeric" => plain("numeric"),
            "float4" | "float8" => plain("float8"),
            "interval" => plain("interval"),
            _ => None,
        },
        "max" | "min" => {
            let of = argument(0)?;
            match bare(of)?.base.as_str() {
                "varchar" => plain("text"),
                base @ ("int2" | "int4" | "int8" | "float4" | "float8" | "text" | "date" | "timestamp" | "timestamptz" | "interval") => {
                    plain(base)
                }
                _ => None,
            }
        }
        "bool_and" | "bool_or" | "every" => plain("bool"),
        "concat" | "concat_ws" | "format" | "to_char" | "md5" | "quote_ident" | "string_agg"
            if name != "string_agg" || is_text(&argument(0)) =>
        {
            plain("text")
        }
        "upper" | "lower" | "initcap" | "trim" | "btrim" | "ltrim" | "rtrim" | "replace" | "left" | "right" | "lpad" | "rpad"
            if is_text(&argument(0)) =>
        {
            plain("text")
        }
        "length" | "char_length" if is_text(&argument(0)) => plain("int4"),
        "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" | "to_timestamp" => plain("timestamptz"),
        "current_timestamp" => (arguments.is_empty()).then(|| plain("timestamptz")).flatten(),
        "date_trunc" => bare(argument(1)?).filter(|of| matches!(of.base.as_str(), "timestamp" | "timestamptz")),
        "gen_random_uuid" => plain("uuid"),
        "json_agg" | "json_build_object" | "json_build_array" | "to_json" | "row_to_json" | "json_object_agg" => plain("json"),
        "jsonb_agg" | "jsonb_build_object" | "jsonb_build_array" | "to_jsonb" | "jsonb_object_agg" => plain("jsonb"),
        "coalesce" | "greatest" | "least" => {
            let all: Option<Vec<&Expr>> = (0..arguments.len()).map(tree).collect();
            common(all?.into_iter().map(|tree| (is_null(tree), type_of(scene, tree, sources))))
        }
        _ => None,
    }
}

fn is_text(of: &Option<Resolved>) -> bool {
    of.as_ref().is_some_and(|of| of.is_string() && of.family == Family::Builtin && of.base != "name")
}
