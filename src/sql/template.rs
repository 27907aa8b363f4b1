//! Branches of Go's templates, which a program takes before the server sees the text:
//! `{{if .mysql}} … {{else}} … {{end}}` (manual of `text/template`, Actions).

use std::ops::Range;

use crate::engine::{Engine, Target};

/// What a template leaves out of a text for this engine: its own marks, its comments, and the
/// branches for other engines. Where a condition asks for something else, both branches are read.
/// Empty where the marks do not fit together: then it is no such template.
#[derive(Debug, Default)]
pub(super) struct Branches {
    /// In order.
    pub left_out: Vec<Range<usize>>,
    /// The branches of which it is not known whether they are taken, in order; what is inside one
    /// goes with it.
    pub doubtful: Vec<Range<usize>>,
}

impl Branches {
    pub(super) fn of(text: &str, target: Target) -> Self {
        if !text.contains("{{") {
            return Branches::default();
        }
        let mut reader = Reader { target, open: Vec::new(), out_at: None, found: Branches::default() };
        for (span, action) in actions(text) {
            if reader.take(span, action).is_none() {
                return Branches::default();
            }
        }
        if reader.open.is_empty() { reader.found } else { Branches::default() }
    }
}

impl Branches {
    /// Whether a stretch of the text stands in such a branch, or holds one.
    pub(super) fn is_doubtful(&self, start: usize, end: usize) -> bool {
        let next = self.doubtful.partition_point(|branch| branch.end <= start);
        self.doubtful.get(next).is_some_and(|branch| branch.start < end)
    }
}

/// Whether a program decides what is sent: the text has branches, or calls that write statements.
pub fn is_template(text: &str) -> bool {
    let mut calls = text.match_indices("{{").filter_map(|(at, _)| call_end(text, at));
    actions(text).any(|(_, action)| matches!(action, Action::If(_) | Action::Repeat)) || calls.next().is_some()
}

/// A call in more text than this is none.
const LONGEST_CALL: usize = 1024;

/// The end of a call that has lines of its own, `{{ addColumnIfNeeded "blocks" "root_id" }}`: it writes
/// whole statements, their `;` included.
pub(super) fn call_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix("{{")?;
    let near = &rest[..rest.floor_char_boundary(LONGEST_CALL)];
    let inside = &near[..near.find("}}")?];
    let end = at + inside.len() + 4;
    let before = text.get(..at)?.trim_end_matches([' ', '\t']);
    let after = text.get(end..)?.trim_start_matches([' ', '\t', '\r']);
    let alone = (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'));
    let name = inside.trim_matches('-').trim().split_once(char::is_whitespace)?.0;
    let is_call = name.starts_with(char::is_alphabetic) && name.chars().all(char::is_alphanumeric);
    (is_call && alone).then_some(end)
}

#[derive(Debug, Clone, Copy)]
enum Action<'a> {
    Comment,
    If(&'a str),
    /// With the condition of `else if`.
    Else(Option<&'a str>),
    End,
    /// `range`, `with`, `block`, `define`: their text is read as it stands.
    Repeat,
}

/// The marks that steer the template, in order. What writes something is a hole: see `holes`.
fn actions(text: &str) -> impl Iterator<Item = (Range<usize>, Action<'_>)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text.get(from..)?.find("{{")?;
        let end = start + text.get(start..)?.find("}}")? + 2;
        from = end;
        Some((start..end, text.get(start + 2..end - 2)?))
    })
    .filter_map(|(span, inside)| {
        let inside = inside.strip_prefix('-').unwrap_or(inside);
        let inside = inside.strip_suffix('-').unwrap_or(inside).trim();
        let (word, rest) = inside.split_once(char::is_whitespace).map_or((inside, ""), |(word, rest)| (word, rest.trim()));
        let action = match word {
            _ if inside.starts_with("/*") => Action::Comment,
            "if" => Action::If(rest),
            "else" => Action::Else(rest.strip_prefix("if").map(str::trim)),
            "end" => Action::End,
            "range" | "with" | "block" | "define" => Action::Repeat,
            _ => return None,
        };
        Some((span, action))
    })
}

struct Reader {
    target: Target,
    /// For each `{{if}}` and its like that waits for its `{{end}}`: whether a branch was taken so far;
    /// `None` where that is not known.
    open: Vec<Open>,
    /// The one whose text is left out now, and from where on. What is nested goes with it.
    out_at: Option<(usize, usize)>,
    found: Branches,
}

struct Open {
    taken: Option<bool>,
    /// Where the branch begins of which that is not known.
    doubted: Option<usize>,
}

impl Reader {
    /// `None` where the mark has no place here.
    fn take(&mut self, span: Range<usize>, action: Action<'_>) -> Option<()> {
        let depth = self.open.len();
        // Left out by itself, or by one around it.
        let (own, outer) = match self.out_at {
            Some((at, from)) if at + 1 == depth => (Some(from), false),
            Some(_) => (None, true),
            None => (None, false),
        };
        let dead = own.is_some() || outer;
        match action {
            Action::Comment | Action::Repeat | Action::If(_) if dead => {
                if !matches!(action, Action::Comment) {
                    self.open.push(Open { taken: None, doubted: None });
                }
            }
            Action::Comment => self.found.left_out.push(span),
            Action::Repeat => {
                self.open.push(Open { taken: None, doubted: None });
                self.found.left_out.push(span);
            }
            Action::If(condition) => {
                let taken = holds(condition, self.target);
                self.open.push(Open { taken, doubted: taken.is_none().then_some(span.start) });
                if taken == Some(false) {
                    self.out_at = Some((depth, span.start));
                } else {
                    self.found.left_out.push(span);
                }
            }
            Action::Else(_) if outer => {}
            Action::Else(condition) => {
                let open = self.open.last_mut()?;
                let now =
                    if open.taken == Some(true) { Some(false) } else { condition.map_or(Some(true), |text| holds(text, self.target)) };
                if now == Some(false) {
                    self.out_at.get_or_insert((depth - 1, span.start));
                } else {
                    self.found.left_out.push(own.unwrap_or(span.start)..span.end);
                    self.out_at = None;
                    open.taken = if open.taken.is_none() { None } else { now };
                    if open.taken.is_none() {
                        open.doubted.get_or_insert(span.start);
                    }
                }
            }
            Action::End => {
                let open = self.open.pop()?;
                if !outer {
                    if let Some(start) = open.doubted {
                        while self.found.doubtful.pop_if(|inner| inner.start > start).is_some() {}
                        self.found.doubtful.push(start..span.end);
                    }
                    self.found.left_out.push(own.unwrap_or(span.start)..span.end);
                    self.out_at = None;
                }
            }
        }
        Some(())
    }
}

/// Whether a condition holds for the engine: `.mysql`, `not .sqlite`, `or .postgres .sqlite`,
/// `and (not .sqlite) .plugin`.
fn holds(condition: &str, target: Target) -> Option<bool> {
    let spaced = condition.replace('(', " ( ").replace(')', " ) ");
    // One group of words for each parenthesis that is open.
    let mut groups: Vec<Vec<Word>> = vec![Vec::new()];
    for word in spaced.split_whitespace() {
        match word {
            "(" => groups.push(Vec::new()),
            ")" => {
                let value = value(&groups.pop()?);
                groups.last_mut()?.push(Word::Value(value));
            }
            "not" => groups.last_mut()?.push(Word::Not),
            "and" => groups.last_mut()?.push(Word::And),
            "or" => groups.last_mut()?.push(Word::Or),
            _ => groups.last_mut()?.push(Word::Value(flag(word, target.engine))),
        }
    }
    if groups.len() > 1 { None } else { value(groups.last()?) }
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Not,
    And,
    Or,
    Value(Option<bool>),
}

fn value(words: &[Word]) -> Option<bool> {
    let (first, rest) = words.split_first()?;
    let values = || rest.iter().map(|word| if let Word::Value(value) = word { *value } else { None });
    match first {
        Word::Not => values().next().flatten().map(|value| !value),
        Word::And if values().any(|value| value == Some(false)) => Some(false),
        Word::And => values().all(|value| value == Some(true)).then_some(true),
        Word::Or if values().any(|value| value == Some(true)) => Some(true),
        Word::Or => values().all(|value| value == Some(false)).then_some(false),
        // More words are a function's arguments.
        Word::Value(value) => value.filter(|_| rest.is_empty()),
    }
}

/// Whether a value that is called like an engine is this one; others are not known.
fn flag(word: &str, engine: Engine) -> Option<bool> {
    match word.strip_prefix('.')?.to_ascii_lowercase().as_str() {
        "mysql" => Some(engine.is_mysql_family()),
        "mariadb" => Some(engine == Engine::Mariadb),
        "postgres" | "postgresql" | "pg" => Some(engine == Engine::Postgres),
        "sqlite" | "sqlite3" => Some(engine == Engine::Sqlite),
        "mssql" | "sqlserver" | "oracle" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text.
    fn left(text: &str, target: &str) -> String {
        let mut rest = text.to_owned();
        for gone in Branches::of(text, target.parse().unwrap()).left_out.into_iter().rev() {
            rest.replace_range(gone, "");
        }
        rest
    }

    #[test]
    fn a_branch_is_left_out_for_other_engines() {
        let text = "a {{if .mysql}}b{{else if .postgres}}c{{ else }}d{{end}} e";
        assert_eq!(left(text, "mysql"), "a b e");
        assert_eq!(left(text, "mariadb"), "a b e");
        assert_eq!(left(text, "postgres"), "a c e");
        assert_eq!(left(text, "sqlite"), "a d e");
    }

    #[test]
    fn conditions_are_put_together() {
        let text = "{{- if and (not .sqlite) .plugin -}}a{{- end -}}{{if or .postgres .sqlite}}b{{end}}{{if not .postgres}}c{{end}}";
        assert_eq!(left(text, "sqlite"), "bc");
        assert_eq!(left(text, "postgres"), "ab");
        assert_eq!(left(text, "mysql"), "ac");
    }

    #[test]
    fn what_is_not_known_is_read_both_ways() {
        assert_eq!(left("{{if .plugin}}a{{else}}b{{end}}{{/* c */}}", "postgres"), "ab");
        assert_eq!(left("{{if exists \"t\"}}a{{if .mysql}}b{{end}}{{end}}c", "postgres"), "ac");
        assert_eq!(left("{{if .mysql}}a{{if .plugin}}b{{else}}c{{end}}d{{else}}e{{end}}", "postgres"), "e");
    }

    #[test]
    fn what_a_condition_may_leave_out_is_doubtful() {
        let text = "SELECT 1; CREATE INDEX {{if not .Tx}}CONCURRENTLY{{end}} a ON b (c); {{if .plugin}}SELECT 2; {{if .mysql}}SELECT 3;{{end}}{{end}} SELECT 4;";
        let pieces = crate::sql::split(text, "postgres".parse().unwrap()).pieces;
        assert_eq!(pieces.iter().map(|piece| piece.doubtful).collect::<Vec<_>>(), [false, true, true, false]);
    }

    #[test]
    fn a_call_on_its_own_lines_is_a_statement() {
        let call = r#"{{ addColumn "a" "b" }}"#;
        assert_eq!(call_end(&format!("  {call} \nUPDATE a"), 2), Some(2 + call.len()));
        assert_eq!(call_end(&format!("{call} x"), 0), None);
        assert_eq!(call_end("{{ .Schema }}\n.t", 0), None);
        let pieces = crate::sql::split(&format!("{call}\n\nUPDATE a SET b = 1;"), "postgres".parse().unwrap()).pieces;
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn the_time_grows_with_the_text_alone() {
        let deep = format!("{}x{}", "{{if .x}}".repeat(200_000), "{{end}}".repeat(200_000));
        assert_eq!(left(&deep[..deep.len() - 2], "postgres"), deep[..deep.len() - 2], "one is not closed");
        assert_eq!(Branches::of(&deep, "postgres".parse().unwrap()).left_out.len(), 400_000);
        for text in ["{{;", "{{a b}};", "{{a b\n", "{{if .mysql}}{{else}}"] {
            assert!(!crate::sql::split(&text.repeat(100_000), "postgres".parse().unwrap()).pieces.is_empty());
        }
    }

    #[test]
    fn what_is_no_template_stays() {
        for text in ["'{{1,2},{3,4}}'", "{{if .mysql}}a", "a{{end}}", "{{else}}", "{{ .Schema }}.t", "{{", "{{if (}}x{{end}"] {
            assert_eq!(left(text, "postgres"), text);
        }
        assert!(!is_template("SELECT '{{1,2},{3,4}}', {{ .Schema }}\n"));
        assert!(is_template("{{ if .x }}a{{ end }}") && is_template("SELECT 1;\n{{ addColumn \"a\" }}\n"));
    }
}
