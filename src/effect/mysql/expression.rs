//! What a DEFAULT, a generated column, a CHECK or a functional index may not compute from.

use super::draft::{Draft, same};
use super::failure;
use super::function::{self, Reach};
use crate::change::{ColumnDef, Expression, GeneratedKind, Ident, IndexKey, IndexKind, IndexPart, ObjectName};
use crate::effect::Truth;
use crate::effect::names::native::{Native, native};

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Default,
    Generated(GeneratedKind),
    Check,
    Index,
}

/// An expression of this statement, looked at when the whole table is known.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub at: usize,
    /// The column it belongs to; the name of the index or check.
    pub owner: String,
    pub place: Use,
    pub expression: Expression,
}

impl Draft<'_> {
    pub(super) fn use_expression(&mut self, owner: &str, place: Use, expression: &Expression) {
        self.expressions.push(Used { at: self.at, owner: owner.to_owned(), place, expression: expression.clone() });
    }

    pub(super) fn use_expressions_of(&mut self, column: &ColumnDef) {
        let owner = &column.name.value;
        if let Some(generated) = &column.generated {
            self.use_expression(owner, Use::Generated(generated.kind), &generated.expression);
        }
        if let Some(default) = column.default.as_ref().filter(|default| default.parenthesised || self.server.is_mariadb()) {
            self.use_expression(owner, Use::Default, &default.expression);
        }
    }

    /// MySQL's functional key parts, and what cannot be one (measured).
    pub(super) fn use_key_expressions(&mut self, owner: &str, keys: &[IndexKey], kind: IndexKind, primary: bool) {
        for key in keys {
            let IndexPart::Expression(expression) = &key.part else { continue };
            if self.server.is_mariadb() {
                continue;
            }
            let inner = expression.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '`'));
            let refusal = match kind {
                _ if primary => Some((3756, "the primary key cannot have a functional key part")),
                IndexKind::Fulltext => Some((3759, "a FULLTEXT index has no functional key parts")),
                IndexKind::Spatial => Some((3760, "a SPATIAL index has no functional key parts")),
                _ if self.slot(inner).is_some() => {
                    Some((3762, "a functional key part is more than a column: leave the inner parentheses out"))
                }
                IndexKind::Plain | IndexKind::Vector => None,
            };
            match refusal {
                Some((code, reason)) => self.fail(failure::schema(code, reason, Truth::Yes)),
                None => self.use_expression(owner, Use::Index, expression),
            }
        }
    }

    /// The first thing each expression is refused for.
    pub(super) fn check_expressions(&mut self) {
        let all = std::mem::take(&mut self.expressions);
        for used in &all {
            if used.place == Use::Check && !self.server.enforces_checks() {
                continue;
            }
            let refusal = if self.server.is_mariadb() { self.refused_by_mariadb(used, &all) } else { self.refused_by_mysql(used, &all) };
            if let Some((code, reason)) = refusal {
                self.failures.push((used.at, failure::schema(code, reason, Truth::Yes)));
            }
        }
    }

    /// Item::check_function_as_value_generator and pre_validate_value_generator_expr (every function
    /// was tried on 8.0 and 9.7).
    fn refused_by_mysql(&self, used: &Used, all: &[Used]) -> Option<(u16, String)> {
        let text = &used.expression.text;
        let owner = &used.owner;
        let by = |default: u16, generated: u16, check: u16, index: u16| match used.place {
            Use::Default => default,
            Use::Generated(_) => generated,
            Use::Check => check,
            Use::Index => index,
        };
        if begins_with_query(text) && used.place != Use::Check {
            return Some((1064, "a subquery needs parentheses of its own".to_owned()));
        }
        for name in function::called(text) {
            if function::aggregates(&name) {
                return Some((1111, format!("`{owner}` calls {name}(), which needs many rows")));
            }
            let own = self.is_stored_function(&name) || function::taken_away(&name, self.server);
            let barred = match function::reach_in_mysql(&name) {
                _ if own => true,
                Reach::Nowhere => true,
                Reach::Row => matches!(used.place, Use::Generated(_) | Use::Index),
                Reach::Statement => used.place != Use::Default,
                Reach::Anywhere => false,
            };
            if barred {
                let reason = format!("`{owner}` calls {name}(), which is not allowed there");
                return Some((by(3770, 3763, 3814, 3758), reason));
            }
        }
        if let Some(name) = self.absent_function(used) {
            let reason = format!("`{owner}` calls {name}(), which no server has: other functions are not allowed there");
            return Some((by(3770, 3763, 3814, 3758), reason));
        }
        if function::has_query(text) {
            return Some((by(3769, 3102, 3815, 3758), format!("`{owner}` contains a subquery")));
        }
        if function::has_variable(text) {
            return Some((by(3772, 3772, 3816, 3772), format!("`{owner}` reads a variable")));
        }
        if self.names_numbered(&used.expression, used.place != Use::Default) {
            return Some((by(3768, 3109, 3818, 3754), format!("`{owner}` reads the AUTO_INCREMENT column")));
        }
        let forward = self.forward(used, all, false)?;
        Some((by(3767, 3107, 0, 0), format!("`{owner}` reads `{forward}`, which is computed after it")))
    }

    /// `Item::check_vcol_func_processor` (every function was tried on 10.5, 10.11 and 11.8).
    fn refused_by_mariadb(&self, used: &Used, all: &[Used]) -> Option<(u16, String)> {
        let text = &used.expression.text;
        let owner = &used.owner;
        // What is kept has to stay true: only a DEFAULT and an unindexed VIRTUAL column are computed
        // when they are read.
        let kept = match used.place {
            Use::Default | Use::Index => false,
            Use::Generated(kind) => kind == GeneratedKind::Stored || self.keys.iter().any(|key| key.uses(owner)),
            Use::Check => true,
        };
        for name in function::called(text) {
            let own = self.is_stored_function(&name);
            let barred = match function::reach_in_mariadb(&name, text) {
                _ if own || function::aggregates(&name) => true,
                Reach::Nowhere => true,
                Reach::Row => used.place != Use::Default,
                Reach::Statement => kept,
                Reach::Anywhere => false,
            };
            if barred {
                return Some((1901, format!("`{owner}` calls {name}(), which is not allowed there")));
            }
        }
        if let Some(name) = self.absent_function(used) {
            return Some((1901, format!("`{owner}` calls {name}(), which no server has: other functions are not allowed there")));
        }
        if function::has_query(text) {
            let code = if used.place == Use::Check && self.server.0.at_least(10, 6, 0) { 1970 } else { 1901 };
            return Some((code, format!("`{owner}` contains a subquery")));
        }
        if kept && function::has_variable(text) {
            return Some((1901, format!("`{owner}` reads a variable")));
        }
        if kept && self.names_numbered(&used.expression, true) {
            return Some((1901, format!("`{owner}` reads the AUTO_INCREMENT column")));
        }
        let forward = self.forward(used, all, true)?;
        Some((4029, format!("`{owner}` reads `{forward}`, which is computed after it")))
    }

    /// A function the server does not bring is somebody's own, and those are barred, there or not.
    fn absent_function(&self, used: &Used) -> Option<String> {
        let absent = |name: &String| native(name, None, self.server.0) == Native::Absent;
        crate::effect::names::native::called(used.expression.tree.as_deref()?).into_iter().find(absent)
    }

    fn is_stored_function(&self, name: &str) -> bool {
        let name = ObjectName { schema: None, name: Ident { value: name.to_owned(), ..Ident::default() } };
        self.catalog.routine(&name).is_some_and(|routine| !routine.is_procedure)
    }

    fn names_numbered(&self, expression: &Expression, matters: bool) -> bool {
        matters && self.columns.iter().any(|slot| slot.auto_increment && expression.mentions(&slot.name))
    }

    /// A computed column that the expression reads before it is computed: itself, or one behind it.
    fn forward(&self, used: &Used, all: &[Used], mariadb: bool) -> Option<String> {
        let from = match used.place {
            Use::Default | Use::Generated(_) => self.slot(&used.owner)?,
            Use::Check | Use::Index => return None,
        };
        let computed = |name: &str| {
            let fresh = all.iter().find(|other| same(&other.owner, name) && matches!(other.place, Use::Default | Use::Generated(_)));
            match fresh.map(|other| (other.place, &other.expression)) {
                Some((Use::Default, expression)) => {
                    used.place == Use::Default && (!mariadb || self.columns.iter().any(|slot| expression.mentions(&slot.name)))
                }
                Some(_) => true,
                None => self.table.and_then(|table| table.column(name)).is_some_and(|column| column.generated.is_some()),
            }
        };
        let later =
            self.columns.iter().enumerate().skip(from).find(|(_, slot)| used.expression.mentions(&slot.name) && computed(&slot.name));
        later.map(|(_, slot)| slot.name.clone())
    }
}

/// `(SELECT …` without parentheses of its own.
fn begins_with_query(text: &str) -> bool {
    let word = text.trim_start().get(..6).unwrap_or_default();
    word.eq_ignore_ascii_case("select")
}
