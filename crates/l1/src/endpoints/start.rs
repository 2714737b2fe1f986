//! The first look at all endpoints.

use super::{
    Endpoints,
    vet::{self, Objection},
};
use crate::{L1BlockRef, L1Error};
use alloy_eips::BlockNumberOrTag;
use futures::future::join_all;
use openledger_primitives::BlockRef;

impl Endpoints {
    /// Compares all that answer with the first that does, whose chain is the one from now on, and begins with the best. Those
    /// that are away are looked at again later.
    ///
    /// # Errors
    /// [`L1Error::OtherChain`] for one that answers and serves another chain.
    pub(crate) async fn compare(
        &self,
        chain_id: u64,
        finalized: Option<L1BlockRef>,
    ) -> Result<(), L1Error> {
        let known = {
            let mut known = self.known.lock();
            known.chain_id.get_or_insert(chain_id);
            known.clone()
        };
        let genesis = BlockNumberOrTag::Number(0);
        let first = vet::block(self.get(self.current()), &known, genesis).await;
        // One that has no archive may not serve it.
        if let Ok(Some((number, hash))) = first {
            self.known.lock().anchors.push(BlockRef { hash, number });
        }
        if let Some(finalized) = finalized {
            self.finalized(finalized);
        }
        self.must_not_be_another_chain().await?;
        let heads: Vec<_> = (0..self.list.len())
            .filter(|index| self.is_trusted(*index) && !self.get(*index).health.lock().is_failing())
            .map(|index| (index, self.get(index).health.lock().head()))
            .collect();
        let best = heads
            .iter()
            .map(|(_, head)| *head)
            .max()
            .unwrap_or_default();
        let chosen = heads.iter().min_by_key(|(index, _)| {
            // Of those that are as far the first in the operator's order.
            (self.get(*index).health.lock().lag(best), *index)
        });
        if let Some((index, head)) = chosen {
            self.become_current(*index, *head);
        }
        Ok(())
    }

    /// A block that every endpoint of this chain has.
    ///
    /// # Errors
    /// [`L1Error::OtherChain`] for one that answers and has another block there.
    pub(crate) async fn anchor(&self, block: BlockRef) -> Result<(), L1Error> {
        {
            let mut known = self.known.lock();
            if !known.anchors.contains(&block) {
                known.anchors.push(block);
            }
        }
        self.must_not_be_another_chain().await
    }

    async fn must_not_be_another_chain(&self) -> Result<(), L1Error> {
        let looks = (0..self.list.len()).map(async |index| (index, self.vet(index).await));
        for (index, outcome) in join_all(looks).await {
            match outcome {
                Err(Objection::OtherChain(reason)) => {
                    return Err(L1Error::OtherChain {
                        endpoint: self.label(index),
                        reason,
                    });
                }
                Err(Objection::Fails(error)) => {
                    tracing::warn!(
                        endpoint = self.label(index), %error,
                        "an L1 endpoint does not answer; it is used when it is back"
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}
