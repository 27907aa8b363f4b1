//! Character sets of MySQL and MariaDB databases: what a table without its own inherits.

use crate::catalog::Catalog;
use crate::change::{Action, Change, ObjectKind};
use crate::source::Script;

impl Catalog {
    /// Reads `CHARACTER SET` and `COLLATE` of CREATE and ALTER DATABASE.
    pub(super) fn note_database(&mut self, change: &Change, script: &Script) {
        let name = match &change.action {
            Action::CreateObject { kind: ObjectKind::Database | ObjectKind::Schema, name, .. }
            | Action::AlterObject { kind: ObjectKind::Database | ObjectKind::Schema, name, .. } => name,
            _ => return,
        };
        let range = usize::try_from(change.span.start).unwrap_or(0)..usize::try_from(change.span.end).unwrap_or(0);
        let text = script.text.get(range).unwrap_or_default();
        let key = if name.name.value.is_empty() { self.current_schema() } else { self.fold(&name.name) };
        let words: Vec<String> = text
            .split(|c: char| c.is_whitespace() || matches!(c, '=' | '\'' | '"' | '`' | ';'))
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let after = |names: &[&[&str]]| {
            names.iter().find_map(|name| {
                let at = words.windows(name.len()).position(|window| window.iter().map(String::as_str).eq(name.iter().copied()))?;
                words.get(at + name.len()).cloned()
            })
        };
        let charset = after(&[&["character", "set"], &["charset"]]);
        let collation = after(&[&["collate"]]);
        if charset.is_some() || collation.is_some() {
            self.database_text.insert(key, (charset, collation));
        }
    }
}
