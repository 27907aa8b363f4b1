//! What can be wrong with a condition.

use std::ops::Range;

/// A fault in a condition and the bytes it stands at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WhenError {
    pub message: String,
    /// Offsets into the condition.
    pub span: Range<usize>,
    /// What was probably meant.
    pub help: Option<String>,
}

impl WhenError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        WhenError { message: message.into(), span, help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
