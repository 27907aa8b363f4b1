//! Fixes: edits of the script that remove a hazard. Never re-printed SQL.
//!
//! A rule names one by `fix = "add-concurrently"`.

mod concurrently;
mod data_type;
mod existence;
mod not_valid;
mod timeout;

use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;
use crate::source::Span;

/// A function that knows how to remove a hazard.
pub struct Fixer {
    pub name: &'static str,
    pub run: fn(&Context<'_>) -> Option<Remedy>,
}

impl std::fmt::Debug for Fixer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const FIXES: &[Fixer] = &[
    Fixer { name: "add-concurrently", run: concurrently::add },
    Fixer { name: "remove-concurrently", run: concurrently::remove },
    Fixer { name: "add-not-valid", run: not_valid::add },
    Fixer { name: "add-if-exists", run: existence::guard },
    Fixer { name: "add-lock-timeout", run: timeout::set },
    Fixer { name: "use-timestamptz", run: data_type::timestamptz },
    Fixer { name: "use-text", run: data_type::text },
    Fixer { name: "use-jsonb", run: data_type::jsonb },
    Fixer { name: "use-bigint", run: data_type::bigint },
    Fixer { name: "use-identity", run: data_type::identity },
    Fixer { name: "drop-display-width", run: data_type::drop_width },
];

pub fn find(name: &str) -> Option<&'static Fixer> {
    FIXES.iter().find(|fix| fix.name == name)
}

/// A fix that puts words at one place.
fn insertion(title: &str, safety: Safety, at: u32, text: &str) -> Remedy {
    Remedy { title: title.to_owned(), safety, edits: vec![(Span::new(at, at), text.to_owned())] }
}
