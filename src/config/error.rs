//! What is wrong with a configuration file.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::source::SourceFile;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The text is kept so that the places can be shown in it.
    #[error("{}", drawn(path, text, problems))]
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

/// Every mistake with its line, for a terminal.
fn drawn(path: &Path, text: &str, problems: &[ConfigProblem]) -> String {
    let file = SourceFile::new(path, text);
    let mut drawn = String::new();
    for (at, problem) in problems.iter().enumerate() {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = file.position(offset(problem.span.start));
        let line = file.line_range(start.line).unwrap_or(0..0);
        let shown = text.get(line.clone()).unwrap_or_default();
        let before = text.get(line.start..problem.span.start).unwrap_or_default();
        let marked = text.get(problem.span.start..problem.span.end.min(line.end)).unwrap_or_default();
        // Tabs stay, so that the carets stand below what they mean.
        let indent: String = before.chars().map(|c| if c == '\t' { c } else { ' ' }).collect();
        let carets = "^".repeat(marked.chars().count().max(1));
        let number = start.line.to_string();
        let gutter = " ".repeat(number.len());
        let help = problem.help.as_deref().unwrap_or_default();
        let separator = if at == 0 { "" } else { "\n" };
        let head = format!("{}:{}:{}: {}", path.display(), start.line, start.column, problem.message);
        let _ = write!(drawn, "{separator}{head}\n{gutter} |\n{number} | {shown}\n{gutter} | {indent}{carets} {help}");
        let kept = drawn.trim_end().len();
        drawn.truncate(kept);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_drawn_in_its_line() {
        let text = "a = 1\n\tenigne = \"é\"\n";
        let problems =
            vec![ConfigProblem::new(7..13, "no key `enigne`").help("did you mean `engine`?"), ConfigProblem::new(99..99, "the end")];
        let drawn = drawn(Path::new("lockgate.toml"), text, &problems);
        let expected = "lockgate.toml:2:2: no key `enigne`\n  |\n2 | \tenigne = \"é\"\n  | \t^^^^^^ did you mean `engine`?\nlockgate.toml:3:1: the end\n  |\n3 | \n  | ^";
        assert_eq!(drawn, expected);
    }
}
