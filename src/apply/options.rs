//! How patient a run is.

use std::time::Duration;

use crate::driver::Session;
use crate::engine::Engine;
use crate::plan::Patience;

#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for another run to end.
    pub lock_wait: Duration,
    /// How long a statement waits for a lock that blocks others while it waits.
    pub brief: Duration,
    /// How long a statement waits for rows.
    pub normal: Duration,
    /// How often a statement that timed out is tried.
    pub attempts: u32,
    /// How long all the tries together may take.
    pub retry_for: Duration,
    /// The first pause between tries; it doubles, with jitter, up to half a minute.
    pub pause: Duration,
    /// What a person says about a statement of an earlier run whose outcome is not known.
    pub assume: Option<Assume>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assume {
    Done,
    NotDone,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            lock_wait: Duration::from_secs(300),
            brief: Duration::from_secs(3),
            normal: Duration::from_secs(30),
            attempts: 10,
            retry_for: Duration::from_secs(600),
            pause: Duration::from_secs(1),
            assume: None,
        }
    }
}

impl Options {
    /// The statement that makes a session as patient as a statement may be.
    pub(super) fn patience(&self, session: &dyn Session, patience: Patience, was: Option<Patience>, local: bool) -> Vec<String> {
        let limit = match patience {
            Patience::Brief => Some(self.brief),
            Patience::Normal => Some(self.normal),
            Patience::Endless => None,
        };
        match session.engine() {
            Engine::Postgres => {
                let scope = if local { "SET LOCAL" } else { "SET" };
                let wait = format!("{scope} lock_timeout = {}", limit.map_or(0, |limit| limit.as_millis()));
                // A role's statement_timeout would stop a build half-way and leave an invalid index.
                match (patience, was) {
                    (Patience::Endless, _) => vec![wait, format!("{scope} statement_timeout = 0")],
                    (_, Some(Patience::Endless)) => vec![wait, format!("{scope} statement_timeout TO DEFAULT")],
                    _ => vec![wait],
                }
            }
            // Whole seconds, at least one. Without it MySQL waits a year and MariaDB a day, with
            // every query on the table queued behind.
            Engine::Mysql | Engine::Mariadb => {
                let seconds = limit.map_or(self.normal, |limit| limit).as_millis().div_ceil(1000).max(1);
                vec![format!("SET SESSION lock_wait_timeout = {seconds}")]
            }
            Engine::Sqlite => vec![format!("PRAGMA busy_timeout = {}", limit.unwrap_or(self.normal).as_millis())],
        }
    }

    /// The pause before try number `next` (from 2), with jitter so that two runners do not meet again.
    pub(super) fn pause_before(&self, next: u32) -> Duration {
        let doubled = self.pause.saturating_mul(1 << next.saturating_sub(2).min(16)).min(Duration::from_secs(30));
        doubled / 2 + doubled.mul_f64(random() / 2.0)
    }
}

/// From 0 to 1: the standard library seeds its hash tables from the system.
fn random() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0_u8) >> 40;
    f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(1_u32 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let options = Options::default();
        for (next, low, high) in [(2, 500, 1000), (4, 2000, 4000), (30, 15_000, 30_000)] {
            let pause = options.pause_before(next).as_millis();
            assert!((low..=high).contains(&pause), "{next}: {pause}");
        }
    }
}
