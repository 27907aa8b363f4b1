//! Where a migration that was begun earlier goes on.

use crate::history::{StepRow, StepState};

use super::step::Step;

/// What an earlier run left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// Positions that are done.
    pub done: Vec<u32>,
    /// Sent, and no answer recorded.
    pub doubt: Option<Doubt>,
    /// A statement that is done reads differently now: its line and text as it was run.
    pub changed: Option<(u32, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub position: u32,
    pub line: u32,
    pub statement: String,
    pub started_at: String,
    /// The statement reads the same now.
    pub same: bool,
}

/// Compares the recorded statements of a run with the script as it is.
pub fn resume<'a>(steps: impl Iterator<Item = &'a Step>, rows: &[StepRow]) -> Resume {
    let steps: Vec<&Step> = steps.collect();
    let mut resume = Resume::default();
    for row in rows {
        let same = steps.iter().any(|step| step.position == row.position && step.hash == row.hash);
        match row.state {
            StepState::Done if same => resume.done.push(row.position),
            StepState::Done => {
                resume.changed.get_or_insert((row.line, row.statement.clone()));
            }
            StepState::Running => {
                resume.doubt = Some(Doubt {
                    position: row.position,
                    line: row.line,
                    statement: row.statement.clone(),
                    started_at: row.started_at.clone(),
                    same,
                });
            }
            // Refused by the server: it runs again, in whatever form it has now.
            StepState::Failed => {}
        }
    }
    resume
}
