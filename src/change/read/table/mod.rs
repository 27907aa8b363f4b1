//! Statements about tables.

mod alter;
mod alter_column;
mod alter_mysql;
mod alter_postgres;
mod create;
mod drop;
mod element;
mod into;
mod mysql_option;
mod mysql_partition;
mod option;
mod partition;
mod rename;

pub(super) use alter::{actions, alter_table};
pub(super) use create::create_table;
pub(super) use drop::drop_table;
pub(super) use into::{is_select_into, select_into};
pub(super) use rename::rename_table;
