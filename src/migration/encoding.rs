//! Bytes to text. A file in the wrong encoding is read as well as it can be and says so; it never
//! hides the others.

use std::path::Path;
use std::sync::Arc;

use super::{Problem, ProblemKind};
use crate::source::{Location, SourceId, Span};

pub(crate) struct Decoded {
    pub text: Arc<str>,
    pub trouble: Option<Trouble>,
}

/// Why a text is not quite the file.
pub(crate) enum Trouble {
    /// The bytes at this offset are no UTF-8; each such byte became a `?`, so that offsets hold.
    Bytes { first: Span, count: usize },
    /// Decoded from UTF-16: offsets are those of the decoded text.
    Utf16,
}

impl Trouble {
    pub(crate) fn problem(&self, path: &Path, source: SourceId) -> Problem {
        match self {
            Trouble::Bytes { first, count } => {
                let message = match count {
                    1 => "a byte here is not valid UTF-8".to_owned(),
                    count => format!("{count} bytes are not valid UTF-8, the first of them here"),
                };
                Problem::new(ProblemKind::Encoding, path, message)
                    .at(Location { source, span: *first })
                    .help("save the file as UTF-8; what the server would make of these bytes depends on the client's encoding")
            }
            Trouble::Utf16 => {
                Problem::new(ProblemKind::Encoding, path, "the file is encoded in UTF-16, which no database client reads as SQL")
                    .at(Location { source, span: Span::new(0, 0) })
                    .help("save it as UTF-8 (PowerShell's `>` writes UTF-16; use `Out-File -Encoding utf8`)")
            }
        }
    }
}

/// The text of a file's bytes, as scripts and spans see it.
pub fn text_of(bytes: &[u8]) -> Arc<str> {
    decode(bytes).text
}

pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some(text) = utf16(bytes) {
        return Decoded { text: text.into(), trouble: Some(Trouble::Utf16) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.into(), trouble: None };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    let mut count = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            first.get_or_insert(text.len());
            count += chunk.invalid().len();
            text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
    }
    let start = u32::try_from(first.unwrap_or(0)).unwrap_or(u32::MAX);
    Decoded { text: text.into(), trouble: Some(Trouble::Bytes { first: Span::new(start, start.saturating_add(1)), count }) }
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes.get(2..)?.as_chunks::<2>().0.iter().map(|pair| read(*pair));
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The text with a leading byte order mark blanked.
pub(crate) fn without_mark(text: Arc<str>) -> Arc<str> {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("   {rest}").into(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_survive_bad_bytes_and_marks() {
        let decoded = decode(b"SELECT '\xe9\xff' -- \xc3\xa9");
        assert_eq!(&*decoded.text, "SELECT '??' -- é");
        assert!(matches!(decoded.trouble, Some(Trouble::Bytes { first: Span { start: 8, end: 9 }, count: 2 })));
        assert_eq!(&*without_mark(decode("\u{feff}SELECT".as_bytes()).text), "   SELECT");
    }

    #[test]
    fn utf16_is_read_in_both_byte_orders() {
        for bytes in [&b"\xff\xfeA\0\xe9\0"[..], b"\xfe\xff\0A\0\xe9"] {
            let decoded = decode(bytes);
            assert_eq!(&*decoded.text, "Aé");
            assert!(matches!(decoded.trouble, Some(Trouble::Utf16)));
        }
    }
}
