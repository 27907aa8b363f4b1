//! Names inside help: `{table}_{column}_key` is one name, and has to be written as one.

use crate::engine::Target;
use crate::sql::{has_hole, quoted_where_needed, without_schema};

/// Private use: nobody writes them in a rule or calls a table so.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A name that is put into a text, so that [`written`] knows it. Expressions and signatures are
/// left as they are.
pub(super) fn marked(name: &str) -> String {
    let several = name.contains(['(', ',', '"', '`', OPEN, CLOSE]);
    if name.is_empty() || several && !has_hole(name) { name.to_owned() } else { format!("{OPEN}{name}{CLOSE}") }
}

/// The text with its names as SQL wants them. A name that others or more letters are joined to
/// loses its schema: `app.orders` and `_key` make `orders_key`.
pub(super) fn written(text: &str, target: Target) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let head = rest.get(..at).unwrap_or_default();
        let start = head.trim_end_matches(is_word).len();
        out.push_str(head.get(..start).unwrap_or_default());
        // In backticks it is prose.
        let prose = out.ends_with('`') || out.ends_with('\'');
        let mut parts = vec![head.get(start..).unwrap_or_default()];
        rest = rest.get(at..).unwrap_or_default();
        loop {
            if let Some((name, tail)) = rest.strip_prefix(OPEN).and_then(|tail| tail.split_once(CLOSE)) {
                parts.push(name);
                rest = tail;
                continue;
            }
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(length);
            if word.is_empty() {
                break;
            }
            parts.push(word);
            rest = tail;
        }
        parts.retain(|part| !part.is_empty());
        let name = match parts.as_slice() {
            [one] => (*one).to_owned(),
            many => many.iter().map(|part| without_schema(part)).collect(),
        };
        if prose { out.push_str(&name) } else { out.push_str(&quoted_where_needed(&name, target)) }
    }
    out.push_str(rest);
    out
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Version};

    #[test]
    fn joined_names_are_one_name() {
        let target = Target::new(Engine::Postgres, Version::series(&[14]));
        let of = |parts: &[&str]| written(&parts.concat(), target);
        let (table, column) = (marked("app.orders"), marked("userName"));
        assert_eq!(of(&["ALTER TABLE ", &table, " ADD ", &column, ";"]), "ALTER TABLE app.orders ADD \"userName\";");
        assert_eq!(of(&["INDEX ", &table, "_", &column, "_key"]), "INDEX \"orders_userName_key\"");
        assert_eq!(of(&["read `", &column, "_new`, then"]), "read `userName_new`, then");
        assert_eq!(of(&[&table, ".", &column]), "app.orders.\"userName\"");
        assert_eq!(marked("lower(a)"), "lower(a)");
        let hole = marked(r#"{{ index .Options "Namespace" }}.users"#);
        assert_eq!(of(&["INDEX ", &hole, "_", &marked("id"), "_key"]), "INDEX users_id_key");
        assert_eq!(of(&["TO ", &marked("{{.prefix}}blocks"), "_dropped"]), "TO {{.prefix}}blocks_dropped");
    }
}
