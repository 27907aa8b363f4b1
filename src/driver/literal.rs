//! Text and names as literals. The simple protocol has no parameters, so every value that goes
//! into our own tables passes through here.

use std::fmt::Write as _;

use crate::engine::Engine;

/// A string literal that means `text` under any setting of the session. NUL, which no engine
/// stores in text, is left out.
pub fn quote_text(engine: Engine, text: &str) -> String {
    match engine {
        // E'' is read the same whatever standard_conforming_strings says.
        Engine::Postgres => {
            let mut out = String::with_capacity(text.len() + 3);
            out.push_str("E'");
            for c in text.chars().filter(|&c| c != '\0') {
                if c == '\'' || c == '\\' {
                    out.push(c);
                }
                out.push(c);
            }
            out.push('\'');
            out
        }
        // Hexadecimal is read the same with and without NO_BACKSLASH_ESCAPES and ANSI_QUOTES.
        Engine::Mysql | Engine::Mariadb => {
            if text.is_empty() {
                return "''".to_owned();
            }
            let mut out = String::with_capacity(text.len() * 2 + 12);
            out.push_str("_utf8mb4 X'");
            for byte in text.bytes().filter(|&byte| byte != 0) {
                let _ = write!(out, "{byte:02X}");
            }
            out.push('\'');
            out
        }
        Engine::Sqlite => format!("'{}'", text.replace('\0', "").replace('\'', "''")),
    }
}

/// A quoted name.
pub fn quote_ident(engine: Engine, name: &str) -> String {
    if engine.is_mysql_family() {
        format!("`{}`", name.replace('\0', "").replace('`', "``"))
    } else {
        format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_quotes() {
        assert_eq!(quote_text(Engine::Postgres, r"a'\'"), r"E'a''\\'''");
        assert_eq!(quote_text(Engine::Mysql, "a'"), "_utf8mb4 X'6127'");
        assert_eq!(quote_text(Engine::Sqlite, "a'\0b"), "'a''b'");
        assert_eq!(quote_ident(Engine::Mariadb, "a`b"), "`a``b`");
    }
}
