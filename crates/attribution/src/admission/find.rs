//! Finding what is wrong with a statement, and the proof of it.

use super::{
    Contributions, Placed, PlacedContent, Refutation, Revealed,
    judge::{commit_of, hash_of, seq_of, standing},
};
use crate::{
    Archive, HashTree, Leaf,
    leaf::{Content, Document},
    sketch::Band,
};

/// All leaves of a contribution, as they were published or demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The contribution.
    pub commit_seq: u32,
    /// What it states: bytes that should be leaves D.
    pub documents: Vec<Vec<u8>>,
    /// What it committed to: bytes that should be leaves O.
    pub contents: Vec<Vec<u8>>,
}

/// Why a statement can not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    /// The leaves are not those that the chain has the root of: others are to be demanded.
    #[error("the {0} are not those that the chain has the root of")]
    Leaves(&'static str),
    /// The chain knows nothing of the contribution, or it is expelled.
    #[error("contribution {0} does not stand")]
    Unknown(u32),
    /// The archive has not the document.
    #[error("document {0} is missing")]
    Missing(u64),
    /// Its words are others than those that were revealed. Nothing on the chain shows that; who decides for a Datanet can know it.
    #[error("document {0} has other words than were revealed")]
    Words(u64),
    /// The archive has other documents than the chain, for one those of contributions that are expelled.
    #[error("the archive has another contribution {0} than the chain")]
    Archive(u32),
    /// It is not what the rules make of the documents, and no proof was found: a fault of this program.
    #[error("document {0} is not where the rules place it, and nothing was found wrong with it")]
    Unexplained(u64),
}

/// The first document of a statement that is wrong, with the proof; `None` when the statement is what the rules make of the documents. The archive holds
/// the contribution as it was revealed, and all earlier ones whose documents count: those that are not expelled, and not out of date for as long as a time of
/// admission takes.
///
/// # Errors
/// When something that is needed to tell is missing.
pub fn find_fault(
    archive: &Archive,
    chain: &impl Contributions,
    statement: &Statement,
) -> Result<Option<Refutation>, NotChecked> {
    let commit_seq = statement.commit_seq;
    let unknown = NotChecked::Unknown(commit_seq);
    let own = standing(chain, commit_seq).map_err(|_| unknown)?;
    let tree = tree_of(&statement.documents);
    if tree.root() != own.batch_root {
        return Err(NotChecked::Leaves("documents"));
    }
    let contents = tree_of(&statement.contents);
    if contents.root() != own.content_root {
        return Err(NotChecked::Leaves("contents"));
    }
    if tree.count() != u64::from(own.documents) {
        return Ok(Some(Refutation::Count {
            count: tree.count(),
            top: tree.top().unwrap_or_default(),
        }));
    }
    let search = Search {
        archive,
        chain,
        statement,
        tree,
        contents,
        own,
    };
    for index in 0..statement.documents.len() {
        if let Some(proof) = search.document(index)? {
            // What is found is what holds.
            let seq = seq_of(commit_seq, index as u64);
            let holds = proof.verify(commit_seq, chain);
            holds.map_err(|_| NotChecked::Unexplained(seq))?;
            return Ok(Some(proof));
        }
    }
    Ok(None)
}

fn tree_of(leaves: &[Vec<u8>]) -> HashTree {
    HashTree::new(leaves.iter().map(|leaf| hash_of(leaf)).collect())
}

struct Search<'a, C> {
    archive: &'a Archive,
    chain: &'a C,
    statement: &'a Statement,
    tree: HashTree,
    contents: HashTree,
    own: Revealed,
}

impl<C: Contributions> Search<'_, C> {
    fn document(&self, index: usize) -> Result<Option<Refutation>, NotChecked> {
        let seq = seq_of(self.statement.commit_seq, index as u64);
        let missing = NotChecked::Missing(seq);
        let leaf = &self.statement.documents[index];
        let proof = self.tree.prove(index as u64).ok_or(missing)?;
        let right = self.archive.document(seq).ok_or(missing)?;
        let wrong_leaf = Refutation::Leaf {
            leaf: leaf.clone(),
            proof: proof.clone(),
        };
        if wrong_leaf
            .verify(self.statement.commit_seq, self.chain)
            .is_ok()
        {
            return Ok(Some(wrong_leaf));
        }
        let document = Document::decode(leaf).map_err(|_| NotChecked::Unexplained(seq))?;
        let placed = Placed { document, proof };
        if let Some(fault) = self.content(index, &placed)? {
            return Ok(Some(fault));
        }
        let stated = &placed.document;
        if stated == right {
            return Ok(self.gone(&placed));
        }
        if stated.chunk_root != right.chunk_root {
            return Err(NotChecked::Words(seq));
        }
        if stated.sketch_hash != right.sketch_hash {
            let words = self.archive.words(seq).ok_or(missing)?;
            return Ok(Some(Refutation::Sketch {
                document: placed,
                words: words.open_whole(),
            }));
        }
        self.place(placed, right)
    }

    /// What was committed to at an index is not what the document has in it.
    fn content(&self, index: usize, placed: &Placed) -> Result<Option<Refutation>, NotChecked> {
        let missing = NotChecked::Leaves("contents");
        let is_whole = self.contents.count() == u64::from(self.own.documents);
        let index = if is_whole { index } else { 0 };
        let content = self.statement.contents.get(index).ok_or(missing)?;
        let is_its = *content == placed.document.content().encode();
        if is_whole && is_its {
            return Ok(None);
        }
        Ok(Some(Refutation::Content {
            document: placed.clone(),
            content: content.clone(),
            proof: self.contents.prove(index as u64).ok_or(missing)?,
        }))
    }

    /// The document is what was revealed, and where it stands may be wrong.
    fn place(&self, placed: Placed, right: &Document) -> Result<Option<Refutation>, NotChecked> {
        let of = &placed.document;
        let is_placed = (of.parent_seq, of.root_seq, of.contain_bps)
            == (right.parent_seq, right.root_seq, right.contain_bps);
        if is_placed {
            // Another file, or another part of it: what was committed to is this.
            return Err(NotChecked::Words(of.seq));
        }
        let sketch = self.archive.sketch(of.seq);
        let sketch = sketch.ok_or(NotChecked::Missing(of.seq))?;
        let has_parent = Band::of(right.contain_bps) != Band::Original;
        let is_nearer = right.contain_bps > of.contain_bps
            || right.contain_bps == of.contain_bps && right.parent_seq < of.parent_seq;
        if has_parent && is_nearer {
            let (earlier, earlier_sketch) = self.content_of(right.parent_seq)?;
            return Ok(Some(Refutation::Nearer {
                document: placed,
                sketch,
                commit_seq: commit_of(right.parent_seq),
                earlier,
                earlier_sketch,
            }));
        }
        if Band::of(of.contain_bps) == Band::Original {
            return Err(NotChecked::Unexplained(of.seq));
        }
        if let Some(gone) = self.gone(&placed) {
            return Ok(Some(gone));
        }
        let (parent, parent_sketch) = self.content_of(of.parent_seq)?;
        if sketch.contained_in(&parent_sketch) != of.contain_bps {
            return Ok(Some(Refutation::Containment {
                document: placed,
                sketch,
                parent,
                parent_sketch,
            }));
        }
        let parent = self.stated(of.parent_seq)?;
        Ok(Some(Refutation::ParentRoot {
            document: placed,
            parent,
        }))
    }

    /// Its parent is not there, or what is stated of it is out of date: also where the rules place the document there.
    fn gone(&self, placed: &Placed) -> Option<Refutation> {
        let gone = Refutation::Gone {
            document: placed.clone(),
        };
        let holds = gone.verify(self.statement.commit_seq, self.chain).is_ok();
        holds.then_some(gone)
    }

    /// What is in a document, this one's or an earlier one, and its sketch.
    fn content_of(&self, seq: u64) -> Result<(PlacedContent, crate::Sketch), NotChecked> {
        let missing = NotChecked::Missing(seq);
        let commit_seq = commit_of(seq);
        let (content, tree) = if commit_seq == self.statement.commit_seq {
            let bytes = self.statement.contents.get(seq as u32 as usize);
            let content = Content::decode(bytes.ok_or(missing)?).map_err(|_| missing)?;
            (content, self.contents.clone())
        } else {
            let document = self.archive.document(seq).ok_or(missing)?;
            let tree = self.archive.content_tree(commit_seq).ok_or(missing)?;
            let known = standing(self.chain, commit_seq);
            if !known.is_ok_and(|known| known.content_root == tree.root()) {
                return Err(NotChecked::Archive(commit_seq));
            }
            (document.content(), tree)
        };
        let proof = tree.prove(u64::from(seq as u32)).ok_or(missing)?;
        let sketch = self.archive.sketch(seq).ok_or(missing)?;
        Ok((PlacedContent { content, proof }, sketch))
    }

    /// Where a document is stated to stand, this one's or an earlier one.
    fn stated(&self, seq: u64) -> Result<Placed, NotChecked> {
        let missing = NotChecked::Missing(seq);
        let (commit_seq, index) = (commit_of(seq), u64::from(seq as u32));
        if commit_seq == self.statement.commit_seq {
            let bytes = self.statement.documents.get(seq as u32 as usize);
            return Ok(Placed {
                document: Document::decode(bytes.ok_or(missing)?).map_err(|_| missing)?,
                proof: self.tree.prove(index).ok_or(missing)?,
            });
        }
        let document = self.archive.document(seq).ok_or(missing)?;
        let tree = self.archive.batch_tree(commit_seq).ok_or(missing)?;
        let known = standing(self.chain, commit_seq);
        if !known.is_ok_and(|known| known.batch_root == tree.root()) {
            return Err(NotChecked::Archive(commit_seq));
        }
        Ok(Placed {
            document: document.clone(),
            proof: tree.prove(index).ok_or(missing)?,
        })
    }
}
