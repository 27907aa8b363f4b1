//! Ctrl-C and SIGTERM: the first stops at the next safe boundary, the second cancels the statement
//! in progress. Nothing is killed in the middle without the server knowing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often somebody asked to stop. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    count: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Counts the process's interrupt and termination signals from now on.
    pub fn install() -> Interrupt {
        let interrupt = Interrupt::default();
        let handle = interrupt.clone();
        // Fails when a handler is installed already: then signals end the process as usual, and the
        // next run finds out what was left.
        let _ = ctrlc::set_handler(move || handle.request());
        interrupt
    }

    pub fn request(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Stop at the next boundary.
    pub fn requested(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// Cancel what is running.
    pub fn urgent(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 1
    }

    /// Sleeps unless somebody asks to stop; tells whether the time was slept out.
    pub fn sleep(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        loop {
            if self.requested() {
                return false;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}
