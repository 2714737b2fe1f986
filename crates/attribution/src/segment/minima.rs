//! The lowest position in any range of the suffix array.
//!
//! A phrase that stands in a million places is a range of a million suffixes, and the rule pays the place with the lowest
//! sequence. Documents stand in the text in the order of their sequences, so that place is the lowest position of the range.
//! Scanning the range would let one frequent phrase cost milliseconds, so the file keeps the minimum of each 64 suffixes, of each 64
//! of these, and so on: a tree of fan-out 64. A range costs at most 128 entries a level, in runs that the processor reads ahead,
//! and there are five levels at most. The tree is 1/63 of the suffix array; a sparse table, which needs two reads, would be
//! several times the array itself, and with blocks of 64 it would still have to scan their ends.

use super::{
    layout::{BLOCK, level_sizes},
    words::U32s,
};
use std::ops::Range;

/// The minima above the suffixes, level by level, as they stand in the file.
pub(super) fn build(suffixes: &[i32]) -> Vec<u32> {
    let mut minima: Vec<u32> = Vec::with_capacity(level_sizes(suffixes.len()).sum());
    let lowest = |block: &[i32]| block.iter().copied().min().unwrap_or(0) as u32;
    let mut level = match level_sizes(suffixes.len()).next() {
        Some(_) => {
            minima.extend(suffixes.chunks(BLOCK).map(lowest));
            0..minima.len()
        }
        None => return minima,
    };
    while level.len() > BLOCK {
        let start = minima.len();
        for block in level.clone().step_by(BLOCK) {
            let block = block..level.end.min(block + BLOCK);
            let lowest = minima[block].iter().copied().min().unwrap_or(0);
            minima.push(lowest);
        }
        level = start..minima.len();
    }
    minima
}

/// The suffixes, and the minima above them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minima<'a> {
    pub(super) suffixes: U32s<'a>,
    pub(super) minima: U32s<'a>,
}

/// A minimum and where it is: on its level, the index of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lowest {
    pub(crate) position: u32,
    pub(crate) index: usize,
}

impl Minima<'_> {
    /// The lowest position among the suffixes of a range, and its index. `None` for an empty range or one that is not inside.
    pub(crate) fn lowest(&self, range: Range<usize>) -> Option<Lowest> {
        self.lowest_at(self.suffixes, 0, range)
    }

    /// `level` is this one's entries; those of the next one begin at `above` in the minima.
    fn lowest_at(&self, level: U32s<'_>, above: usize, range: Range<usize>) -> Option<Lowest> {
        if level.len() <= BLOCK || range.len() <= 2 * BLOCK {
            return scan(level, range);
        }
        let blocks = range.start.div_ceil(BLOCK)..range.end / BLOCK;
        let ends = [
            range.start..blocks.start * BLOCK,
            blocks.end * BLOCK..range.end,
        ];
        let best = ends.into_iter().filter_map(|end| scan(level, end)).min();
        let next = self.minima.part(above..above + level.len().div_ceil(BLOCK));
        let block = self.lowest_at(next, above + next.len(), blocks)?;
        if best.is_some_and(|best| best.position < block.position) {
            return best;
        }
        // The minimum's own place, one level down.
        let block = block.index * BLOCK..level.len().min((block.index + 1) * BLOCK);
        scan(level, block).into_iter().chain(best).min()
    }
}

fn scan(level: U32s<'_>, range: Range<usize>) -> Option<Lowest> {
    let start = range.start;
    // The value first: a search for the least number alone is vectorised.
    let part = level.part(range);
    let position = part.iter().min()?;
    let index = start + part.iter().position(|other| other == position)?;
    Some(Lowest { position, index })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
        numbers.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    /// Numbers that look random and have ties.
    fn positions(count: usize) -> Vec<i32> {
        (0..count as u64)
            .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as i32)
            .collect()
    }

    #[test]
    fn a_level_is_kept_until_at_most_64_entries_are_left() {
        let sizes = |entries| level_sizes(entries).collect::<Vec<_>>();
        assert_eq!(sizes(0), []);
        assert_eq!(sizes(64), []);
        assert_eq!(sizes(65), [2]);
        assert_eq!(sizes(4_096), [64]);
        assert_eq!(sizes(4_097), [65, 2]);
        assert_eq!(sizes(10_000_000), [156_250, 2_442, 39]);
        for entries in [0, 1, 64, 65, 4_096, 4_097, 300_000] {
            let minima = build(&positions(entries));
            assert_eq!(minima.len(), level_sizes(entries).sum::<usize>());
        }
    }

    proptest! {
        #[test]
        fn the_lowest_of_any_range_is_the_first_minimum(
            count in prop_oneof![1_usize..300, 4_000_usize..5_000, 260_000_usize..270_000],
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
        ) {
            let positions = positions(count);
            let (suffixes, above) = (bytes(positions.iter().map(|n| *n as u32)), bytes(build(&positions)));
            let minima = Minima { suffixes: U32s::new(&suffixes), minima: U32s::new(&above) };
            let (from, to) = (from.index(count + 1), to.index(count + 1));
            let range = from.min(to)..from.max(to);
            let expected = range.clone().map(|index| (positions[index] as u32, index)).min();
            let found = minima.lowest(range).map(|lowest| (lowest.position, lowest.index));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_range_outside_has_no_minimum() {
        let suffixes = bytes([5, 4, 3]);
        let minima = Minima {
            suffixes: U32s::new(&suffixes),
            minima: U32s::new(&[]),
        };
        assert_eq!(minima.lowest(1..9), None);
        assert_eq!(minima.lowest(2..2), None);
    }
}
