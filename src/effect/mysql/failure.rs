//! Refusals, with the server's error numbers.

use crate::effect::{Failure, FailureCause, Truth};
use crate::source::Span;

pub(super) fn schema(code: u16, reason: impl Into<String>, certain: Truth) -> Failure {
    Failure { code: code.to_string(), reason: reason.into(), cause: FailureCause::Schema, certain, span: None }
}

/// A name of more than 64 characters.
pub(super) fn too_long(name: &str) -> Option<Failure> {
    (name.chars().count() > 64).then(|| schema(1059, format!("the name `{name}` is longer than 64 characters"), Truth::Yes))
}

/// Depends on the rows.
pub(super) fn data(code: u16, reason: impl Into<String>, certain: Truth) -> Failure {
    Failure { code: code.to_string(), reason: reason.into(), cause: FailureCause::Data, certain, span: None }
}

pub(super) fn syntax(code: u16, reason: impl Into<String>, span: Span) -> Failure {
    Failure { code: code.to_string(), reason: reason.into(), cause: FailureCause::Syntax, certain: Truth::Yes, span: Some(span) }
}

/// An ALGORITHM or LOCK clause that cannot be met.
pub(super) fn assertion(code: u16, reason: impl Into<String>, certain: Truth, span: Option<Span>) -> Failure {
    Failure { code: code.to_string(), reason: reason.into(), cause: FailureCause::Assertion, certain, span }
}
