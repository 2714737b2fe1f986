//! Paid answers and their texts, as the contract that takes payments tells of them.

use crate::FollowError;
use alloy_primitives::{Address, Bytes};
use openledger_attribution::{
    Leaf, Text, WordId,
    archive::Published,
    leaf::{Answer, Chunk, Context},
};
use openledger_contracts::IPayableAI;
use std::collections::BTreeMap;

/// Bytes of a leaf C.
const CHUNK_SIZE: usize = 550;

/// The chunks of a text that somebody has put on the chain.
type Part = Vec<Chunk>;

/// See the module.
#[derive(Debug, Default)]
pub struct Payments {
    paid: Vec<Answer>,
    /// By answer, who put it there, and whether it is the output.
    parts: BTreeMap<(u64, Address, bool), Part>,
    texts: BTreeMap<u64, Published>,
}

impl Payments {
    pub(crate) fn paid(&mut self, event: &IPayableAI::Paid) -> Result<(), FollowError> {
        let answer = Answer::decode(&event.leaf);
        let answer = answer.map_err(|_| FollowError::Unknown("leaf of answer", event.i))?;
        if answer.i != self.paid.len() as u64 {
            return Err(FollowError::Unknown("place of answer", event.i));
        }
        self.paid.push(answer);
        Ok(())
    }

    pub(crate) fn chunks(
        &mut self,
        event: &IPayableAI::ChunksPublished,
    ) -> Result<(), FollowError> {
        let part = (event.i, event.by, event.isOutput);
        let part = self.parts.entry(part).or_default();
        // The contract passes nothing that is not well formed and in order.
        for chunk in event.chunks.chunks(CHUNK_SIZE) {
            let chunk = Chunk::decode(chunk);
            part.push(chunk.map_err(|_| FollowError::Unknown("chunk of answer", event.i))?);
        }
        Ok(())
    }

    pub(crate) fn published(&mut self, event: &IPayableAI::Published) -> Result<(), FollowError> {
        let mut text = |is_output| {
            let part = self.parts.remove(&(event.i, event.by, is_output));
            let part = part.unwrap_or_default();
            let words: Vec<WordId> = part.iter().flat_map(Chunk::words).copied().collect();
            let salt = |index: u32| {
                let chunk = part.get(index as usize);
                chunk.map_or_else(Default::default, |chunk| chunk.salt)
            };
            Text::new(words, salt)
        };
        let published = Published {
            output: text(true)?,
            prompt: text(false)?,
            context: Context::from(event.context.clone()),
        };
        self.texts.insert(event.i, published);
        Ok(())
    }

    /// An answer and, if it is open by now, its text.
    pub(crate) fn take(&self, i: u64) -> Option<(Answer, Option<Published>)> {
        let answer = self.paid.get(usize::try_from(i).ok()?)?;
        Some((answer.clone(), self.texts.get(&i).cloned()))
    }

    /// Answers so far, in their order.
    pub fn answers(&self) -> &[Answer] {
        &self.paid
    }
}

/// The leaves C of a text, one behind the other, as they are put on the chain.
pub fn chunks(of: &Text) -> Bytes {
    let chunks = of.chunks().iter();
    chunks.flat_map(Leaf::encode).collect()
}
