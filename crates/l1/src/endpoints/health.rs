//! How an endpoint does, and when one that failed is asked again.

use std::time::Duration;
use tokio::time::Instant;

/// The longest rest in shortest ones: with the defaults and the time of a request an endpoint that is back is found within 10 s.
const LONGEST_REST: u32 = 8;
/// How long one that contradicts what is known of the chain is set aside, in shortest rests: 30 s at first, 10 minutes at most.
const FIRST_BAN: u32 = 60;
const LONGEST_BAN: u32 = 1_200;
/// Answers in a row that make no sense and count as a failure.
const DOUBTS: u32 = 3;
/// Share of a new value in a moving average.
const SHARE: f64 = 0.1;
/// Blocks that an endpoint may be behind without being worse for it: endpoints do not hear of a block at the same moment.
pub(crate) const TOLERATED_LAG: u64 = 2;

/// What an error says about the endpoint that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not answer, or takes no more calls for now.
    Away,
    /// It may be broken, or the question was.
    Doubtful,
    /// It says what can not be true.
    Lies,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    /// In a row.
    failures: u32,
    doubts: u32,
    /// When it failed last and may be tried again, while it does not answer.
    failed_at: Option<Instant>,
    rest_until: Option<Instant>,
    /// Times that it was set aside in a row, and until when.
    bans: u32,
    ban_until: Option<Instant>,
    /// Moving averages: the share of calls that failed, and seconds to an answer.
    error_rate: f64,
    latency: Option<f64>,
    /// The newest head that it told.
    head: u64,
}

/// The lower the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Blocks behind the best head, as far as they count.
    lag: u64,
    /// Tenths of the calls that failed.
    errors: u8,
    /// Powers of two of 50 ms.
    slowness: u8,
}

impl Health {
    pub(crate) fn answered(&mut self, latency: Duration) {
        self.failures = 0;
        self.doubts = 0;
        self.failed_at = None;
        self.rest_until = None;
        self.error_rate *= 1.0 - SHARE;
        let latency = latency.as_secs_f64();
        self.latency = Some(match self.latency {
            Some(average) => average + SHARE * (latency - average),
            None => latency,
        });
    }

    /// True when this is a failure, or one too many doubts. It may be tried again after `rest`, and twice as long after each further
    /// failure.
    pub(crate) fn failed(&mut self, fault: Fault, now: Instant, rest: Duration) -> bool {
        self.error_rate += SHARE * (1.0 - self.error_rate);
        if fault == Fault::Doubtful {
            self.doubts += 1;
            if self.doubts < DOUBTS {
                return false;
            }
        }
        self.doubts = 0;
        let rests = (1 << self.failures.min(8)).min(LONGEST_REST);
        self.failures += 1;
        self.failed_at = Some(now);
        self.rest_until = Some(now + rest * rests);
        true
    }

    /// It contradicts what is known. True when that is news.
    pub(crate) fn set_aside(&mut self, now: Instant, rest: Duration) -> bool {
        let news = self.ban_until.is_none();
        let rests = (FIRST_BAN << self.bans.min(8)).min(LONGEST_BAN);
        self.bans += 1;
        self.ban_until = Some(now + rest * rests);
        news
    }

    /// It was found to agree. True when it was set aside before.
    pub(crate) fn agrees(&mut self) -> bool {
        self.bans = 0;
        self.ban_until.take().is_some()
    }

    pub(crate) fn is_aside(&self) -> bool {
        self.ban_until.is_some()
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.rest_until.is_some()
    }

    /// Whether it may be tried (again).
    pub(crate) fn may_be_tried(&self, now: Instant) -> bool {
        let over = |until: Option<Instant>| until.is_none_or(|until| until <= now);
        over(self.rest_until) && over(self.ban_until)
    }

    /// The same when nobody else answers: one that failed is tried again after the shortest rest.
    pub(crate) fn is_last_resort(&self, now: Instant, rest: Duration) -> bool {
        self.ban_until.is_none_or(|until| until <= now)
            && self.failed_at.is_none_or(|at| at + rest <= now)
    }

    pub(crate) fn saw_head(&mut self, number: u64) {
        self.head = number;
    }

    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    pub(crate) fn latency(&self) -> Option<f64> {
        self.latency
    }

    /// Blocks behind the best head, as far as they count.
    pub(crate) fn lag(&self, best_head: u64) -> u64 {
        let lag = best_head.saturating_sub(self.head);
        if lag > TOLERATED_LAG { lag } else { 0 }
    }

    pub(crate) fn rank(&self, best_head: u64) -> Rank {
        let steps = (self.latency.unwrap_or_default() / 0.05).max(1.0).log2();
        Rank {
            lag: self.lag(best_head),
            errors: (self.error_rate * 10.0) as u8,
            slowness: steps.round() as u8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_millis(500);

    #[test]
    fn rests_grow_and_end_with_an_answer() {
        let now = Instant::now();
        let mut health = Health::default();
        assert!(health.may_be_tried(now) && !health.failed(Fault::Doubtful, now, REST));
        assert!(health.failed(Fault::Away, now, REST) && !health.may_be_tried(now));
        assert!(health.may_be_tried(now + REST));
        for _ in 0..40 {
            health.failed(Fault::Away, now, REST);
        }
        assert!(!health.may_be_tried(now + REST) && !health.is_last_resort(now, REST));
        assert!(health.is_last_resort(now + REST, REST));
        assert!(health.may_be_tried(now + REST * LONGEST_REST));
        health.answered(Duration::ZERO);
        assert!(health.may_be_tried(now));
        let doubts = [(); 3].map(|()| health.failed(Fault::Doubtful, now, REST));
        assert_eq!(doubts, [false, false, true]);
        assert!(health.set_aside(now, REST) && !health.set_aside(now, REST));
        assert!(!health.may_be_tried(now + REST * FIRST_BAN) && health.is_aside());
        assert!(health.agrees() && !health.agrees());
    }

    #[test]
    fn lag_counts_before_errors_and_errors_before_slowness() {
        let (now, mut good) = (Instant::now(), Health::default());
        good.saw_head(100);
        good.answered(Duration::from_millis(20));
        let mut slow = good.clone();
        slow.answered(Duration::from_secs(9));
        let mut failing = good.clone();
        for _ in 0..5 {
            failing.failed(Fault::Away, now, REST);
        }
        let mut behind = good.clone();
        behind.saw_head(97);
        let ranks = [good, slow, failing, behind].map(|health| health.rank(100));
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert!(ranks.windows(2).all(|two| two[0] != two[1]), "{ranks:?}");
    }
}
