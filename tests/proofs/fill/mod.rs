//! Rows for every table, so that scans and refusals show. Row number `n` has the same value in every
//! column of a type: foreign keys find their parents by themselves.

pub mod mysql;
pub mod postgres;
pub mod sqlite;

/// Rows in each table.
pub const ROWS: u32 = 240;

/// Texts in quotes within a CHECK: the values it lists.
pub fn quoted(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (number, part) in text.split('\'').enumerate() {
        if number % 2 == 1 && !part.is_empty() && !found.iter().any(|one| one == part) {
            found.push(part.to_owned());
        }
    }
    found
}
