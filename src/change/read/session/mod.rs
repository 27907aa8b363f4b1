//! Statements about the session: transactions, settings, locks, pragmas.

pub(super) mod lock;
pub(super) mod pragma;
pub(super) mod setting;
pub(super) mod transaction;
