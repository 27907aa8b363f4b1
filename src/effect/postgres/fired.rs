//! What the triggers of a table do when its rows change: the bodies of their functions are looked at
//! for the relations they lock. Whether a branch of a body is taken, its rows decide.

use std::cell::Cell;

use super::branch::{self, Reached};
use super::outcome::Outcome;
use super::scene::Scene;
use crate::catalog::{Key, Routine, Table, Trigger};
use crate::change::{Change, Statement, TriggerEvent, TriggerState, read_routine};
use crate::effect::Effects;
use crate::engine::Target;
use crate::source::Span;

/// Triggers whose bodies fire triggers are followed so deep.
const DEEPEST: usize = 4;
/// So many functions are looked at for one statement.
const MOST: usize = 64;

/// The functions whose bodies are being looked at.
#[derive(Default)]
struct Followed {
    running: Vec<Key>,
    count: usize,
}

thread_local! {
    /// A statement of a body is being looked at: what it fires is followed from there.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// The locks and scans that the triggers of one event add.
pub(super) fn fire(scene: Scene<'_>, table: &Table, event: impl Fn(&TriggerEvent) -> bool + Copy, out: &mut Outcome) {
    if WITHIN.get() {
        return;
    }
    follow(scene, table.triggers.iter(), event, &mut Followed::default(), out);
}

/// The same of the triggers of a view.
pub(super) fn fire_those(scene: Scene<'_>, triggers: &[Trigger], event: impl Fn(&TriggerEvent) -> bool, out: &mut Outcome) {
    follow(scene, triggers.iter(), event, &mut Followed::default(), out);
}

/// What the commands of a rule do.
pub(super) fn run(scene: Scene<'_>, statement: &Statement, out: &mut Outcome) {
    let scene = Scene { statement, ..scene };
    for change in &statement.changes {
        if let Some(effects) = of_change(scene, change, &mut Followed::default()) {
            take(effects, out);
        }
    }
}

fn follow<'t>(
    scene: Scene<'_>,
    triggers: impl Iterator<Item = &'t Trigger>,
    event: impl Fn(&TriggerEvent) -> bool,
    followed: &mut Followed,
    out: &mut Outcome,
) {
    for trigger in triggers {
        let Some(operation) = trigger.events.iter().find(|it| event(it)).map(operation_of) else { continue };
        let fires = matches!(trigger.state, TriggerState::Enable | TriggerState::EnableAlways);
        let Some(key) = trigger.function.as_ref().filter(|_| fires) else { continue };
        if followed.running.contains(key) || followed.running.len() >= DEEPEST || followed.count >= MOST {
            continue;
        }
        let Some(routine) = scene.catalog.routines.get(key) else { continue };
        followed.count += 1;
        followed.running.push(key.clone());
        for statement in routine.fired.statements(operation, || read_for(routine, operation, scene.catalog.target)) {
            let scene = Scene { statement, ..scene };
            for change in &statement.changes {
                if change.conditional && event_of(change).is_some() {
                    out.unknown(format!("the conditions in the body of {key}"), "which further relations are locked");
                } else if let Some(effects) = of_change(scene, change, followed) {
                    take(effects, out);
                }
            }
        }
        followed.running.pop();
    }
}

/// What stands in TG_OP, in the order of [`operation_of`].
const OPERATIONS: [&str; 4] = ["'insert'", "'update'", "'delete'", "'truncate'"];

fn operation_of(event: &TriggerEvent) -> usize {
    match event {
        TriggerEvent::Insert => 0,
        TriggerEvent::Update(_) => 1,
        TriggerEvent::Delete => 2,
        TriggerEvent::Truncate => 3,
    }
}

/// In more text than this all branches count as reached.
const LONGEST_BODY: usize = 64 * 1024;
/// Statements times bytes: each statement is placed in the text before it.
const MOST_WORK: usize = 4 << 20;

/// The statements of a body that an operation may reach.
fn read_for(routine: &Routine, operation: usize, target: Target) -> Vec<Statement> {
    let Some(body) = routine.body.as_deref() else { return Vec::new() };
    let whole = Span::new(0, u32::try_from(body.len()).unwrap_or(0));
    let mut statements = read_routine(body, whole, &routine.language, target).unwrap_or_default();
    if routine.language == "plpgsql"
        && let Some(operation) = OPERATIONS.get(operation).filter(|_| body.len() <= LONGEST_BODY)
    {
        let body = body.to_ascii_lowercase();
        if statements.len().saturating_mul(body.len()) > MOST_WORK {
            statements.iter_mut().flat_map(|statement| &mut statement.changes).for_each(|change| change.conditional = true);
            return statements;
        }
        statements.retain_mut(|statement| {
            let reached = branch::reached(&body, statement.span.start as usize, operation);
            statement.changes.iter_mut().for_each(|change| change.conditional = reached == Reached::Perhaps);
            reached != Reached::No
        });
    }
    statements
}

/// Only what works on rows: a trigger that changes the schema is a matter of its own.
fn of_change(scene: Scene<'_>, change: &Change, followed: &mut Followed) -> Option<Effects> {
    let event = event_of(change)?;
    let mut out = Outcome::new();
    let within = WITHIN.replace(true);
    super::rows_of(scene, change, &mut out);
    WITHIN.set(within);
    if out.will_fail() {
        return None;
    }
    let table = change.table.as_ref().and_then(|name| scene.table(name));
    if let (Some(table), Some(event)) = (table, event) {
        follow(scene, table.triggers.iter(), |other| std::mem::discriminant(other) == std::mem::discriminant(&event), followed, &mut out);
    }
    Some(out.effects)
}

/// What a change of rows fires; a query fires nothing.
fn event_of(change: &Change) -> Option<Option<TriggerEvent>> {
    use crate::change::Action;
    match &change.action {
        Action::Insert(_) => Some(Some(TriggerEvent::Insert)),
        Action::Update(_) => Some(Some(TriggerEvent::Update(Vec::new()))),
        Action::Delete(_) => Some(Some(TriggerEvent::Delete)),
        Action::Select { .. } => Some(None),
        _ => None,
    }
}

fn take(effects: Effects, out: &mut Outcome) {
    for unknown in effects.unknowns {
        out.unknown(unknown.what, unknown.decides);
    }
    for lock in effects.locks {
        match out.effects.locks.iter_mut().find(|known| known.relation == lock.relation) {
            Some(known) => known.mode = known.mode.max(lock.mode),
            None => out.effects.locks.push(lock),
        }
    }
    for scan in effects.scans {
        if !out.effects.scans.iter().any(|known| known.table == scan.table && known.reason == scan.reason) {
            out.effects.scans.push(scan);
        }
    }
}
