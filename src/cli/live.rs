//! What the commands that connect share: the project, the session, the ledger, the plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use anyhow::Context as _;

use super::args::{AcceptArgs, ReadArgs, RuleArgs, TargetArgs};
use super::terminal::Terminal;
use super::workspace::{Checked, Workspace, shown_root};
use crate::catalog::TableStatistics;
use crate::discover::{self, Project, Standing};
use crate::driver::{self, Access, DatabaseUrl, Place, Session};
use crate::engine::{Engine, Target};
use crate::facts;
use crate::history::{self, Entry, Ledger};
use crate::lint::{self, Locator, Prepared, Seen, Visitor};
use crate::migration::{Directory, Down, Migration, Reading, TransactionMode, system};
use crate::plan::{self, Allowance, Analysed, Direction, Plan, Planner, Policy};
use crate::report::Summary;
use crate::source::Sources;
use crate::sql;
use crate::stats::Stats;

/// A project beside a database.
pub struct Live {
    pub project: Project,
    pub url: DatabaseUrl,
    pub session: Box<dyn Session>,
    pub target: Target,
    /// Every migration on disk, in order.
    pub migrations: Vec<Migration>,
    /// What the ledger says.
    pub entries: Vec<Entry>,
    pub start_after: Option<String>,
}

/// Table sizes, and whether they are those of the whole database.
struct Sizes {
    by_name: BTreeMap<String, TableStatistics>,
    whole: bool,
}

/// A plan with what the rules say to it.
pub struct Judged {
    pub plan: Plan,
    pub checked: Checked,
}

impl Live {
    /// Finds the project, connects, and reads the ledger. Nothing is written; with `Access::Existing`
    /// not even a SQLite file is made.
    pub fn open(workspace: &Workspace, target: &TargetArgs, read: &ReadArgs, access: Access, terminal: &Terminal) -> anyhow::Result<Live> {
        let paths: Vec<_> = target.dir.iter().cloned().collect();
        // What the ledger says decides what is pending: everything is looked at.
        let engine = target.database.as_deref().and_then(|address| DatabaseUrl::from_str(address).ok()).map(|url| url.engine);
        let options = discover::Options { start_after: Some(String::new()), engine, ..discover::Options::default() };
        let mut discovery = workspace.discover(&paths, read, options)?;
        let project = match discovery.projects.len() {
            1 => discovery.projects.remove(0),
            0 => anyhow::bail!("no migrations were found in {}: name their directory", super::workspace::listed(&paths)),
            _ => {
                let found: Vec<String> = discovery.projects.iter().map(shown_root).collect();
                anyhow::bail!("several sets of migrations were found, name one: {}", found.join(", "));
            }
        };
        let Some(address) = target.database.as_deref().filter(|address| !address.is_empty()) else {
            anyhow::bail!("no database is named: pass --database URL or set DATABASE_URL, as in sqlite:app.db or postgres://user@host/db");
        };
        let url = DatabaseUrl::from_str(address).context("cannot read the database address")?;
        let missing = match &url.place {
            Place::File(path) if access == Access::Existing => Some(path).filter(|path| !path.exists()),
            Place::File(_) | Place::Hosts(_) | Place::Socket { .. } | Place::Memory => None,
        };
        let mut session = match missing {
            Some(path) => {
                terminal.note(&format!("there is no database file {} yet: taken as empty", path.display()));
                driver::connect(&DatabaseUrl::from_str("sqlite::memory:")?, Access::Create)?
            }
            None => driver::connect(&url, access)?,
        };
        let target = live_target(session.as_ref(), read, workspace, &project, terminal)?;
        let ledger = Ledger::locate(session.as_mut()).context("cannot look for lockgate's ledger")?;
        let entries = ledger.entries(session.as_mut()).context("cannot read lockgate's ledger")?;
        let migrations = load_all(&project, target, workspace.transaction(&project, read))?;
        let start_after = workspace.project_settings(&project).start_after.clone();
        Ok(Live { project, url, session, target, migrations, entries, start_after })
    }

    /// A version as the files spell it: `001` is `1` where the system counts numbers.
    pub fn spelled<'v>(&'v self, version: &'v str) -> &'v str {
        let order = self.project.format.order();
        let same = |migration: &&Migration| order.compare(&migration.version, version).is_eq();
        let exact = self.migrations.iter().find(|migration| migration.version == version);
        exact.or_else(|| self.migrations.iter().find(same)).map_or(version, |migration| migration.version.as_str())
    }

    /// What is pending up to `to`, judged.
    pub fn pending(&mut self, workspace: &Workspace, read: &ReadArgs, rules: &RuleArgs, to: Option<&str>) -> anyhow::Result<Judged> {
        let to = to.map(|version| self.spelled(version).to_owned());
        let pending = plan::pending(&self.migrations, &self.entries, self.start_after.as_deref(), to.as_deref());
        let versions: Vec<&str> = pending.migrations.iter().map(|migration| migration.version.as_str()).collect();
        for entry in &mut self.project.entries {
            let wanted = versions.contains(&entry.entry.version.as_str());
            entry.standing = if wanted { Standing::Reported } else { Standing::BeforeStart };
        }
        let problems = pending.problems;
        let sizes = self.sizes(workspace, read)?;
        judge(workspace, &self.project, read, rules, self.target, Direction::Up, &sizes, problems)
    }

    /// What a rollback to `to` would run, newest first, judged.
    pub fn reverts(&mut self, workspace: &Workspace, read: &ReadArgs, rules: &RuleArgs, to: Option<&str>) -> anyhow::Result<Judged> {
        let sizes = self.sizes(workspace, read)?;
        let to = to.map(|version| self.spelled(version).to_owned());
        let reverts = plan::revertible(&self.migrations, &self.entries, to.as_deref())?;
        let on_disk: Vec<&str> = reverts.iter().filter(|one| one.migration.is_some()).map(|one| one.entry.version.as_str()).collect();
        for entry in &mut self.project.entries {
            let wanted = on_disk.contains(&entry.entry.version.as_str());
            entry.standing = if wanted { Standing::Reported } else { Standing::BeforeStart };
        }
        let mut judged = judge(workspace, &self.project, read, rules, self.target, Direction::Down, &sizes, Vec::new())?;
        // Downs whose files are gone run from what the ledger kept of them.
        let stored: Vec<(String, String)> = reverts
            .iter()
            .filter(|one| one.migration.is_none())
            .flat_map(|one| {
                let stem = format!("{}_{}", one.entry.version, one.entry.name.replace(['/', ' '], "_"));
                [(format!("{stem}.up.sql"), String::new()), (format!("{stem}.down.sql"), one.stored.unwrap_or_default().to_owned())]
            })
            .collect();
        if !stored.is_empty() {
            let directory = Directory::in_memory("lockgate's ledger", stored);
            let kept = Project::new(directory, system::find("golang-migrate")?, Vec::new());
            let more = judge(workspace, &kept, read, rules, self.target, Direction::Down, &sizes, Vec::new())?;
            judged.plan.migrations.extend(more.plan.migrations);
            judged.plan.problems.extend(more.plan.problems);
            judged.checked.findings.extend(more.checked.findings);
        }
        let order: Vec<String> = reverts.iter().map(|one| one.entry.version.clone()).collect();
        judged.plan.migrations.sort_by_key(|migration| order.iter().position(|version| *version == migration.version));
        // The ledger's own checksum: the file may have been edited, its down script still fits.
        for migration in &mut judged.plan.migrations {
            if let Some(one) = reverts.iter().find(|one| one.entry.version == migration.version) {
                migration.checksum.clone_from(&one.entry.checksum);
                migration.name.clone_from(&one.entry.name);
            }
        }
        Ok(judged)
    }

    /// How large the tables are: what the server says now, else what was measured.
    fn sizes(&mut self, workspace: &Workspace, read: &ReadArgs) -> anyhow::Result<Sizes> {
        let mut by_name = workspace.statistics(&self.project, read)?;
        let live = driver::measure(self.session.as_mut()).ok();
        let whole = live.is_some();
        if let Some(tables) = live {
            let live = Stats::new(self.target, history::timestamp(std::time::SystemTime::now()), tables);
            by_name.extend(live.by_name());
        }
        Ok(Sizes { by_name, whole })
    }
}

/// The server knows best what it is; somebody who asked for another engine must be told.
fn live_target(
    session: &dyn Session,
    read: &ReadArgs,
    workspace: &Workspace,
    project: &Project,
    terminal: &Terminal,
) -> anyhow::Result<Target> {
    let live = session.info().target();
    let Some(wanted) = read.engine.or(workspace.project_settings(project).engine) else { return Ok(live) };
    let same = wanted.engine == live.engine || (wanted.engine.is_mysql_family() && live.engine.is_mysql_family() && read.engine.is_none());
    anyhow::ensure!(
        same,
        "the migrations are for {}, but the database is {} {}",
        wanted.engine.title(),
        live.engine.title(),
        session.info().version_text
    );
    let near = wanted.contains(live.version) || (wanted.is_single() && wanted.newest.major == live.version.major);
    if wanted.engine == Engine::Sqlite || near {
        return Ok(live);
    }
    terminal.note(&format!("{wanted} is configured, the server is {live}: judged for the server"));
    Ok(live)
}

fn load_all(project: &Project, target: Target, transaction: Option<TransactionMode>) -> anyhow::Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for entry in &project.entries {
        let mut sources = Sources::default();
        let mut reading = Reading { target, transaction, sources: &mut sources };
        let migration = project.format.load(&project.directory, &entry.entry, &mut reading)?;
        if let Some(problem) = migration.problems.iter().find(|problem| problem.kind.is_error()) {
            anyhow::bail!("{}: {}", problem.path.display(), problem.message);
        }
        migrations.push(migration);
    }
    Ok(migrations)
}

#[allow(clippy::too_many_arguments)]
fn judge(
    workspace: &Workspace,
    project: &Project,
    read: &ReadArgs,
    rules: &RuleArgs,
    target: Target,
    direction: Direction,
    sizes: &Sizes,
    mut problems: Vec<plan::Problem>,
) -> anyhow::Result<Judged> {
    let book = workspace.rule_book(rules)?;
    let pick = |path: &Path| book.of(path);
    let schema = workspace.schema(project, read)?;
    let options = lint::Options {
        target,
        transaction: workspace.transaction(project, read),
        thresholds: workspace.thresholds(),
        schema: schema.as_ref(),
        statistics: &sizes.by_name,
        rules: &pick,
        direction: match direction {
            Direction::Up => facts::Direction::Up,
            Direction::Down => facts::Direction::Down,
        },
        judge: true,
        pending: true,
    };
    let planner = Planner::new(target, direction, sizes.by_name.clone());
    let planner = if sizes.whole { planner.of_the_whole_database() } else { planner };
    let mut collector = Collector { planner, direction, problems: Vec::new() };
    let outcome = lint::check(project, &options, &mut collector);
    problems.append(&mut collector.problems);
    let plan = collector.planner.finish(problems);
    let mut checked = Checked {
        findings: outcome.findings,
        suppressed: outcome.suppressed,
        problems: outcome.problems,
        summary: Summary { files: outcome.files, migrations: outcome.migrations, statements: outcome.statements, ..Summary::default() },
        rules: book.base().clone(),
        linted: super::workspace::reported_files(project).collect(),
    };
    workspace.accept(&mut checked, &book, target);
    checked.count();
    if let Some(problem) = checked.problems.iter().find(|problem| problem.fatal) {
        anyhow::bail!("{}: {}", crate::source::display_path(&problem.path), problem.message);
    }
    Ok(Judged { plan, checked })
}

/// Turns what the pass sees into a plan.
struct Collector {
    planner: Planner,
    direction: Direction,
    problems: Vec<plan::Problem>,
}

impl Visitor for Collector {
    fn migration(&mut self, prepared: &Prepared, _entry: usize) {
        let migration = &prepared.migration;
        let path = migration.paths.first().map(|path| crate::source::display_path(path)).unwrap_or_default();
        self.planner.migration(migration, &path);
        let down = if let Down::Script(script) = &migration.down { script.text.as_ref() } else { "" };
        let text = if self.direction == Direction::Up { &migration.up.text } else { down };
        if !migration.placeholders.is_empty() || sql::is_template(text) {
            self.problems.push(plan::Problem {
                kind: plan::ProblemKind::ClientCommand,
                version: migration.version.clone(),
                message: format!("{} holds placeholders that its own tool fills in: run it with that tool", migration.version),
            });
        }
    }

    fn statement(&mut self, seen: &Seen<'_>) {
        let direction = match seen.direction {
            facts::Direction::Up => Direction::Up,
            facts::Direction::Down => Direction::Down,
        };
        if direction != self.direction {
            return;
        }
        let locator = Locator { sources: &seen.prepared.sources, script: seen.script };
        let label = locator.label(seen.statement.span, "");
        self.planner.add(Analysed {
            migration: &seen.prepared.migration,
            direction,
            script: seen.script,
            statement: seen.scene.statement,
            effects: seen.effects,
            before: seen.before,
            path: &crate::source::display_path(&label.path),
            at: label.start,
        });
    }
}

/// What the gate lets pass.
pub fn policy(workspace: &Workspace, accept: &AcceptArgs, rules: &crate::rules::RuleSet) -> anyhow::Result<Policy> {
    let mut allow = Vec::new();
    for text in &accept.allow {
        let Some((rule, reason)) = text.split_once('=').filter(|(_, reason)| !reason.trim().is_empty()) else {
            anyhow::bail!("--allow {text} gives no reason: write --allow '{text}=why this is safe now'");
        };
        let rule = rule.trim();
        let known = rules.find(rule).map(|found| found.id.clone()).or_else(|| is_plan_rule(rule).then(|| rule.to_owned()));
        let Some(rule) = known else {
            let near = facts::nearest_of(rule, rules.known()).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            anyhow::bail!("--allow names `{rule}`, and there is no such rule{near}");
        };
        allow.push(Allowance { rule, reason: reason.trim().to_owned() });
    }
    let fail_on = workspace.fail_on(None).unwrap_or(crate::finding::Severity::Error);
    Ok(Policy { fail_on, allow, confirmation: None })
}

/// Names the planner finds by itself, between files and ledger.
fn is_plan_rule(name: &str) -> bool {
    matches!(name, "edited-migration" | "missing-migration" | "out-of-order-version")
}
