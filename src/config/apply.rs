//! `[apply]`: the envelope in which statements run.

use std::time::Duration;

use super::read::Section;

/// How long to wait for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplySettings {
    /// How long a statement with a strong lock may queue for it, and make others queue behind it,
    /// before it is given up and tried again.
    pub lock_timeout: Duration,
    /// How long one statement may run; `None` leaves it to the server.
    pub statement_timeout: Option<Duration>,
    /// How often a statement that did not get its lock is tried again.
    pub retries: u32,
    /// The pause before the first new try; it doubles from try to try.
    pub retry_delay: Duration,
    /// The longest pause.
    pub retry_delay_max: Duration,
    /// How long another run may hold the run lock before this one gives up.
    pub wait_for_run: Duration,
}

impl Default for ApplySettings {
    fn default() -> Self {
        ApplySettings {
            lock_timeout: Duration::from_secs(3),
            statement_timeout: None,
            retries: 10,
            retry_delay: Duration::from_secs(1),
            retry_delay_max: Duration::from_secs(60),
            wait_for_run: Duration::from_secs(300),
        }
    }
}

impl ApplySettings {
    /// What the section says; what it leaves open is taken from `default`.
    pub(super) fn read(section: &Section<'_, '_>, default: &ApplySettings) -> Self {
        let statement_timeout = match section.duration("statement-timeout") {
            Some(timeout) => (!timeout.is_zero()).then_some(timeout),
            None => default.statement_timeout,
        };
        ApplySettings {
            lock_timeout: section.duration("lock-timeout").unwrap_or(default.lock_timeout),
            statement_timeout,
            retries: section.integer("retries").and_then(|retries| u32::try_from(retries).ok()).unwrap_or(default.retries),
            retry_delay: section.duration("retry-delay").unwrap_or(default.retry_delay),
            retry_delay_max: section.duration("retry-delay-max").unwrap_or(default.retry_delay_max),
            wait_for_run: section.duration("wait-for-run").unwrap_or(default.wait_for_run),
        }
    }
}
