//! The TOML record at the head of a rule file, as it is written.

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Record {
    pub severity: Spanned<String>,
    /// `false`: a convention that a team switches on.
    #[serde(default = "yes")]
    pub enabled: bool,
    pub engines: Vec<Spanned<String>>,
    /// Kinds of changes; `any`, `migration`, `history` or `elsewhere`.
    pub on: Vec<Spanned<String>>,
    pub when: Option<Spanned<String>>,
    pub check: Option<Spanned<String>>,
    pub message: Spanned<String>,
    pub label: Option<Spanned<String>>,
    pub help: Option<Spanned<String>>,
    pub note: Option<Spanned<String>>,
    pub fix: Option<Spanned<String>>,
    /// The severity on tables known to be small.
    pub small: Option<Spanned<String>>,
    /// The severity where an unknown fact decides.
    pub possible: Option<Spanned<String>>,
    pub once: Option<Spanned<String>>,
    /// `before` the statement, at the `migration-end` or at the `history-end`.
    pub asked: Option<Spanned<String>>,
    /// What the finding points at.
    pub at: Option<Spanned<String>>,
    /// Another place to show.
    pub related: Option<Spanned<String>>,
    /// Rules which say the same hazard better: where one of them speaks, this one is silent.
    #[serde(default)]
    pub yields_to: Vec<Spanned<String>>,
    /// Looks at statements which the server is certain to refuse, too.
    #[serde(default)]
    pub refused: bool,
    /// Former ids.
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub options: toml::Table,
    #[serde(default)]
    pub case: Vec<CaseRecord>,
}

/// `[[case]]`: the first one that holds changes the words or the severity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CaseRecord {
    #[serde(default)]
    pub engines: Vec<Spanned<String>>,
    pub when: Option<Spanned<String>>,
    pub severity: Option<Spanned<String>>,
    pub message: Option<Spanned<String>>,
    pub label: Option<Spanned<String>>,
    pub help: Option<Spanned<String>>,
    pub note: Option<Spanned<String>>,
    pub fix: Option<Spanned<String>>,
}

fn yes() -> bool {
    true
}
