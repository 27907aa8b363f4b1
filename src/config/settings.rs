//! The whole of `lockgate.toml`, validated.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::read::{At, Problems, Section};
use super::{ApplySettings, ConfigError, ConfigProblem, FailOn, Level, PathGlobs, ProjectSettings};
use crate::finding::Label;
use crate::source::{SourceFile, Span};
use crate::suppress::{Ignore, IgnoreList};
use crate::text::closest;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The file it stands in, as shown to people; none when there is no such file.
    pub path: Option<PathBuf>,
    /// The directory of that file, absolute.
    pub root: PathBuf,
    /// The settings outside every `[[project]]`.
    pub project: ProjectSettings,
    /// `[[project]]`, where there are several.
    pub projects: Vec<ProjectSettings>,
    pub exclude: PathGlobs,
    pub large_table_rows: Option<u64>,
    pub fail_on: Option<FailOn>,
    pub rule_paths: Vec<PathBuf>,
    /// By rule or category.
    pub rules: BTreeMap<String, RuleLevel>,
    /// A rule's own options, by rule.
    pub options: BTreeMap<String, toml::Table>,
    /// In the order of the file: later ones go before earlier ones.
    pub overrides: Vec<Override>,
    pub ignores: IgnoreList,
    pub apply: ApplySettings,
    /// Where rule ids stand, to be checked once the rules are known.
    named: Vec<(String, Range<usize>)>,
    text: String,
}

/// A rule's (or category's) level and where it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLevel {
    pub level: Level,
    pub span: Range<usize>,
}

/// Levels for some files.
#[derive(Debug, Clone)]
pub struct Override {
    pub paths: PathGlobs,
    pub rules: BTreeMap<String, RuleLevel>,
}

const TABLES: [&str; 6] = ["rules", "options", "override", "ignore", "apply", "project"];

/// A path of the configuration, as the current directory sees it.
pub(super) fn resolve(base: &Path, path: &str) -> PathBuf {
    if base.as_os_str().is_empty() || base == Path::new(".") { PathBuf::from(path) } else { base.join(path) }
}

impl Settings {
    /// Reads the text of a configuration file.
    pub fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
        let problems = Problems::default();
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            problems.borrow_mut().push(ConfigProblem::new(span, format!("this is no TOML: {}", error.message())));
        }
        // What is half read would only be complained about twice.
        let settings = if problems.borrow().is_empty() { Some(Self::read(path, text, document.get_ref(), &problems)) } else { None };
        match (settings, problems.into_inner()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, mut problems) => {
                problems.sort_by_key(|problem| problem.span.start);
                Err(ConfigError::Invalid { path: path.to_path_buf(), text: text.to_owned(), problems })
            }
        }
    }

    fn read(path: &Path, text: &str, table: &DeTable<'_>, problems: &Problems) -> Settings {
        let base = path.parent().unwrap_or(Path::new(""));
        let here = if base.as_os_str().is_empty() { Path::new(".") } else { base };
        let root = here.canonicalize().or_else(|_| std::path::absolute(here)).unwrap_or_else(|_| here.to_path_buf());
        let top = Section::new(table, "", &TABLES, problems);
        let project = ProjectSettings::read(&top, base, &ProjectSettings::default());
        let mut settings = Settings {
            path: Some(path.to_path_buf()),
            exclude: globs(&root, top.strings("exclude"), problems),
            large_table_rows: top.integer("large-table-rows"),
            fail_on: top.choice("fail-on", &FailOn::NAMES, FailOn::from_name),
            rule_paths: top.strings("rule-paths").into_iter().map(|path| resolve(base, path.value)).collect(),
            text: text.to_owned(),
            ..Settings::default()
        };
        settings.rules = top.table("rules").map(|table| settings.levels(&top, table)).unwrap_or_default();
        settings.options = top.table("options").map(|table| settings.read_options(&top, table)).unwrap_or_default();
        for table in top.tables("override") {
            let section = Section::new(table.value, "override", &[], problems);
            let paths = section.strings("paths");
            if paths.is_empty() {
                section.wrong(table.span, "this override names no `paths`", None);
            }
            let rules = section.table("rules").map(|rules| settings.levels(&section, rules)).unwrap_or_default();
            settings.overrides.push(Override { paths: globs(&root, paths, problems), rules });
        }
        let file = SourceFile::new(path, text);
        settings.ignores =
            IgnoreList::new(top.tables("ignore").into_iter().filter_map(|table| read_ignore(&table, &root, &file, problems)).collect());
        settings.apply = match top.table("apply") {
            Some(table) => ApplySettings::read(&Section::new(table, "apply", &[], problems)),
            None => ApplySettings::default(),
        };
        for table in top.tables("project") {
            let section = Section::new(table.value, "project", &[], problems);
            let inner = ProjectSettings::read(&section, base, &project);
            if inner.migrations.is_empty() {
                section.wrong(table.span, "this project names no `migrations`", None);
            }
            settings.projects.push(inner);
        }
        settings.root = root;
        settings.project = project;
        settings
    }

    fn levels(&mut self, section: &Section<'_, '_>, table: &DeTable<'_>) -> BTreeMap<String, RuleLevel> {
        let mut levels = BTreeMap::new();
        for (key, value) in table {
            let id = key.get_ref().to_string();
            let Some(text) = value.get_ref().as_str() else {
                section.wrong(value.span(), format!("a rule's severity is text in quotes: {}", Level::NAMES.join(", ")), None);
                continue;
            };
            match Level::from_name(text) {
                Some(level) => {
                    self.named.push((id.clone(), key.span()));
                    levels.insert(id, RuleLevel { level, span: key.span() });
                }
                None => section.no_choice(&At { value: text, span: value.span() }, &id, &Level::NAMES),
            }
        }
        levels
    }

    fn read_options(&mut self, section: &Section<'_, '_>, table: &DeTable<'_>) -> BTreeMap<String, toml::Table> {
        let mut options = BTreeMap::new();
        for (key, value) in table {
            let id = key.get_ref().to_string();
            self.named.push((id.clone(), key.span()));
            match owned(value.get_ref()) {
                Some(toml::Value::Table(table)) => {
                    options.insert(id, table);
                }
                _ => section.wrong(value.span(), "a rule's options are a table", Some(format!("write `[options.{id}]`"))),
            }
        }
        options
    }

    /// The settings for a migration directory: those of the `[[project]]` that names it most
    /// closely, else the general ones.
    pub fn for_directory(&self, directory: &Path) -> &ProjectSettings {
        let named = self.projects.iter().filter_map(|project| Some((project.covers(directory)?, project)));
        named.max_by_key(|(length, _)| *length).map_or(&self.project, |(_, project)| project)
    }

    /// The directories to look at when none is given.
    pub fn directories(&self) -> Vec<PathBuf> {
        self.project.migrations.iter().chain(self.projects.iter().flat_map(|project| &project.migrations)).cloned().collect()
    }

    /// What a rule is set to for a file, if anything says so: the last override that matches, else
    /// `[rules]`; the rule itself goes before its category.
    pub fn level(&self, rule: &str, category: &str, path: &Path) -> Option<Level> {
        let of = |rules: &BTreeMap<String, RuleLevel>| rules.get(rule).or_else(|| rules.get(category)).map(|level| level.level);
        let overrides = self.overrides.iter().rev().filter(|entry| entry.paths.is_match(path));
        overrides.filter_map(|entry| of(&entry.rules)).next().or_else(|| of(&self.rules))
    }

    /// A path as the patterns of the file see it.
    pub fn relative(&self, path: &Path) -> PathBuf {
        super::globs::relative(&self.root, path)
    }

    /// Complains about rule ids (and categories) that do not exist. The ids in `[[ignore]]` are
    /// reported as findings instead.
    pub fn check_rules(&self, known: &[&str]) -> Result<(), ConfigError> {
        let unknown = self.named.iter().filter(|(id, _)| !known.contains(&id.as_str()));
        let problems: Vec<ConfigProblem> = unknown
            .map(|(id, span)| {
                let help = match closest(id, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`lockgate rules` lists the rules".to_owned(),
                };
                ConfigProblem::new(span.clone(), format!("there is no rule or category `{id}`")).help(help)
            })
            .collect();
        match &self.path {
            Some(path) if !problems.is_empty() => Err(ConfigError::Invalid { path: path.clone(), text: self.text.clone(), problems }),
            _ => Ok(()),
        }
    }
}

fn globs(root: &Path, patterns: Vec<At<&str>>, problems: &Problems) -> PathGlobs {
    PathGlobs::new(root, patterns.into_iter().map(|pattern| (pattern.value, pattern.span))).unwrap_or_else(|problem| {
        problems.borrow_mut().push(problem);
        PathGlobs::default()
    })
}

fn read_ignore(table: &At<&DeTable<'_>>, root: &Path, file: &SourceFile, problems: &Problems) -> Option<Ignore> {
    let section = Section::new(table.value, "ignore", &[], problems);
    let label = |range: &Range<usize>| {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span::new(at(range.start), at(range.end));
        Label { path: file.path.clone(), span, start: file.position(span.start), end: file.position(span.end), message: String::new() }
    };
    // The id without its quotes, so that a fix can replace it.
    let inside = |range: &Range<usize>| label(&(range.start + 1..range.end.saturating_sub(1).max(range.start + 1)));
    let path = section.string("path");
    let rules: Vec<(String, Label)> =
        section.strings("rules").into_iter().map(|rule| (rule.value.to_owned(), inside(&rule.span))).collect();
    let reason = section.string("reason").map(|reason| reason.value.trim().to_owned()).filter(|reason| !reason.is_empty());
    if rules.is_empty() {
        section.wrong(
            table.span.clone(),
            "this ignore names no `rules`: it never accepts everything",
            Some("add `rules = [\"dropping-column\"]`".to_owned()),
        );
    }
    let Some(path) = path else {
        section.wrong(table.span.clone(), "this ignore names no `path`", Some("add `path = \"db/migrations/0042_drop.sql\"`".to_owned()));
        return None;
    };
    let pattern = path.value.to_owned();
    let label = label(&path.span);
    Some(Ignore { pattern, paths: globs(root, vec![path], problems).set().clone(), label, rules, reason })
}

/// A value without its places.
fn owned(value: &DeValue<'_>) -> Option<toml::Value> {
    Some(match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(integer) => toml::Value::Integer(i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()?),
        DeValue::Float(float) => toml::Value::Float(float.as_str().replace('_', "").parse().ok()?),
        DeValue::Boolean(boolean) => toml::Value::Boolean(*boolean),
        DeValue::Datetime(datetime) => toml::Value::Datetime(*datetime),
        DeValue::Array(array) => toml::Value::Array(array.iter().map(|value| owned(value.get_ref())).collect::<Option<_>>()?),
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| Some((key.get_ref().to_string(), owned(value.get_ref())?)));
            toml::Value::Table(entries.collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests;
