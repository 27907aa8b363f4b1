//! For programs: one JSON object a line.

use std::io::Write;

use serde_json::{Value, json};

use super::{Event, Progress};
use crate::plan::Step;

pub struct Jsonl {
    out: Box<dyn Write + Send>,
}

impl std::fmt::Debug for Jsonl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jsonl").finish_non_exhaustive()
    }
}

impl Jsonl {
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Jsonl { out }
    }
}

fn place(step: &Step) -> Value {
    json!({ "path": step.path, "line": step.line, "column": step.column, "statement": step.summary() })
}

impl Progress for Jsonl {
    fn event(&mut self, event: &Event<'_>) {
        let mut value = match event {
            Event::LockWait { holder, waited } => {
                json!({ "event": "lock-wait", "holder": holder.to_string(), "waited_ms": waited.as_millis() })
            }
            Event::MigrationStarted { migration, number, total } => json!({
                "event": "migration-started", "version": migration.version, "name": migration.name,
                "direction": migration.direction.name(), "number": number, "total": total, "atomic": migration.is_atomic(),
            }),
            Event::MigrationSkipped { migration, reason } => {
                json!({ "event": "migration-skipped", "version": migration.version, "name": migration.name, "reason": reason })
            }
            Event::MigrationFinished { migration, elapsed } => json!({
                "event": "migration-finished", "version": migration.version, "name": migration.name,
                "direction": migration.direction.name(), "elapsed_ms": elapsed.as_millis(),
            }),
            Event::StatementStarted { migration, step, attempt } => {
                json!({ "event": "statement-started", "version": migration.version, "at": place(step), "attempt": attempt })
            }
            Event::StatementSkipped { step, reason } => json!({ "event": "statement-skipped", "at": place(step), "reason": reason }),
            Event::StatementBlocked { step, blockers, elapsed } => json!({
                "event": "statement-blocked", "at": place(step), "blockers": blockers, "elapsed_ms": elapsed.as_millis(),
            }),
            Event::StatementProgress { step, phase, done, total, elapsed } => json!({
                "event": "statement-progress", "at": place(step), "phase": phase, "done": done, "total": total,
                "elapsed_ms": elapsed.as_millis(),
            }),
            Event::StatementFinished { step, rows, notices, elapsed } => json!({
                "event": "statement-finished", "at": place(step), "rows": rows, "notices": notices, "elapsed_ms": elapsed.as_millis(),
            }),
            Event::Retry { step, error, pause, attempt, attempts } => json!({
                "event": "retry", "at": step.map(place), "code": error.code, "message": error.message,
                "pause_ms": pause.as_millis(), "attempt": attempt, "attempts": attempts,
            }),
            Event::Note { text } => json!({ "event": "note", "text": text }),
        };
        if let Some(object) = value.as_object_mut() {
            object.insert("time".to_owned(), json!(crate::history::timestamp(std::time::SystemTime::now())));
        }
        // Nobody is left to tell when the stream is closed; the run goes on.
        let _ = writeln!(self.out, "{value}").and_then(|()| self.out.flush());
    }
}
