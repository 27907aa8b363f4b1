//! Colour, decided once.

use std::io;

use anstyle::{AnsiColor, Effects, Style as Ansi};
use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::{GeneralWriteResult, WriteStyle};

/// Whether to write colour and box-drawing characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    pub colour: bool,
    /// Only ASCII: for terminals and logs that mangle box drawing.
    pub ascii: bool,
}

const BOLD: Ansi = Ansi::new().effects(Effects::BOLD);
const BORDER: Ansi = AnsiColor::Blue.on_default();

impl Style {
    /// Wraps text in a style when colour is on.
    pub fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub fn bold(self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    pub fn green(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default().effects(Effects::BOLD), text)
    }

    pub fn red(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().effects(Effects::BOLD), text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().effects(Effects::BOLD), text)
    }

    pub fn dim(self, text: &str) -> String {
        self.paint(Ansi::new().effects(Effects::DIMMED), text)
    }
}

/// codespan's styling hooks over plain ANSI codes.
pub(super) struct AnsiWriter<'a> {
    pub out: &'a mut dyn io::Write,
    pub colour: bool,
}

impl AnsiWriter<'_> {
    fn set(&mut self, style: Ansi) -> GeneralWriteResult {
        if self.colour {
            write!(self.out, "{}{style}", Ansi::new().render_reset())?;
        }
        Ok(())
    }
}

fn of(severity: Severity) -> Ansi {
    match severity {
        Severity::Bug | Severity::Error => AnsiColor::Red.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Note => AnsiColor::Cyan.on_default(),
        Severity::Help => AnsiColor::Green.on_default(),
    }
}

impl io::Write for AnsiWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl WriteStyle for AnsiWriter<'_> {
    fn set_header(&mut self, severity: Severity) -> GeneralWriteResult {
        self.set(of(severity).effects(Effects::BOLD))
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.set(BOLD)
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.set(BORDER)
    }

    fn set_label(&mut self, severity: Severity, label_style: LabelStyle) -> GeneralWriteResult {
        self.set(match label_style {
            LabelStyle::Primary => of(severity),
            LabelStyle::Secondary => BORDER,
        })
    }

    fn reset(&mut self) -> GeneralWriteResult {
        if self.colour {
            write!(self.out, "{}", Ansi::new().render_reset())?;
        }
        Ok(())
    }
}
