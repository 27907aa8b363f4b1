//! Rows for every table, so that scans and refusals show. Row number `n` has the same value in every
//! column of a type: foreign keys find their parents by themselves.

pub mod mysql;
pub mod postgres;
pub mod sqlite;

/// Rows in each table.
pub const ROWS: u32 = 240;

/// The rows of a query, NULL as nothing.
pub fn plain(rows: Vec<lockgate::driver::Row>) -> Vec<Vec<String>> {
    rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
}

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
