//! An L1 with its blobs.

use crate::{BeaconClient, L1Block, L1Client, L1Error};
use alloy_primitives::{Address, B256, Bytes};
use openledger_protocol::{InboxData, decode_blob};

/// Both endpoints of an L1: its blocks, and its blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct L1Source {
    client: L1Client,
    beacon: BeaconClient,
}

impl L1Source {
    /// Both must be endpoints of the same L1: blobs of another one are found to be missing.
    pub fn new(client: L1Client, beacon: BeaconClient) -> Self {
        Self { client, beacon }
    }

    /// Where blocks come from.
    pub fn client(&self) -> &L1Client {
        &self.client
    }

    /// Where blobs come from.
    pub fn beacon(&self) -> &BeaconClient {
        &self.beacon
    }

    /// The batcher's payloads in a block, in the order of derivation: the calldata of a transaction, or what its blobs hold,
    /// one payload each.
    ///
    /// A blob that is not in the rollup's encoding is skipped: whoever has the batcher's key may post nonsense, and every
    /// node must make the same of it.
    ///
    /// # Errors
    /// As [`L1Client::inbox`] and [`BeaconClient::blobs`]: nothing is returned unless everything was read.
    pub async fn payloads(
        &self,
        block: &L1Block,
        inbox: Address,
        batcher: Address,
    ) -> Result<Vec<Bytes>, L1Error> {
        let transactions = self.client.inbox(block, inbox, batcher).await?;
        let wanted: Vec<B256> = transactions
            .iter()
            .filter_map(|tx| match &tx.data {
                InboxData::Calldata(_) => None,
                InboxData::Blobs(hashes) => Some(hashes.iter().copied()),
            })
            .flatten()
            .collect();
        let mut blobs = self.beacon.blobs(block, &wanted).await?.into_iter();
        let mut payloads = Vec::new();
        for tx in transactions {
            match tx.data {
                InboxData::Calldata(data) => payloads.push(data),
                InboxData::Blobs(hashes) => {
                    for (hash, blob) in hashes.iter().zip(blobs.by_ref()) {
                        match decode_blob(&blob) {
                            Ok(data) => payloads.push(data),
                            Err(error) => {
                                tracing::warn!(block = block.number, tx = %tx.hash, %hash, %error, "a blob of the batcher is not in the rollup's encoding and skipped");
                            }
                        }
                    }
                }
            }
        }
        Ok(payloads)
    }
}
