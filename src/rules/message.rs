//! Messages with `{placeholders}`, which name facts and are checked when the rule is loaded.

use std::ops::Range;

use super::identifier;
use super::when::{OptionValue, WhenError};
use crate::facts::{self, Context, Fact, FactType, Value};
use crate::sql::one_line;

/// A text with holes.
#[derive(Debug, Clone, Default)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Fact(&'static Fact),
    /// A value that a check hands in.
    Given(String),
    /// An option of the rule.
    Option(String),
    /// `option.columns - table.columns`: what the option lists and the fact does not have.
    Lacking(String, &'static Fact),
}

/// Values handed in by a check, by name.
pub type Given<'v> = &'v [(&'static str, String)];

/// Longer values are cut: a message is one sentence.
const LONGEST: usize = 120;
/// In help whole clauses are repeated, and half a statement is of no use.
const LONGEST_SQL: usize = 4000;

/// Facts that are one name.
const IDENTIFIERS: [&str; 10] = [
    "table.name",
    "table.parent",
    "column.name",
    "constraint.name",
    "constraint.references",
    "index.name",
    "change.name",
    "change.to",
    "lock.relation",
    "tx.locked",
];
/// Facts that are several.
const LISTS: [&str; 3] = ["constraint.columns", "constraint.referenced_columns", "index.columns"];

impl Template {
    /// Reads a template. `given` are the names that the rule's check fills; spans of errors are
    /// offsets into `text`.
    pub fn parse(text: &str, given: &[&str], options: &super::Options) -> Result<Template, WhenError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let offset = text.len() - rest.len() + at;
            literal.push_str(rest.get(..at).unwrap_or_default());
            let brace = rest.get(at..).unwrap_or_default();
            if let Some(tail) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                literal.push_str(brace.get(..1).unwrap_or_default());
                rest = tail;
                continue;
            }
            let Some((name, tail)) = brace.strip_prefix('{').and_then(|tail| tail.split_once('}')) else {
                return Err(fault(offset..offset + 1, "a brace alone: write `{{` or `}}` to mean itself", None));
            };
            if !literal.is_empty() {
                parts.push(Part::Text(without_gaps(&std::mem::take(&mut literal))));
            }
            parts.push(hole(name.trim(), offset + 1..offset + 1 + name.len(), given, options)?);
            rest = tail;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(without_gaps(&literal)));
        }
        Ok(Template { parts })
    }

    /// Fills the holes for a message, which is one sentence.
    pub fn fill(&self, context: &Context<'_>, given: Given<'_>, options: &super::Options) -> String {
        self.filled(context, given, options, LONGEST, |_, value| value)
    }

    /// Fills the holes for help, which may be SQL: names get the quotes they need.
    pub fn fill_sql(&self, context: &Context<'_>, given: Given<'_>, options: &super::Options) -> String {
        let text = self.filled(context, given, options, LONGEST_SQL, |fact, value| match fact.name {
            name if IDENTIFIERS.contains(&name) => identifier::marked(&value),
            name if LISTS.contains(&name) => value.split(", ").map(identifier::marked).collect::<Vec<_>>().join(", "),
            _ => value,
        });
        identifier::written(&text, context.target())
    }

    fn filled(
        &self,
        context: &Context<'_>,
        given: Given<'_>,
        options: &super::Options,
        longest: usize,
        dress: impl Fn(&Fact, String) -> String,
    ) -> String {
        let mut text = String::new();
        // Nothing stands where a value should: one of the two blanks around it goes.
        let mut hollow = false;
        for part in &self.parts {
            let value = match part {
                Part::Text(literal) => {
                    let joins = hollow && text.ends_with([' ', '\n']);
                    if joins && literal.starts_with([';', ',', ')']) {
                        text.truncate(text.trim_end_matches(' ').len());
                    }
                    text.push_str(if joins { literal.trim_start_matches(' ') } else { literal });
                    hollow = false;
                    continue;
                }
                Part::Fact(fact) => {
                    let printed = facts::print(&(fact.get)(context), fact.kind);
                    let fitting = if fact.kind == FactType::Names { few(&printed, longest) } else { short(&printed, longest) };
                    dress(fact, fitting)
                }
                Part::Given(name) => given.iter().find(|(key, _)| key == name).map_or(String::new(), |(_, value)| value.clone()),
                Part::Lacking(name, fact) => lacking(options.get(name), &(fact.get)(context)),
                Part::Option(name) => options.get(name).map(ToString::to_string).unwrap_or_default(),
            };
            hollow = value.is_empty();
            text.push_str(&value);
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

/// The words of a list that are not among the names.
fn lacking(option: Option<&OptionValue>, value: &Value<'_>) -> String {
    let (Some(OptionValue::List(words)), Value::Names(names)) = (option, value) else {
        return option.map(ToString::to_string).unwrap_or_default();
    };
    let missing = words.iter().filter(|word| !names.iter().any(|name| name.eq_ignore_ascii_case(word)));
    missing.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn hole(name: &str, span: Range<usize>, given: &[&str], options: &super::Options) -> Result<Part, WhenError> {
    if given.contains(&name) {
        return Ok(Part::Given(name.to_owned()));
    }
    if let Some((list, fact)) = name.split_once(" - ") {
        let list = list.trim().strip_prefix("option.").filter(|list| matches!(options.get(*list), Some(OptionValue::List(_))));
        return match (list, facts::find(fact.trim()).filter(|fact| fact.kind == FactType::Names)) {
            (Some(list), Some(fact)) => Ok(Part::Lacking(list.to_owned(), fact)),
            (None, _) | (_, None) => Err(fault(span, "expected an option that is a list, less a fact that is a list of names", None)),
        };
    }
    if let Some(option) = name.strip_prefix("option.")
        && options.contains_key(option)
    {
        return Ok(Part::Option(option.to_owned()));
    }
    match facts::find(name) {
        Some(fact) if fact.kind == FactType::Flag => Err(fault(span, format!("`{name}` is a flag and has no words"), None)),
        Some(fact) => Ok(Part::Fact(fact)),
        None => {
            let help = match (given, facts::nearest(name)) {
                (_, Some(near)) => format!("did you mean `{{{near}}}`?"),
                ([], None) => "`lockgate facts --list` shows them all".to_owned(),
                (given, None) => format!("its check fills {}", given.join(", ")),
            };
            Err(fault(span, format!("there is no fact `{name}`"), Some(help)))
        }
    }
}

fn fault(span: Range<usize>, message: impl Into<String>, help: Option<String>) -> WhenError {
    WhenError { message: message.into(), span, help }
}

/// One line, not too long.
fn short(value: &str, longest: usize) -> String {
    let line = one_line(value);
    if line.chars().count() <= longest {
        return line;
    }
    line.chars().take(longest - 1).chain(['…']).collect()
}

/// As many names of a list as fit, and how many more there are.
fn few(list: &str, longest: usize) -> String {
    let names: Vec<&str> = list.split(", ").collect();
    let mut length = 0;
    let fitting = names.iter().take_while(|name| {
        length += name.chars().count() + 2;
        length <= longest
    });
    match fitting.count() {
        0 => short(list, longest),
        all if all == names.len() => list.to_owned(),
        some => format!("{} and {} more", names.get(..some).unwrap_or_default().join(", "), names.len() - some),
    }
}

/// The text with one blank where the rule's author aligned with several; lines keep their indent.
fn without_gaps(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let start = if number > 0 { line.len() - line.trim_start_matches(' ').len() } else { 0 };
        let (indent, rest) = line.split_at_checked(start).unwrap_or(("", line));
        out.push_str(indent);
        let mut blank = false;
        for c in rest.chars() {
            if c != ' ' || !blank {
                out.push(c);
            }
            blank = c == ' ';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Options;

    #[test]
    fn holes_are_checked() {
        let none = Options::new();
        assert!(Template::parse("`{table}` takes {lock.title} {{so}}", &[], &none).is_ok());
        let error = Template::parse("x {tabel}", &[], &none).unwrap_err();
        assert_eq!((error.span, error.help.as_deref()), (3..8, Some("did you mean `{table}`?")));
        assert!(Template::parse("{table.new}", &[], &none).is_err());
        assert!(Template::parse("{difference}", &["difference"], &none).is_ok());
        assert!(Template::parse("{", &[], &none).is_err());
    }

    #[test]
    fn a_long_list_ends_with_a_whole_name() {
        assert_eq!(few("orders, customers", 20), "orders, customers");
        assert_eq!(few("orders, customers, tenants", 20), "orders, customers and 1 more");
        assert_eq!(few(&"x".repeat(30), 20).chars().count(), 20);
    }

    #[test]
    fn long_values_are_cut_and_blanks_joined() {
        assert_eq!(short("a\n   b", LONGEST), "a b");
        assert_eq!(short("note <> 'a  b'", LONGEST), "note <> 'a  b'");
        assert_eq!(short(&"x".repeat(500), LONGEST).chars().count(), LONGEST);
        assert_eq!(without_gaps("a  b\n  c  d"), "a b\n  c d");
    }
}
