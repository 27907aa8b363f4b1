//! Constraints as the catalog knows them.

use crate::catalog::{Constraint, Index, Table, Validity};
use crate::change::ConstraintKind;
use crate::engine::{Engine, Target};
use crate::fix::words;
use crate::sql::quoted;

/// A constraint as CREATE TABLE and ADD write it; nothing when the history does not tell enough.
pub fn definition(table: &Table, constraint: &Constraint, target: Target) -> Option<String> {
    let columns = list(&constraint.columns, target);
    let index = constraint.index.as_deref().and_then(|name| table.index(name));
    let body = match constraint.kind {
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY {}", keys(constraint, index, target)),
        ConstraintKind::Unique => format!("UNIQUE {}", keys(constraint, index, target)),
        ConstraintKind::Check => format!("CHECK ({})", constraint.expression.as_ref()?.text.trim()),
        ConstraintKind::ForeignKey => {
            let key = constraint.foreign_key.as_ref()?;
            let referenced =
                if key.referenced_columns.is_empty() { String::new() } else { format!(" {}", list(&key.referenced_columns, target)) };
            let mut body = format!("FOREIGN KEY {columns} REFERENCES {}{referenced}", words::key(&key.references, target));
            if key.match_full {
                body.push_str(" MATCH FULL");
            }
            let some = if key.on_delete_columns.is_empty() { String::new() } else { format!(" {}", list(&key.on_delete_columns, target)) };
            for (event, action, some) in [("DELETE", key.on_delete, some.as_str()), ("UPDATE", key.on_update, "")] {
                if let Some(action) = action.words() {
                    body.push_str(&format!(" ON {event} {action}{some}"));
                }
            }
            body
        }
        // Operators are not kept word for word; a column's NOT NULL stands in its definition.
        ConstraintKind::Exclusion | ConstraintKind::NotNull => return None,
    };
    let mut out = match name(constraint, target) {
        Some(name) => format!("CONSTRAINT {name} {body}"),
        None => body,
    };
    if constraint.no_inherit {
        out.push_str(" NO INHERIT");
    }
    if let Some(words) = constraint.deferral.words() {
        out.push_str(&format!(" {words}"));
    }
    if !constraint.enforced {
        out.push_str(" NOT ENFORCED");
    } else if constraint.validity == Validity::NotValid && target.engine == Engine::Postgres {
        out.push_str(" NOT VALID");
    }
    Some(out)
}

/// The clause of ALTER TABLE that drops it; nothing where the engine has none.
pub fn drop_clause(constraint: &Constraint, target: Target) -> Option<String> {
    let name = quoted(&constraint.name, target);
    Some(match target.engine {
        Engine::Postgres if !constraint.name.is_empty() => format!("DROP CONSTRAINT {name}"),
        Engine::Mysql | Engine::Mariadb => match constraint.kind {
            ConstraintKind::PrimaryKey => "DROP PRIMARY KEY".to_owned(),
            ConstraintKind::Unique => format!("DROP INDEX {}", quoted(constraint.index.as_deref().unwrap_or(&constraint.name), target)),
            ConstraintKind::ForeignKey => format!("DROP FOREIGN KEY {name}"),
            ConstraintKind::Check => format!("DROP CONSTRAINT {name}"),
            ConstraintKind::Exclusion | ConstraintKind::NotNull => return None,
        },
        Engine::Postgres | Engine::Sqlite => return None,
    })
}

fn name(constraint: &Constraint, target: Target) -> Option<String> {
    let made_up = match target.engine {
        Engine::Mysql | Engine::Mariadb => constraint.kind == ConstraintKind::PrimaryKey,
        Engine::Sqlite => constraint.name.starts_with("sqlite_autoindex_"),
        Engine::Postgres => false,
    };
    (!constraint.name.is_empty() && !made_up).then(|| quoted(&constraint.name, target))
}

fn keys(constraint: &Constraint, index: Option<&Index>, target: Target) -> String {
    match index.filter(|index| !index.keys.is_empty() && target.engine != Engine::Postgres) {
        Some(index) => {
            let keys: Vec<String> = index.keys.iter().map(|key| words::index_key(key, target)).collect();
            format!("({})", keys.join(", "))
        }
        None => {
            let nulls = if index.is_some_and(|index| index.nulls_not_distinct) { "NULLS NOT DISTINCT " } else { "" };
            let include = index.filter(|index| !index.include.is_empty()).map(|index| format!(" INCLUDE {}", list(&index.include, target)));
            format!("{nulls}{}{}", list(&constraint.columns, target), include.unwrap_or_default())
        }
    }
}

pub fn list(names: &[String], target: Target) -> String {
    format!("({})", names.iter().map(|name| quoted(name, target)).collect::<Vec<_>>().join(", "))
}
