//! Blocks, a pool with the rules of geth's, and one account.

use crate::tx_manager::{fees::Fees, refusal::Refusal, slot::Shape};
use alloy_primitives::{B256, U256, keccak256};
use openledger_primitives::BlockRef;
use rand::{Rng, rngs::StdRng};
use std::collections::BTreeMap;

const RICH: u128 = 1_000_000_000_000_000;
const LEAST_BASE_FEE: u128 = 8;
/// Transactions of one account that the pool holds.
const POOL: usize = 8;

#[derive(Debug, Clone, Copy)]
pub(super) struct SimTx {
    pub(super) nonce: u64,
    pub(super) hash: B256,
    pub(super) fees: Fees,
    pub(super) shape: Shape,
}

impl SimTx {
    pub(super) fn cost(&self) -> U256 {
        self.shape.cost(&self.fees)
    }
}

/// Whether a pool takes fees in place of a transaction's.
pub(super) fn offers_enough_more(fees: &Fees, old: &SimTx) -> bool {
    let percent = if old.shape.blobs.is_some() { 200 } else { 110 };
    let enough = |new: u128, old: u128| new * 100 >= old * percent;
    enough(fees.max_fee, old.fees.max_fee)
        && enough(fees.tip, old.fees.tip)
        && enough(fees.blob_fee, old.fees.blob_fee)
}

#[derive(Debug, Clone)]
struct SimBlock {
    at: BlockRef,
    txs: Vec<SimTx>,
}

#[derive(Debug)]
pub(super) struct SimL1 {
    first_nonce: u64,
    blocks: Vec<SimBlock>,
    /// The branch that the last reorganisation removed, with what it stood on.
    orphans: Option<Vec<SimBlock>>,
    pool: BTreeMap<u64, SimTx>,
    mined: u64,
    pub(super) base_fee: u128,
    pub(super) blob_base_fee: u128,
    pub(super) balance: U256,
}

/// The chain as one node sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) head: BlockRef,
    pub(super) count: u64,
}

impl SimL1 {
    pub(super) fn new(first_nonce: u64) -> Self {
        let mut l1 = Self {
            first_nonce,
            blocks: Vec::new(),
            orphans: None,
            pool: BTreeMap::new(),
            mined: 0,
            base_fee: 100,
            blob_base_fee: 1,
            balance: U256::from(RICH),
        };
        // So that a view of the past is one.
        (0..20).for_each(|_| l1.mine(0));
        l1
    }

    fn count_of(&self, blocks: &[SimBlock]) -> u64 {
        let txs: usize = blocks.iter().map(|block| block.txs.len()).sum();
        self.first_nonce + txs as u64
    }

    fn count(&self) -> u64 {
        self.count_of(&self.blocks)
    }

    /// A new block with at most so many transactions.
    pub(super) fn mine(&mut self, most: usize) {
        self.mined += 1;
        let mut txs = Vec::new();
        let mut next = self.count();
        while txs.len() < most {
            let Some(tx) = self.pool.get(&next).copied() else {
                break;
            };
            let blob_fee_fits = tx.shape.blobs.is_none() || tx.fees.blob_fee >= self.blob_base_fee;
            if tx.fees.max_fee < self.base_fee || !blob_fee_fits || tx.cost() > self.balance {
                break;
            }
            self.pool.remove(&next);
            txs.push(tx);
            next += 1;
        }
        // With a new head a pool drops what can not be included any more, and what a gap keeps from it, as geth's blob pool does.
        let included = next;
        self.pool.retain(|nonce, _| {
            let follows = *nonce == next;
            next += u64::from(follows);
            *nonce >= included && follows
        });
        let number = self.blocks.len() as u64;
        let hash = keccak256(self.mined.to_be_bytes());
        self.blocks.push(SimBlock {
            at: BlockRef { hash, number },
            txs,
        });
    }

    /// Removes blocks; their transactions go back to the pool or are lost.
    pub(super) fn reorganise(&mut self, depth: usize, keep: bool) {
        self.orphans = Some(self.blocks.clone());
        let kept = self.blocks.len().saturating_sub(depth).max(1);
        for block in self.blocks.split_off(kept) {
            for tx in block.txs {
                if keep {
                    self.pool.insert(tx.nonce, tx);
                }
            }
        }
        // A branch wins because it is at least as long, most of the time.
        for _ in 1..depth {
            self.mine(2);
        }
    }

    /// Removes blocks without anything in their place.
    pub(super) fn shorten(&mut self, depth: usize) {
        self.blocks
            .truncate(self.blocks.len().saturating_sub(depth).max(1));
    }

    pub(super) fn move_market(&mut self, rng: &mut StdRng) {
        let factor = |rng: &mut StdRng| rng.random_range(80_u128..=125);
        self.base_fee = (self.base_fee * factor(rng) / 100).clamp(LEAST_BASE_FEE, 20_000);
        self.blob_base_fee = (self.blob_base_fee * factor(rng) / 100).clamp(1, 9_000);
        if rng.random_bool(0.01) {
            self.base_fee *= 30;
        }
        if rng.random_bool(0.01) {
            self.blob_base_fee *= 1_000;
        }
        if rng.random_bool(0.02) {
            self.balance = U256::from(rng.random_range(0..RICH / 100_000));
        } else if rng.random_bool(0.1) {
            self.balance = U256::from(RICH);
        }
    }

    /// As cheap as it ever was, so that a block takes what was offered whenever that was.
    pub(super) fn recover(&mut self) {
        self.base_fee = LEAST_BASE_FEE;
        self.blob_base_fee = 1;
        self.balance = U256::from(RICH);
    }

    pub(super) fn lose_from_pool(&mut self, rng: &mut StdRng) {
        let nonces: Vec<u64> = self.pool.keys().copied().collect();
        if !nonces.is_empty() {
            let lost = nonces[rng.random_range(0..nonces.len())];
            self.pool.split_off(&lost);
        }
    }

    pub(super) fn accept(&mut self, tx: SimTx) -> Result<(), Refusal> {
        let count = self.count();
        if tx.nonce < count {
            return Err(Refusal::NonceTooLow);
        }
        let spent = self
            .pool
            .values()
            .fold(U256::ZERO, |sum, tx| sum + tx.cost());
        let kind = |tx: &SimTx| tx.shape.blobs.is_some();
        if self.pool.values().any(|other| kind(other) != kind(&tx)) {
            return Err(Refusal::Other("address already reserved".into()));
        }
        match self.pool.get(&tx.nonce) {
            Some(old) if old.hash == tx.hash => return Err(Refusal::Known),
            Some(old) if !offers_enough_more(&tx.fees, old) => return Err(Refusal::Replacement),
            Some(old) if spent - old.cost() + tx.cost() > self.balance => {
                return Err(Refusal::Funds);
            }
            Some(_) => {}
            None if self.pool.len() >= POOL => {
                return Err(Refusal::Other("account limit exceeded".into()));
            }
            None if tx.nonce > count && !self.pool.contains_key(&(tx.nonce - 1)) => {
                return Err(Refusal::Gapped);
            }
            None if spent + tx.cost() > self.balance => return Err(Refusal::Funds),
            None => {}
        }
        if tx.fees.max_fee < self.base_fee {
            return Err(Refusal::Other("transaction underpriced".into()));
        }
        self.pool.insert(tx.nonce, tx);
        Ok(())
    }

    /// The chain so many blocks ago, on this branch or the last orphaned one.
    pub(super) fn view(&self, back: usize, orphan: bool) -> View {
        let branch = self.orphans.as_ref().filter(|_| orphan);
        let blocks = branch.unwrap_or(&self.blocks);
        let seen = &blocks[..blocks.len().saturating_sub(back).max(1)];
        View {
            head: seen[seen.len() - 1].at,
            count: self.count_of(seen),
        }
    }

    /// The block of a height, on this branch or the last orphaned one.
    pub(super) fn block(&self, number: u64, orphan: bool) -> Option<BlockRef> {
        let branch = self.orphans.as_ref().filter(|_| orphan);
        let blocks = branch.unwrap_or(&self.blocks);
        blocks.get(number as usize).map(|block| block.at)
    }

    pub(super) fn knows(&self, hash: B256) -> bool {
        self.pool.values().any(|tx| tx.hash == hash)
    }

    /// All transactions with their blocks.
    pub(super) fn transactions(&self) -> Vec<(SimTx, BlockRef)> {
        let blocks = self.blocks.iter();
        blocks
            .flat_map(|block| block.txs.iter().map(|tx| (*tx, block.at)))
            .collect()
    }
}
