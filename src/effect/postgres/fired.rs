//! What the triggers of a table do when its rows change: the bodies of their functions are looked at
//! for the relations they lock. Whether a branch of a body is taken, its rows decide; all are.

use super::outcome::Outcome;
use super::scene::Scene;
use crate::catalog::{Key, Table};
use crate::change::{Change, TriggerEvent, TriggerState, read_routine};
use crate::effect::Effects;
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

/// The locks and scans that the triggers of one event add.
pub(super) fn fire(scene: Scene<'_>, table: &Table, event: impl Fn(&TriggerEvent) -> bool + Copy, out: &mut Outcome) {
    follow(scene, table, event, &mut Followed::default(), out);
}

fn follow(scene: Scene<'_>, table: &Table, event: impl Fn(&TriggerEvent) -> bool, followed: &mut Followed, out: &mut Outcome) {
    for trigger in table.triggers.iter().filter(|trigger| trigger.events.iter().any(&event)) {
        let fires = matches!(trigger.state, TriggerState::Enable | TriggerState::EnableAlways);
        let Some(key) = trigger.function.as_ref().filter(|_| fires) else { continue };
        if followed.running.contains(key) || followed.running.len() >= DEEPEST || followed.count >= MOST {
            continue;
        }
        let Some(routine) = scene.catalog.routines.get(key) else { continue };
        let Some(body) = routine.body.as_deref() else { continue };
        let whole = Span::new(0, u32::try_from(body.len()).unwrap_or(0));
        let Some(statements) = read_routine(body, whole, &routine.language, scene.catalog.target) else { continue };
        followed.count += 1;
        followed.running.push(key.clone());
        for statement in &statements {
            let scene = Scene { statement, ..scene };
            for change in &statement.changes {
                if let Some(effects) = of_change(scene, change, followed) {
                    take(effects, out);
                }
            }
        }
        followed.running.pop();
    }
}

/// Only what works on rows: a trigger that changes the schema is a matter of its own.
fn of_change(scene: Scene<'_>, change: &Change, followed: &mut Followed) -> Option<Effects> {
    let event = event_of(change)?;
    let mut out = Outcome::new();
    super::rows_of(scene, change, &mut out);
    if out.will_fail() {
        return None;
    }
    let table = change.table.as_ref().and_then(|name| scene.table(name));
    if let (Some(table), Some(event)) = (table, event) {
        follow(scene, table, |other| std::mem::discriminant(other) == std::mem::discriminant(&event), followed, &mut out);
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
