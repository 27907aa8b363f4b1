//! The rules that are part of the binary.

use std::sync::{Arc, OnceLock};

use super::file::{RuleFileError, read_rule};
use super::rule::Rule;

mod files {
    include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));
}

/// Every built-in rule, read at first use. An error is a fault of this build, and a test looks for
/// it; it is handed on rather than swallowed, because a rule that is missing is a hole.
pub fn builtin() -> Result<&'static [Arc<Rule>], &'static RuleFileError> {
    static RULES: OnceLock<Result<Vec<Arc<Rule>>, RuleFileError>> = OnceLock::new();
    RULES
        .get_or_init(|| files::FILES.iter().map(|(path, text)| read_rule(path, text, None).map(Arc::new)).collect())
        .as_ref()
        .map(Vec::as_slice)
}
