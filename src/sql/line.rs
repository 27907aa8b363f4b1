//! SQL on one line.

/// The text with its comments left out and each gap made one blank; what stands in quotes stays as
/// it is, down to the last blank.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' | '`' => quoted_length(rest, c),
            '$' => dollar_length(rest).unwrap_or(1),
            '-' if rest.starts_with("--") => {
                rest = rest.find('\n').and_then(|at| rest.get(at..)).unwrap_or_default();
                continue;
            }
            // What a version comment of MySQL holds is executed.
            '/' if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") => {
                rest = rest.find("*/").and_then(|at| rest.get(at + 2..)).unwrap_or_default();
                gap(&mut out);
                continue;
            }
            c if c.is_whitespace() => {
                rest = rest.trim_start();
                gap(&mut out);
                continue;
            }
            c => c.len_utf8(),
        };
        let (head, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(head);
        rest = tail;
    }
    out.truncate(out.trim_end().len());
    out
}

fn gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Up to and with the closing quote. A doubled one, or one behind a backslash, ends one text and
/// begins the next, which comes to the same here but for the gaps in what follows a backslash.
fn quoted_length(text: &str, quote: char) -> usize {
    let inside = text.get(1..).unwrap_or_default();
    inside.find(quote).map_or(text.len(), |at| at + 2)
}

/// `$tag$ … $tag$`.
fn dollar_length(text: &str) -> Option<usize> {
    let tag = text.get(1..)?.find('$')? + 2;
    let name = text.get(1..tag - 1)?;
    if name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(|c| c == '_' || c.is_alphanumeric()) {
        return None;
    }
    let end = text.get(tag..)?.find(text.get(..tag)?)?;
    Some(tag + end + tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_shrink_and_texts_stay() {
        assert_eq!(one_line(" a  >\n 0 "), "a > 0");
        assert_eq!(one_line("a <> 'x  y' -- not \"two\n AND \"b  c\"  = 1"), "a <> 'x  y' AND \"b  c\" = 1");
        assert_eq!(one_line("a /* a  b */ = $t$ x  $t$ /*!40000 c  */"), "a = $t$ x  $t$ /*!40000 c */");
        assert_eq!(one_line("it's  open\n x"), "it's  open\n x");
        assert_eq!(one_line("$1  ->  $2"), "$1 -> $2");
        assert_eq!(one_line("--"), "");
    }
}
