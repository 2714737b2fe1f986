//! Finding what is wrong with an epoch, and the proof of it.

use crate::{
    Boilerplate, Epoch, EpochTrees, Fault, HashProof, Leaf, Match, SumTree, Text, WordId,
    epoch::{Attributed, EpochError, Ledger, PayoutPart, tree},
    fault::{
        EarningFault, KindFault, LeafOpening, MatchFault, PaidPart, RowsFault, TilingFault,
        TreeFault, TreeOpening, WordsFault,
    },
    leaf::{
        Answer, Document, Earning, GRAM_LEN, Gram, MAX_TILE_LEN, MIN_MATCH_LEN, PayoutRow,
        TileKind, TrainRow,
    },
    opening::{
        AnswerOpening, Chain, DocumentOpening, EarningOpening, ModelOpening, PayoutOpening,
        SourceOpening, TileOpening, TrainOpening,
    },
    pay::{self, Terms},
    tree::{Absence, HashTree, Neighbour, Node, SortedLeaf, SumOverflow, SumTop, Tree},
};
use alloy_primitives::B256;
use std::collections::BTreeMap;

/// A model version's boilerplate and its tree.
#[derive(Debug, Clone)]
pub struct PhraseList {
    list: Boilerplate,
    tree: HashTree,
}

impl From<Boilerplate> for PhraseList {
    fn from(list: Boilerplate) -> Self {
        let leaves = list.phrases().iter().map(|ids| Gram { ids: *ids }.hash());
        let tree = HashTree::new(leaves.collect());
        Self { list, tree }
    }
}

impl PhraseList {
    /// The list.
    pub fn list(&self) -> &Boilerplate {
        &self.list
    }

    /// What the chain holds of it.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    fn prove(&self, gram: &Gram) -> Option<HashProof> {
        let place = self.list.phrases().binary_search(&gram.ids).ok()?;
        self.tree.prove(place as u64)
    }

    fn absence(&self, gram: &Gram) -> Absence<Gram> {
        let phrases = self.list.phrases();
        let leaf = |place: usize| {
            Some(Gram {
                ids: *phrases.get(place)?,
            })
        };
        let right = phrases.partition_point(|ids| *ids < gram.ids);
        absence_at(right, leaf, &self.tree)
    }
}

fn grams(words: &[WordId]) -> impl Iterator<Item = Gram> {
    let grams = words.windows(GRAM_LEN);
    grams.filter_map(|ids| {
        Some(Gram {
            ids: *ids.first_chunk()?,
        })
    })
}

/// What somebody needs to check an epoch: the chain's view, all texts, and a search in each corpus.
pub trait Evidence: Chain {
    /// A paid answer.
    fn answer(&self, i: u64) -> Option<&Answer>;

    /// An answer's words.
    fn output(&self, i: u64) -> Option<&Text>;

    /// Its prompt's.
    fn prompt(&self, i: u64) -> Option<&Text>;

    /// A document of a model version's corpus, and its words.
    fn source(&self, model_version: u64, seq: u64) -> Option<(SourceOpening, &Text)>;

    /// A document of any Datanet version.
    fn document(&self, seq: u64) -> Option<DocumentOpening>;

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

/// Terms and documents, of the evidence.
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

    fn tiling(&self, at: usize) -> Result<Option<Fault>, NotChecked> {
        let (row, tiles) = &self.epoch.answers[at];
        let opening = self.answer(at)?;
        let answer = &opening.answer;
        let model = answer.model_version;
        let terms = self.evidence.terms(model);
        let terms = terms.ok_or(NotChecked::Missing("model version", model))?;
        if terms.pools(answer.fee).data != row.data_pool {
            return Ok(Some(Fault::Pool(opening)));
        }
        let tiling = |fault| Ok(Some(Fault::Tiling(opening.clone(), fault)));
        let tree = &self.trees.tilings[at];
        if tree.count() != u64::from(row.tiles) {
            return tiling(TilingFault::Tiles(top(tree)));
        }
        let words = pay::tiled_words(answer);
        if tiles.is_empty() != (words == 0) {
            return tiling(TilingFault::Count);
        }
        // First of all: nobody can open a tile that is none, nor show it beside another.
        if let Some(fault) = no_leaf(tiles, tree)? {
            return Ok(Some(Fault::Tree(TreeOpening::Tiling(opening), fault)));
        }
        for (index, tile) in tiles.iter().enumerate() {
            let is_last = index + 1 == tiles.len();
            if index == 0 && tile.start != 0 {
                return tiling(TilingFault::First(self.tile(at, index)?));
            }
            let end = tile.start.saturating_add(tile.len.into());
            if is_last && end != words {
                return tiling(TilingFault::Last(self.tile(at, index)?));
            }
            if let Some(next) = tiles.get(index + 1) {
                let gaps = [tile, next].map(|tile| tile.kind) == [TileKind::Gap; 2];
                if next.start != end || gaps && tile.len != MAX_TILE_LEN {
                    let (left, right) = (self.tile(at, index)?, self.tile(at, index + 1)?);
                    return tiling(TilingFault::Apart(left, right));
                }
            }
        }
        for index in 0..tiles.len() {
            if let Some(fault) = self.one_tile(at, index, &opening)? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    /// A tile by itself: where it stands, and what it is.
    fn one_tile(
        &self,
        at: usize,
        index: usize,
        opening: &AnswerOpening,
    ) -> Result<Option<Fault>, NotChecked> {
        let tile = self.epoch.answers[at].1[index];
        let answer = &opening.answer;
        let (i, model) = (answer.i, answer.model_version);
        let output = self.evidence.output(i);
        let output = output.filter(|output| output.words().len() == answer.words as usize);
        let output = output.ok_or(NotChecked::Missing("the output of answer", i))?;
        let words = output.words();
        let longest = |start: u32| {
            let found = self.evidence.longest(model, words, start as usize);
            found.filter(|found| found.len >= usize::from(MIN_MATCH_LEN))
        };
        let matching = |start: u32, found: Match| {
            let (source, text) = self.source(model, found.seq)?;
            let range = |start: u32| start..start + found.len as u32;
            let fault = MatchFault {
                tile: self.tile(at, index)?,
                start,
                // Both are bounded: by the longest tile, and by a document.
                len: found.len as u8,
                source,
                offset: found.offset as u16,
                output: output.open(range(start)),
                text: text.open(range(found.offset)),
            };
            Ok(Some(Fault::Match(opening.clone(), fault)))
        };
        if tile.kind == TileKind::Gap {
            for start in tile.start..tile.start + u32::from(tile.len) {
                if let Some(found) = longest(start) {
                    return matching(start, found);
                }
            }
            return Ok(None);
        }
        let (source, text) = self.source(model, tile.seq)?;
        let range = tile.start as usize..tile.start as usize + usize::from(tile.len);
        let said = words.get(range.clone()).unwrap_or_default();
        let place = usize::from(tile.offset);
        match text.words().get(place..place + said.len()) {
            None => {
                let fault = WordsFault::Beyond(self.tile(at, index)?, source);
                return Ok(Some(Fault::Words(opening.clone(), fault)));
            }
            Some(found) => {
                if let Some(differs) = (0..said.len()).find(|word| said[*word] != found[*word]) {
                    let one = |at: u32| at + differs as u32..at + differs as u32 + 1;
                    let fault = WordsFault::Differ {
                        tile: self.tile(at, index)?,
                        source,
                        at: differs as u8,
                        output: output.open(one(tile.start)),
                        text: text.open(one(tile.offset.into())),
                    };
                    return Ok(Some(Fault::Words(opening.clone(), fault)));
                }
            }
        }
        if let Some(found) = longest(tile.start) {
            let first = (found.seq, found.offset) < (tile.seq, tile.offset.into());
            let len = usize::from(tile.len);
            if found.len > len || found.len == len && first {
                return matching(tile.start, found);
            }
        }
        self.kind(at, index, opening, output, said)
    }

    fn kind(
        &self,
        at: usize,
        index: usize,
        opening: &AnswerOpening,
        output: &Text,
        said: &[WordId],
    ) -> Result<Option<Fault>, NotChecked> {
        let (i, model) = (opening.answer.i, opening.answer.model_version);
        let tile = self.tile(at, index)?;
        let (start, len) = (tile.tile.start, u32::from(tile.tile.len));
        let prompt = self.evidence.prompt(i);
        let prompt = prompt.ok_or(NotChecked::Missing("the prompt of answer", i))?;
        let echo = prompt
            .words()
            .windows(said.len())
            .position(|part| part == said);
        let list = self.evidence.phrases(model);
        let list = list.ok_or(NotChecked::Missing("boilerplate of model version", model))?;
        let whole = output.open(start..start + len);
        let fault = match (tile.tile.kind, echo) {
            (TileKind::Gap, _) | (TileKind::Echo, Some(_)) => None,
            (TileKind::Echo, None) => Some(KindFault::NotEcho {
                tile,
                output: whole,
                prompt: prompt.open_whole(),
            }),
            (_, Some(place)) => Some(KindFault::Echo {
                tile,
                output: whole,
                at: place as u32,
                prompt: prompt.open(place as u32..place as u32 + len),
            }),
            (TileKind::Span, None) if list.list.covers(said) => Some(KindFault::Boilerplate {
                tile,
                output: whole,
                phrases: grams(said).filter_map(|gram| list.prove(&gram)).collect(),
            }),
            (TileKind::Span, None) => None,
            (TileKind::Boiler, None) => {
                let mut phrases = grams(said).zip(0u8..);
                let other = phrases.find(|(gram, _)| list.prove(gram).is_none());
                other.map(|(gram, at)| {
                    let first = start + u32::from(at);
                    KindFault::NotBoilerplate {
                        tile,
                        output: output.open(first..first + GRAM_LEN as u32),
                        at,
                        absence: list.absence(&gram),
                    }
                })
            }
        };
        Ok(fault.map(|fault| Fault::Kind(opening.clone(), fault)))
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
                for seq in [document.parent_seq, document.root_seq] {
                    if let Some(opening) = self.evidence.document(seq) {
                        documents.insert(seq, opening.document);
                    }
                }
                documents.insert(document.seq, document);
            }
            attributed.push(Attributed {
                answer: answer.clone(),
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

    fn model(&self, model: usize) -> Result<ModelOpening, NotChecked> {
        Ok(ModelOpening {
            row: self.epoch.models[model].row.clone(),
            proof: prove(&self.trees.models, model as u64)?,
        })
    }

    fn models(&self, right: &Epoch) -> Result<Option<Fault>, NotChecked> {
        let models = &self.epoch.models;
        let rows: Vec<_> = models.iter().map(|part| part.row.clone()).collect();
        if let Some(fault) = order(&rows, &self.trees.models)? {
            return Ok(Some(Fault::Tree(TreeOpening::Models, fault)));
        }
        let rows_fault = |fault| Ok(Some(Fault::Rows(fault)));
        for (index, part) in models.iter().enumerate() {
            let tree = &self.trees.train[index];
            if let Some(fault) = order(&part.answers, tree)? {
                let opening = TreeOpening::Train(self.model(index)?);
                return Ok(Some(Fault::Tree(opening, fault)));
            }
            for (place, row) in part.answers.iter().enumerate() {
                let train = TrainOpening {
                    row: row.clone(),
                    proof: prove(tree, place as u64)?,
                };
                let model = self.model(index)?;
                let Some(at) = self.place(row.i) else {
                    return rows_fault(RowsFault::NoAnswer(model, train));
                };
                let answer = self.answer(at)?;
                if answer.answer.model_version != part.row.model_version {
                    return rows_fault(RowsFault::OtherModel(answer, model, train));
                }
                if self.train(at, &answer) != row.train || row.train == 0 {
                    return rows_fault(RowsFault::Train {
                        answer,
                        tiles: top(&self.trees.tilings[at]),
                        model,
                        train,
                    });
                }
            }
            if tree.sum() != part.row.train || part.row.train == 0 {
                return rows_fault(RowsFault::ModelSum(self.model(index)?, top(tree)));
            }
        }
        // What is there is right; is all of it there?
        for part in &right.models {
            let version = part.row.model_version;
            let index = models.binary_search_by_key(&version, |part| part.row.model_version);
            for row in &part.answers {
                let at = self.place(row.i).ok_or(NotChecked::Unexplained)?;
                let (answer, tiles) = (self.answer(at)?, top(&self.trees.tilings[at]));
                let Ok(index) = index else {
                    let absence = absence(&rows, &self.trees.models, &version);
                    return rows_fault(RowsFault::ModelMissing {
                        answer,
                        tiles,
                        absence,
                    });
                };
                let there: &[TrainRow] = &models[index].answers;
                if there.binary_search_by_key(&row.i, |row| row.i).is_err() {
                    let absence = absence(there, &self.trees.train[index], &row.i);
                    return rows_fault(RowsFault::TrainMissing {
                        answer,
                        tiles,
                        model: self.model(index)?,
                        absence,
                    });
                }
            }
        }
        Ok(None)
    }

    pub(crate) fn place(&self, i: u64) -> Option<usize> {
        let range = self.evidence.answers();
        range.contains(&i).then(|| (i - range.start) as usize)
    }

    fn train(&self, at: usize, answer: &AnswerOpening) -> u128 {
        let weight = pay::weight_of_all(&self.epoch.answers[at].1);
        pay::train_pay(answer.row.data_pool, &answer.answer, weight)
    }

    pub(crate) fn payout(&self, contributor: usize) -> Result<PayoutOpening, NotChecked> {
        Ok(PayoutOpening {
            row: self.epoch.payouts[contributor].row.clone(),
            proof: prove(&self.trees.payouts, contributor as u64)?,
        })
    }

    fn payouts(&self, right: &Epoch) -> Result<Option<Fault>, NotChecked> {
        let mut parts = self.epoch.payouts.iter().zip(&right.payouts).enumerate();
        let Some((contributor, (part, right))) = parts.find(|(_, (part, right))| part != right)
        else {
            return Ok(None);
        };
        let row = &part.row;
        let tree = &self.trees.earnings[contributor];
        let leaf = || -> Result<_, NotChecked> {
            Ok(LeafOpening {
                bytes: row.encode(),
                stated: row.cumulative,
                proof: prove(&self.trees.payouts, contributor as u64)?,
            })
        };
        if row.check().is_err() {
            let fault = TreeFault::Leaf(leaf()?);
            return Ok(Some(Fault::Tree(TreeOpening::Payouts, fault)));
        }
        if row.contributor != contributor as u64 {
            let fault = TreeFault::Place(leaf()?);
            return Ok(Some(Fault::Tree(TreeOpening::Payouts, fault)));
        }
        let payout = self.payout(contributor)?;
        let fault = match no_leaf(&part.earnings, tree)? {
            None => order(&part.earnings, tree)?,
            fault => fault,
        };
        if let Some(fault) = fault {
            return Ok(Some(Fault::Tree(TreeOpening::Earnings(payout), fault)));
        }
        if let Some(fault) = self.earnings(part, right, tree, &payout)? {
            return Ok(Some(fault));
        }
        let fault = if row.earned != tree.sum() {
            EarningFault::Earned(top(tree))
        } else {
            self.cumulative(row)?
        };
        Ok(Some(Fault::Earning(payout, fault)))
    }

    fn cumulative(&self, row: &PayoutRow) -> Result<EarningFault, NotChecked> {
        let rows = |epoch: &Epoch| -> Vec<_> {
            let row = |part: &PayoutPart| part.row.clone();
            epoch.payouts.iter().map(row).collect()
        };
        let rows = self.before.map(rows).unwrap_or_default();
        let tree = tree(&rows)?;
        let before = rows.get(row.contributor as usize).map(|row| {
            let proof = prove(&tree, row.contributor)?;
            Ok::<_, NotChecked>(PayoutOpening {
                row: row.clone(),
                proof,
            })
        });
        Ok(EarningFault::Cumulative(before.transpose()?, top(&tree)))
    }

    /// The first difference between what a contributor is said to have earned and what is right.
    fn earnings(
        &self,
        part: &PayoutPart,
        right: &PayoutPart,
        tree: &SumTree,
        payout: &PayoutOpening,
    ) -> Result<Option<Fault>, NotChecked> {
        for (place, earning) in part.earnings.iter().enumerate() {
            let key = |earning: &Earning| earning.key();
            let expected = right.earnings.binary_search_by_key(&earning.key(), key);
            if expected.is_ok_and(|place| right.earnings[place] == *earning) {
                continue;
            }
            let opening = EarningOpening {
                earning: *earning,
                proof: prove(tree, place as u64)?,
            };
            let wrong = |fault| Ok(Some(Fault::Earning(payout.clone(), fault)));
            let Some(at) = self.place(earning.i) else {
                return wrong(EarningFault::NoAnswer(opening));
            };
            let tiles = &self.epoch.answers[at].1;
            let Some(tile) = tiles.get(earning.tile as usize) else {
                return wrong(EarningFault::NoTile(self.answer(at)?, opening));
            };
            if tile.weight() == 0 {
                let (answer, tile) = (self.answer(at)?, self.tile(at, earning.tile as usize)?);
                return wrong(EarningFault::NoSpan(answer, tile, opening));
            }
            let (paid, payee) = self.paid(at, earning.tile as usize, earning.hop)?;
            return match payee {
                Some(payee) if payee != part.row.contributor => {
                    Ok(Some(Fault::Payee(payout.clone(), paid, opening)))
                }
                _ => wrong(EarningFault::Amount(paid, opening)),
            };
        }
        let missing = right.earnings.iter().find(|earning| {
            let there = part
                .earnings
                .binary_search_by_key(&earning.key(), Earning::key);
            there.is_err()
        });
        let Some(missing) = missing else {
            return Ok(None);
        };
        let at = self.place(missing.i).ok_or(NotChecked::Unexplained)?;
        let (paid, _) = self.paid(at, missing.tile as usize, missing.hop)?;
        let absence = absence(&part.earnings, tree, &missing.key());
        let fault = EarningFault::Missing(paid, absence);
        Ok(Some(Fault::Earning(payout.clone(), fault)))
    }

    /// A tile's part, and whose it is; `None` when there is none by this hop.
    pub(crate) fn paid(
        &self,
        at: usize,
        index: usize,
        hop: u8,
    ) -> Result<(PaidPart, Option<u64>), NotChecked> {
        let (answer, tile) = (self.answer(at)?, self.tile(at, index)?);
        let (source, _) = self.source(answer.answer.model_version, tile.tile.seq)?;
        let before = pay::weight_of_all(&self.epoch.answers[at].1[..index]);
        let weight = tile.tile.weight();
        let amount = pay::tile_pay(answer.row.data_pool, &answer.answer, before, weight);
        let document = source.document();
        let part = pay::parts(document, amount).find(|part| part.hop == hop);
        let own = part.is_none_or(|part| part.seq == document.seq);
        let paid = match part {
            Some(part) if !own => {
                let paid = self.evidence.document(part.seq);
                Some(paid.ok_or(NotChecked::Missing("document", part.seq))?)
            }
            _ => None,
        };
        let payee = part.map(|_| match &paid {
            Some(paid) => paid.document.contributor,
            None => document.contributor,
        });
        let paid = PaidPart {
            answer,
            tile,
            source,
            hop,
            paid,
        };
        Ok((paid, payee))
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
