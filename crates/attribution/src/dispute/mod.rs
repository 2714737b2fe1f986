//! Finding what is wrong with an epoch, and the proof of it.

mod models;
mod payouts;
mod phrases;
mod tiles;

pub use phrases::PhraseList;

use crate::{
    Epoch, EpochTrees, Fault, Leaf, Match, SumTree, Text, WordId,
    epoch::{Attributed, EpochError, Ledger},
    fault::{LeafOpening, RowsFault, TreeFault},
    leaf::{Answer, Context, Document, TileKind},
    opening::{AnswerOpening, Chain, SourceOpening, TileOpening, is_open},
    pay::Terms,
    tree::{Absence, Neighbour, Node, SortedLeaf, SumOverflow, SumTop, Tree},
};
use std::collections::BTreeMap;

/// What somebody needs to check an epoch: the chain's view, all texts, and a search in each corpus.
pub trait Evidence: Chain {
    /// A paid answer.
    fn answer(&self, i: u64) -> Option<&Answer>;

    /// An answer's words.
    fn output(&self, i: u64) -> Option<&Text>;

    /// What it was given.
    fn context(&self, i: u64) -> Option<&Context>;

    /// Its prompt's words.
    fn prompt(&self, i: u64) -> Option<&Text>;

    /// A document of a model version's corpus, and its words.
    fn source(&self, model_version: u64, seq: u64) -> Option<(SourceOpening, &Text)>;

    /// A model version's boilerplate.
    fn phrases(&self, model_version: u64) -> Option<&PhraseList>;

    /// The longest match of an answer's words from `start` on; of several the one with the lowest sequence, then the lowest offset.
    fn longest(&self, model_version: u64, words: &[WordId], start: usize) -> Option<Match>;
}

/// Why an epoch can not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    /// It has to be asked for: nothing can be said without it.
    #[error("{0} {1} is missing")]
    Missing(&'static str, u64),
    /// A prompt is too long to be searched.
    #[error("the prompt of answer {0} is too long")]
    Prompt(u64),
    /// No tree can be made of the rows that were published.
    #[error(transparent)]
    Overflow(#[from] SumOverflow),
    /// What is right can not be told.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// It is not what the rules make of the answers, and no proof was found: a fault of this program.
    #[error("the epoch is not the one that the rules make, and nothing was found wrong with it")]
    Unexplained,
}

/// The first thing that is wrong with a published epoch, with its proof; `None` when it is what the rules make of the answers. `before`
/// is the epoch that it goes on from.
///
/// # Errors
/// When something that is needed to tell is missing.
pub fn find_fault(
    epoch: &Epoch,
    before: Option<&Epoch>,
    evidence: &impl Evidence,
) -> Result<Option<Fault>, NotChecked> {
    Search {
        epoch,
        trees: &epoch.trees()?,
        before,
        evidence,
    }
    .run()
}

/// An epoch and all that can be shown of it.
pub(crate) struct Search<'a, E> {
    pub(crate) epoch: &'a Epoch,
    pub(crate) trees: &'a EpochTrees,
    pub(crate) before: Option<&'a Epoch>,
    pub(crate) evidence: &'a E,
}

/// Terms, documents and contributors, of the evidence.
struct Known<'a, E> {
    evidence: &'a E,
    documents: BTreeMap<u64, Document>,
}

impl<E: Evidence> Ledger for Known<'_, E> {
    fn terms(&self, model_version: u64) -> Option<Terms> {
        self.evidence.terms(model_version)
    }

    fn document(&self, seq: u64) -> Option<&Document> {
        self.documents.get(&seq)
    }

    fn contributor_of(&self, commit_seq: u32) -> Option<u64> {
        self.evidence.contributor_of(commit_seq)
    }
}

impl<E: Evidence> Search<'_, E> {
    fn run(&self) -> Result<Option<Fault>, NotChecked> {
        if let Some(fault) = self.rows()? {
            return Ok(Some(fault));
        }
        for at in 0..self.epoch.answers.len() {
            if let Some(fault) = self.tiling(at)? {
                return Ok(Some(fault));
            }
        }
        // All tilings are right by now, so that the rest follows from them.
        let right = self.right()?;
        if right == *self.epoch {
            return Ok(None);
        }
        if let Some(fault) = self.models(&right)? {
            return Ok(Some(fault));
        }
        self.payouts(&right)?
            .ok_or(NotChecked::Unexplained)
            .map(Some)
    }

    fn rows(&self) -> Result<Option<Fault>, NotChecked> {
        let range = self.evidence.answers();
        let tree = &self.trees.answers;
        if tree.count() != range.end - range.start {
            return Ok(Some(Fault::Rows(RowsFault::Count {
                count: tree.count(),
                top: tree.top(),
            })));
        }
        if self.trees.payouts.count() != self.evidence.contributors() {
            return Ok(Some(Fault::Rows(RowsFault::Payouts(top(&self
                .trees
                .payouts)))));
        }
        for (index, (row, _)) in (0..).zip(&self.epoch.answers) {
            if row.i != range.start + index {
                let proof = prove(tree, index)?;
                return Ok(Some(Fault::Rows(RowsFault::Row(row.encode(), proof))));
            }
        }
        Ok(None)
    }

    fn answer(&self, at: usize) -> Result<AnswerOpening, NotChecked> {
        let row = self.epoch.answers[at].0.clone();
        let answer = self.evidence.answer(row.i);
        Ok(AnswerOpening {
            answer: answer.ok_or(NotChecked::Missing("answer", row.i))?.clone(),
            row,
            proof: prove(&self.trees.answers, at as u64)?,
        })
    }

    /// What an open answer was given.
    fn context(&self, answer: &Answer) -> Result<Option<Context>, NotChecked> {
        if !is_open(answer, self.evidence) {
            return Ok(None);
        }
        let context = self.evidence.context(answer.i);
        let context = context.filter(|context| context.root() == answer.context_root);
        let missing = NotChecked::Missing("the context of answer", answer.i);
        Ok(Some(context.ok_or(missing)?.clone()))
    }

    fn tile(&self, at: usize, tile: usize) -> Result<TileOpening, NotChecked> {
        Ok(TileOpening {
            tile: self.epoch.answers[at].1[tile],
            proof: prove(&self.trees.tilings[at], tile as u64)?,
        })
    }

    pub(crate) fn source(
        &self,
        model: u64,
        seq: u64,
    ) -> Result<(SourceOpening, &Text), NotChecked> {
        let source = self.evidence.source(model, seq);
        source.ok_or(NotChecked::Missing("document", seq))
    }

    pub(crate) fn place(&self, i: u64) -> Option<usize> {
        let range = self.evidence.answers();
        range.contains(&i).then(|| (i - range.start) as usize)
    }

    /// What the rules make of these tilings.
    fn right(&self) -> Result<Epoch, NotChecked> {
        let mut attributed = Vec::with_capacity(self.epoch.answers.len());
        let mut documents = BTreeMap::new();
        for (row, tiles) in &self.epoch.answers {
            let answer = self.evidence.answer(row.i);
            let answer = answer.ok_or(NotChecked::Missing("answer", row.i))?;
            for tile in tiles.iter().filter(|tile| tile.kind == TileKind::Span) {
                let (source, _) = self.source(answer.model_version, tile.seq)?;
                let document = source.opening.document;
                documents.insert(document.seq, document);
            }
            attributed.push(Attributed {
                answer: answer.clone(),
                context: self.context(answer)?,
                tiles: tiles.clone(),
            });
        }
        let known = Known {
            evidence: self.evidence,
            documents,
        };
        let first = self.evidence.answers().start;
        let before = self.before.map(Epoch::cumulative).unwrap_or_default();
        let contributors = self.evidence.contributors();
        Ok(Epoch::compute(
            first,
            &attributed,
            &known,
            &before,
            contributors,
        )?)
    }
}

fn top(tree: &SumTree) -> SumTop {
    SumTop {
        count: tree.count(),
        top: tree.top(),
    }
}

fn prove<N: Node>(tree: &Tree<N>, index: u64) -> Result<crate::tree::Proof<N>, NotChecked> {
    tree.prove(index).ok_or(NotChecked::Missing("leaf", index))
}

/// Two leaves side by side that are not in order.
fn order<L>(leaves: &[L], tree: &SumTree) -> Result<Option<TreeFault>, NotChecked>
where
    L: SortedLeaf + crate::Summed,
{
    let mut pairs = leaves.windows(2).enumerate();
    let place = pairs.find_map(|(place, pair)| (pair[0].key() >= pair[1].key()).then_some(place));
    let Some(place) = place else { return Ok(None) };
    let leaf = |place: usize| leaf(leaves, place, tree);
    Ok(Some(TreeFault::Order(leaf(place)?, leaf(place + 1)?)))
}

/// A leaf that is out of range, whose key counts for nothing.
fn no_leaf<L: crate::Summed>(
    leaves: &[L],
    tree: &SumTree,
) -> Result<Option<TreeFault>, NotChecked> {
    let place = leaves.iter().position(|leaf| leaf.check().is_err());
    let fault = place.map(|place| Ok(TreeFault::Leaf(leaf(leaves, place, tree)?)));
    fault.transpose()
}

fn leaf<L: crate::Summed>(
    leaves: &[L],
    place: usize,
    tree: &SumTree,
) -> Result<LeafOpening, NotChecked> {
    Ok(LeafOpening {
        bytes: leaves[place].encode(),
        stated: leaves[place].sum(),
        proof: prove(tree, place as u64)?,
    })
}

/// The neighbours of a key that is not there.
fn absence<L>(leaves: &[L], tree: &Tree<L::Node>, key: &L::Key) -> Absence<L>
where
    L: SortedLeaf + Clone,
{
    let right = leaves.partition_point(|leaf| leaf.key() < *key);
    absence_at(right, |place| leaves.get(place).cloned(), tree)
}

/// The leaves before a place and at it.
fn absence_at<L: SortedLeaf>(
    place: usize,
    leaf: impl Fn(usize) -> Option<L>,
    tree: &Tree<L::Node>,
) -> Absence<L> {
    let neighbour = |place: usize| {
        Some(Neighbour {
            leaf: leaf(place)?,
            proof: tree.prove(place as u64)?,
        })
    };
    Absence {
        left: place.checked_sub(1).and_then(neighbour),
        right: neighbour(place),
    }
}
