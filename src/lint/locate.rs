//! From spans of a script to labels people can follow.

use std::path::PathBuf;

use crate::finding::{Edit, Label};
use crate::source::{Location, Position, Script, Sources, Span};

/// Resolves spans of one script against its files.
#[derive(Debug, Clone, Copy)]
pub struct Locator<'a> {
    pub sources: &'a Sources,
    pub script: &'a Script,
}

impl Locator<'_> {
    /// A label in the script's own file.
    pub fn label(&self, span: Span, message: impl Into<String>) -> Label {
        let message = message.into();
        label(self.sources, self.script.locate(span), message.clone()).unwrap_or_else(|| Label {
            path: PathBuf::new(),
            span,
            start: START,
            end: START,
            message,
        })
    }

    /// First line of a span, from 1.
    pub fn line(&self, span: Span) -> u32 {
        let location = self.script.locate(span);
        self.sources.get(location.source).map_or(1, |file| file.line_of(location.span.start))
    }

    pub fn path(&self) -> PathBuf {
        self.sources.get(self.script.source).map(|file| file.path.clone()).unwrap_or_default()
    }

    /// An edit of the source file.
    pub fn edit(&self, span: Span, text: impl Into<String>) -> Edit {
        let Label { span, start, end, .. } = self.label(span, "");
        Edit { span, start, end, text: text.into() }
    }
}

const START: Position = Position { line: 1, column: 1 };

/// A label at a place in one of these files; `None` when the place is in another set.
pub fn label(sources: &Sources, location: Location, message: impl Into<String>) -> Option<Label> {
    let file = sources.get(location.source)?;
    Some(Label {
        path: file.path.clone(),
        span: location.span,
        start: file.position(location.span.start),
        end: file.position(location.span.end),
        message: message.into(),
    })
}
