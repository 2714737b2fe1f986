//! Places at which a test ends the process as a power cut would.
//!
//! `OPENLEDGER_CRASH_AT=name` aborts the process when it passes the point `name` for the first time, `name:3` when it passes it
//! for the third time. Without the variable a point costs one atomic load. The crates that have points list their names.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

struct Point {
    name: String,
    /// Passes that are still survived.
    left: AtomicU64,
}

/// Aborts the process when the environment asks for it at this point.
///
/// `abort` runs no destructor and flushes no buffer, so nothing is saved that a kill would not have saved.
pub fn crash_point(name: &str) {
    static POINT: OnceLock<Option<Point>> = OnceLock::new();
    let Some(point) = POINT.get_or_init(|| {
        std::env::var("OPENLEDGER_CRASH_AT")
            .ok()
            .map(|text| parse(&text))
    }) else {
        return;
    };
    if point.reached(name) {
        std::process::abort();
    }
}

impl Point {
    fn reached(&self, name: &str) -> bool {
        self.name == name
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_err()
    }
}

fn parse(text: &str) -> Point {
    let (name, count) = match text.rsplit_once(':') {
        Some((name, count)) => (name, count.parse().unwrap_or(1)),
        None => (text, 1u64),
    };
    Point {
        name: name.to_owned(),
        left: AtomicU64::new(count.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_reached_at_the_count_that_was_asked_for() {
        let point = parse("batcher-tx-sent:3");
        assert!(!point.reached("batcher-tx-sent"));
        assert!(!point.reached("batcher-tx-included"));
        assert!(!point.reached("batcher-tx-sent"));
        assert!(point.reached("batcher-tx-sent"));
        assert!(parse("batcher-rewind").reached("batcher-rewind"));
    }
}
