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
    /// Where rule ids stand, to be checked once the rules are known, by file.
    named: Vec<Named>,
}

/// A file and the rule ids in it.
#[derive(Debug, Clone, Default)]
struct Named {
    path: PathBuf,
    text: String,
    ids: Vec<(String, Range<usize>)>,
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
    pub options: BTreeMap<String, toml::Table>,
}

const TABLES: [&str; 6] = ["rules", "options", "override", "ignore", "apply", "project"];

/// A path of the configuration, as the current directory sees it.
pub(super) fn resolve(base: &Path, path: &str) -> PathBuf {
    if base.as_os_str().is_empty() || base == Path::new(".") { PathBuf::from(path) } else { base.join(path) }
}

impl Settings {
    /// Reads the text of a configuration file, and the files it extends.
    pub fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        Self::parse_in(path, text, &Settings::default(), &mut vec![real])
    }

    /// The same on top of `outer`; `chain` are the files that lead here.
    pub(super) fn parse_in(path: &Path, text: &str, outer: &Settings, chain: &mut Vec<PathBuf>) -> Result<Settings, ConfigError> {
        let problems = Problems::default();
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            problems.borrow_mut().push(ConfigProblem::new(span, format!("this is no TOML: {}", error.message())));
        }
        // What is half read would only be complained about twice.
        let readable = problems.borrow().is_empty();
        let settings = if readable { Some(Self::read(path, text, document.get_ref(), outer, chain, &problems)?) } else { None };
        match (settings, problems.into_inner()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, mut problems) => {
                problems.sort_by_key(|problem| problem.span.start);
                Err(ConfigError::Invalid { path: path.to_path_buf(), text: text.to_owned(), problems })
            }
        }
    }

    fn read(
        path: &Path,
        text: &str,
        table: &DeTable<'_>,
        outer: &Settings,
        chain: &mut Vec<PathBuf>,
        problems: &Problems,
    ) -> Result<Settings, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        let here = if base.as_os_str().is_empty() { Path::new(".") } else { base };
        let root = here.canonicalize().or_else(|_| std::path::absolute(here)).unwrap_or_else(|_| here.to_path_buf());
        let top = Section::new(table, "", &TABLES, problems);
        let mut settings = super::extends::inherited(&top, base, outer, chain)?.for_heirs();
        let project = ProjectSettings::read(&top, base, &settings.project);
        let exclude = globs(&root, top.strings("exclude"), problems);
        if !exclude.is_empty() {
            settings.exclude = exclude;
        }
        settings.path = Some(path.to_path_buf());
        settings.large_table_rows = top.integer("large-table-rows").or(settings.large_table_rows);
        settings.fail_on = top.choice("fail-on", &FailOn::NAMES, FailOn::from_name).or(settings.fail_on);
        settings.rule_paths.extend(top.strings("rule-paths").into_iter().map(|path| resolve(base, path.value)));
        settings.named.push(Named { path: path.to_path_buf(), text: text.to_owned(), ids: Vec::new() });
        let levels = top.table("rules").map(|table| settings.levels(&top, table)).unwrap_or_default();
        settings.rules.extend(levels);
        let options = top.table("options").map(|table| settings.read_options(&top, table)).unwrap_or_default();
        lay_over(&mut settings.options, options);
        for table in top.tables("override") {
            let section = Section::new(table.value, "override", &[], problems);
            let paths = section.strings("paths");
            if paths.is_empty() {
                section.wrong(table.span, "this override names no `paths`", None);
            }
            let rules = section.table("rules").map(|rules| settings.levels(&section, rules)).unwrap_or_default();
            let options = section.table("options").map(|table| settings.read_options(&section, table)).unwrap_or_default();
            settings.overrides.push(Override { paths: globs(&root, paths, problems), rules, options });
        }
        let file = SourceFile::new(path, text);
        settings.ignores =
            IgnoreList::new(top.tables("ignore").into_iter().filter_map(|table| read_ignore(&table, &root, &file, problems)).collect());
        if let Some(table) = top.table("apply") {
            settings.apply = ApplySettings::read(&Section::new(table, "apply", &[], problems), &settings.apply);
        }
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
        Ok(settings)
    }

    fn name(&mut self, id: &str, span: Range<usize>) {
        if let Some(file) = self.named.last_mut() {
            file.ids.push((id.to_owned(), span));
        }
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
                    self.name(&id, key.span());
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
            self.name(&id, key.span());
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

    /// The rules' options for a file: those of the overrides that match it over the general ones.
    pub fn options(&self, path: &Path) -> BTreeMap<String, toml::Table> {
        let mut options = self.options.clone();
        for entry in self.overrides.iter().filter(|entry| entry.paths.is_match(path)) {
            lay_over(&mut options, entry.options.clone());
        }
        options
    }

    /// A path as the patterns of the file see it.
    pub fn relative(&self, path: &Path) -> PathBuf {
        super::globs::relative(&self.root, path)
    }

    /// Complains about rule ids (and categories) that do not exist. The ids in `[[ignore]]` are
    /// reported as findings instead.
    pub fn check_rules(&self, known: &[&str]) -> Result<(), ConfigError> {
        self.named.iter().try_for_each(|file| file.check(known))
    }
}

impl Named {
    fn check(&self, known: &[&str]) -> Result<(), ConfigError> {
        let unknown = self.ids.iter().filter(|(id, _)| !known.contains(&id.as_str()));
        let problems: Vec<ConfigProblem> = unknown
            .map(|(id, span)| {
                let help = match closest(id, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`lockgate rules` lists the rules".to_owned(),
                };
                ConfigProblem::new(span.clone(), format!("there is no rule or category `{id}`")).help(help)
            })
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(ConfigError::Invalid { path: self.path.clone(), text: self.text.clone(), problems })
    }
}

/// Options over others: each key by itself.
fn lay_over(under: &mut BTreeMap<String, toml::Table>, over: BTreeMap<String, toml::Table>) {
    for (rule, options) in over {
        under.entry(rule).or_default().extend(options);
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
