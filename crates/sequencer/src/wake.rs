//! Waking the builder.

use parking_lot::{Condvar, Mutex};
use std::time::Duration;

/// A flag that one thread waits for and any thread raises. Raising it before the wait is not lost.
#[derive(Debug, Default)]
pub struct Wake {
    raised: Mutex<bool>,
    changed: Condvar,
}

impl Wake {
    /// Raises the flag.
    pub fn raise(&self) {
        let mut raised = self.raised.lock();
        if !*raised {
            *raised = true;
            self.changed.notify_one();
        }
    }

    /// Waits until the flag is raised, at most `timeout`; lowers it.
    pub fn wait(&self, timeout: Duration) {
        let mut raised = self.raised.lock();
        if !*raised {
            self.changed.wait_for(&mut raised, timeout);
        }
        *raised = false;
    }
}
