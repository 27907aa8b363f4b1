//! Indexes: their keys and the statements about them.

mod alter;
mod create;
mod drop;
mod key;
mod option;
mod reindex;

pub(super) use alter::alter_index;
pub(super) use create::create_index;
pub(super) use drop::drop_index;
pub(super) use reindex::reindex;
