//! The L1 blocks from the safe block's origin to the one being read: what batches may have as their origins.

use openledger_protocol::{L1Block, L1Inputs};
use std::collections::VecDeque;

/// Bytes of deposits that are kept until their epoch begins. Beyond it they are asked for again.
const INPUTS_BUDGET: usize = 8 << 20;

/// What a transaction or an update weighs beside its calldata.
const ITEM_OVERHEAD: usize = 256;

#[derive(Debug)]
struct Entry {
    block: L1Block,
    /// `None` when they did not fit into the budget.
    inputs: Option<L1Inputs>,
    weight: usize,
}

/// Consecutive L1 blocks. The first is the safe block's origin once the pipeline has read that far; at most about one
/// sequencing window of them, since empty blocks are derived when it is over.
#[derive(Debug, Default)]
pub(crate) struct L1Window {
    entries: VecDeque<Entry>,
    weight: usize,
}

impl L1Window {
    /// Appends the next block.
    pub(crate) fn push(&mut self, inputs: L1Inputs) {
        let weight = weight(&inputs);
        let fits = self.weight.saturating_add(weight) <= INPUTS_BUDGET;
        let block = inputs.block;
        let weight = if fits { weight } else { 0 };
        self.weight += weight;
        self.entries.push_back(Entry {
            block,
            inputs: fits.then_some(inputs),
            weight,
        });
    }

    /// Forgets the blocks before the given one.
    pub(crate) fn advance_to(&mut self, number: u64) {
        while let Some(first) = self.entries.front() {
            if first.block.number >= number {
                break;
            }
            self.weight -= first.weight;
            self.entries.pop_front();
        }
    }

    /// The safe block's origin.
    pub(crate) fn epoch(&self) -> Option<&L1Block> {
        self.entries.front().map(|entry| &entry.block)
    }

    /// The block after [`epoch`](Self::epoch).
    pub(crate) fn next_epoch(&self) -> Option<&L1Block> {
        self.entries.get(1).map(|entry| &entry.block)
    }

    /// The block of a height.
    pub(crate) fn block(&self, number: u64) -> Option<&L1Block> {
        self.entry(number).map(|entry| &entry.block)
    }

    /// What the block of a height brings; `None` when it has to be asked for.
    pub(crate) fn inputs(&self, number: u64) -> Option<&L1Inputs> {
        self.entry(number)?.inputs.as_ref()
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        let first = self.epoch()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.entries.get(index)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn weight(inputs: &L1Inputs) -> usize {
    let deposits: usize = inputs
        .deposits
        .iter()
        // The envelope and its encoding both hold the calldata.
        .map(|tx| ITEM_OVERHEAD + 2 * tx.encoded().len())
        .sum();
    deposits + ITEM_OVERHEAD * inputs.config_updates.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{deposit_of_size, l1_block};

    #[test]
    fn blocks_are_found_by_number_and_forgotten_from_the_front() {
        let mut window = L1Window::default();
        for number in 5..9 {
            window.push(L1Inputs {
                block: l1_block(number, 100 + number),
                deposits: Vec::new(),
                config_updates: Vec::new(),
            });
        }
        assert_eq!(window.epoch().map(|b| b.number), Some(5));
        assert_eq!(window.next_epoch().map(|b| b.number), Some(6));
        assert_eq!(window.block(8).map(|b| b.number), Some(8));
        assert_eq!(window.block(4), None);
        assert_eq!(window.block(9), None);
        window.advance_to(7);
        assert_eq!(window.epoch().map(|b| b.number), Some(7));
        window.advance_to(3);
        assert_eq!(window.len(), 2);
    }

    #[test]
    fn deposits_beyond_the_budget_are_not_kept_but_their_blocks_are() {
        let mut window = L1Window::default();
        for number in 0..40 {
            window.push(L1Inputs {
                block: l1_block(number, number),
                deposits: vec![deposit_of_size(200_000)],
                config_updates: Vec::new(),
            });
        }
        assert!(window.inputs(0).is_some());
        assert!(window.inputs(39).is_none());
        assert!(window.block(39).is_some());
        assert!(window.weight <= INPUTS_BUDGET);
        // Room again once the first ones are gone.
        window.advance_to(40);
        assert_eq!(window.weight, 0);
    }
}
