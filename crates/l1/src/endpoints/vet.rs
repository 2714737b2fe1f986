//! What must hold of an endpoint before it is asked.

use super::{Endpoints, endpoint::Endpoint, fault, health::Fault};
use crate::{L1BlockRef, L1Error};
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::Block;
use futures::future::try_join_all;
use openledger_primitives::BlockRef;
use std::time::Duration;
use tokio::time::Instant;

/// Longest look at an endpoint: it must not hold up those who wait for one that works.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is known of the chain, whoever told it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) chain_id: Option<u64>,
    /// Blocks that no endpoint of this chain can do without.
    pub(crate) anchors: Vec<BlockRef>,
    /// The newest finalized block.
    pub(crate) finalized: Option<L1BlockRef>,
    /// Whether headers must hash to what is said.
    pub(crate) verify_hashes: bool,
}

/// Why an endpoint can not be used.
#[derive(Debug)]
pub(crate) enum Objection {
    /// It does not answer.
    Fails(Box<L1Error>),
    /// It does not have a block yet that is known to be final.
    Behind,
    /// It serves another chain.
    OtherChain(String),
    /// It serves the same chain with another past.
    Contradicts(String),
}

fn fails(error: L1Error) -> Objection {
    Objection::Fails(Box::new(error))
}

impl Endpoints {
    /// Looks at an endpoint; its head when nothing speaks against it. What is found out goes into its health.
    pub(crate) async fn vet(&self, index: usize) -> Result<u64, Objection> {
        let endpoint = &self.list[index];
        let known = self.known.lock().clone();
        let started = Instant::now();
        let look = async {
            // That it is another chain says more than that it has another past.
            tokio::try_join!(chain_id(endpoint, &known), anchors(endpoint, &known))?;
            let ((), head) = tokio::try_join!(finalized(endpoint, &known), head(endpoint, &known))?;
            Ok(head)
        };
        let outcome = tokio::time::timeout(PATIENCE, look)
            .await
            .unwrap_or_else(|_| Err(fails(endpoint.too_slow(PATIENCE))));
        self.note(index, &outcome, started.elapsed());
        self.record(index);
        outcome
    }

    fn note(&self, index: usize, outcome: &Result<u64, Objection>, took: Duration) {
        match outcome {
            Ok(head) => {
                let mut health = self.list[index].health.lock();
                health.saw_head(*head);
                health.answered(took);
                let back = health.agrees();
                drop(health);
                if back {
                    tracing::info!(
                        endpoint = self.label(index),
                        "an L1 endpoint that was set aside agrees with the chain"
                    );
                }
            }
            Err(Objection::Fails(error)) if fault(error) == Some(Fault::Lies) => {
                self.set_aside(index, &error.to_string());
            }
            // Whatever it was, it is no endpoint to go to now.
            Err(Objection::Fails(_) | Objection::Behind) => {
                self.note_failure(index, Fault::Away);
            }
            Err(Objection::OtherChain(reason) | Objection::Contradicts(reason)) => {
                self.set_aside(index, reason);
            }
        }
    }
}

async fn chain_id(endpoint: &Endpoint, known: &Known) -> Result<(), Objection> {
    let id: Result<U64, _> = endpoint.call("eth_chainId", &(), PATIENCE).await;
    let id: u64 = id.map_err(fails)?.to();
    match known.chain_id {
        Some(expected) if expected != id => Err(Objection::OtherChain(format!(
            "its chain id is {id}, not {expected}"
        ))),
        _ => Ok(()),
    }
}

async fn anchors(endpoint: &Endpoint, known: &Known) -> Result<(), Objection> {
    let looks = known.anchors.iter().map(async |anchor| {
        let tag = BlockNumberOrTag::Number(anchor.number);
        match block(endpoint, known, tag).await {
            Ok(Some((_, hash))) if hash == anchor.hash => Ok(()),
            Ok(Some((_, hash))) => Err(Objection::OtherChain(format!(
                "its block {} is {hash}, not {}",
                anchor.number, anchor.hash
            ))),
            // Endpoints without an archive may not have the oldest ones.
            Ok(None) | Err(L1Error::Refused { .. }) if anchor.number == 0 => Ok(()),
            Ok(None) => Err(Objection::Behind),
            Err(error) => Err(fails(error)),
        }
    });
    try_join_all(looks).await.map(drop)
}

async fn finalized(endpoint: &Endpoint, known: &Known) -> Result<(), Objection> {
    let Some(expected) = known.finalized else {
        return Ok(());
    };
    let tag = BlockNumberOrTag::Number(expected.number);
    match block(endpoint, known, tag).await {
        Ok(Some((_, hash))) if hash == expected.hash => Ok(()),
        Ok(Some((_, hash))) => Err(Objection::Contradicts(format!(
            "its block {} is {hash}, but {} is final",
            expected.number, expected.hash
        ))),
        Ok(None) => Err(Objection::Behind),
        Err(error) => Err(fails(error)),
    }
}

async fn head(endpoint: &Endpoint, known: &Known) -> Result<u64, Objection> {
    match block(endpoint, known, BlockNumberOrTag::Latest).await {
        Ok(Some((number, _))) => Ok(number),
        Ok(None) => Err(fails(L1Error::NoBlock("latest"))),
        Err(error) => Err(fails(error)),
    }
}

/// Number and hash of a block.
pub(super) async fn block(
    endpoint: &Endpoint,
    known: &Known,
    tag: BlockNumberOrTag,
) -> Result<Option<(u64, B256)>, L1Error> {
    let block: Option<Block<B256>> = endpoint
        .call("eth_getBlockByNumber", &(tag, false), PATIENCE)
        .await?;
    let Some(block) = block else { return Ok(None) };
    let (header, claimed) = (&block.header.inner, block.header.hash);
    if known.verify_hashes {
        let computed = header.hash_slow();
        if computed != claimed {
            return Err(L1Error::Hash {
                number: header.number,
                claimed,
                computed,
            });
        }
    }
    Ok(Some((header.number, claimed)))
}
