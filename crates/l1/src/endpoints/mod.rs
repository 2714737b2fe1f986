//! The endpoints of one L1, and which of them is asked.
//!
//! One is *current*: everything is asked of it, so that two that disagree are never mixed. When it fails, is behind, or
//! contradicts what is known to be final, another one takes its place, after it was found to serve the same chain. What is
//! checked against a hash may be read from any of them.

pub(crate) mod address;
mod endpoint;
pub(crate) mod health;
mod start;
mod survey;
pub(crate) mod transport;
mod vet;

use crate::{L1BlockRef, L1Error, L1Options, metrics};
pub(crate) use endpoint::Endpoint;
use futures::future::join_all;
use health::{Fault, Rank};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use vet::Known;

#[derive(Debug)]
pub(crate) struct Endpoints {
    list: Vec<Arc<Endpoint>>,
    current: AtomicUsize,
    known: Mutex<Known>,
    /// Shortest wait before one that failed is tried again.
    rest: Duration,
    /// One election at a time: those who come meanwhile take its outcome.
    election: tokio::sync::Mutex<()>,
    surveying: tokio::sync::Mutex<()>,
    /// Surveys in a row that found the current one behind.
    behind: AtomicU32,
}

/// What an error says about the endpoint that it came from; `None`: nothing.
pub(crate) fn fault(error: &L1Error) -> Option<Fault> {
    match error {
        L1Error::Transport { .. } => Some(Fault::Away),
        L1Error::Refused { code, message, .. } => refused(*code, &message.to_lowercase()),
        L1Error::Hash { .. } => Some(Fault::Lies),
        L1Error::NoBlock(_)
        | L1Error::OtherBlock { .. }
        | L1Error::Root { .. }
        | L1Error::Malformed { .. } => Some(Fault::Doubtful),
        _ => None,
    }
}

fn refused(code: i64, message: &str) -> Option<Fault> {
    let limited = [
        "rate limit",
        "too many requests",
        "quota",
        "daily request count",
        "compute units",
    ];
    if matches!(code, 429 | -32_005) || limited.iter().any(|words| message.contains(words)) {
        return Some(Fault::Away);
    }
    (code == -32_603).then_some(Fault::Doubtful)
}

impl Endpoints {
    pub(crate) fn new(list: Vec<Endpoint>, options: &L1Options) -> Self {
        Self {
            list: list.into_iter().map(Arc::new).collect(),
            current: AtomicUsize::new(0),
            known: Mutex::new(Known {
                chain_id: options.chain_id,
                verify_hashes: options.verify_hashes,
                ..Known::default()
            }),
            rest: options.rest,
            election: tokio::sync::Mutex::default(),
            surveying: tokio::sync::Mutex::default(),
            behind: AtomicU32::new(0),
        }
    }

    pub(crate) fn several(&self) -> bool {
        self.list.len() > 1
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The one to ask.
    pub(crate) fn current(&self) -> usize {
        self.current.load(Ordering::Acquire)
    }

    pub(crate) fn get(&self, index: usize) -> &Arc<Endpoint> {
        &self.list[index]
    }

    /// Whether what it says may be believed. A lone one is believed whatever it says.
    pub(crate) fn is_trusted(&self, index: usize) -> bool {
        !self.several() || !self.list[index].health.lock().is_aside()
    }

    /// Whether it answered when it was asked last, and agrees.
    pub(crate) fn is_well(&self, index: usize) -> bool {
        let health = self.list[index].health.lock();
        !health.is_failing() && !health.is_aside()
    }

    /// Those besides one that may be asked for what is checked against a hash.
    pub(crate) fn others(&self, index: usize) -> Vec<usize> {
        let now = Instant::now();
        let may_be = |other: &usize| self.list[*other].health.lock().may_be_tried(now);
        (0..self.list.len())
            .filter(|other| *other != index)
            .filter(may_be)
            .collect()
    }

    /// The tracker's newest finalized block. It never moves back.
    pub(crate) fn finalized(&self, block: L1BlockRef) {
        let mut known = self.known.lock();
        if known.finalized.is_none_or(|of| of.number < block.number) {
            known.finalized = Some(block);
        }
    }

    pub(crate) fn saw_head(&self, index: usize, number: u64) {
        self.list[index].health.lock().saw_head(number);
    }

    pub(crate) fn answered(&self, index: usize, took: Duration) {
        let mut health = self.list[index].health.lock();
        let news = health.is_failing();
        health.answered(took);
        drop(health);
        if news {
            self.record(index);
        }
    }

    /// Takes note of an error of an endpoint, and looks for another one when that is a failure. True when there is another one
    /// to ask now.
    pub(crate) async fn failed(&self, index: usize, error: &L1Error) -> bool {
        let Some(fault) = fault(error) else {
            return false;
        };
        if fault == Fault::Lies && self.several() {
            self.set_aside(index, &error.to_string());
        } else if !self.note_failure(index, fault) {
            return false;
        }
        self.record(index);
        self.several() && self.elect(index, None).await
    }

    /// Sees to it that another endpoint than `index` is current (or `index` itself, when it was set aside and agrees by
    /// now); with `above`, one whose head is higher. False when there is none.
    pub(crate) async fn elect(&self, index: usize, above: Option<u64>) -> bool {
        let _one = self.election.lock().await;
        let current = self.current();
        if current != index && self.is_trusted(current) {
            return true;
        }
        let now = Instant::now();
        let may_be = |other: &usize| {
            let health = self.list[*other].health.lock();
            (*other != index || health.is_aside()) && health.is_last_resort(now, self.rest)
        };
        let candidates = (0..self.list.len()).filter(may_be);
        let looks = candidates.map(async |other| (other, self.vet(other).await));
        let heads: Vec<(usize, u64)> = join_all(looks)
            .await
            .into_iter()
            .filter_map(|(other, head)| Some((other, head.ok()?)))
            .filter(|(_, head)| above.is_none_or(|least| *head > least))
            .collect();
        let best = heads.iter().map(|(_, head)| *head).max();
        let best = best.map(|best| best.max(self.list[index].health.lock().head()));
        let chosen = heads
            .iter()
            .min_by_key(|(other, _)| (self.rank(*other, best.unwrap_or_default()), *other));
        match chosen {
            Some((other, head)) => {
                self.become_current(*other, *head);
                true
            }
            None => false,
        }
    }

    fn rank(&self, index: usize, best_head: u64) -> Rank {
        self.list[index].health.lock().rank(best_head)
    }

    fn become_current(&self, index: usize, head: u64) {
        let before = self.current.swap(index, Ordering::AcqRel);
        self.behind.store(0, Ordering::Relaxed);
        if before == index {
            return;
        }
        tracing::warn!(
            from = self.label(before),
            to = self.label(index),
            head,
            "another L1 endpoint is used"
        );
        metrics::record_endpoint_switch();
        self.record(before);
        self.record(index);
    }

    /// What an endpoint says is not believed until it agrees with what is known.
    pub(crate) fn set_aside(&self, index: usize, reason: &str) {
        metrics::record_disagreement();
        if self.list[index]
            .health
            .lock()
            .set_aside(Instant::now(), self.rest)
        {
            tracing::error!(
                endpoint = self.label(index),
                reason,
                "an L1 endpoint contradicts what is known of the chain: it is not used until it agrees"
            );
        }
        self.record(index);
    }

    /// True when it counts.
    fn note_failure(&self, index: usize, fault: Fault) -> bool {
        let mut health = self.list[index].health.lock();
        health.failed(fault, Instant::now(), self.rest)
    }

    /// Its place in the list and its host.
    pub(crate) fn label(&self, index: usize) -> String {
        format!("{index} ({})", self.list[index].name)
    }

    fn record(&self, index: usize) {
        let health = self.list[index].health.lock().clone();
        metrics::record_endpoint(
            index,
            &self.list[index].name,
            &metrics::EndpointState {
                up: !health.is_failing() && !health.is_aside(),
                current: self.current() == index,
                head: health.head(),
                latency: health.latency(),
            },
        );
    }
}
