//! The rules that are on, and asking them.

use std::collections::HashMap;
use std::sync::Arc;

use super::candidates::Candidates;
use super::checks::{Found, HistoryEntry, MigrationScene, Run};
use super::hit::{Hit, Hits, Related};
use super::message::Given;
use super::rule::{Asked, At, Once, Place, Rule, Subject};
use super::selection::{Active, Selection, SelectionError};
use crate::catalog::Catalog;
use crate::change::{Action, Change, ChangeKind, Parsing, Statement, StatementModifiers};
use crate::effect::{Effects, FailureCause, StatementEffects, Truth};
use crate::engine::{Engine, Target};
use crate::facts::{Context, Direction, DownKind, ElementKind, Ledger, MigrationFacts, Scene, Thresholds, elements};
use crate::finding::{Confidence, Severity};
use crate::source::{Script, Span};

/// Rules, indexed by the kind of change they look at.
#[derive(Debug)]
pub struct RuleSet {
    active: Vec<Active>,
    known: HashMap<String, Arc<Rule>>,
    /// Whom to ask, by when.
    candidates: [Candidates; Asked::ALL.len()],
}

impl RuleSet {
    pub fn select(selection: &Selection) -> Result<RuleSet, SelectionError> {
        let known = selection.known()?;
        let active = selection.active(&known)?;
        let candidates = Asked::ALL.map(|when| Candidates::asked(when, &active));
        Ok(RuleSet { active, known: known.into_iter().map(|rule| (rule.id.clone(), rule)).collect(), candidates })
    }

    /// The rules that are on.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.active.iter().map(|one| &one.rule)
    }

    /// The ids of all rules, on or off.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// Any rule by its id or a former one, on or off.
    pub fn find(&self, id: &str) -> Option<&Arc<Rule>> {
        self.known.get(id).or_else(|| self.known.values().find(|rule| rule.aliases.iter().any(|alias| alias == id)))
    }

    /// How severe a rule's findings are here; `None` when it is off. For rooms that find hazards
    /// by themselves (suppressions).
    pub fn severity(&self, id: &str) -> Option<Severity> {
        let one = self.active.iter().find(|one| one.rule.id == id)?;
        Some(one.severity.unwrap_or(one.rule.severity))
    }

    /// Whether a rule speaks only when the whole history is known.
    pub fn is_late(&self, id: &str) -> bool {
        self.find(id).is_some_and(|rule| rule.asked == Asked::HistoryEnd || rule.subject == Subject::History)
    }

    /// Asks every rule about every change of a statement. `hits` holds those of the migration's
    /// earlier statements, so that a rule which speaks once stays silent afterwards.
    pub fn check_statement(&self, scene: &Scene<'_>, hits: &mut Hits) {
        self.ask_all(scene, Asked::Before, hits);
    }

    fn ask_all(&self, scene: &Scene<'_>, when: Asked, hits: &mut Hits) {
        let earlier = hits.len();
        let Some(asked) = self.candidates.get(when as usize) else { return };
        let nothing = [nothing_at(scene.statement.span)];
        let changes = if scene.statement.changes.is_empty() { &nothing[..] } else { &scene.statement.changes[..] };
        let no_effects = Effects::default();
        let stop = stop(scene);
        for (position, change) in changes.iter().enumerate() {
            let effects = scene.effects.changes.get(position).unwrap_or(&no_effects);
            let refused = is_refused(scene.statement, effects);
            if stop.is_some_and(|stop| position > stop || position < stop && scene.before.target.engine == Engine::Postgres) {
                continue;
            }
            let mut ask = |context: &Context<'_>, candidates: &[u16]| {
                for one in candidates.iter().filter_map(|index| self.active.get(*index as usize)) {
                    if (refused && !one.rule.refused) || self.said_already(&one.rule, context, hits, earlier) {
                        continue;
                    }
                    let truth = one.rule.holds(context);
                    if truth.possible() && !self.yields(&one.rule, context, refused) {
                        hits.push(one.hit(context, truth, &Found { span: one.rule.place(context), ..Found::default() }));
                    }
                }
            };
            let candidates = asked.by_kind.get(change.action.kind() as usize).map_or(&[][..], Vec::as_slice);
            ask(&Context::new(*scene, position, change, effects), candidates);
            for (kind, candidates) in ElementKind::ALL.into_iter().zip(&asked.by_element) {
                if candidates.is_empty() {
                    continue;
                }
                for element in elements(change, kind) {
                    ask(&Context::on(*scene, position, change, effects, element), candidates);
                }
            }
        }
    }

    /// Asks those that wait for an end, with the schema as it is then.
    fn ask_at_end(&self, scene: &MigrationScene<'_>, when: Asked, hits: &mut Hits) {
        if self.candidates.get(when as usize).is_none_or(Candidates::is_empty) {
            return;
        }
        let effects = StatementEffects::default();
        for (number, statement) in scene.statements.iter().enumerate() {
            if scene.ledger.was_refused(statement.span) {
                continue;
            }
            let stage = Scene {
                script: scene.script,
                statement,
                following: scene.statements.get(number + 1..).unwrap_or_default(),
                effects: &effects,
                before: scene.after,
                migration: scene.migration,
                ledger: scene.ledger,
                thresholds: scene.thresholds,
            };
            self.ask_all(&stage, when, hits);
        }
    }

    /// Asks the rules that judge by the end of the history. Asked with the schema right after the
    /// migration, they tell whether it is worth waiting; with that of the end, what is left to say.
    pub fn check_in_the_end(&self, scene: &MigrationScene<'_>, hits: &mut Hits) {
        self.ask_at_end(scene, Asked::HistoryEnd, hits);
    }

    /// Asks the rules about a whole migration, after its last statement.
    pub fn check_migration(&self, scene: &MigrationScene<'_>, hits: &mut Hits) {
        self.ask_at_end(scene, Asked::MigrationEnd, hits);
        let statement = Statement {
            span: first_line(&scene.script.text),
            verb: String::new(),
            changes: Vec::new(),
            modifiers: StatementModifiers::default(),
            parsing: Parsing::Complete,
            parts: Vec::new(),
        };
        let change = nothing_at(statement.span);
        let effects = StatementEffects::default();
        let stage = Scene {
            script: scene.script,
            statement: &statement,
            following: &[],
            effects: &effects,
            before: scene.after,
            migration: scene.migration,
            ledger: scene.ledger,
            thresholds: scene.thresholds,
        };
        let context = Context::new(stage, 0, &change, &effects.whole);
        for one in self.active.iter().filter(|one| one.rule.subject == Subject::Migration) {
            let truth = one.rule.holds(&context);
            if !truth.possible() {
                continue;
            }
            match one.rule.check.map(|check| &check.run) {
                Some(Run::Migration(run)) => {
                    for mut found in run(scene) {
                        if found.span.is_empty() {
                            found.span = statement.span;
                        }
                        hits.push(one.hit(&context, truth.and(found.truth), &found));
                    }
                }
                Some(Run::History(_)) => {}
                None => hits.push(one.hit(
                    &context,
                    truth,
                    &Found { span: statement.span, object: scene.migration.version.to_owned(), ..Found::default() },
                )),
            }
        }
    }

    /// Asks the rules about all migrations together; `entry` of each hit says which one is meant.
    pub fn check_history(&self, entries: &[HistoryEntry<'_>], target: Target) -> Vec<Hit> {
        let statement = Statement {
            span: Span::default(),
            verb: String::new(),
            changes: Vec::new(),
            modifiers: StatementModifiers::default(),
            parsing: Parsing::Complete,
            parts: Vec::new(),
        };
        let change = nothing_at(statement.span);
        let effects = StatementEffects::default();
        let script = Script::whole(crate::source::SourceId(0), "".into());
        let migration = |settled: bool| MigrationFacts {
            version: "",
            name: "",
            transaction: crate::migration::TransactionMode::None,
            down: DownKind::NotSupported,
            direction: Direction::Up,
            statements: 0,
            settled,
        };
        let (open, settled) = (migration(false), migration(true));
        let stage = Scene {
            script: &script,
            statement: &statement,
            following: &[],
            effects: &effects,
            before: &Catalog::new(target),
            migration: &open,
            ledger: &Ledger::new(),
            thresholds: Thresholds::default(),
        };
        let long_ago = Context::new(Scene { migration: &settled, ..stage }, 0, &change, &effects.whole);
        let context = Context::new(stage, 0, &change, &effects.whole);
        let is_settled = |found: &Found| found.entry.and_then(|entry| entries.get(entry)).is_some_and(|entry| entry.settled);
        let mut hits = Vec::new();
        for one in self.active.iter().filter(|one| one.rule.subject == Subject::History) {
            if let Some(Run::History(run)) = one.rule.check.map(|check| &check.run) {
                hits.extend(
                    run(entries).iter().map(|found| one.hit(if is_settled(found) { &long_ago } else { &context }, found.truth, found)),
                );
            }
        }
        hits
    }

    fn said_already(&self, rule: &Arc<Rule>, context: &Context<'_>, hits: &Hits, earlier: usize) -> bool {
        match rule.once {
            Once::Change => false,
            Once::Migration => hits.has(rule),
            Once::Table if !hits.has(rule) => false,
            Once::Table => {
                let table = context.table_name();
                hits.get(0..).unwrap_or_default().iter().any(|hit| Arc::ptr_eq(&hit.rule, rule) && hit.object == table)
            }
            Once::Statement if !hits.has(rule) => false,
            Once::Statement => {
                let same = |hit: &&Hit| Arc::ptr_eq(&hit.rule, rule);
                let mut table = None;
                hits.get(earlier..).unwrap_or_default().iter().filter(same).any(|hit| {
                    let table = table.get_or_insert_with(|| context.table_name());
                    table.is_empty() || hit.object == *table
                })
            }
        }
    }

    /// Whether another rule says the same hazard better. It counts even when it is off: somebody
    /// who ignores `blocking-foreign-key` does not want to read of the same copy elsewhere.
    fn yields(&self, rule: &Rule, context: &Context<'_>, refused: bool) -> bool {
        rule.yields_to.iter().filter_map(|id| self.known.get(id)).any(|better| {
            let looks = match &better.subject {
                Subject::Changes(kinds) => kinds.is_empty() || kinds.contains(&context.change.action.kind()),
                Subject::Elements(_, kinds) => context.element.is_some() || kinds.contains(&context.change.action.kind()),
                Subject::Migration | Subject::History | Subject::Elsewhere => false,
            };
            looks && (better.refused || !refused) && better.holds(context).possible()
        })
    }
}

impl Rule {
    fn holds(&self, context: &Context<'_>) -> Truth {
        if !self.applies_to(context.target().engine) {
            return Truth::No;
        }
        self.when.as_ref().map_or(Truth::Yes, |when| when.ask(context))
    }

    fn place(&self, context: &Context<'_>) -> Span {
        match self.at {
            At::Change => context.span(),
            At::Statement => context.scene.statement.span,
            At::Trouble => trouble(context).unwrap_or(context.change.span),
        }
    }
}

impl Active {
    fn hit(&self, context: &Context<'_>, truth: Truth, found: &Found) -> Hit {
        let rule = &self.rule;
        let given: Given<'_> = &found.values;
        let engine = context.target().engine;
        let case = rule.cases.iter().find(|case| {
            (case.engines.is_empty() || case.engines.contains(&engine))
                && case.when.as_ref().is_none_or(|when| when.ask(context) == Truth::Yes)
        });
        let fill = |own: Option<&super::message::Template>| own.map(|template| template.fill(context, given, &rule.options));
        let message = case.and_then(|case| case.message.as_ref()).unwrap_or(&rule.words.message);
        let label = case.and_then(|case| case.label.as_ref()).or(rule.words.label.as_ref());
        let help = case.and_then(|case| case.help.as_ref()).or(rule.words.help.as_ref());
        let note = case.and_then(|case| case.note.as_ref()).or(rule.words.note.as_ref());
        let fix = case.and_then(|case| case.fix).or(rule.words.fix);
        let table = context.table_name();
        let mut notes: Vec<String> = fill(note).into_iter().collect();
        if context.change.conditional {
            notes.push("it stands in a block or under a condition, and may not be executed".to_owned());
        }
        if truth == Truth::Unknown {
            let unknown: Vec<String> = context.effects.unknowns.iter().map(|one| format!("{} decides {}", one.what, one.decides)).collect();
            let unknown = if unknown.is_empty() { unseen(context).into_iter().collect() } else { unknown };
            if !unknown.is_empty() {
                notes.push(format!("not known here: {}", unknown.join("; ")));
            }
        }
        Hit {
            rule: Arc::clone(rule),
            severity: self.severity_here(context, case.and_then(|case| case.severity), truth),
            confidence: if truth == Truth::Yes && !context.change.conditional { Confidence::Certain } else { Confidence::Possible },
            message: message.fill(context, given, &rule.options),
            label: fill(label).unwrap_or_default(),
            span: found.span,
            statement: context.scene.statement.span,
            related: found.related.iter().cloned().chain(related(rule.related, context)).collect(),
            help: help.map(|template| template.fill_sql(context, given, &rule.options)),
            notes,
            fix: fix.and_then(|fix| (fix.run)(context)),
            object: if found.object.is_empty() { table } else { found.object.clone() },
            entry: found.entry,
            within: context.change.within.as_deref().cloned(),
        }
    }

    fn severity_here(&self, context: &Context<'_>, case: Option<Severity>, truth: Truth) -> Severity {
        let rule = &self.rule;
        let mut severity = self.severity.or(case).unwrap_or(rule.severity);
        if truth == Truth::Unknown {
            severity = rule.possible.map_or(severity, |possible| severity.min(possible));
        }
        if crate::facts::is_small(context) {
            severity = severity.min(rule.small);
        }
        severity
    }
}

/// What the history does not show of the change's own table.
fn unseen(context: &Context<'_>) -> Option<String> {
    if context.change.table.is_none() {
        let drops = context.change.action.kind() == ChangeKind::DropIndex;
        return drops.then(|| "the index and its table: no migration here makes it".to_owned());
    }
    match context.table() {
        None => Some(format!("`{}`: no migration here makes it", context.table_name())),
        Some(table) if !table.complete => Some(format!("all of `{}`: the migration that makes it is not here", context.table_name())),
        Some(_) => None,
    }
}

fn related(place: Option<Place>, context: &Context<'_>) -> Option<Related> {
    let ledger = context.scene.ledger;
    let there = |location: crate::source::Location, message: &str| Related::There { location, message: message.to_owned() };
    let here = |span: Span, message: &str| Related::Here { span, message: message.to_owned() };
    match place? {
        Place::Table => context.table()?.origin.map(|location| there(location, "the table is made here")),
        Place::SchemaChange => ledger.migration.first_schema_change.map(|span| here(span, "the schema is changed here")),
        Place::BulkChange => ledger.migration.first_bulk_change.map(|span| here(span, "many rows are written here")),
        Place::HeldLock => {
            let tally = ledger.in_transaction(&context.scene)?;
            let (lock, span) = tally.strongest()?;
            let takes = if tally.is_sure() { "takes" } else { "may be executed, and then takes" };
            Some(here(span, &format!("{takes} {} on `{}`, held until the transaction ends", lock.mode.prose(), lock.relation)))
        }
        Place::Transaction => {
            context.catalog().session.transaction.as_ref()?.opened.map(|location| there(location, "the transaction begins here"))
        }
        Place::Constraint => {
            crate::facts::existing_constraint(context)?.origin.map(|location| there(location, "the constraint is added here"))
        }
    }
}

/// Where reading stopped, or the narrower clause of a failure.
fn trouble(context: &Context<'_>) -> Option<Span> {
    match &context.scene.statement.parsing {
        Parsing::Partial { at, .. } | Parsing::Failed { at, .. } | Parsing::Unsupported { at, .. } => Some(*at),
        Parsing::Complete => context.effects.failures.iter().find_map(|failure| failure.span),
    }
}

/// The server will not even start on it, so it takes no locks and loses no data.
fn is_refused(statement: &Statement, effects: &Effects) -> bool {
    let by_schema = effects.failures.iter().any(|failure| {
        let cause = match failure.cause {
            FailureCause::Schema | FailureCause::Syntax | FailureCause::Assertion => true,
            FailureCause::Data | FailureCause::Transaction => false,
        };
        cause && failure.certain == Truth::Yes
    });
    by_schema || matches!(statement.parsing, Parsing::Unsupported { .. })
}

/// Which change of a block or a call ends it: those behind are not reached, and PostgreSQL takes
/// back those before.
fn stop(scene: &Scene<'_>) -> Option<usize> {
    if scene.statement.parts.is_empty() {
        return None;
    }
    scene.effects.changes.iter().position(|effects| is_refused(scene.statement, effects))
}

fn nothing_at(span: Span) -> Change {
    Change::of(None, span, Action::Nothing)
}

/// The first line with something on it: what a finding about a whole file points at.
pub fn first_line(text: &str) -> Span {
    let start = text.len() - text.trim_start().len();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, |line| line.trim_end().len());
    let bytes = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(bytes(start), bytes(start + length))
}
