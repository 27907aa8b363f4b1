//! Column definitions, data types and constraints.

mod attribute;
mod constraint;
mod data_type;
mod default;
mod definition;
mod mysql_type;
mod postgres_type;
mod references;
