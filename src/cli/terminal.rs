//! What we write to: colour, how much to say, and how errors look.

use std::io::{self, IsTerminal, Write};

use super::args::Colour;
use crate::report::Style;

#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    pub style: Style,
    /// The same for standard error.
    pub error_style: Style,
    pub quiet: bool,
    pub verbose: bool,
}

impl Terminal {
    pub fn new(colour: Colour, quiet: bool, verbose: bool) -> Self {
        let style = |terminal: bool| Style { colour: wants_colour(colour, terminal), ascii: wants_ascii() };
        Terminal { style: style(io::stdout().is_terminal()), error_style: style(io::stderr().is_terminal()), quiet, verbose }
    }

    /// An error with its causes, on standard error.
    pub fn error(&self, error: &anyhow::Error) {
        let mut out = io::stderr().lock();
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(out, "{}: {error}", self.error_style.red("error"));
        for cause in error.chain().skip(1) {
            let _ = writeln!(out, "  {} {cause}", self.error_style.dim("because"));
        }
    }

    /// A run that did not end well, on standard error: several lines, as they are.
    pub fn failure(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}: {text}", self.error_style.red("error"));
    }

    /// A file that could not be read, on standard error.
    pub fn problem(&self, problem: &crate::finding::Problem) {
        let mut out = io::stderr().lock();
        let place = problem.line.map_or_else(String::new, |line| format!(" (line {line})"));
        let _ = writeln!(out, "{}: {}: {}{place}", problem.severity, crate::source::display_path(&problem.path), problem.message);
    }

    /// Something worth knowing, on standard error, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{}: {text}", self.error_style.bold("note"));
        }
    }

    /// Something for those who asked for more.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            let _ = writeln!(io::stderr().lock(), "{}", self.error_style.dim(text));
        }
    }
}

/// Flag, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then whether it is a terminal.
fn wants_colour(colour: Colour, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR") => false,
        Colour::Auto if set("CLICOLOR_FORCE") || set("FORCE_COLOR") => true,
        Colour::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Locales that are not UTF-8 mangle box-drawing characters.
fn wants_ascii() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !(locale.contains("utf-8") || locale.contains("utf8") || locale == "c" || locale == "posix")
    })
}
