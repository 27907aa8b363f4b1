//! What is wrong with a configuration file.

use std::ops::Range;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The text is kept so that the places can be shown in it.
    #[error("{}", first(path, text, problems))]
    Invalid { path: PathBuf, text: String, problems: Vec<ConfigProblem> },
}

/// One mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Bytes of the file.
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl ConfigProblem {
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        ConfigProblem { span, message: message.into(), help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// One line for where nothing better can be drawn.
fn first(path: &std::path::Path, text: &str, problems: &[ConfigProblem]) -> String {
    let Some(problem) = problems.first() else { return format!("{}: invalid", path.display()) };
    let line = text.get(..problem.span.start).unwrap_or(text).matches('\n').count() + 1;
    let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{}:{line}: {}{help}", path.display(), problem.message)
}
