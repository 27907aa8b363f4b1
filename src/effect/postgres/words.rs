//! Words and calls in an expression's text, quotes left out.

/// A piece of an expression that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, folded; `called` when a parenthesis follows it.
    Name {
        text: String,
        called: bool,
        quoted: bool,
    },
    Literal(String),
    /// A mark such as `:` or `.` or `(`.
    Mark(char),
}

/// Reads an expression's text once, left to right.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
        } else if c == '\'' {
            let (literal, next) = quoted(&chars, at, '\'');
            out.push(Word::Literal(literal));
            at = next;
        } else if c == '"' {
            let (name, next) = quoted(&chars, at, '"');
            out.push(Word::Name { text: name, called: next_mark(&chars, next) == Some('('), quoted: true });
            at = next;
        } else if c == '$'
            && let Some((literal, next)) = dollar_quoted(&chars, at)
        {
            out.push(Word::Literal(literal));
            at = next;
        } else if c == '-' && chars.get(at + 1) == Some(&'-') {
            while chars.get(at).is_some_and(|c| *c != '\n') {
                at += 1;
            }
        } else if c.is_alphabetic() || c == '_' {
            let start = at;
            while chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_' || *c == '$') {
                at += 1;
            }
            let text: String = chars.iter().take(at).skip(start).collect::<String>().to_lowercase();
            // E'…', B'…' and the like: the prefix belongs to the literal.
            if chars.get(at) == Some(&'\'') && text.len() == 1 {
                continue;
            }
            out.push(Word::Name { text, called: next_mark(&chars, at) == Some('('), quoted: false });
        } else if c.is_ascii_digit() {
            let start = at;
            while chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '.') {
                at += 1;
            }
            out.push(Word::Literal(chars.iter().take(at).skip(start).collect()));
        } else {
            out.push(Word::Mark(c));
            at += 1;
        }
    }
    out
}

fn next_mark(chars: &[char], mut at: usize) -> Option<char> {
    while chars.get(at).is_some_and(|c| c.is_whitespace()) {
        at += 1;
    }
    chars.get(at).copied()
}

fn quoted(chars: &[char], start: usize, quote: char) -> (String, usize) {
    let mut text = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        if c == quote {
            if chars.get(at + 1) != Some(&quote) {
                return (text, at + 1);
            }
            at += 1;
        }
        text.push(c);
        at += 1;
    }
    (text, at)
}

fn dollar_quoted(chars: &[char], start: usize) -> Option<(String, usize)> {
    let mut tag_end = start + 1;
    while chars.get(tag_end).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        tag_end += 1;
    }
    if chars.get(tag_end) != Some(&'$') {
        return None;
    }
    let tag = chars.get(start..=tag_end)?;
    let mut at = tag_end + 1;
    while at + tag.len() <= chars.len() {
        if chars.get(at..at + tag.len())? == tag {
            return Some((chars.get(tag_end + 1..at)?.iter().collect(), at + tag.len()));
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_told_from_names() {
        let found = words("E'a''b' || lower(\"X\")");
        assert!(found.contains(&Word::Literal("a'b".to_owned())));
        assert!(found.contains(&Word::Name { text: "lower".to_owned(), called: true, quoted: false }));
        assert!(found.contains(&Word::Name { text: "X".to_owned(), called: false, quoted: true }));
    }
}
