//! The migration systems. Adding one is one file here and one line in [`ALL`].

mod atlas;
mod common;
mod dbmate;
mod diesel;
mod drizzle;
mod flyway;
mod flyway_transaction;
mod golang_migrate;
mod goose;
mod graphile_migrate;
mod liquibase_sql;
mod marks;
mod node_pg_migrate;
mod plain;
mod prisma;
mod refinery;
mod sql_migrate;
mod sqlx;
mod supabase;
mod tern;
mod wrangler;

use super::{Format, UnknownFormat};

/// Every system. Of two that a directory speaks for equally, the earlier one is taken: those with
/// a file or marker of their own stand before those known by file names alone.
pub const ALL: &[&dyn Format] = &[
    &drizzle::Drizzle,
    &prisma::Prisma,
    &diesel::Diesel,
    &atlas::Atlas,
    &goose::Goose,
    &dbmate::Dbmate,
    &sql_migrate::SqlMigrate,
    &liquibase_sql::LiquibaseSql,
    &tern::Tern,
    &graphile_migrate::GraphileMigrate,
    &node_pg_migrate::NodePgMigrate,
    &supabase::Supabase,
    &flyway::Flyway,
    &refinery::Refinery,
    &golang_migrate::GolangMigrate,
    &sqlx::Sqlx,
    &wrangler::Wrangler,
    &plain::Plain,
];

/// The system for single files and for directories that belong to none.
pub const PLAIN: &dyn Format = &plain::Plain;

/// The system of that id.
pub fn find(id: &str) -> Result<&'static dyn Format, UnknownFormat> {
    let wanted = id.trim().to_ascii_lowercase();
    if let Some(format) = ALL.iter().find(|format| format.id() == wanted) {
        return Ok(*format);
    }
    let suggestion = crate::text::closest(&wanted, ALL.iter().map(|format| format.id()));
    Err(UnknownFormat { name: id.to_owned(), suggestion })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_a_slip_is_met_with_a_suggestion() {
        for format in ALL {
            assert_eq!(find(format.id()).map(|found| found.title()), Ok(format.title()));
            assert_eq!(ALL.iter().filter(|other| other.id() == format.id()).count(), 1);
        }
        assert_eq!(find("gooose").err().and_then(|unknown| unknown.suggestion), Some("goose"));
        assert_eq!(find("zzz").err().and_then(|unknown| unknown.suggestion), None);
    }
}
