//! What it does: locks, rewrites, scans, losses, breakage, failure. Physics without opinion.
//!
//! One file per engine. Every claim here is checked on real servers by `tests/proofs.rs`.

mod effects;
mod lock;

pub use effects::{
    Algorithm, Breakage, BreakageKind, Build, Dml, Effects, Failure, FailureCause, Loss, LossKind, Rewrite, Scan, ScanReason,
    StatementEffects, Transactionality, Truth, Unknown,
};
pub use lock::{Lock, LockMode, RelationKind};
