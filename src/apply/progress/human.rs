//! For people: lines that stay, and on a terminal one that moves.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Event, Progress, span};
use crate::plan::Direction;

/// Writes to standard error unless given another place.
pub struct Human {
    out: Box<dyn Write + Send>,
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl std::fmt::Debug for Human {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Human").field("quiet", &self.quiet).finish_non_exhaustive()
    }
}

impl Human {
    /// `terminal`: standard error is one, so that a line may move.
    pub fn new(terminal: bool, quiet: bool) -> Self {
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {wide_msg} {elapsed}") {
                bar.set_style(style);
            }
            bar
        });
        Human { out: Box::new(std::io::stderr()), bar, quiet }
    }

    /// Plain lines into a writer.
    pub fn into_writer(out: Box<dyn Write + Send>) -> Self {
        Human { out, bar: None, quiet: false }
    }

    fn line(&mut self, text: &str) {
        let out = &mut self.out;
        // Nobody is left to tell when the stream is closed; the run goes on.
        let mut write = || drop(writeln!(out, "{text}"));
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn moving(&mut self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
        }
    }

    fn start(&mut self, text: String) {
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_message(text);
            bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    fn stop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.disable_steady_tick();
            bar.finish_and_clear();
        }
    }
}

impl Drop for Human {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Progress for Human {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::LockWait { holder, waited } => {
                if waited.is_zero() {
                    self.line(&format!("another run has the lock: {holder}; waiting"));
                }
                self.start(format!("waiting for {holder}"));
            }
            Event::MigrationStarted { migration, number, total } => {
                self.stop();
                if !self.quiet {
                    let verb = match migration.direction {
                        Direction::Up => "applying",
                        Direction::Down => "rolling back",
                    };
                    self.line(&format!("[{number}/{total}] {verb} {} {}", migration.version, migration.name));
                }
            }
            Event::MigrationSkipped { migration, reason } => {
                self.line(&format!("{} {}: {reason}", migration.version, migration.name));
            }
            Event::MigrationFinished { migration, elapsed } => {
                self.stop();
                if !self.quiet {
                    let verb = match migration.direction {
                        Direction::Up => "applied",
                        Direction::Down => "rolled back",
                    };
                    self.line(&format!("  {verb} in {}", span(*elapsed)));
                }
            }
            Event::StatementStarted { step, .. } => self.start(step.summary()),
            Event::StatementSkipped { step, reason } => self.line(&format!("  line {}: {reason}: {}", step.line, step.summary())),
            Event::StatementBlocked { step, blockers, elapsed } => {
                let who = blockers.first().map_or("another session", String::as_str);
                if self.bar.is_none() {
                    self.line(&format!("  line {}: waiting for {} for a lock held by {who}", step.line, span(*elapsed)));
                }
                self.moving(format!("waiting for a lock held by {who}"));
            }
            Event::StatementProgress { step, phase, done, total, .. } => {
                let part = if *total > 0 { format!(" {}%", done.saturating_mul(100) / total) } else { String::new() };
                self.moving(format!("{phase}{part}: {}", step.summary()));
            }
            Event::StatementFinished { step, rows, notices, elapsed } => {
                self.stop();
                if self.quiet {
                    return;
                }
                let count = match rows {
                    0 => String::new(),
                    1 => ", 1 row".to_owned(),
                    rows => format!(", {rows} rows"),
                };
                self.line(&format!("  line {}: {} ({}{count})", step.line, step.summary(), span(*elapsed)));
                for notice in notices.iter().take(20) {
                    self.line(&format!("    {notice}"));
                }
            }
            Event::Retry { step, error, pause, attempt, attempts } => {
                self.stop();
                let place = step.map_or_else(String::new, |step| format!("line {}: ", step.line));
                self.line(&format!("  {place}{error}; try {} of {attempts} in {}", attempt + 1, span(*pause)));
            }
            Event::Note { text } => self.line(&format!("  {text}")),
        }
    }
}
