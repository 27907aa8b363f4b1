//! Names as they must be written in SQL.

use std::borrow::Cow;

use super::holes::has_hole;
use super::is_reserved;
use crate::engine::{Engine, Target};

/// The name, in the engine's quotes where it would be refused or folded without them. A schema may
/// stand in front.
pub fn quoted_where_needed(name: &str, target: Target) -> Cow<'_, str> {
    // The tool puts in what the server is to see.
    if has_hole(name) || name.split('.').all(|part| is_plain(part, target)) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.split('.').map(|part| quoted(part, target)).collect::<Vec<_>>().join("."))
}

/// What stands behind the schema, a dot within a hole being no end of one.
pub fn without_schema(name: &str) -> &str {
    let mut depth = 0u32;
    let mut start = 0;
    for (at, c) in name.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    name.get(start..).unwrap_or(name)
}

/// One name, in the engine's quotes where it needs them; a dot in it is its own.
pub fn quoted(name: &str, target: Target) -> String {
    if has_hole(name) || is_plain(name, target) { name.to_owned() } else { quote(name, target.engine) }
}

fn quote(name: &str, engine: Engine) -> String {
    match engine {
        Engine::Mysql | Engine::Mariadb => format!("`{}`", name.replace('`', "``")),
        Engine::Postgres | Engine::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

fn is_plain(name: &str, target: Target) -> bool {
    let folds = target.engine == Engine::Postgres;
    let letter = |c: char| c == '_' || c.is_ascii_lowercase() || (c.is_ascii_uppercase() && !folds);
    let mut chars = name.chars();
    chars.next().is_some_and(letter) && chars.all(|c| letter(c) || c.is_ascii_digit()) && !is_reserved(name, target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Version;

    #[test]
    fn quotes_stand_where_the_engine_wants_them() {
        let at = |engine| Target::new(engine, Version::series(&[14]));
        let (postgres, mysql) = (at(Engine::Postgres), at(Engine::Mysql));
        assert_eq!(quoted_where_needed("app.orders", postgres), "app.orders");
        assert_eq!(quoted_where_needed("app.userNames", postgres), "app.\"userNames\"");
        assert_eq!(quoted_where_needed("order", postgres), "\"order\"");
        assert_eq!(quoted_where_needed("userNames", mysql), "userNames");
        assert_eq!(quoted_where_needed("a b", mysql), "`a b`");
        assert_eq!(quoted_where_needed("{{ .Schema }}.users", postgres), "{{ .Schema }}.users");
    }
}
