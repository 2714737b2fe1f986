//! What an answer costs, and how its fee is divided.

use crate::{
    leaf::{Answer, Context, Document, Item, Tile},
    share::split,
    sketch::{Band, MAX_BPS},
};
use serde::{Deserialize, Serialize};

/// The least that contributors of data get of what is left of a fee, in basis points. No vote goes below.
pub const LEAST_DATA_BPS: u16 = 3_000;

/// The most that retrieved documents get of a data pool, in basis points: nothing but the gateway's word shows what was retrieved.
pub const MOST_RETRIEVAL_BPS: u16 = 3_000;

/// A model's prices, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceSheet {
    /// For 1,000 tokens read.
    pub per_1000_in: u128,
    /// For 1,000 tokens written.
    pub per_1000_out: u128,
    /// For an answer.
    pub flat: u128,
}

impl PriceSheet {
    /// The fee of an answer: each of the two parts is rounded up. `None` when it is 2^128 wei or more.
    pub fn fee(&self, tokens_in: u32, tokens_out: u32) -> Option<u128> {
        let part = |price: u128, tokens: u32| {
            price
                .checked_mul(tokens.into())
                .map(|thousandths| thousandths.div_ceil(1_000))
        };
        part(self.per_1000_in, tokens_in)?
            .checked_add(part(self.per_1000_out, tokens_out)?)?
            .checked_add(self.flat)
    }
}

/// Why terms are not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// The shares are not the whole.
    #[error("the shares are {0} basis points in all, not 10,000")]
    Whole(u32),
    /// Less for data than no vote can go below.
    #[error("{0} basis points for data, the least is {LEAST_DATA_BPS}")]
    Data(u16),
    /// The platform's part is burned by half at least: without one, calling oneself costs nothing.
    #[error("{0} basis points for the platform, not 1 to 10,000")]
    Platform(u16),
    /// More for what was retrieved than any model version may give.
    #[error("{0} basis points for what was retrieved, the most is {MOST_RETRIEVAL_BPS}")]
    Retrieval(u16),
}

/// How what is left of a fee is divided, in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitTable {
    /// Who gave the base model.
    pub licensor: u16,
    /// Who tuned it.
    pub tuner: u16,
    /// Whose machines answer.
    pub compute: u16,
    /// Who staked on it.
    pub stakers: u16,
    /// Whose data shaped the answer.
    pub data: u16,
}

impl Default for SplitTable {
    fn default() -> Self {
        Self {
            licensor: 500,
            tuner: 2_500,
            compute: 2_000,
            stakers: 1_000,
            data: 4_000,
        }
    }
}

impl SplitTable {
    fn parts(&self) -> [u16; 5] {
        [
            self.licensor,
            self.tuner,
            self.compute,
            self.stakers,
            self.data,
        ]
    }
}

/// What a model version's publisher and the platform take and give, as the chain has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    try_from = "TermsFields",
    into = "TermsFields"
)]
pub struct Terms {
    platform_bps: u16,
    retrieval_bps: u16,
    split: SplitTable,
}

/// [`Terms`] before their bounds are checked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TermsFields {
    platform_bps: u16,
    /// Nothing where it is not said.
    #[serde(default)]
    retrieval_bps: u16,
    split: SplitTable,
}

impl TryFrom<TermsFields> for Terms {
    type Error = TermsError;

    fn try_from(fields: TermsFields) -> Result<Self, TermsError> {
        Self::new(fields.platform_bps, fields.split)?.with_retrieval(fields.retrieval_bps)
    }
}

impl From<Terms> for TermsFields {
    fn from(terms: Terms) -> Self {
        Self {
            platform_bps: terms.platform_bps,
            retrieval_bps: terms.retrieval_bps,
            split: terms.split,
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            platform_bps: 500,
            retrieval_bps: 0,
            split: SplitTable::default(),
        }
    }
}

/// The parts of a fee, in wei. They add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pools {
    /// The platform's, of which half at least is burned.
    pub platform: u128,
    /// See [`SplitTable`]; so are the others.
    pub licensor: u128,
    /// The tuner's.
    pub tuner: u128,
    /// The compute provider's.
    pub compute: u128,
    /// The stakers'.
    pub stakers: u128,
    /// The contributors'. It alone waits for attribution.
    pub data: u128,
}

impl Terms {
    /// Checks the bounds. Nothing is given for what was retrieved.
    pub fn new(platform_bps: u16, split: SplitTable) -> Result<Self, TermsError> {
        let whole = split.parts().iter().map(|part| u32::from(*part)).sum();
        if whole != MAX_BPS.into() {
            return Err(TermsError::Whole(whole));
        }
        if split.data < LEAST_DATA_BPS {
            return Err(TermsError::Data(split.data));
        }
        if !(1..=MAX_BPS).contains(&platform_bps) {
            return Err(TermsError::Platform(platform_bps));
        }
        Ok(Self {
            platform_bps,
            retrieval_bps: 0,
            split,
        })
    }

    /// The same, with so much of a data pool for what was retrieved.
    ///
    /// # Errors
    /// When it is more than [`MOST_RETRIEVAL_BPS`].
    pub fn with_retrieval(self, retrieval_bps: u16) -> Result<Self, TermsError> {
        if retrieval_bps > MOST_RETRIEVAL_BPS {
            return Err(TermsError::Retrieval(retrieval_bps));
        }
        Ok(Self {
            retrieval_bps,
            ..self
        })
    }

    /// Of a data pool what retrieved documents get, in basis points.
    pub fn retrieval_bps(&self) -> u16 {
        self.retrieval_bps
    }

    /// The platform's part of a fee, in basis points.
    pub fn platform_bps(&self) -> u16 {
        self.platform_bps
    }

    /// How the rest is divided.
    pub fn split(&self) -> SplitTable {
        self.split
    }

    /// Divides a fee: the platform's part is rounded down, the rest is [`split`].
    pub fn pools(&self, fee: u128) -> Pools {
        let bps = |part: u16| u128::from(part);
        let (platform, net) = halve(fee, self.platform_bps);
        let parts = split(net, &self.split.parts().map(bps)).unwrap_or_default();
        // The bounds leave some weight.
        let [licensor, tuner, compute, stakers, data] = parts.try_into().unwrap_or_default();
        Pools {
            platform,
            licensor,
            tuner,
            compute,
            stakers,
            data,
        }
    }
}

/// Basis points of an amount, rounded down, and the rest.
fn halve(amount: u128, bps: u16) -> (u128, u128) {
    let rest = u128::from(MAX_BPS.saturating_sub(bps));
    match split(amount, &[bps.into(), rest]).as_deref() {
        Ok([part, rest]) => (*part, *rest),
        _ => (0, amount),
    }
}

/// How an answer's data pool is divided: between what was retrieved for it, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPool {
    retrieved: u128,
    text: u128,
    words: u128,
    /// With the weights that count.
    items: Vec<Item>,
}

impl DataPool {
    /// Divides a pool by a model version's terms. The context is the answer's, `None` of one that is not open; there are so many contributors.
    pub fn new(
        data_pool: u128,
        terms: &Terms,
        answer: &Answer,
        context: Option<&Context>,
        contributors: u64,
    ) -> Self {
        let mut items = context.map(Context::items).unwrap_or_default();
        for item in &mut items {
            if item.contributor >= contributors {
                item.weight = 0;
            }
        }
        let (retrieved, text) = match items.iter().any(|item| item.weight > 0) {
            true => halve(data_pool, terms.retrieval_bps),
            false => (0, data_pool),
        };
        Self {
            retrieved,
            text,
            words: answer.words.into(),
            items,
        }
    }

    /// What was retrieved.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What an item earns, zero where there is none.
    pub fn item(&self, at: usize) -> u128 {
        let weight = |items: &[Item]| items.iter().map(|item| u128::from(item.weight)).sum();
        let before = self.items.get(..at).map_or(0, weight);
        let own = self.items.get(at).map_or(0, |item| item.weight.into());
        crate::share(self.retrieved, before, own, weight(&self.items)).unwrap_or_default()
    }

    /// What a tile earns. `before` is the weight of all tiles before it: each word of the answer has a part of the pool, and those that earn
    /// nothing here leave theirs to [`train`](Self::train).
    ///
    /// Zero where the weights are more than the answer's words, which is a fault of the tiling.
    pub fn tile(&self, before: u64, weight: u64) -> u128 {
        let share = crate::share(self.text, before.into(), weight.into(), self.words);
        share.unwrap_or_default()
    }

    /// What is left for the model version's accumulator, when the tiles weigh so much in all.
    pub fn train(&self, weight: u64) -> u128 {
        self.text - self.tile(0, weight)
    }
}

/// A part of what a tile earns, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// 0, or 1 for the parent's share of a derivative.
    pub hop: u8,
    /// The document whose contributor gets it.
    pub seq: u64,
    /// In wei.
    pub amount: u128,
}

impl Part {
    /// Who gets it of what a tile of `document` earns: the document's contributor; or the parent's or root's, which is that of the contribution that its
    /// sequence names. `None` when this one is not known.
    pub fn payee(
        &self,
        document: &Document,
        contributor_of: impl FnOnce(u32) -> Option<u64>,
    ) -> Option<u64> {
        match self.seq == document.seq {
            true => Some(document.contributor),
            // The upper half.
            false => contributor_of((self.seq >> 32) as u32),
        }
    }
}

/// Whose a tile's earning is, by its document: an original's own, a derivative's but for what stands in its parent, and the cluster's
/// root's when so much stands in others that the document is held. Parts of nothing are left out.
pub fn parts(document: &Document, amount: u128) -> impl Iterator<Item = Part> + use<> {
    let part = |hop, seq, amount| Part { hop, seq, amount };
    let parts = match Band::of(document.contain_bps) {
        Band::Original => [part(0, document.seq, amount), part(1, document.seq, 0)],
        Band::Held => [part(0, document.root_seq, amount), part(1, document.seq, 0)],
        Band::Derivative => {
            let (parent, own) = halve(amount, document.contain_bps);
            [
                part(0, document.seq, own),
                part(1, document.parent_seq, parent),
            ]
        }
    };
    parts.into_iter().filter(|part| part.amount > 0)
}

/// Weight of tiles, as their trees state it: in the lower half of their sums.
pub(crate) fn weight_of(sum: u128) -> u64 {
    sum as u64
}

/// What all tiles of an answer weigh.
pub(crate) fn weight_of_all(tiles: &[Tile]) -> u64 {
    tiles.iter().map(Tile::weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fees_are_rounded_up_part_by_part() {
        let sheet = PriceSheet {
            per_1000_in: 1,
            per_1000_out: 1_500,
            flat: 7,
        };
        assert_eq!(sheet.fee(0, 0), Some(7));
        assert_eq!(sheet.fee(1, 1), Some(7 + 1 + 2));
        assert_eq!(sheet.fee(1_000, 2_000), Some(7 + 1 + 3_000));
        let dear = PriceSheet {
            per_1000_in: u128::MAX,
            ..sheet
        };
        assert_eq!(dear.fee(2, 0), None);
    }

    #[test]
    fn bounds_hold() {
        let table = SplitTable::default();
        assert!(Terms::new(500, table).is_ok());
        assert_eq!(Terms::new(0, table), Err(TermsError::Platform(0)));
        assert_eq!(Terms::new(10_001, table), Err(TermsError::Platform(10_001)));
        let more = SplitTable {
            tuner: 2_501,
            ..table
        };
        assert_eq!(Terms::new(500, more), Err(TermsError::Whole(10_001)));
        let less = SplitTable {
            tuner: 3_501,
            data: 2_999,
            ..table
        };
        assert_eq!(Terms::new(500, less), Err(TermsError::Data(2_999)));
    }

    proptest! {
        #[test]
        fn a_fee_is_divided_to_the_last_wei(fee: u128, platform in 1..=10_000u16) {
            let pools = Terms::new(platform, SplitTable::default()).expect("in bounds").pools(fee);
            let parts = [pools.platform, pools.licensor, pools.tuner, pools.compute, pools.stakers, pools.data];
            let sum = parts.iter().try_fold(0u128, |sum, part| sum.checked_add(*part));
            prop_assert_eq!(sum, Some(fee));
        }
    }
}
