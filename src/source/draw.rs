//! Showing places of a text file, for mistakes in what people write for us.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use super::SourceFile;

/// A mistake in a text file and what to say about it.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Bytes of the file.
    pub span: Range<usize>,
    pub message: &'a str,
    pub help: Option<&'a str>,
}

/// Every mistake with its line and the help under it, for a terminal.
pub fn draw<'a>(path: &Path, text: &str, places: impl IntoIterator<Item = Place<'a>>) -> String {
    let file = SourceFile::new(path, text);
    let mut drawn = String::new();
    for (at, place) in places.into_iter().enumerate() {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = file.position(offset(place.span.start));
        let line = file.line_range(start.line).unwrap_or(0..0);
        let shown = text.get(line.clone()).unwrap_or_default();
        let before = text.get(line.start..place.span.start).unwrap_or_default();
        let marked = text.get(place.span.start..place.span.end.min(line.end)).unwrap_or_default();
        // Tabs stay, so that the carets stand below what they mean.
        let indent: String = before.chars().map(|c| if c == '\t' { c } else { ' ' }).collect();
        let carets = "^".repeat(marked.chars().count().max(1));
        let number = start.line.to_string();
        let gutter = " ".repeat(number.len());
        let help = place.help.unwrap_or_default();
        let separator = if at == 0 { "" } else { "\n" };
        let head = format!("{}:{}:{}: {}", path.display(), start.line, start.column, place.message);
        let _ = write!(drawn, "{separator}{head}\n{gutter} |\n{number} | {shown}\n{gutter} | {indent}{carets} {help}");
        let kept = drawn.trim_end().len();
        drawn.truncate(kept);
    }
    drawn
}
