//! The name of a method: which rules a receipt was made by.

use crate::leaf::{CHUNK_LEN, MAX_DOCUMENT_LEN, MAX_ITEMS, MAX_TILE_LEN, MIN_MATCH_LEN};
use crate::sketch::{DERIVATIVE_BPS, HELD_BPS, SKETCH_GRAM, SKETCH_WINDOW};
use crate::tree::{HashTree, leaf_hash};
use crate::word::{MAX_WORD_LEN, UNICODE_TABLE, UNICODE_VERSION, WordId};
use alloy_primitives::{B256, Keccak256, keccak256};

/// The method, written down.
pub const SPECIFICATION: &[u8] = include_bytes!("../../../docs/attribution-method.md");

/// The test vectors that every implementation agrees with, by their names.
pub const VECTORS: [(&str, &[u8]); 9] = [
    ("demands.json", include_bytes!("../vectors/demands.json")),
    ("epochs.json", include_bytes!("../vectors/epochs.json")),
    ("faults.json", include_bytes!("../vectors/faults.json")),
    ("leaves.json", include_bytes!("../vectors/leaves.json")),
    ("method.json", include_bytes!("../vectors/method.json")),
    ("shares.json", include_bytes!("../vectors/shares.json")),
    ("sketches.json", include_bytes!("../vectors/sketches.json")),
    ("trees.json", include_bytes!("../vectors/trees.json")),
    ("words.json", include_bytes!("../vectors/words.json")),
];

/// Bytes of the encoded parameters.
pub const PARAMETERS_LEN: usize = 49;

/// The numbers that the rules speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// The Unicode version of the tables: major, minor, update.
    pub unicode: (u8, u8, u8),
    /// The hash of the tables, see [`UNICODE_TABLE`].
    pub unicode_table: B256,
    /// Most bytes of a word.
    pub word: u8,
    /// Bytes of a word's id.
    pub word_id: u8,
    /// Words of a chunk.
    pub chunk: u8,
    /// Most words of a document.
    pub document: u16,
    /// Fewest words of a match.
    pub match_min: u8,
    /// Most words of a tile.
    pub tile: u8,
    /// Words of a sketch's grams.
    pub sketch_gram: u8,
    /// Grams of a sketch's windows.
    pub sketch_window: u8,
    /// Where derivatives begin, in basis points.
    pub derivative_bps: u16,
    /// Where documents are held, in basis points.
    pub held_bps: u16,
    /// Most items of a context.
    pub items: u8,
}

impl Parameters {
    /// What this crate computes with.
    pub const CURRENT: Self = Self {
        unicode: UNICODE_VERSION,
        unicode_table: UNICODE_TABLE,
        word: MAX_WORD_LEN as u8,
        word_id: size_of::<WordId>() as u8,
        chunk: CHUNK_LEN as u8,
        document: MAX_DOCUMENT_LEN,
        match_min: MIN_MATCH_LEN,
        tile: MAX_TILE_LEN,
        sketch_gram: SKETCH_GRAM as u8,
        sketch_window: SKETCH_WINDOW as u8,
        derivative_bps: DERIVATIVE_BPS,
        held_bps: HELD_BPS,
        items: MAX_ITEMS as u8,
    };

    /// The fields in their order, big-endian.
    pub fn encode(&self) -> [u8; PARAMETERS_LEN] {
        let mut out = [0; PARAMETERS_LEN];
        let (major, minor, update) = self.unicode;
        out[..3].copy_from_slice(&[major, minor, update]);
        out[3..35].copy_from_slice(self.unicode_table.as_slice());
        out[35..38].copy_from_slice(&[self.word, self.word_id, self.chunk]);
        out[38..40].copy_from_slice(&self.document.to_be_bytes());
        out[40..42].copy_from_slice(&[self.match_min, self.tile]);
        out[42..44].copy_from_slice(&[self.sketch_gram, self.sketch_window]);
        out[44..46].copy_from_slice(&self.derivative_bps.to_be_bytes());
        out[46..48].copy_from_slice(&self.held_bps.to_be_bytes());
        out[48] = self.items;
        out
    }
}

/// What a method is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The keccak-256 of the written method.
    pub specification: B256,
    /// The numbers.
    pub parameters: Parameters,
    /// The root of the test vectors, see [`vectors_root`].
    pub vectors: B256,
}

impl Method {
    /// The method that this crate implements.
    pub fn current() -> Self {
        Self {
            specification: keccak256(SPECIFICATION),
            parameters: Parameters::CURRENT,
            vectors: vectors_root(&VECTORS),
        }
    }

    /// The method's name, `H(04|specification|parameters|vectors)`. Scores of methods with different names are never mixed.
    pub fn id(&self) -> B256 {
        let mut keccak = Keccak256::new();
        keccak.update([4]);
        keccak.update(self.specification);
        keccak.update(self.parameters.encode());
        keccak.update(self.vectors);
        keccak.finalize()
    }
}

/// The root of the plain tree of files, sorted by the bytes of their names: a leaf is `H(00|J|keccak(name)|keccak(content))`.
pub fn vectors_root(files: &[(&str, &[u8])]) -> B256 {
    let mut files = files.to_vec();
    files.sort_unstable();
    let leaf = |(name, content): (&str, &[u8])| {
        leaf_hash(b'J', &[keccak256(name), keccak256(content)].concat())
    };
    HashTree::new(files.into_iter().map(leaf).collect()).root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_method_is_in_its_name() {
        let method = Method::current();
        let mut names = vec![method.id()];
        let mut other = |change: fn(&mut Method)| {
            let mut method = method;
            change(&mut method);
            names.push(method.id());
        };
        other(|m| m.specification[31] ^= 1);
        other(|m| m.vectors[31] ^= 1);
        other(|m| m.parameters.unicode.0 += 1);
        other(|m| m.parameters.unicode.1 += 1);
        other(|m| m.parameters.unicode.2 += 1);
        other(|m| m.parameters.unicode_table[0] ^= 1);
        other(|m| m.parameters.word += 1);
        other(|m| m.parameters.word_id += 1);
        other(|m| m.parameters.chunk += 1);
        other(|m| m.parameters.document += 1);
        other(|m| m.parameters.match_min += 1);
        other(|m| m.parameters.tile += 1);
        other(|m| m.parameters.sketch_gram += 1);
        other(|m| m.parameters.sketch_window += 1);
        other(|m| m.parameters.derivative_bps += 1);
        other(|m| m.parameters.held_bps += 1);
        let different: std::collections::HashSet<B256> = names.iter().copied().collect();
        assert_eq!(different.len(), names.len());
    }

    #[test]
    fn the_specification_names_the_tables() {
        let text = std::str::from_utf8(SPECIFICATION).expect("a text");
        let (major, minor, update) = UNICODE_VERSION;
        assert!(text.contains(&UNICODE_TABLE.to_string()));
        assert!(text.contains(&format!("Unicode {major}.{minor}.{update}")));
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        let a = ("a", b"1".as_slice());
        let b = ("b", b"2".as_slice());
        assert_eq!(vectors_root(&[a, b]), vectors_root(&[b, a]));
        assert_ne!(vectors_root(&[a, b]), vectors_root(&[a]));
    }

    #[test]
    fn a_match_leaves_a_fingerprint() {
        let Parameters {
            match_min,
            sketch_gram,
            sketch_window,
            ..
        } = Parameters::CURRENT;
        assert_eq!(match_min, sketch_gram + sketch_window - 1);
    }
}
