//! What is wrong with a configuration file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::source::{Place, draw};

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
    let places =
        problems.iter().map(|problem| Place { span: problem.span.clone(), message: &problem.message, help: problem.help.as_deref() });
    draw(path, text, places)
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
