//! What runners of their own put into a file's name or first comment lines to say how they wrap it:
//! `.autocommit.up.sql` (Ory), `.tx.up.sql` (go-pg, bun), `-- postgres-migrations disable-transaction`.

use crate::migration::TransactionMode;

/// How the author says that this file is wrapped.
pub(super) fn marked(file: &str, text: &str) -> Option<TransactionMode> {
    by_name(file).or_else(|| by_comment(text))
}

pub(super) fn by_name(file: &str) -> Option<TransactionMode> {
    let name = file.rsplit('/').next().unwrap_or(file);
    // The first part is the migration's own name.
    name.split('.').skip(1).find_map(|part| match part.to_ascii_lowercase().as_str() {
        "tx" => Some(TransactionMode::PerMigration),
        "autocommit" | "notx" | "no_tx" | "no-tx" | "notransaction" | "no_transaction" | "no-transaction" => Some(TransactionMode::None),
        _ => None,
    })
}

/// A line of its own among the comments on top, of a few words: prose is longer.
fn by_comment(text: &str) -> Option<TransactionMode> {
    const MARKS: [&[&str]; 7] = [
        &["no", "transaction"],
        &["no", "tx"],
        &["disable", "transaction"],
        &["disable", "tx"],
        &["disable", "ddl", "transaction"],
        &["notransaction"],
        &["transaction", "false"],
    ];
    let comments = text.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with("--"));
    let marked = comments.map(str::to_ascii_lowercase).any(|line| {
        let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.len() <= 4 && MARKS.iter().any(|mark| words.ends_with(mark))
    });
    marked.then_some(TransactionMode::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_say_how_they_wrap() {
        let none = Some(TransactionMode::None);
        assert_eq!(marked("1_a.postgres.autocommit.up.sql", ""), none);
        assert_eq!(marked("1_a.tx.up.sql", ""), Some(TransactionMode::PerMigration));
        assert_eq!(marked("1_tx.up.sql", ""), None);
        for text in
            ["-- postgres-migrations disable-transaction\nSELECT 1", "-- an index\n\n-- +migrate notransaction\n", "-- transaction:false"]
        {
            assert_eq!(marked("1_a.sql", text), none, "{text}");
        }
        for text in ["SELECT 1;\n-- no-transaction", "-- this one should by rights be run in no transaction", "-- a transaction"] {
            assert_eq!(marked("1_a.sql", text), None, "{text}");
        }
    }
}
