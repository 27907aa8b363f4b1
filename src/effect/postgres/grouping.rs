//! GROUP BY and aggregates: a column that is neither grouped by nor within an aggregate (42803).
//!
//! A table's primary key stands for all of its columns (manual, SELECT, GROUP BY clause). Only what is
//! plain is judged: where a name, a call or a clause leaves a doubt, nothing is said.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectNamePart,
    Query, Select, SelectItem, SetExpr, TableFactor, Value,
};

use super::literal::Refusal;
use super::output::{self, Source};
use super::scene::{Relation, Scene};
use crate::catalog::Table;
use crate::change::Deferral;
use crate::effect::names::{folded, is_value, plain_name};

/// A column by the number of its source, and its name.
type Place = (usize, String);

/// What a walk through an expression comes to.
enum Verdict {
    Fine,
    /// It names a column that cannot be there.
    Ungrouped(String),
    Unsure,
}

pub(super) fn refused(scene: Scene<'_>, query: &Query) -> Option<Refusal> {
    if query.with.is_some() {
        return None;
    }
    body(scene, &query.body)
}

fn body(scene: Scene<'_>, body: &SetExpr) -> Option<Refusal> {
    match body {
        SetExpr::Select(select) => of_select(scene, select),
        SetExpr::Query(query) => refused(scene, query),
        SetExpr::SetOperation { left, right, .. } => self::body(scene, left).or_else(|| self::body(scene, right)),
        _ => None,
    }
}

fn of_select(scene: Scene<'_>, select: &Select) -> Option<Refusal> {
    let GroupByExpr::Expressions(grouped, modifiers) = &select.group_by else { return None };
    let trees = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => Some(tree),
        _ => None,
    });
    if select.selection.as_ref().is_some_and(|tree| has_aggregate(scene, tree)) {
        return Some(Refusal::read("42803", "aggregate functions are not allowed in WHERE".to_owned()));
    }
    let aggregates = trees.clone().chain(&select.having).any(|tree| has_aggregate(scene, tree));
    if grouped.is_empty() && select.having.is_none() && !aggregates || !modifiers.is_empty() || merges(select) {
        return None;
    }
    let sources = output::sources(scene, &select.from, 4);
    let mut groups = Groups { scene, sources: &sources, places: Vec::new(), trees: Vec::new() };
    for tree in grouped {
        groups.add(select, tree)?;
    }
    groups.dependent(select);
    for tree in trees.chain(&select.having) {
        if let Verdict::Ungrouped(name) = groups.judge(tree, 64) {
            let reason = format!("column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function");
            return Some(Refusal::read("42803", reason));
        }
    }
    None
}

/// What keeps the rows of a query from being those of a table, so that FOR UPDATE has none to lock.
pub(super) fn unlockable(scene: Scene<'_>, query: &Query) -> Option<&'static str> {
    if query.locks.is_empty() {
        return None;
    }
    let SetExpr::Select(select) = query.body.as_ref() else {
        return matches!(query.body.as_ref(), SetExpr::SetOperation { .. }).then_some("UNION, INTERSECT or EXCEPT");
    };
    let trees = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => Some(tree),
        _ => None,
    });
    if select.distinct.is_some() {
        return Some("DISTINCT");
    }
    if !matches!(&select.group_by, GroupByExpr::Expressions(list, _) if list.is_empty()) || select.having.is_some() {
        return Some("GROUP BY or HAVING");
    }
    trees.into_iter().any(|tree| has_aggregate(scene, tree)).then_some("aggregates")
}

/// USING and NATURAL make one column of two.
fn merges(select: &Select) -> bool {
    let constraint = |operator: &JoinOperator| match operator {
        JoinOperator::Join(on)
        | JoinOperator::Inner(on)
        | JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Right(on)
        | JoinOperator::RightOuter(on)
        | JoinOperator::FullOuter(on) => matches!(on, JoinConstraint::Using(_) | JoinConstraint::Natural),
        JoinOperator::CrossJoin(_) => false,
        _ => true,
    };
    select.from.iter().flat_map(|from| &from.joins).any(|join| constraint(&join.join_operator))
}

struct Groups<'a> {
    scene: Scene<'a>,
    sources: &'a [Source],
    places: Vec<Place>,
    /// What is grouped by and is no plain column.
    trees: Vec<&'a Expr>,
}

impl<'a> Groups<'a> {
    fn add(&mut self, select: &'a Select, tree: &'a Expr) -> Option<()> {
        match tree {
            Expr::Nested(inner) => self.add(select, inner),
            Expr::Value(value) => {
                let Value::Number(number, _) = &value.value else { return None };
                let at = number.parse::<usize>().ok()?.checked_sub(1)?;
                match select.projection.get(at)? {
                    SelectItem::UnnamedExpr(Expr::Value(_)) | SelectItem::ExprWithAlias { expr: Expr::Value(_), .. } => Some(()),
                    SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => self.add(select, tree),
                    _ => None,
                }
            }
            Expr::Identifier(name) => {
                if let Some(place) = self.place(None, name)? {
                    self.places.push(place);
                    return Some(());
                }
                let named = select.projection.iter().find_map(|item| match item {
                    SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(&name.value) => Some(expr),
                    _ => None,
                })?;
                match named {
                    Expr::Identifier(inner) if inner.value.eq_ignore_ascii_case(&name.value) => None,
                    named => self.add(select, named),
                }
            }
            Expr::CompoundIdentifier(names) => match names.as_slice() {
                [qualifier, name] => {
                    let place = self.place(Some(qualifier), name)??;
                    self.places.push(place);
                    Some(())
                }
                _ => None,
            },
            Expr::Rollup(_) | Expr::Cube(_) | Expr::GroupingSets(_) | Expr::Tuple(_) => None,
            other => {
                self.trees.push(other);
                Some(())
            }
        }
    }

    /// Where a name's column is: `None` in doubt, `Some(None)` where no source has it.
    fn place(&self, qualifier: Option<&Ident>, name: &Ident) -> Option<Option<Place>> {
        let folded_name = folded(name, self.scene.catalog);
        if let Some(qualifier) = qualifier {
            let qualifier = folded(qualifier, self.scene.catalog);
            let mut found = self.sources.iter().enumerate().filter(|(_, source)| source.name == qualifier);
            let (at, source) = found.next().filter(|_| found.next().is_none())?;
            let known = source.columns.as_ref()?.iter().any(|column| column.name == folded_name);
            return known.then_some(Some((at, folded_name)));
        }
        if self.sources.iter().any(|source| source.columns.is_none() || source.name == folded_name) {
            return None;
        }
        let has = |source: &Source| source.columns.iter().flatten().any(|column| column.name == folded_name);
        let mut found = self.sources.iter().enumerate().filter(|(_, source)| has(source));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(Some((at, folded_name))),
            (None, _) => Some(None),
            (Some(_), Some(_)) => None,
        }
    }

    /// All columns of a table whose primary key is grouped by.
    fn dependent(&mut self, select: &Select) {
        let factors =
            select.from.iter().flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)));
        let mut more: Vec<Place> = Vec::new();
        for (at, factor) in factors.enumerate() {
            let TableFactor::Table { name, args: None, .. } = factor else { continue };
            let Some(Relation::Table(table)) = plain_name(name, self.scene.catalog).and_then(|name| self.scene.relation(&name)) else {
                continue;
            };
            let whole = |key: &[String]| !key.is_empty() && key.iter().all(|column| self.places.contains(&(at, column.clone())));
            if primary(table).is_some_and(whole) || !table.complete {
                more.extend(table.columns.iter().map(|column| (at, column.name.clone())));
            }
        }
        self.places.extend(more);
    }

    fn judge(&self, tree: &Expr, depth: u8) -> Verdict {
        let Some(depth) = depth.checked_sub(1) else { return Verdict::Unsure };
        if self.trees.contains(&tree) {
            return Verdict::Fine;
        }
        let of = |inner: &Expr| self.judge(inner, depth);
        match tree {
            Expr::Nested(inner)
            | Expr::Cast { expr: inner, .. }
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::Collate { expr: inner, .. }
            | Expr::Extract { expr: inner, .. }
            | Expr::AtTimeZone { timestamp: inner, .. } => of(inner),
            Expr::BinaryOp { left, right, .. } => self.all([left.as_ref(), right.as_ref()].into_iter(), depth),
            Expr::Value(_) => Verdict::Fine,
            Expr::Identifier(name) if name.quote_style.is_none() && is_value(&name.value.to_ascii_lowercase()) => Verdict::Fine,
            Expr::Identifier(name) => self.column(None, name),
            Expr::CompoundIdentifier(names) => match names.as_slice() {
                [qualifier, name] => self.column(Some(qualifier), name),
                _ => Verdict::Unsure,
            },
            Expr::Case { operand, conditions, else_result, .. } => {
                let branches = conditions.iter().flat_map(|when| [&when.condition, &when.result]);
                self.all(operand.as_deref().into_iter().chain(branches).chain(else_result.as_deref()), depth)
            }
            Expr::Function(function) => self.called(function, depth),
            _ => Verdict::Unsure,
        }
    }

    fn all<'b>(&self, trees: impl Iterator<Item = &'b Expr>, depth: u8) -> Verdict {
        let mut unsure = false;
        for tree in trees {
            match self.judge(tree, depth) {
                Verdict::Fine => {}
                Verdict::Unsure => unsure = true,
                refused @ Verdict::Ungrouped(_) => return refused,
            }
        }
        if unsure { Verdict::Unsure } else { Verdict::Fine }
    }

    fn called(&self, function: &Function, depth: u8) -> Verdict {
        let Some(name) = plain_call(self.scene, function) else { return Verdict::Unsure };
        if AGGREGATES.contains(&name.as_str()) {
            return if function.over.is_none() { Verdict::Fine } else { Verdict::Unsure };
        }
        // One that nobody knows may be an aggregate of the user's own.
        if function.over.is_some() || !PLAIN.contains(&name.as_str()) {
            return Verdict::Unsure;
        }
        let FunctionArguments::List(list) = &function.args else { return Verdict::Fine };
        let trees: Option<Vec<&Expr>> = list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Some(tree),
                _ => None,
            })
            .collect();
        trees.map_or(Verdict::Unsure, |trees| self.all(trees.into_iter(), depth))
    }

    fn column(&self, qualifier: Option<&Ident>, name: &Ident) -> Verdict {
        let Some(Some(place)) = self.place(qualifier, name) else { return Verdict::Unsure };
        if self.places.contains(&place) {
            return Verdict::Fine;
        }
        // It may stand in an expression that is grouped by, written in another way.
        let written = place.1.to_ascii_lowercase();
        if self.trees.iter().any(|tree| tree.to_string().to_ascii_lowercase().contains(&written)) {
            return Verdict::Unsure;
        }
        Verdict::Ungrouped(place.1)
    }
}

fn primary(table: &Table) -> Option<&[String]> {
    table.primary_key().filter(|key| key.deferral == Deferral::NotDeferrable).map(|key| key.columns.as_slice())
}

fn plain_call(scene: Scene<'_>, function: &Function) -> Option<String> {
    let [ObjectNamePart::Identifier(ident)] = function.name.0.as_slice() else { return None };
    let name = folded(ident, scene.catalog);
    let own = crate::change::ObjectName::bare(crate::change::Ident { value: name.clone(), ..Default::default() });
    scene.catalog.routine(&own).is_none().then_some(name)
}

/// Whether an aggregate stands in it, outside of queries within.
pub(super) fn has_aggregate(scene: Scene<'_>, tree: &Expr) -> bool {
    let mut open = vec![tree];
    let mut seen = 0_u32;
    while let Some(part) = open.pop() {
        seen += 1;
        if seen > 4096 {
            return false;
        }
        match part {
            Expr::Function(function) => {
                let aggregate = plain_call(scene, function).is_some_and(|name| AGGREGATES.contains(&name.as_str()));
                if aggregate && function.over.is_none() {
                    return true;
                }
                if let FunctionArguments::List(list) = &function.args {
                    open.extend(list.args.iter().filter_map(|argument| match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => Some(tree),
                        _ => None,
                    }));
                }
            }
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::UnaryOp { expr: inner, .. } => open.push(inner),
            Expr::BinaryOp { left, right, .. } => open.extend([left.as_ref(), right.as_ref()]),
            Expr::Case { operand, conditions, else_result, .. } => {
                open.extend(operand.as_deref().into_iter().chain(else_result.as_deref()));
                open.extend(conditions.iter().flat_map(|when| [&when.condition, &when.result]));
            }
            _ => {}
        }
    }
    false
}

const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "bool_and",
    "bool_or",
    "every",
    "string_agg",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "bit_and",
    "bit_or",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "variance",
    "var_pop",
    "var_samp",
];

/// Functions of the server's own that work on the values of one row.
const PLAIN: &[&str] = &[
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "lower",
    "upper",
    "trim",
    "btrim",
    "length",
    "concat",
    "concat_ws",
    "left",
    "right",
    "replace",
    "substr",
    "round",
    "floor",
    "ceil",
    "abs",
    "date_trunc",
    "date_part",
    "to_char",
    "now",
    "age",
    "md5",
];
