//! Whether a proof holds.

use super::{
    Contributions, NotRefuted, Placed, PlacedContent, Record, Refutation, Revealed, Verdict,
};
use crate::{
    Leaf, Sketch, WordId,
    leaf::{CHUNK_LEN, Document},
    opening::WordsOpening,
    sketch::{Band, DERIVATIVE_BPS},
    tree::{HashProof, Node, leaf_hash},
};
use alloy_primitives::B256;

impl Refutation {
    /// Whether the proof holds, and what follows.
    pub fn verify(
        &self,
        commit_seq: u32,
        chain: &impl Contributions,
    ) -> Result<Verdict, NotRefuted> {
        let own = standing(chain, commit_seq)?;
        let case = Case {
            chain,
            commit_seq,
            own: &own,
        };
        match self {
            Self::Count { count, top } => {
                let is_its = B256::root(*count, Some(*top)) == own.batch_root;
                same(is_its, "the root")?;
                wrong(*count != u64::from(own.documents))
            }
            Self::Leaf { leaf, proof } => case.leaf(leaf, proof),
            Self::Content {
                document,
                content,
                proof,
            } => case.content(document, content, proof),
            Self::Sketch { document, words } => case.sketch(document, words),
            Self::Nearer {
                document,
                sketch,
                commit_seq,
                earlier,
                earlier_sketch,
            } => case.nearer(document, sketch, *commit_seq, earlier, earlier_sketch),
            Self::Gone { document } => case.gone(document),
            Self::Containment {
                document,
                sketch,
                parent,
                parent_sketch,
            } => case.containment(document, sketch, parent, parent_sketch),
            Self::ParentRoot { document, parent } => case.parent_root(document, parent),
        }
    }
}

/// A contribution that is accused.
struct Case<'a, C> {
    chain: &'a C,
    commit_seq: u32,
    own: &'a Revealed,
}

impl<C: Contributions> Case<'_, C> {
    fn leaf(&self, leaf: &[u8], proof: &HashProof) -> Result<Verdict, NotRefuted> {
        proof.verify(self.own.batch_root, hash_of(leaf))?;
        let of = self.own;
        let is_right = Document::decode(leaf).is_ok_and(|document| {
            document.seq == seq_of(self.commit_seq, proof.index)
                && document.contributor == of.contributor
                && document.licence == of.licence
                && of.kinds >> (document.kind as u8) & 1 == 1
                && (document.contain_bps == 0 || document.contain_bps >= DERIVATIVE_BPS)
        });
        wrong(!is_right)
    }

    fn content(
        &self,
        document: &Placed,
        content: &[u8],
        proof: &HashProof,
    ) -> Result<Verdict, NotRefuted> {
        document.verify(self.own)?;
        proof.verify(self.own.content_root, hash_of(content))?;
        if proof.count != u64::from(self.own.documents) {
            return Ok(Verdict::Expelled);
        }
        same(proof.index == document.proof.index, "the content")?;
        wrong(hash_of(content) != document.document.content().hash())
    }

    fn sketch(&self, document: &Placed, opening: &WordsOpening) -> Result<Verdict, NotRefuted> {
        document.verify(self.own)?;
        let document = &document.document;
        let words = all_words(document, opening)?;
        let sketch = Sketch::of(&words).map_err(|_| NotRefuted::Other("the number of words"))?;
        wrong(sketch.hash() != document.sketch_hash)
    }

    fn nearer(
        &self,
        document: &Placed,
        sketch: &Sketch,
        commit_seq: u32,
        earlier: &PlacedContent,
        earlier_sketch: &Sketch,
    ) -> Result<Verdict, NotRefuted> {
        let of = document.verify_place(self.commit_seq, self.own)?;
        let (known, verdict) = self.earlier(commit_seq)?;
        earlier.verify(self.counting(commit_seq, &known)?)?;
        let seq = seq_of(commit_seq, earlier.proof.index);
        same(seq < of.seq, "the order")?;
        let hashes = (of.sketch_hash, earlier.content.sketch_hash);
        let bps = contained((sketch, earlier_sketch), hashes)?;
        let is_nearer = bps > of.contain_bps || bps == of.contain_bps && seq < of.parent_seq;
        wrong(bps >= DERIVATIVE_BPS && is_nearer)?;
        Ok(verdict)
    }

    fn gone(&self, document: &Placed) -> Result<Verdict, NotRefuted> {
        let of = document.verify_derived(self.commit_seq, self.own)?;
        let commit_seq = commit_of(of.parent_seq);
        // Nobody has the place zero.
        if commit_seq == 0 {
            return Ok(Verdict::Expelled);
        }
        let (record, verdict) = self.earlier(commit_seq)?;
        let is_there = record.revealed.is_some_and(|known| {
            let is_own = commit_seq == self.commit_seq;
            // Of what is out of date nobody knows the root.
            (of.parent_seq as u32) < known.documents
                && known.expelled_at.is_none()
                && (is_own || known.out_of_date_since.is_none())
        });
        wrong(!is_there)?;
        Ok(verdict)
    }

    fn containment(
        &self,
        document: &Placed,
        sketch: &Sketch,
        parent: &PlacedContent,
        parent_sketch: &Sketch,
    ) -> Result<Verdict, NotRefuted> {
        let of = document.verify_derived(self.commit_seq, self.own)?;
        let commit_seq = commit_of(of.parent_seq);
        let (known, verdict) = self.earlier(commit_seq)?;
        parent.verify(self.counting(commit_seq, &known)?)?;
        let seq = seq_of(commit_seq, parent.proof.index);
        same(seq == of.parent_seq, "the parent")?;
        let hashes = (of.sketch_hash, parent.content.sketch_hash);
        wrong(contained((sketch, parent_sketch), hashes)? != of.contain_bps)?;
        Ok(verdict)
    }

    fn parent_root(&self, document: &Placed, parent: &Placed) -> Result<Verdict, NotRefuted> {
        let of = document.verify_derived(self.commit_seq, self.own)?;
        let commit_seq = commit_of(of.parent_seq);
        let (known, verdict) = self.earlier(commit_seq)?;
        let known = known.revealed.ok_or(NotRefuted::Unknown(commit_seq))?;
        // Of what does not stand nothing follows.
        let is_own = commit_seq == self.commit_seq;
        let is_stated = is_own || known.out_of_date_since.is_none();
        if !is_stated || known.expelled_at.is_some() {
            return Err(NotRefuted::Unknown(commit_seq));
        }
        let above = parent.verify_place(commit_seq, &known)?;
        same(above.seq == of.parent_seq, "the parent")?;
        wrong(above.root_seq != of.root_seq)?;
        Ok(verdict)
    }

    /// The contribution of an earlier document, and what follows from a proof that rests on it: whether it was settled when this one was stated.
    fn earlier(&self, commit_seq: u32) -> Result<(Record, Verdict), NotRefuted> {
        same(commit_seq <= self.commit_seq, "the order")?;
        let unknown = NotRefuted::Unknown(commit_seq);
        let record = self.chain.record(commit_seq).ok_or(unknown)?;
        let is_settled = commit_seq == self.commit_seq
            || self
                .settled_at(&record)
                .is_some_and(|at| at <= self.own.stated_at);
        let verdict = match is_settled {
            true => Verdict::Expelled,
            false => Verdict::OutOfDate,
        };
        Ok((record, verdict))
    }

    /// The contribution, if its documents count: it is not expelled, and not out of date for so long that its contributor has given up.
    fn counting<'r>(
        &self,
        commit_seq: u32,
        record: &'r Record,
    ) -> Result<&'r Revealed, NotRefuted> {
        let is_left = |of: &Revealed| {
            let since = of
                .out_of_date_since
                .filter(|_| commit_seq != self.commit_seq);
            let end = since.map(|since| since.saturating_add(self.chain.admission_time()));
            end.is_some_and(|end| end <= self.chain.now())
        };
        let counting = record.revealed.as_ref();
        let counting = counting.filter(|of| of.expelled_at.is_none() && !is_left(of));
        counting.ok_or(NotRefuted::Unknown(commit_seq))
    }

    /// Since when a contribution is settled; `None` of one that can not be said to be.
    fn settled_at(&self, record: &Record) -> Option<u64> {
        let closed = record
            .committed_at
            .saturating_add(self.chain.reveal_window());
        let Some(of) = &record.revealed else {
            return Some(closed);
        };
        let since = match of.expelled_at {
            Some(at) => at,
            None if of.is_asked || of.out_of_date_since.is_some() => return None,
            None => of.stated_at.max(closed),
        };
        Some(since.saturating_add(self.chain.admission_time()))
    }
}

impl Placed {
    /// Checks that a contribution states this document.
    fn verify(&self, of: &Revealed) -> Result<(), NotRefuted> {
        self.document.check()?;
        self.proof.verify(of.batch_root, self.document.hash())?;
        Ok(())
    }

    /// The same, where it says that it is.
    fn verify_place(&self, commit_seq: u32, of: &Revealed) -> Result<&Document, NotRefuted> {
        self.verify(of)?;
        let seq = seq_of(commit_seq, self.proof.index);
        same(self.document.seq == seq, "the place")?;
        Ok(&self.document)
    }

    /// The same of one that has a parent.
    fn verify_derived(&self, commit_seq: u32, of: &Revealed) -> Result<&Document, NotRefuted> {
        let document = self.verify_place(commit_seq, of)?;
        match Band::of(document.contain_bps) {
            Band::Original => Err(NotRefuted::NoFault),
            Band::Derivative | Band::Held => Ok(document),
        }
    }
}

impl PlacedContent {
    /// Checks that a contribution committed to this.
    fn verify(&self, of: &Revealed) -> Result<(), NotRefuted> {
        self.content.check()?;
        self.proof.verify(of.content_root, self.content.hash())?;
        let is_whole = self.proof.count == u64::from(of.documents);
        same(is_whole, "the number of documents")
    }
}

/// A contribution that can be expelled.
pub(super) fn standing(
    chain: &impl Contributions,
    commit_seq: u32,
) -> Result<Revealed, NotRefuted> {
    let revealed = chain.record(commit_seq).and_then(|record| record.revealed);
    let standing = revealed.filter(|of| of.expelled_at.is_none());
    standing.ok_or(NotRefuted::Unknown(commit_seq))
}

/// All words of a document: each of its chunks, at its place.
fn all_words(document: &Document, opening: &WordsOpening) -> Result<Vec<WordId>, NotRefuted> {
    let words = usize::from(document.words);
    let count = words.div_ceil(CHUNK_LEN);
    same(opening.chunks.len() == count, "the number of chunks")?;
    let mut all = Vec::with_capacity(words);
    for (place, (chunk, proof)) in opening.chunks.iter().enumerate() {
        chunk.check()?;
        let place = place as u64;
        let is_there = u64::from(chunk.index) == place && proof.index == place;
        same(is_there && proof.count == count as u64, "a chunk's place")?;
        proof.verify(document.chunk_root, chunk.hash())?;
        let left = (words - all.len()).min(CHUNK_LEN);
        same(chunk.words().len() == left, "the number of a chunk's words")?;
        all.extend_from_slice(chunk.words());
    }
    Ok(all)
}

/// How much of one sketch stands in the other, if they are those that are named.
fn contained(
    (one, other): (&Sketch, &Sketch),
    (one_hash, other_hash): (B256, B256),
) -> Result<u16, NotRefuted> {
    let are_named = one.hash() == one_hash && other.hash() == other_hash;
    same(are_named, "a sketch")?;
    Ok(one.contained_in(other))
}

/// The hash of bytes that may be no leaf.
pub(super) fn hash_of(leaf: &[u8]) -> B256 {
    match leaf.split_first() {
        Some((tag, fields)) => leaf_hash(*tag, fields),
        None => alloy_primitives::keccak256([0]),
    }
}

pub(super) fn seq_of(commit_seq: u32, index: u64) -> u64 {
    u64::from(commit_seq) << 32 | index
}

pub(super) fn commit_of(seq: u64) -> u32 {
    (seq >> 32) as u32
}

/// Passes when something is what is asked for.
fn same(is: bool, what: &'static str) -> Result<(), NotRefuted> {
    match is {
        true => Ok(()),
        false => Err(NotRefuted::Other(what)),
    }
}

/// Passes when something is wrong.
fn wrong(is: bool) -> Result<Verdict, NotRefuted> {
    match is {
        true => Ok(Verdict::Expelled),
        false => Err(NotRefuted::NoFault),
    }
}
