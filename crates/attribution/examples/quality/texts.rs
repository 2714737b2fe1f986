//! The texts that are measured.

use crate::simulation::generated;
use openledger_attribution::{WordId, segment::MAX_DOCUMENT_WORDS, words};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, io, path::Path};

/// Words of the shortest document that is cut from a text: what is left over at its end and shorter is not used.
const SHORTEST: usize = 80;

/// Texts of one kind, in words.
pub struct Kind {
    pub name: String,
    /// By who or what wrote them, counted from zero.
    texts: Vec<(u64, Vec<WordId>)>,
}

#[derive(Deserialize)]
struct Line {
    by: String,
    text: String,
}

impl Kind {
    pub fn generated() -> Self {
        Self {
            name: "generated".into(),
            texts: generated::documents(3_000, 1),
        }
    }

    /// JSON lines with who or what wrote a text and the text; the file's name is the kind's.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut writers = BTreeMap::new();
        let mut texts = Vec::new();
        for line in fs::read_to_string(path)?.lines() {
            let Line { by, text } = serde_json::from_str(line)?;
            let next = writers.len() as u64;
            let by = *writers.entry(by).or_insert(next);
            texts.push((by, words(&text).map(|word| word.id()).collect()));
        }
        let name = path.file_stem().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            texts,
        })
    }

    pub fn texts(&self) -> usize {
        self.texts.len()
    }

    pub fn words(&self) -> usize {
        self.texts.iter().map(|(_, words)| words.len()).sum()
    }

    /// Documents in a random order, at most so many: the texts in parts of 512 words, by who wrote them, counted anew from zero.
    pub fn documents(&self, most: usize) -> Vec<(u64, Vec<WordId>)> {
        let mut documents = self.pieces(MAX_DOCUMENT_WORDS, SHORTEST, most);
        let mut writers = BTreeMap::new();
        for (by, _) in &mut documents {
            let next = writers.len() as u64;
            *by = *writers.entry(*by).or_insert(next);
        }
        documents
    }

    /// As [`Self::documents`], of exactly so many words.
    pub fn documents_of(&self, len: usize, most: usize) -> Vec<(u64, Vec<WordId>)> {
        self.pieces(len, len, most)
    }

    fn pieces(&self, len: usize, shortest: usize, most: usize) -> Vec<(u64, Vec<WordId>)> {
        let texts = self.texts.iter();
        let pieces = texts.flat_map(|(by, words)| words.chunks(len).map(|piece| (*by, piece)));
        let mut pieces = Vec::from_iter(pieces.filter(|(_, piece)| piece.len() >= shortest));
        pieces.shuffle(&mut StdRng::seed_from_u64(len as u64));
        pieces.truncate(most);
        let owned = pieces.into_iter().map(|(by, piece)| (by, piece.to_vec()));
        owned.collect()
    }
}
