//! Looking at the endpoints that are not asked at present.

use super::{Endpoints, health::TOLERATED_LAG, vet};
use crate::L1BlockRef;
use alloy_eips::BlockNumberOrTag;
use futures::future::join_all;
use std::sync::atomic::Ordering;

/// Surveys in a row that must find the current endpoint behind before another one takes its place.
const PATIENCE: u32 = 3;

impl Endpoints {
    /// Looks at the others once, and goes to one of them when the current one was behind the last times. Meant to be called
    /// about once in an L1 block's time; does nothing while an earlier survey is under way.
    pub(crate) async fn survey(&self) {
        let Ok(_one) = self.surveying.try_lock() else {
            return;
        };
        let current = self.current();
        let looks = self
            .others(current)
            .into_iter()
            .map(|other| self.vet(other));
        let best = join_all(looks).await.into_iter().flatten().max();
        self.record(current);
        let head = self.get(current).health.lock().head();
        let is_behind = best.is_some_and(|best| best > head + TOLERATED_LAG);
        if self.current() != current || !is_behind {
            self.behind.store(0, Ordering::Relaxed);
            return;
        }
        if self.behind.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
            self.elect(current, Some(head + TOLERATED_LAG)).await;
        }
    }

    /// Whether another endpoint has a block that `index` has no more; that one is used from now on. A chain becomes shorter
    /// only when all say so.
    pub(crate) async fn overruled(&self, index: usize, block: L1BlockRef) -> bool {
        let known = self.known.lock().clone();
        for other in self.others(index) {
            let Ok(head) = self.vet(other).await else {
                continue;
            };
            let tag = BlockNumberOrTag::Number(block.number);
            let found = vet::block(self.get(other), &known, tag).await;
            if matches!(found, Ok(Some((_, hash))) if hash == block.hash) {
                self.become_current(other, head);
                return true;
            }
        }
        false
    }
}
