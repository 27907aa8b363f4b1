//! The way back of a migration that has none, from what the catalog knows.

pub mod index;
