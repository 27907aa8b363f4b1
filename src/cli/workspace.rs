//! What every command that reads migrations needs first: configuration, rules, projects, engine.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;

use super::args::{FailOn, Global, ReadArgs, RuleArgs, WrapMode};
use super::terminal::Terminal;
use crate::catalog::TableStatistics;
use crate::config::{self, Level, ProjectSettings, Settings};
use crate::discover::{self, Discovery, Project};
use crate::engine::{Engine, Target, TargetRange};
use crate::facts::{Direction, Thresholds};
use crate::finding::{Finding, Problem, Severity};
use crate::lint::{self, Names, Outcome, Visitor};
use crate::migration::{TransactionMode, system};
use crate::report::Summary;
use crate::rules::{Rule, RuleSet, Selection, read_rule};
use crate::schema::{SchemaDump, StandsAt};
use crate::stats::Stats;

/// The configuration in force.
#[derive(Default)]
pub struct Workspace {
    pub settings: Settings,
}

/// What a look at the projects came to.
pub struct Looked {
    pub unreadable: usize,
}

/// What checking them came to.
pub struct Checked {
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Finding>,
    pub problems: Vec<Problem>,
    pub summary: Summary,
    pub rules: Arc<RuleSet>,
    /// The files that were looked at, as findings name them.
    pub linted: Vec<PathBuf>,
}

/// The rules for each file: overrides may set other severities by path.
pub struct RuleBook<'a> {
    settings: &'a Settings,
    selection: Selection,
    base: Arc<RuleSet>,
    /// By which overrides match.
    made: Mutex<HashMap<Vec<bool>, Arc<RuleSet>>>,
}

impl RuleBook<'_> {
    pub fn of(&self, path: &Path) -> Arc<RuleSet> {
        let matching: Vec<bool> = self.settings.overrides.iter().map(|one| one.paths.is_match(path)).collect();
        if !matching.contains(&true) {
            return Arc::clone(&self.base);
        }
        let Ok(mut made) = self.made.lock() else { return Arc::clone(&self.base) };
        let set = made.entry(matching).or_insert_with(|| {
            let (severities, options) = (severities(self.settings, &self.base, path), self.settings.options(path));
            let selection = Selection { severities, options, ..self.selection.clone() };
            // The same names and options were accepted when the book was opened.
            RuleSet::select(&selection).map_or_else(|_| Arc::clone(&self.base), Arc::new)
        });
        Arc::clone(set)
    }

    pub fn base(&self) -> &Arc<RuleSet> {
        &self.base
    }
}

/// What the configuration sets each rule to for a file.
fn severities(settings: &Settings, rules: &RuleSet, path: &Path) -> BTreeMap<String, Option<Severity>> {
    let ids: Vec<String> = rules.known().map(str::to_owned).collect();
    ids.into_iter()
        .filter_map(|id| {
            let rule = rules.find(&id)?;
            let level = settings.level(&rule.id, &rule.category, path)?;
            let severity = match level {
                Level::Off => None,
                Level::On(severity) => Some(severity),
            };
            Some((id, severity))
        })
        .collect()
}

impl Workspace {
    /// Reads the configuration: the one named, else the nearest.
    pub fn open(global: &Global, terminal: &Terminal) -> anyhow::Result<Workspace> {
        if global.no_config {
            return Ok(Workspace::default());
        }
        let path = global.config.clone().or_else(|| config::find(Path::new(".")));
        let Some(path) = path else { return Ok(Workspace::default()) };
        terminal.detail(&format!("configuration: {}", path.display()));
        Ok(Workspace { settings: config::load(&path)? })
    }

    pub fn fail_on(&self, flag: Option<FailOn>) -> Option<Severity> {
        if let Some(flag) = flag {
            return super::lint::least(flag);
        }
        match self.settings.fail_on.unwrap_or_default() {
            config::FailOn::Severity(severity) => Some(severity),
            config::FailOn::Never => None,
        }
    }

    /// The rules of this run: built in and the team's own, as flags and configuration set them.
    pub fn rule_book(&self, args: &RuleArgs) -> anyhow::Result<RuleBook<'_>> {
        let own = own_rules(&self.settings.rule_paths)?;
        let plain = Selection { own, options: self.settings.options.clone(), ..Selection::default() };
        let all = RuleSet::select(&plain)?;
        let mut known: Vec<&str> = all.known().collect();
        let categories: Vec<String> = known.iter().filter_map(|id| all.find(id)).map(|rule| rule.category.clone()).collect();
        known.extend(categories.iter().map(String::as_str));
        self.settings.check_rules(&known)?;
        let selection = Selection {
            select: args.select.clone(),
            extend: args.extend_select.clone(),
            ignore: args.ignore.clone(),
            severities: severities(&self.settings, &all, Path::new("")),
            ..plain
        };
        let base = Arc::new(RuleSet::select(&selection)?);
        for entry in self.settings.overrides.iter().filter(|entry| !entry.options.is_empty()) {
            RuleSet::select(&Selection { options: entry.options.clone(), ..selection.clone() })?;
        }
        Ok(RuleBook { settings: &self.settings, selection, base, made: Mutex::new(HashMap::new()) })
    }

    /// The projects that paths lead to: the configured directories, or here, when there are none.
    pub fn discover(&self, paths: &[PathBuf], read: &ReadArgs, mut options: discover::Options) -> anyhow::Result<Discovery> {
        let configured = self.settings.directories();
        let here = [PathBuf::from(".")];
        let paths = match (paths, configured.as_slice()) {
            ([], []) => &here[..],
            ([], configured) => configured,
            (paths, _) => paths,
        };
        if let Some(name) = &read.system {
            options.system = Some(system::find(name)?);
        }
        options.engine = options.engine.or(read.engine.map(|target| target.engine));
        if options.scope.is_none() {
            let settings = self.settings.clone();
            options.scope = Some(Box::new(move |directory: &Path| {
                let project = settings.for_directory(directory);
                discover::Scope {
                    system: project.format,
                    engine: project.engine.map(|target| target.engine),
                    start_after: project.start_after.clone(),
                }
            }));
        }
        let exclude = self.settings.exclude.clone();
        options.exclude = (!exclude.is_empty()).then(|| Box::new(move |path: &Path| exclude.is_match(path)) as Box<dyn Fn(&Path) -> bool>);
        Ok(discover::discover(paths, &options)?)
    }

    pub fn project_settings(&self, project: &Project) -> &ProjectSettings {
        self.settings.for_directory(project.directory.root())
    }

    /// Which engine and versions a project is for: the flag, the configuration, what the project
    /// itself shows, what its SQL looks like, else PostgreSQL, said aloud.
    pub fn range(&self, project: &Project, read: &ReadArgs, terminal: &Terminal) -> TargetRange {
        if let Some(range) = read.engine.or(self.project_settings(project).engine) {
            return range;
        }
        self.detected(project, terminal).into()
    }

    fn detected(&self, project: &Project, terminal: &Terminal) -> Target {
        if let Some(evidence) = &project.engine {
            let target = Target::of(evidence.engine);
            terminal.detail(&format!("{target} for {}: {}", shown_root(project), evidence.what));
            return target;
        }
        let root = if self.settings.root.as_os_str().is_empty() { Path::new(".") } else { &self.settings.root };
        let shown = shown_root(project);
        if let Some(case) = config::init::engines(root, project).first() {
            let target = case.target();
            let why = case.evidence.first().map(|evidence| format!(" ({}: {})", evidence.path.display(), evidence.what));
            terminal.note(&format!("{shown} is taken to be for {target}{}", why.unwrap_or_default()));
            return target;
        }
        let target = Target::of(Engine::Postgres);
        terminal.note(&format!("no engine is named for {shown}: taken as {target}; name it with --engine or in lockgate.toml"));
        target
    }

    pub fn transaction(&self, project: &Project, read: &ReadArgs) -> Option<TransactionMode> {
        let flag = read.transaction.map(|mode| match mode {
            WrapMode::PerMigration => TransactionMode::PerMigration,
            WrapMode::None => TransactionMode::None,
        });
        flag.or(self.project_settings(project).transaction)
    }

    pub fn thresholds(&self) -> Thresholds {
        let default = Thresholds::default();
        Thresholds { large_table_rows: self.settings.large_table_rows.unwrap_or(default.large_table_rows) }
    }

    /// Measured table sizes, when there is a file of them.
    pub fn statistics(&self, project: &Project, read: &ReadArgs) -> anyhow::Result<BTreeMap<String, TableStatistics>> {
        let path = read.stats.as_ref().or(self.project_settings(project).stats.as_ref());
        let Some(path) = path else { return Ok(BTreeMap::new()) };
        Ok(Stats::read(path)?.by_name())
    }

    /// The dump that the history starts from, if there is one.
    pub fn schema(&self, project: &Project, read: &ReadArgs) -> anyhow::Result<Option<SchemaDump>> {
        let settings = self.project_settings(project);
        let Some(path) = read.schema.as_ref().or(settings.schema.as_ref()) else { return Ok(None) };
        let stands_at = match read.schema_at.as_ref().or(settings.schema_at.as_ref()) {
            Some(version) if version.is_empty() => StandsAt::Start,
            Some(version) => StandsAt::Version(version.clone()),
            None => StandsAt::Listed { otherwise: settings.start_after.clone().filter(|version| !version.is_empty()) },
        };
        Ok(Some(SchemaDump::read(path, stands_at)?))
    }

    /// Walks the projects without judging them.
    pub fn look(
        &self,
        paths: &[PathBuf],
        read: &ReadArgs,
        terminal: &Terminal,
        visitor: &mut (dyn Visitor + Send),
    ) -> anyhow::Result<Looked> {
        let discovery = self.discover(paths, read, discover::Options::default())?;
        if discovery.is_empty() {
            anyhow::bail!("no migrations were found in {}", listed(paths));
        }
        let book = self.rule_book(&RuleArgs::default())?;
        let mut unreadable = 0;
        for project in &discovery.projects {
            let outcome = self.run(project, read, &book, false, terminal, visitor)?;
            for problem in &outcome.problems {
                terminal.problem(problem);
            }
            unreadable += outcome.problems.iter().filter(|problem| problem.fatal).count();
        }
        Ok(Looked { unreadable })
    }

    fn run(
        &self,
        project: &Project,
        read: &ReadArgs,
        book: &RuleBook<'_>,
        judge: bool,
        terminal: &Terminal,
        visitor: &mut (dyn Visitor + Send),
    ) -> anyhow::Result<Outcome> {
        let range = self.range(project, read, terminal);
        visitor.project(range);
        let steps = if visitor.wants_every_step() { range.steps() } else { vec![range.newest()] };
        self.with_options(project, read, book, range.newest(), |options| {
            let mut look = |target| lint::check(project, &lint::Options { target, judge, ..*options }, visitor);
            let mut outcomes: Vec<Outcome> = steps.into_iter().map(&mut look).collect();
            if outcomes.len() == 1 { outcomes.pop().unwrap_or_default() } else { lint::merge(range, outcomes) }
        })
    }

    /// Hands on how a project is looked at when it is judged.
    pub fn with_options<T>(
        &self,
        project: &Project,
        read: &ReadArgs,
        book: &RuleBook<'_>,
        target: Target,
        look: impl FnOnce(&lint::Options<'_>) -> T,
    ) -> anyhow::Result<T> {
        let pick = |path: &Path| book.of(path);
        let schema = self.schema(project, read)?;
        let statistics = self.statistics(project, read)?;
        let options = lint::Options {
            target,
            transaction: self.transaction(project, read),
            thresholds: self.thresholds(),
            schema: schema.as_ref(),
            statistics: &statistics,
            rules: &pick,
            direction: Direction::Up,
            judge: true,
            pending: false,
        };
        Ok(look(&options))
    }

    /// Checks the projects, configuration's acceptances applied.
    pub fn check(
        &self,
        discovery: &Discovery,
        read: &ReadArgs,
        rules: &RuleArgs,
        only_changed: bool,
        terminal: &Terminal,
    ) -> anyhow::Result<Checked> {
        let book = self.rule_book(rules)?;
        let mut checked = Checked {
            findings: Vec::new(),
            suppressed: Vec::new(),
            problems: Vec::new(),
            summary: Summary::default(),
            rules: Arc::clone(book.base()),
            linted: Vec::new(),
        };
        let mut target = Target::of(Engine::Postgres);
        for project in &discovery.projects {
            if only_changed && project.deleted.is_empty() && !project.entries.iter().any(discover::ProjectEntry::is_reported) {
                continue;
            }
            let outcome = self.run(project, read, &book, true, terminal, &mut ())?;
            if let Some(finding) = outcome.findings.first() {
                target = finding.engine.newest();
            }
            checked.take(outcome);
            checked.linted.extend(reported_files(project));
        }
        self.accept(&mut checked, &book, target);
        checked.count();
        Ok(checked)
    }

    /// `[[ignore]]`: marks what it accepts, and reports entries that accept nothing.
    pub fn accept(&self, checked: &mut Checked, book: &RuleBook<'_>, target: Target) {
        let mut ignores = self.settings.ignores.clone();
        let names = Names(book.base());
        let matched = |path: &Path| self.settings.relative(path);
        ignores.apply(&mut checked.findings, &names, &matched);
        let (accepted, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut checked.findings).into_iter().partition(|finding| finding.suppression.is_some());
        checked.findings = open;
        checked.suppressed.extend(accepted);
        let linted = std::mem::take(&mut checked.linted);
        checked.findings.extend(ignores.leftovers(&names, target, &linted, &matched));
    }
}

impl Checked {
    fn take(&mut self, outcome: Outcome) {
        self.findings.extend(outcome.findings);
        self.suppressed.extend(outcome.suppressed);
        self.problems.extend(outcome.problems);
        self.summary.files += outcome.files;
        self.summary.migrations += outcome.migrations;
        self.summary.statements += outcome.statements;
    }

    pub fn count(&mut self) {
        self.summary.count(&self.findings);
        self.summary.suppressed = u32::try_from(self.suppressed.len()).unwrap_or(u32::MAX);
    }
}

/// The files of the migrations that are reported.
pub fn reported_files(project: &Project) -> impl Iterator<Item = PathBuf> {
    let reported = project.entries.iter().filter(|entry| entry.is_reported());
    reported.flat_map(|entry| entry.entry.files().map(|file| project.directory.path(file)).collect::<Vec<_>>())
}

/// A team's own rule files: every Markdown file below the configured paths.
pub fn own_rules(paths: &[PathBuf]) -> anyhow::Result<Vec<Arc<Rule>>> {
    let mut rules = Vec::new();
    for path in paths {
        for file in rule_files(path)? {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read the rule `{}`", file.display()))?;
            rules.push(Arc::new(read_rule(&crate::source::display_path(&file), &text, None)?));
        }
    }
    Ok(rules)
}

/// The Markdown files below a path, a README aside.
pub fn rule_files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read the rules in `{}`", path.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rule_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") && path.file_stem().is_none_or(|stem| stem != "README") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub fn shown_root(project: &Project) -> String {
    let root = project.directory.root();
    if root.as_os_str().is_empty() { "this file".to_owned() } else { format!("`{}`", crate::source::display_path(root)) }
}

pub fn listed(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "the current directory".to_owned();
    }
    paths.iter().map(|path| format!("`{}`", crate::source::display_path(path))).collect::<Vec<_>>().join(", ")
}
