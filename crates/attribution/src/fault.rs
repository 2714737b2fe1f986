//! That an epoch is wrong, in one piece: what a contract can check in one transaction.
//!
//! Each tile, row and earning is a claim about little, so that a wrong one is shown by itself. F0, that something is withheld, is not
//! shown by a proof but by a demand that nobody answers. A proof accuses the poster alone: that an answer was paid, a document is in a
//! Datanet or a phrase in a list is what the chain says.

use crate::{
    EpochRoots, Summed, WordId,
    leaf::{
        AnswerRow, Earning, GRAM_LEN, Gram, Leaf, LeafError, MAX_TILE_LEN, MIN_MATCH_LEN, ModelRow,
        PayoutRow, Tile, TileKind, TrainRow,
    },
    opening::{
        AnswerOpening, Chain, DocumentOpening, EarningOpening, ModelOpening, OpeningError,
        PayoutOpening, SourceOpening, TileOpening, TrainOpening, WordsOpening,
    },
    pay::{self, Part},
    tree::{
        Absence, AbsenceError, HashProof, NoFault, Node, SortedLeaf, SumFault, SumNode, SumProof,
        SumTop, leaf_hash,
    },
};
use alloy_primitives::B256;

/// Why a proof shows no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAFault {
    /// What it rests on is not shown.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// What should be missing is not shown to be.
    #[error(transparent)]
    Absence(#[from] AbsenceError),
    /// The sums are not shown to be wrong.
    #[error(transparent)]
    Sum(#[from] NoFault),
    /// The parts do not belong together.
    #[error("{0} belongs to something else")]
    Other(&'static str),
    /// All of it is so, and nothing of it is wrong.
    #[error("nothing is wrong with it")]
    Right,
}

impl From<crate::tree::ProofError> for NotAFault {
    fn from(error: crate::tree::ProofError) -> Self {
        Self::Opening(error.into())
    }
}

/// Passes when something is wrong.
fn wrong(is: bool) -> Result<(), NotAFault> {
    is.then_some(()).ok_or(NotAFault::Right)
}

/// Passes when the parts of a proof belong together.
fn same(is: bool, what: &'static str) -> Result<(), NotAFault> {
    is.then_some(()).ok_or(NotAFault::Other(what))
}

/// A fault of an epoch, with everything that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
// One at a time, and never many of them.
#[allow(clippy::large_enum_variant)]
pub enum Fault {
    /// F1: the tiles are not the answer's words, one after the other.
    Tiling(AnswerOpening, TilingFault),
    /// F2: a tile's words are not those of its document.
    Words(AnswerOpening, WordsFault),
    /// F3, F4: there is a longer match, or an equally long one that comes first.
    Match(AnswerOpening, MatchFault),
    /// F5: a tile is of another kind.
    Kind(AnswerOpening, KindFault),
    /// F6: the data pool is not what fee and terms make it.
    Pool(AnswerOpening),
    /// F7: a tree adds up wrongly, is out of order, or holds what is no leaf.
    Tree(TreeOpening, TreeFault),
    /// F8: an earning is missing, of another amount or of nothing; or a contributor's row is not the sum of its earnings.
    Earning(PayoutOpening, EarningFault),
    /// F9: an earning is another contributor's.
    Payee(PayoutOpening, PaidPart, EarningOpening),
    /// F10: the rows are not those of the answers that were paid.
    Rows(RowsFault),
}

impl Fault {
    /// Its number, 1 to 10.
    pub fn number(&self) -> u8 {
        match self {
            Self::Tiling(..) => 1,
            Self::Words(..) => 2,
            Self::Match(_, fault) if fault.is_longer() => 3,
            Self::Match(..) => 4,
            Self::Kind(..) => 5,
            Self::Pool(_) => 6,
            Self::Tree(TreeOpening::Tiling(_), TreeFault::Leaf(leaf)) if !leaf.is_one::<Tile>() => {
                1
            }
            Self::Tree(..) => 7,
            Self::Earning(..) => 8,
            Self::Payee(..) => 9,
            Self::Rows(_) => 10,
        }
    }

    /// Checks that the epoch with these roots has this fault. The effort is bounded by the proof's length.
    ///
    /// # Errors
    /// Why it does not follow.
    pub fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<(), NotAFault> {
        match self {
            Self::Tiling(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(answer)
            }
            Self::Words(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Match(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Kind(answer, fault) => {
                answer.verify(chain, roots)?;
                fault.verify(chain, answer)
            }
            Self::Pool(answer) => {
                answer.verify(chain, roots)?;
                let terms = chain.terms(answer.answer.model_version);
                let terms = terms.ok_or(OpeningError::Unknown("the model version"))?;
                wrong(terms.pools(answer.answer.fee).data != answer.row.data_pool)
            }
            Self::Tree(tree, fault) => {
                let root = tree.root(chain, roots)?;
                fault.verify(tree, root)
            }
            Self::Earning(payout, fault) => {
                payout.verify(roots.payouts)?;
                fault.verify(chain, roots, &payout.row)
            }
            Self::Payee(payout, paid, earning) => {
                payout.verify(roots.payouts)?;
                earning.verify(&payout.row)?;
                let (part, payee) = paid.expected(chain, roots)?;
                same(earning.earning.key() == paid.key(), "the earning")?;
                wrong(part.is_some() && payee != payout.row.contributor)
            }
            Self::Rows(fault) => fault.verify(chain, roots),
        }
    }
}

/// F1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TilingFault {
    /// The first tile does not begin with the first word.
    First(TileOpening),
    /// A tile does not begin where the one before ends; or a gap goes on in a second tile before the first one is full, so that one gap
    /// would have several tilings.
    Apart(TileOpening, TileOpening),
    /// The last tile does not end with the last word.
    Last(TileOpening),
    /// There are tiles and must be none, or the other way round.
    Count,
    /// There are more or fewer than the row says.
    Tiles(SumTop),
}

impl TilingFault {
    fn verify(&self, opening: &AnswerOpening) -> Result<(), NotAFault> {
        let row = &opening.row;
        let words = u64::from(pay::tiled_words(&opening.answer));
        let end = |tile: &Tile| u64::from(tile.start) + u64::from(tile.len);
        match self {
            Self::First(first) => {
                first.verify(row)?;
                same(first.proof.index == 0, "the tile")?;
                wrong(first.tile.start != 0)
            }
            Self::Apart(left, right) => {
                left.verify(row)?;
                right.verify(row)?;
                same(left.proof.index + 1 == right.proof.index, "the tile")?;
                let (left, right) = (&left.tile, &right.tile);
                let gaps = [left, right].map(|tile| tile.kind) == [TileKind::Gap; 2];
                wrong(end(left) != right.start.into() || gaps && left.len != MAX_TILE_LEN)
            }
            Self::Last(last) => {
                last.verify(row)?;
                same(last.proof.index + 1 == last.proof.count, "the tile")?;
                wrong(end(&last.tile) != words)
            }
            Self::Count => wrong((row.tiles == 0) != (words == 0)),
            Self::Tiles(top) => {
                top.verify(row.tiling_root)
                    .ok_or(NotAFault::Other("the top"))?;
                wrong(top.count != u64::from(row.tiles))
            }
        }
    }
}

/// F2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordsFault {
    /// The word so many words after the tile's first is another one than the document's there.
    Differ {
        /// The tile.
        tile: TileOpening,
        /// Its document.
        source: SourceOpening,
        /// Words of the tile before it.
        at: u8,
        /// The output's chunk with it.
        output: WordsOpening,
        /// The document's.
        text: WordsOpening,
    },
    /// The document ends before the tile does.
    Beyond(TileOpening, SourceOpening),
}

impl WordsFault {
    fn verify(&self, chain: &impl Chain, opening: &AnswerOpening) -> Result<(), NotAFault> {
        let (Self::Differ { tile, source, .. } | Self::Beyond(tile, source)) = self;
        tile.verify(&opening.row)?;
        source.verify(chain, opening.answer.model_version)?;
        let (tile, document) = (&tile.tile, source.document());
        let named = tile.kind != TileKind::Gap && tile.seq == document.seq;
        same(named, "the document")?;
        match self {
            Self::Beyond(..) => {
                wrong(u32::from(tile.offset) + u32::from(tile.len) > u32::from(document.words))
            }
            Self::Differ {
                at, output, text, ..
            } => {
                same(*at < tile.len, "the word")?;
                let one = |at: u32| at..at + 1;
                let answer = &opening.answer;
                let said = output.verify(
                    answer.output_root,
                    Some(answer.words),
                    one(tile.start + u32::from(*at)),
                )?;
                let found = text.verify(
                    document.chunk_root,
                    Some(document.words.into()),
                    one(u32::from(tile.offset) + u32::from(*at)),
                )?;
                wrong(said != found)
            }
        }
    }
}

/// F3 and F4: words of the output that stand in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchFault {
    /// The tile that should have been this match; or a gap, in which no match may begin.
    pub tile: TileOpening,
    /// The match's first word in the output: the tile's, or any of a gap.
    pub start: u32,
    /// Its words.
    pub len: u8,
    /// The document.
    pub source: SourceOpening,
    /// Its first word there.
    pub offset: u16,
    /// The output's chunks with it.
    pub output: WordsOpening,
    /// The document's.
    pub text: WordsOpening,
}

impl MatchFault {
    /// Whether it is longer than the tile, or in a gap.
    pub fn is_longer(&self) -> bool {
        self.tile.tile.kind == TileKind::Gap || self.len > self.tile.tile.len
    }

    fn verify(&self, chain: &impl Chain, opening: &AnswerOpening) -> Result<(), NotAFault> {
        self.tile.verify(&opening.row)?;
        self.source.verify(chain, opening.answer.model_version)?;
        let (tile, document) = (&self.tile.tile, self.source.document());
        same(
            (MIN_MATCH_LEN..=MAX_TILE_LEN).contains(&self.len),
            "a match of this length",
        )?;
        let within = match tile.kind {
            TileKind::Gap => {
                (tile.start..tile.start.saturating_add(tile.len.into())).contains(&self.start)
            }
            _ => self.start == tile.start,
        };
        same(within, "the match")?;
        let range = |start: u32| start..start.saturating_add(self.len.into());
        let answer = &opening.answer;
        let said = self
            .output
            .verify(answer.output_root, Some(answer.words), range(self.start))?;
        let found = self.text.verify(
            document.chunk_root,
            Some(document.words.into()),
            range(self.offset.into()),
        )?;
        same(said == found, "the match")?;
        let first = self.len == tile.len && (document.seq, self.offset) < (tile.seq, tile.offset);
        wrong(self.is_longer() || first)
    }
}

/// F5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum KindFault {
    /// A span is boilerplate: each phrase in it is in the list.
    Boilerplate {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// Of each phrase, in its order.
        phrases: Vec<HashProof>,
    },
    /// What is called boilerplate has a phrase that is not in the list.
    NotBoilerplate {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with the phrase.
        output: WordsOpening,
        /// Words of the tile before the phrase.
        at: u8,
        /// That it is not in the list.
        absence: Absence<Gram>,
    },
    /// A span, or boilerplate, stands in the prompt.
    Echo {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// Words of the prompt before it.
        at: u32,
        /// The prompt's chunks with it.
        prompt: WordsOpening,
    },
    /// What is called an echo does not stand in the prompt.
    NotEcho {
        /// The tile.
        tile: TileOpening,
        /// The output's chunks with it.
        output: WordsOpening,
        /// All of the prompt.
        prompt: WordsOpening,
    },
}

impl KindFault {
    fn verify(&self, chain: &impl Chain, opening: &AnswerOpening) -> Result<(), NotAFault> {
        let (Self::Boilerplate { tile, output, .. }
        | Self::NotBoilerplate { tile, output, .. }
        | Self::Echo { tile, output, .. }
        | Self::NotEcho { tile, output, .. }) = self;
        tile.verify(&opening.row)?;
        let (tile, answer) = (&tile.tile, &opening.answer);
        let said = |at: u8, len: u8| {
            let start = tile.start.saturating_add(at.into());
            let range = start..start.saturating_add(len.into());
            output.verify(answer.output_root, Some(answer.words), range)
        };
        let list = || {
            let list = chain.boilerplate(answer.model_version);
            list.ok_or(OpeningError::Unknown("the model version"))
        };
        let is = |kind| same(tile.kind == kind, "the tile");
        match self {
            Self::Boilerplate { phrases, .. } => {
                is(TileKind::Span)?;
                let (words, list) = (said(0, tile.len)?, list()?);
                let grams = words.windows(GRAM_LEN).filter_map(gram);
                same(words.len() + 1 == phrases.len() + GRAM_LEN, "a phrase")?;
                for (gram, proof) in grams.zip(phrases) {
                    proof.verify(list, gram.hash())?;
                }
                Ok(())
            }
            Self::NotBoilerplate { at, absence, .. } => {
                is(TileKind::Boiler)?;
                let fits = usize::from(*at) + GRAM_LEN <= usize::from(tile.len);
                same(fits, "the phrase")?;
                let words = said(*at, GRAM_LEN as u8)?;
                let gram = gram(&words).ok_or(OpeningError::Words)?;
                absence.verify(list()?, &gram.key())?;
                Ok(())
            }
            Self::Echo { at, prompt, .. } => {
                let other = matches!(tile.kind, TileKind::Span | TileKind::Boiler);
                same(other, "the tile")?;
                let words = said(0, tile.len)?;
                let range = *at..at.saturating_add(tile.len.into());
                let found = prompt.verify(answer.context_root, None, range)?;
                wrong(words == found)
            }
            Self::NotEcho { prompt, .. } => {
                is(TileKind::Echo)?;
                let words = said(0, tile.len)?;
                let prompt = prompt.verify_whole(answer.context_root)?;
                wrong(!prompt.windows(words.len()).any(|part| part == words))
            }
        }
    }
}

fn gram(words: &[WordId]) -> Option<Gram> {
    let ids = words.try_into().ok()?;
    Some(Gram { ids })
}

/// Which tree of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum TreeOpening {
    /// An answer's tiles.
    Tiling(AnswerOpening),
    /// The model versions' rows.
    Models,
    /// A model version's answers.
    Train(ModelOpening),
    /// The contributors' rows.
    Payouts,
    /// A contributor's earnings.
    Earnings(PayoutOpening),
}

impl TreeOpening {
    fn root(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<B256, NotAFault> {
        Ok(match self {
            Self::Tiling(answer) => {
                answer.verify(chain, roots)?;
                answer.row.tiling_root
            }
            Self::Models => roots.models,
            Self::Train(model) => {
                model.verify(roots)?;
                model.row.answers_root
            }
            Self::Payouts => roots.payouts,
            Self::Earnings(payout) => {
                payout.verify(roots.payouts)?;
                payout.row.earnings_root
            }
        })
    }
}

/// Bytes that a tree holds as a leaf, and the sum that it states for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafOpening {
    /// The leaf, or what stands in its place: a tag and fields.
    pub bytes: Vec<u8>,
    /// What the tree says it adds.
    pub stated: u128,
    /// That it is in the tree.
    pub proof: SumProof,
}

impl LeafOpening {
    fn verify(&self, root: B256) -> Result<(), NotAFault> {
        let (tag, fields) = self.bytes.split_first().ok_or(OpeningError::Words)?;
        let node = SumNode {
            hash: leaf_hash(*tag, fields),
            sum: self.stated,
        };
        self.proof.verify(root, node)?;
        Ok(())
    }

    fn is_one<L: Leaf>(&self) -> bool {
        L::decode(&self.bytes).is_ok()
    }

    /// Whether it is no leaf of this kind, or one that adds something else.
    fn is_wrong<L: Summed>(&self) -> bool {
        !L::decode(&self.bytes).is_ok_and(|leaf| leaf.sum() == self.stated)
    }

    fn key<L: SortedLeaf + Leaf>(&self) -> Result<L::Key, LeafError> {
        L::decode(&self.bytes).map(|leaf| leaf.key())
    }
}

/// F7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeFault {
    /// A node states another sum than the two below it have.
    Sum(SumFault),
    /// What stands in a leaf's place is none, or is stated to add another amount.
    Leaf(LeafOpening),
    /// Two leaves side by side are not in the order of their keys.
    Order(LeafOpening, LeafOpening),
    /// A contributor's row is not at the contributor's place.
    Place(LeafOpening),
}

impl TreeFault {
    fn verify(&self, tree: &TreeOpening, root: B256) -> Result<(), NotAFault> {
        match self {
            Self::Sum(fault) => Ok(fault.verify(root)?),
            Self::Leaf(leaf) => {
                leaf.verify(root)?;
                wrong(match tree {
                    TreeOpening::Tiling(_) => leaf.is_wrong::<Tile>(),
                    TreeOpening::Models => leaf.is_wrong::<ModelRow>(),
                    TreeOpening::Train(_) => leaf.is_wrong::<TrainRow>(),
                    TreeOpening::Payouts => leaf.is_wrong::<PayoutRow>(),
                    TreeOpening::Earnings(_) => leaf.is_wrong::<Earning>(),
                })
            }
            Self::Order(left, right) => {
                left.verify(root)?;
                right.verify(root)?;
                same(left.proof.index + 1 == right.proof.index, "the leaf")?;
                fn ascend<L: SortedLeaf + Leaf>(
                    left: &LeafOpening,
                    right: &LeafOpening,
                ) -> Result<bool, NotAFault> {
                    let keys = left.key::<L>().and_then(|key| Ok((key, right.key::<L>()?)));
                    let (left, right) = keys.map_err(|_| NotAFault::Other("the leaf"))?;
                    Ok(left < right)
                }
                let ascend = match tree {
                    TreeOpening::Models => ascend::<ModelRow>(left, right)?,
                    TreeOpening::Train(_) => ascend::<TrainRow>(left, right)?,
                    TreeOpening::Earnings(_) => ascend::<Earning>(left, right)?,
                    TreeOpening::Tiling(_) | TreeOpening::Payouts => {
                        return Err(NotAFault::Other("the order"));
                    }
                };
                wrong(!ascend)
            }
            Self::Place(leaf) => {
                leaf.verify(root)?;
                same(*tree == TreeOpening::Payouts, "the place")?;
                let row = PayoutRow::decode(&leaf.bytes);
                let row = row.map_err(|_| NotAFault::Other("the leaf"))?;
                wrong(row.contributor != leaf.proof.index)
            }
        }
    }
}

/// A tile's earning as the rules have it: the tile, its document, and the document whose contributor is paid where that is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidPart {
    /// The answer.
    pub answer: AnswerOpening,
    /// The tile.
    pub tile: TileOpening,
    /// Its document.
    pub source: SourceOpening,
    /// See [`Part::hop`].
    pub hop: u8,
    /// The parent or the root; `None` where the tile's own document is paid, or nothing is.
    pub paid: Option<DocumentOpening>,
}

impl PaidPart {
    fn key(&self) -> (u64, u32, u8) {
        (self.answer.answer.i, self.tile.proof.index as u32, self.hop)
    }

    /// The part and whose it is; `None` when the tile earns nothing by this hop.
    fn expected(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
    ) -> Result<(Option<Part>, u64), NotAFault> {
        self.answer.verify(chain, roots)?;
        let (answer, row) = (&self.answer.answer, &self.answer.row);
        let before = self.tile.verify(row)?;
        let tile = &self.tile.tile;
        self.source.verify(chain, answer.model_version)?;
        let document = self.source.document();
        same(tile.seq == document.seq, "the document")?;
        let amount = pay::tile_pay(row.data_pool, answer, before, tile.weight());
        let part = pay::parts(document, amount).find(|part| part.hop == self.hop);
        let Some(part) = part else {
            return Ok((None, document.contributor));
        };
        let payee = match &self.paid {
            _ if part.seq == document.seq => document.contributor,
            Some(paid) => {
                paid.verify(chain)?;
                same(paid.document.seq == part.seq, "the paid document")?;
                paid.document.contributor
            }
            None => return Err(OpeningError::Unknown("the paid document").into()),
        };
        Ok((Some(part), payee))
    }
}

/// F8: what is wrong with a contributor's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum EarningFault {
    /// An earning is missing.
    Missing(PaidPart, Absence<Earning>),
    /// It is of another amount; or of nothing, where the tile earns nothing by this hop.
    Amount(PaidPart, EarningOpening),
    /// It is for an answer that the epoch does not have.
    NoAnswer(EarningOpening),
    /// It is for a tile that the answer does not have.
    NoTile(AnswerOpening, EarningOpening),
    /// It is for a tile that earns nothing.
    NoSpan(AnswerOpening, TileOpening, EarningOpening),
    /// They are not what the row says in all.
    Earned(SumTop),
    /// What was earned before and now is not what the row says. `None` for a contributor that was not there before, whose number the
    /// earlier root tells.
    Cumulative(Option<PayoutOpening>, SumTop),
}

impl EarningFault {
    fn verify(
        &self,
        chain: &impl Chain,
        roots: &EpochRoots,
        payout: &PayoutRow,
    ) -> Result<(), NotAFault> {
        match self {
            Self::Missing(part, absence) => {
                let (expected, payee) = part.expected(chain, roots)?;
                same(payee == payout.contributor, "the payout")?;
                wrong(expected.is_some())?;
                absence.verify(payout.earnings_root, &part.key())?;
                Ok(())
            }
            Self::Amount(part, opening) => {
                opening.verify(payout)?;
                let (expected, payee) = part.expected(chain, roots)?;
                same(opening.earning.key() == part.key(), "the earning")?;
                match expected {
                    // Whose it is, is another fault.
                    Some(_) if payee != payout.contributor => Err(NotAFault::Other("the payout")),
                    Some(expected) => wrong(expected.amount != opening.earning.amount),
                    None => Ok(()),
                }
            }
            Self::NoAnswer(opening) => {
                opening.verify(payout)?;
                wrong(!chain.answers().contains(&opening.earning.i))
            }
            Self::NoTile(answer, opening) => {
                answer.verify(chain, roots)?;
                opening.verify(payout)?;
                same(opening.earning.i == answer.answer.i, "the earning")?;
                wrong(opening.earning.tile >= answer.row.tiles)
            }
            Self::NoSpan(answer, tile, opening) => {
                answer.verify(chain, roots)?;
                tile.verify(&answer.row)?;
                opening.verify(payout)?;
                let earning = &opening.earning;
                let its =
                    earning.i == answer.answer.i && u64::from(earning.tile) == tile.proof.index;
                same(its, "the earning")?;
                wrong(tile.tile.weight() == 0)
            }
            Self::Earned(top) => {
                let sum = top.verify(payout.earnings_root);
                let sum = sum.ok_or(NotAFault::Other("the sum"))?;
                wrong(sum != payout.earned)
            }
            Self::Cumulative(before, top) => {
                let root = chain.payouts_before();
                top.verify(root).ok_or(NotAFault::Other("the sum"))?;
                let earned_before = match before {
                    Some(before) => {
                        before.verify(root)?;
                        same(before.row.contributor == payout.contributor, "the payout")?;
                        before.row.cumulative
                    }
                    None => {
                        same(payout.contributor >= top.count, "the payout")?;
                        0
                    }
                };
                wrong(earned_before.checked_add(payout.earned) != Some(payout.cumulative))
            }
        }
    }
}

/// F10.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum RowsFault {
    /// There is not one row for each answer.
    Count {
        /// Rows.
        count: u64,
        /// The top of their tree; `None` without rows.
        top: Option<B256>,
    },
    /// Not one row for each contributor.
    Payouts(SumTop),
    /// What stands in a row's place is none, or another answer's.
    Row(Vec<u8>, HashProof),
    /// A model version's answers do not give what its row says.
    ModelSum(ModelOpening, SumTop),
    /// An answer gives another amount than what its tiles leave.
    Train {
        /// The answer.
        answer: AnswerOpening,
        /// Its tiles' weight.
        tiles: SumTop,
        /// Its model version's row.
        model: ModelOpening,
        /// What it is said to give.
        train: TrainOpening,
    },
    /// An answer's row is missing where it gives something.
    TrainMissing {
        /// The answer.
        answer: AnswerOpening,
        /// Its tiles' weight.
        tiles: SumTop,
        /// Its model version's row.
        model: ModelOpening,
        /// That the answer is not among those of the row.
        absence: Absence<TrainRow>,
    },
    /// Its model version's row is missing.
    ModelMissing {
        /// The answer.
        answer: AnswerOpening,
        /// Its tiles' weight.
        tiles: SumTop,
        /// That the model version has no row.
        absence: Absence<ModelRow>,
    },
    /// A row is of an answer that the epoch does not have.
    NoAnswer(ModelOpening, TrainOpening),
    /// A row is of another model version's answer.
    OtherModel(AnswerOpening, ModelOpening, TrainOpening),
}

/// What an answer gives, by its tiles' weight.
fn train(answer: &AnswerOpening, tiles: &SumTop) -> Result<u128, NotAFault> {
    let sum = tiles.verify(answer.row.tiling_root);
    let sum = sum.ok_or(NotAFault::Other("the sum"))?;
    same(tiles.count == u64::from(answer.row.tiles), "the sum")?;
    let weight = pay::weight_of(sum);
    Ok(pay::train_pay(answer.row.data_pool, &answer.answer, weight))
}

impl RowsFault {
    fn verify(&self, chain: &impl Chain, roots: &EpochRoots) -> Result<(), NotAFault> {
        let range = chain.answers();
        let its = |answer: &AnswerOpening, model: &ModelOpening| {
            answer.verify(chain, roots)?;
            model.verify(roots)?;
            let same_model = answer.answer.model_version == model.row.model_version;
            same(same_model, "the model version")
        };
        match self {
            Self::Count { count, top } => {
                let fits = (*count == 0) == top.is_none();
                same(fits && B256::root(*count, *top) == roots.answers, "the top")?;
                wrong(*count != range.end.saturating_sub(range.start))
            }
            Self::Payouts(top) => {
                top.verify(roots.payouts)
                    .ok_or(NotAFault::Other("the top"))?;
                wrong(top.count != chain.contributors())
            }
            Self::Row(bytes, proof) => {
                let (tag, fields) = bytes.split_first().ok_or(OpeningError::Words)?;
                proof.verify(roots.answers, leaf_hash(*tag, fields))?;
                let place = range.start.checked_add(proof.index);
                let row = AnswerRow::decode(bytes);
                wrong(row.map_or(true, |row| Some(row.i) != place))
            }
            Self::ModelSum(model, top) => {
                model.verify(roots)?;
                let sum = top.verify(model.row.answers_root);
                wrong(sum.ok_or(NotAFault::Other("the sum"))? != model.row.train)
            }
            Self::Train {
                answer,
                tiles,
                model,
                train: opening,
            } => {
                its(answer, model)?;
                opening.verify(&model.row)?;
                same(opening.row.i == answer.answer.i, "the row")?;
                wrong(train(answer, tiles)? != opening.row.train)
            }
            Self::TrainMissing {
                answer,
                tiles,
                model,
                absence,
            } => {
                its(answer, model)?;
                wrong(train(answer, tiles)? > 0)?;
                absence.verify(model.row.answers_root, &answer.answer.i)?;
                Ok(())
            }
            Self::ModelMissing {
                answer,
                tiles,
                absence,
            } => {
                answer.verify(chain, roots)?;
                wrong(train(answer, tiles)? > 0)?;
                absence.verify(roots.models, &answer.answer.model_version)?;
                Ok(())
            }
            Self::NoAnswer(model, opening) => {
                model.verify(roots)?;
                opening.verify(&model.row)?;
                wrong(!range.contains(&opening.row.i))
            }
            Self::OtherModel(answer, model, opening) => {
                answer.verify(chain, roots)?;
                model.verify(roots)?;
                opening.verify(&model.row)?;
                same(opening.row.i == answer.answer.i, "the row")?;
                wrong(answer.answer.model_version != model.row.model_version)
            }
        }
    }
}
