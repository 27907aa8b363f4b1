//! A risk somebody took, and why.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The rule that was overruled.
    pub rule: String,
    pub reason: String,
    /// The statement's line in the migration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// As kept in the ledger.
pub(super) fn to_json(accepted: &[Accepted]) -> String {
    serde_json::to_string(accepted).unwrap_or_else(|_| "[]".to_owned())
}

/// What cannot be read counts as nothing accepted.
pub(super) fn from_json(text: &str) -> Vec<Accepted> {
    serde_json::from_str(text).unwrap_or_default()
}
