//! A script: the SQL that a migration really sends, with the way back to the file it came from.

use std::sync::Arc;

use super::{Location, SourceId, Span};

/// SQL to be read, and how its bytes map to a source file.
#[derive(Debug, Clone)]
pub struct Script {
    pub source: SourceId,
    pub text: Arc<str>,
    pub map: SpanMap,
}

/// From offsets in a script to offsets in its source file.
#[derive(Debug, Clone, Default)]
pub enum SpanMap {
    /// Offsets are the same. Sections of a file that do not belong to the script are blanked with
    /// spaces rather than cut, so that plain SQL never needs anything else.
    #[default]
    Same,
    /// SQL rendered from code: pieces in script order. A byte between two pieces belongs to the
    /// piece before it.
    Pieces(Vec<Piece>),
}

/// A stretch of rendered SQL and the source text it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub script: Span,
    pub source: Span,
    /// The two texts are equal byte for byte, so an inner offset maps exactly.
    pub verbatim: bool,
}

impl Script {
    /// A whole file as a script.
    pub fn whole(source: SourceId, text: Arc<str>) -> Self {
        Script { source, text, map: SpanMap::Same }
    }

    /// One stretch of a file as a script: everything else is blanked, line breaks kept.
    pub fn section(source: SourceId, text: &str, section: Span) -> Self {
        let mut blanked = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            if (section.start..section.end).contains(&at) || c == '\n' || c == '\r' {
                blanked.push(c);
            } else {
                blanked.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
        }
        Script { source, text: blanked.into(), map: SpanMap::Same }
    }

    /// Where a span of the script stands in the source file.
    pub fn locate(&self, span: Span) -> Location {
        let span = match &self.map {
            SpanMap::Same => span,
            SpanMap::Pieces(pieces) => {
                let start = map_offset(pieces, span.start, false);
                let end = map_offset(pieces, span.end, true).max(start);
                Span::new(start, end)
            }
        };
        Location { source: self.source, span }
    }
}

fn map_offset(pieces: &[Piece], offset: u32, is_end: bool) -> u32 {
    // An end offset belongs to the piece its last byte is in.
    let probe = if is_end { offset.saturating_sub(1) } else { offset };
    let index = pieces.partition_point(|piece| piece.script.start <= probe);
    let Some(piece) = index.checked_sub(1).and_then(|i| pieces.get(i)) else {
        return pieces.first().map_or(0, |piece| piece.source.start);
    };
    if piece.verbatim {
        return (piece.source.start + (offset - piece.script.start)).min(piece.source.end);
    }
    if is_end { piece.source.end } else { piece.source.start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_offsets_and_lines() {
        let script = Script::section(SourceId(0), "é\nup;\ndown;\n", Span::new(3, 6));
        assert_eq!(&*script.text, "  \nup;\n     \n");
        assert_eq!(script.locate(Span::new(3, 5)).span, Span::new(3, 5));
    }

    #[test]
    fn pieces_map_back() {
        let map = SpanMap::Pieces(vec![
            Piece { script: Span::new(0, 10), source: Span::new(50, 55), verbatim: false },
            Piece { script: Span::new(10, 14), source: Span::new(60, 64), verbatim: true },
        ]);
        let script = Script { source: SourceId(0), text: "DROP TABLE abcd".into(), map };
        assert_eq!(script.locate(Span::new(2, 4)).span, Span::new(50, 55));
        assert_eq!(script.locate(Span::new(11, 13)).span, Span::new(61, 63));
    }
}
