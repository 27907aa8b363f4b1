//! A rule file, from Markdown to a checked [`Rule`].

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::checks::{self, Check};
use super::fixes::{self, Fixer};
use super::markdown::Page;
use super::message::Template;
use super::record::{CaseRecord, Record};
use super::rule::{Asked, At, Case, Once, Place, Rule, Subject, Words};
use super::when::{OptionValue, Options, When, WhenError};
use crate::change::ChangeKind;
use crate::engine::Engine;
use crate::facts::{ElementKind, nearest_of};
use crate::finding::Severity;
use crate::source::{Place as Mark, draw};

/// A fault in a rule file, with the bytes of the Markdown it stands at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.drawn())]
pub struct RuleFileError {
    pub path: String,
    /// The whole file, so that the place can be shown in it.
    pub text: Arc<str>,
    pub message: String,
    pub span: Range<usize>,
    pub help: Option<String>,
}

impl RuleFileError {
    fn drawn(&self) -> String {
        let place = Mark { span: self.span.clone(), message: &self.message, help: self.help.as_deref() };
        draw(std::path::Path::new(&self.path), &self.text, [place])
    }
}

/// Reads a rule. Its id is the file's stem, its category the folder; `options` replace defaults of
/// the record's own.
pub fn read_rule(path: &str, text: &str, options: Option<&toml::Table>) -> Result<Rule, RuleFileError> {
    Reader::new(path, text, options)?.rule()
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    page: Page,
    /// Where the record's TOML starts in the Markdown.
    base: usize,
    record: Record,
    options: Options,
    check: Option<&'static Check>,
}

impl<'a> Reader<'a> {
    fn new(path: &'a str, text: &'a str, given: Option<&toml::Table>) -> Result<Self, RuleFileError> {
        let page = Page::read(text);
        let error =
            |span: Range<usize>, message: String| RuleFileError { path: path.to_owned(), text: text.into(), message, span, help: None };
        let Some(body) = page.blocks.first().filter(|block| block.is("toml", None)).map(|block| block.body.clone()) else {
            return Err(error(0..0, "the first block of a rule file is its record, fenced as `toml`".to_owned()));
        };
        let source = text.get(body.clone()).unwrap_or_default();
        let record: Record = toml::from_str(source).map_err(|fault| {
            let span = fault.span().unwrap_or(0..0);
            error(body.start + span.start..body.start + span.end, fault.message().trim().to_owned())
        })?;
        let mut reader = Reader { path, text, page, base: body.start, options: Options::new(), check: None, record };
        reader.options = reader.read_options(given)?;
        reader.check = match &reader.record.check {
            None => None,
            Some(name) => Some(checks::find(name.get_ref()).ok_or_else(|| reader.fault(name, "there is no such check", None))?),
        };
        Ok(reader)
    }

    fn rule(self) -> Result<Rule, RuleFileError> {
        let record = &self.record;
        let id = self.path.rsplit('/').next().unwrap_or(self.path).trim_end_matches(".md").to_owned();
        let mut folders = self.path.rsplit('/').skip(1);
        let category = folders.next().unwrap_or("own").to_owned();
        if self.page.title != id {
            let message = format!("the title is `{}`, the file's name is `{id}`: they must be the same", self.page.title);
            return Err(RuleFileError {
                path: self.path.to_owned(),
                text: self.text.into(),
                message,
                span: 0..self.text.find('\n').unwrap_or(0),
                help: None,
            });
        }
        let subject = self.subject()?;
        let when = record.when.as_ref().map(|when| self.condition(when)).transpose()?;
        if when.is_none() && self.check.is_none() && subject != Subject::Elsewhere {
            return Err(self.fault(&record.message, "a rule needs a condition, `when`, or a `check`", None));
        }
        let small = match &record.small {
            Some(word) => self.severity(word)?,
            // What grows with the rows is harmless on few.
            None if matches!(category.as_str(), "locking" | "rewriting") => Severity::Note,
            None => Severity::Error,
        };
        Ok(Rule {
            severity: self.severity(&record.severity)?,
            enabled: record.enabled,
            engines: self.engines(&record.engines)?,
            words: self.words()?,
            cases: record.case.iter().map(|case| self.case(case)).collect::<Result<_, _>>()?,
            small,
            possible: record.possible.as_ref().map(|word| self.severity(word)).transpose()?,
            once: self
                .word(
                    &record.once,
                    &[("change", Once::Change), ("statement", Once::Statement), ("table", Once::Table), ("migration", Once::Migration)],
                )?
                .unwrap_or(Once::Change),
            asked: self.word(&record.asked, ASKED)?.unwrap_or(Asked::Before),
            at: self
                .word(&record.at, &[("change", At::Change), ("statement", At::Statement), ("trouble", At::Trouble)])?
                .unwrap_or(At::Change),
            related: self.word(&record.related, PLACES)?,
            yields_to: record.yields_to.iter().map(|id| id.get_ref().clone()).collect(),
            refused: record.refused,
            aliases: record.aliases.clone(),
            summary: summary(self.text.get(self.base..).unwrap_or_default()),
            path: self.path.to_owned(),
            text: Arc::from(self.text),
            check: self.check,
            options: self.options.clone(),
            id,
            category,
            subject,
            when,
            page: self.page,
        })
    }

    fn subject(&self) -> Result<Subject, RuleFileError> {
        let mut kinds = Vec::new();
        let mut elements = Vec::new();
        let mut all = false;
        for word in &self.record.on {
            match word.get_ref().as_str() {
                "migration" => return Ok(Subject::Migration),
                "history" => return Ok(Subject::History),
                "elsewhere" => return Ok(Subject::Elsewhere),
                "any" => all = true,
                name => match (ChangeKind::from_name(name), ElementKind::ALL.into_iter().find(|kind| kind.name() == name)) {
                    (Some(kind), _) => kinds.push(kind),
                    (None, Some(kind)) => elements.push(kind),
                    (None, None) => {
                        let known = ChangeKind::ALL.iter().map(|kind| kind.name());
                        let near = nearest_of(name, known.chain(ElementKind::ALL.map(ElementKind::name)));
                        let help = near.map(|near| format!("did you mean `{near}`?"));
                        return Err(self.fault(word, &format!("there is no kind of change `{name}`"), help));
                    }
                },
            }
        }
        if !elements.is_empty() {
            return Ok(Subject::Elements(elements, kinds));
        }
        if all {
            kinds.clear();
        } else if kinds.is_empty() {
            return Err(self.fault(&self.record.message, "`on` names no kind of change", None));
        }
        Ok(Subject::Changes(kinds))
    }

    fn words(&self) -> Result<Words, RuleFileError> {
        let record = &self.record;
        Ok(Words {
            message: self.template(&record.message)?,
            label: self.maybe_template(&record.label)?,
            help: self.maybe_template(&record.help)?,
            note: self.maybe_template(&record.note)?,
            fix: self.fixer(&record.fix)?,
        })
    }

    fn case(&self, case: &CaseRecord) -> Result<Case, RuleFileError> {
        Ok(Case {
            engines: self.engines(&case.engines)?,
            when: case.when.as_ref().map(|when| self.condition(when)).transpose()?,
            severity: case.severity.as_ref().map(|word| self.severity(word)).transpose()?,
            message: self.maybe_template(&case.message)?,
            label: self.maybe_template(&case.label)?,
            help: self.maybe_template(&case.help)?,
            note: self.maybe_template(&case.note)?,
            fix: self.fixer(&case.fix)?,
        })
    }

    fn engines(&self, words: &[Spanned<String>]) -> Result<Vec<Engine>, RuleFileError> {
        words
            .iter()
            .map(|word| word.get_ref().parse().map_err(|_| self.fault(word, "engines are postgres, mysql, mariadb and sqlite", None)))
            .collect()
    }

    fn severity(&self, word: &Spanned<String>) -> Result<Severity, RuleFileError> {
        Severity::from_name(word.get_ref()).ok_or_else(|| self.fault(word, "a severity is error, warning or note", None))
    }

    fn word<T: Copy>(&self, word: &Option<Spanned<String>>, known: &[(&str, T)]) -> Result<Option<T>, RuleFileError> {
        let Some(word) = word else { return Ok(None) };
        match known.iter().find(|(name, _)| name == word.get_ref()) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                Err(self.fault(word, &format!("expected one of {}", names.join(", ")), None))
            }
        }
    }

    fn fixer(&self, name: &Option<Spanned<String>>) -> Result<Option<&'static Fixer>, RuleFileError> {
        let Some(name) = name else { return Ok(None) };
        fixes::find(name.get_ref()).map(Some).ok_or_else(|| self.fault(name, "there is no such fix", None))
    }

    fn condition(&self, when: &Spanned<String>) -> Result<When, RuleFileError> {
        When::parse(when.get_ref(), &self.options).map_err(|fault| self.inside(when, fault))
    }

    fn template(&self, text: &Spanned<String>) -> Result<Template, RuleFileError> {
        let given = self.check.map_or(&[][..], |check| check.values);
        Template::parse(text.get_ref(), given, &self.options).map_err(|fault| self.inside(text, fault))
    }

    fn maybe_template(&self, text: &Option<Spanned<String>>) -> Result<Option<Template>, RuleFileError> {
        text.as_ref().map(|text| self.template(text)).transpose()
    }

    fn read_options(&self, given: Option<&toml::Table>) -> Result<Options, RuleFileError> {
        let mut options = Options::new();
        let whole = || RuleFileError {
            path: self.path.to_owned(),
            text: self.text.into(),
            message: String::new(),
            span: self.base..self.base,
            help: None,
        };
        for (name, value) in &self.record.options {
            let value = given.and_then(|given| given.get(name)).unwrap_or(value);
            let read = option_value(value).ok_or_else(|| RuleFileError {
                message: format!("the option `{name}` is a flag, a number, a text or a list of texts"),
                ..whole()
            })?;
            options.insert(name.clone(), read);
        }
        for name in given.into_iter().flat_map(toml::Table::keys) {
            if !options.contains_key(name) {
                let near = nearest_of(name, options.keys().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
                return Err(RuleFileError { message: format!("there is no option `{name}`"), help: near, ..whole() });
            }
        }
        Ok(options)
    }

    fn fault(&self, at: &Spanned<String>, message: &str, help: Option<String>) -> RuleFileError {
        let span = at.span();
        RuleFileError {
            path: self.path.to_owned(),
            text: self.text.into(),
            message: message.to_owned(),
            span: self.base + span.start..self.base + span.end,
            help,
        }
    }

    /// A fault inside a string, moved to where it stands in the Markdown. Exact as long as the
    /// string has no escapes, which conditions in single quotes never have.
    fn inside(&self, text: &Spanned<String>, fault: WhenError) -> RuleFileError {
        let start = self.base + text.span().start;
        let quoted = self.text.get(start..).unwrap_or_default();
        let quotes = if quoted.starts_with("'''") || quoted.starts_with("\"\"\"") { 3 } else { 1 };
        // A line break right after three quotes does not belong to the string.
        let skipped = match quoted.get(quotes..) {
            Some(body) if quotes == 3 && body.starts_with("\r\n") => 2,
            Some(body) if quotes == 3 && body.starts_with('\n') => 1,
            Some(_) | None => 0,
        };
        let offset = start + quotes + skipped;
        RuleFileError {
            path: self.path.to_owned(),
            text: self.text.into(),
            message: fault.message,
            span: offset + fault.span.start..offset + fault.span.end,
            help: fault.help,
        }
    }
}

const ASKED: &[(&str, Asked)] = &[("before", Asked::Before), ("migration-end", Asked::MigrationEnd), ("history-end", Asked::HistoryEnd)];

const PLACES: &[(&str, Place)] = &[
    ("table", Place::Table),
    ("schema-change", Place::SchemaChange),
    ("bulk-change", Place::BulkChange),
    ("held-lock", Place::HeldLock),
    ("transaction", Place::Transaction),
    ("constraint", Place::Constraint),
];

fn option_value(value: &toml::Value) -> Option<OptionValue> {
    match value {
        toml::Value::Boolean(flag) => Some(OptionValue::Flag(*flag)),
        toml::Value::Integer(number) => Some(OptionValue::Number(*number)),
        toml::Value::String(text) => Some(OptionValue::Text(text.clone())),
        toml::Value::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            words.map(OptionValue::List)
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// The first paragraph after the record, on one line.
fn summary(from_record: &str) -> String {
    let after = from_record.split_once("\n```").map_or("", |(_, rest)| rest);
    let mut words = Vec::new();
    for line in after.lines().skip(1) {
        let line = line.trim();
        match (line.is_empty() || line.starts_with('#'), words.is_empty()) {
            (true, true) => {}
            (true, false) => break,
            (false, _) => words.push(line),
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(record: &str) -> String {
        format!("# a-rule\n\n```toml\nseverity = \"error\"\nengines = [\"postgres\"]\n{record}\n```\n\nIt is bad.\nReally.\n\nMore.\n")
    }

    #[test]
    fn faults_point_at_their_bytes() {
        let text = page("on = [\"create-index\"]\nwhen = '!table.nwe'\nmessage = \"m\"");
        let error = read_rule("rules/locking/a-rule.md", &text, None).unwrap_err();
        assert_eq!(&text[error.span], "table.nwe");
        assert_eq!(error.help.as_deref(), Some("did you mean `table.new`?"));

        let text = page("on = [\"creat-index\"]\nwhen = 'table.new'\nmessage = \"m\"");
        let error = read_rule("rules/locking/a-rule.md", &text, None).unwrap_err();
        assert_eq!((&text[error.span], error.help.as_deref()), ("\"creat-index\"", Some("did you mean `create-index`?")));

        let text = page("on = [\"create-index\"]\nwhen = '''\ntable.new &&\n lock.mode >= \"shar\"'''\nmessage = \"m\"");
        let error = read_rule("rules/locking/a-rule.md", &text, None).unwrap_err();
        assert_eq!(&text[error.span], "\"shar\"");
    }

    #[test]
    fn a_rule_knows_its_words() {
        let text = page(
            "on = [\"create-index\"]\nwhen = 'index.columns.contains(\"a\") && table.rows in [\"none\"]'\nmessage = \"{table}\"\noptions = { most = 3 }",
        );
        let rule = read_rule("rules/locking/a-rule.md", &text, None).unwrap();
        assert_eq!((rule.id.as_str(), rule.category.as_str(), rule.summary.as_str()), ("a-rule", "locking", "It is bad. Really."));
        assert!(rule.prose().starts_with("It is bad."));
        let given: toml::Table = toml::from_str("mots = 4").unwrap();
        let error = read_rule("rules/locking/a-rule.md", &text, Some(&given)).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `most`?"));
    }
}
