//! Follows the sealed blocks of a chain and finds in them what was sent.

use crate::{Rpc, RpcError};
use alloy_primitives::{B256, U64, map::HashMap};
use serde::Deserialize;
use serde_json::json;
use std::time::Instant;

/// The part of a block that the measurements need.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Height.
    pub number: U64,
    /// Gas that the block used.
    pub gas_used: U64,
    /// Hashes of the transactions, in order.
    pub transactions: Vec<B256>,
}

/// A sealed block that was seen.
#[derive(Clone, Debug)]
pub struct SeenBlock {
    /// Height.
    pub number: u64,
    /// Transactions of the run in it. Others (the L1-info deposit, strangers) are not counted.
    pub included: usize,
    /// Gas that the whole block used.
    pub gas_used: u64,
    /// When its contents arrived here.
    pub seen: Instant,
}

/// Where a transaction was included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The block's height.
    pub block: u64,
    /// The transaction's position in the block.
    pub index: u64,
}

/// Reads every block from its start to `latest`, once each.
#[derive(Debug)]
pub struct Follower {
    rpc: Rpc,
    next: u64,
    wanted: HashMap<B256, usize>,
    places: Vec<Option<Place>>,
    blocks: Vec<SeenBlock>,
    included: usize,
}

impl Follower {
    /// Follows the blocks after the present `latest` and looks for `hashes` in them.
    pub fn new(mut rpc: Rpc, hashes: impl Iterator<Item = B256>) -> Result<Self, RpcError> {
        let latest: U64 = rpc.call("eth_blockNumber", json!([]))?;
        let wanted: HashMap<B256, usize> = hashes
            .enumerate()
            .map(|(index, hash)| (hash, index))
            .collect();
        let places = vec![None; wanted.len()];
        Ok(Self {
            rpc,
            next: latest.to::<u64>() + 1,
            wanted,
            places,
            blocks: Vec::new(),
            included: 0,
        })
    }

    /// Reads the blocks that have been sealed since the last call. Says whether one of them held transactions of
    /// the run.
    pub fn poll(&mut self) -> Result<bool, RpcError> {
        let latest: U64 = self.rpc.call("eth_blockNumber", json!([]))?;
        let before = self.included;
        while self.next <= latest.to::<u64>() {
            let Some(block) = read_block(&mut self.rpc, self.next)? else {
                break;
            };
            let mut included = 0;
            for (index, hash) in (0..).zip(&block.transactions) {
                if let Some(&wanted) = self.wanted.get(hash) {
                    // A hash seen twice would be a chain that includes one transaction twice: the first place stays.
                    if self.places[wanted].is_none() {
                        self.places[wanted] = Some(Place {
                            block: self.next,
                            index,
                        });
                        included += 1;
                    }
                }
            }
            self.included += included;
            let gas_used = block.gas_used.to();
            self.blocks.push(SeenBlock {
                number: self.next,
                included,
                gas_used,
                seen: Instant::now(),
            });
            self.next += 1;
        }
        Ok(self.included > before)
    }

    /// How many of the wanted transactions have been seen in blocks.
    pub fn included(&self) -> usize {
        self.included
    }

    /// The blocks seen, in order.
    pub fn blocks(&self) -> &[SeenBlock] {
        &self.blocks
    }

    /// Where each wanted transaction was found, in the order of the hashes given.
    pub fn places(&self) -> &[Option<Place>] {
        &self.places
    }

    /// Gives the connection back for questions after the run.
    pub fn rpc(&mut self) -> &mut Rpc {
        &mut self.rpc
    }
}

/// The sealed block of a height.
pub fn read_block(rpc: &mut Rpc, number: u64) -> Result<Option<Block>, RpcError> {
    rpc.call("eth_getBlockByNumber", json!([U64::from(number), false]))
}
