//! Faults that are put together of what is in an epoch, and of which nothing may be wrong.

use super::World;
use openledger_attribution::{
    Epoch, EpochTrees, Fault, HashTree, Leaf, Summed, WordId,
    dispute::Evidence,
    fault::{
        EarningFault, GoesOnFault, ItemPart, KindFault, LeafOpening, MatchFault, PaidPart,
        RowsFault, TilePart, TilingFault, TreeFault, TreeOpening, WordsFault,
    },
    leaf::{Context, GRAM_LEN, Gram},
    opening::{
        AnswerOpening, EarningOpening, ModelOpening, PayoutOpening, SourceOpening, TileOpening,
        TrainOpening,
    },
    tree::{Absence, Neighbour, SortedLeaf, SumTop, Tree},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Picks what is in a right epoch. `None` where there is nothing of the kind.
pub struct Pick<'a> {
    world: &'a World,
    epoch: &'a Epoch,
    trees: &'a EpochTrees,
    rng: StdRng,
}

fn top(tree: &openledger_attribution::SumTree) -> SumTop {
    SumTop {
        count: tree.count(),
        top: tree.top(),
    }
}

impl<'a> Pick<'a> {
    pub fn new(world: &'a World, epoch: &'a Epoch, trees: &'a EpochTrees, seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed);
        Self {
            world,
            epoch,
            trees,
            rng,
        }
    }

    /// Of the kind whose turn it is.
    pub fn fault(&mut self, turn: usize) -> Option<Fault> {
        match turn % 8 {
            0 => self.tiling(),
            1 | 2 => self.place(),
            3 => self.kind(),
            4 => self.earned(),
            5 => self.payee(),
            6 => self.rows(),
            _ => self.tree(),
        }
    }

    fn below(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| self.rng.random_range(0..count))
    }

    fn answer(&mut self) -> (usize, AnswerOpening) {
        let at = self.rng.random_range(0..self.epoch.answers.len());
        let opening = self.world.answer_opening(self.epoch, self.trees, at);
        (at, opening)
    }

    fn tile(&mut self, at: usize) -> Option<TileOpening> {
        let tiles = &self.epoch.answers[at].1;
        let tile = self.below(tiles.len())?;
        Some(TileOpening {
            tile: tiles[tile],
            proof: self.trees.tilings[at].prove(tile as u64)?,
        })
    }

    /// A document of an answer's corpus: half of the time the tile's.
    fn source(&mut self, at: usize, tile: &TileOpening) -> Option<(SourceOpening, Vec<WordId>)> {
        let model = self.world.answers[at].model_version;
        let seqs = self.world.corpus_seqs(model);
        let other = seqs[self.rng.random_range(0..seqs.len())];
        let own = tile.tile.is_match() && self.rng.random();
        let seq = if own { tile.tile.seq } else { other };
        let (source, text) = self.world.source(model, seq)?;
        Some((source, text.words().to_vec()))
    }

    fn payout(&mut self) -> Option<(usize, PayoutOpening)> {
        let at = self.below(self.epoch.payouts.len())?;
        let row = self.epoch.payouts[at].row.clone();
        let proof = self.trees.payouts.prove(at as u64)?;
        Some((at, PayoutOpening { row, proof }))
    }

    fn earning(&mut self, payout: usize) -> Option<EarningOpening> {
        let earnings = &self.epoch.payouts[payout].earnings;
        let at = self.below(earnings.len())?;
        Some(EarningOpening {
            earning: earnings[at],
            proof: self.trees.earnings[payout].prove(at as u64)?,
        })
    }

    /// A part; half of the time that of an earning.
    fn part(&mut self, earning: Option<&EarningOpening>) -> Option<PaidPart> {
        let mut at = self.rng.random_range(0..self.epoch.answers.len());
        let mut tile = self.tile(at);
        let mut hop = self.rng.random_range(0..3);
        if let Some(earning) = earning.filter(|_| self.rng.random()) {
            let earning = &earning.earning;
            at = (earning.i - self.world.first) as usize;
            let tiles = self.epoch.answers[at].1.len();
            if let Some(item) = (earning.tile as usize).checked_sub(tiles) {
                return Some(self.item(at, item as u8));
            }
            tile = Some(TileOpening {
                tile: self.epoch.answers[at].1[earning.tile as usize],
                proof: self.trees.tilings[at].prove(earning.tile.into())?,
            });
            hop = earning.hop;
        }
        if self.rng.random_bool(0.2) {
            let item = self.rng.random_range(0..5);
            return Some(self.item(at, item));
        }
        let tile = tile?;
        let model = self.world.answers[at].model_version;
        let (source, _) = self.world.source(model, tile.tile.seq)?;
        let answer = self.world.answer_opening(self.epoch, self.trees, at);
        let context = self.context(at);
        Some(PaidPart::Tile(TilePart {
            answer,
            context,
            tile,
            source,
            hop,
        }))
    }

    fn item(&mut self, at: usize, item: u8) -> PaidPart {
        PaidPart::Item(ItemPart {
            answer: self.world.answer_opening(self.epoch, self.trees, at),
            context: self.context(at),
            item,
        })
    }

    /// What an answer was given, as proofs of pay show it; now and then another's.
    fn context(&mut self, at: usize) -> Context {
        let at = match self.rng.random_bool(0.9) {
            true => at,
            false => self.rng.random_range(0..self.world.contexts.len()),
        };
        match self.world.is_open(at) {
            true => self.world.contexts[at].clone(),
            false => Context::default(),
        }
    }

    /// Two tiles of an answer, most often one behind the other.
    fn two(&mut self, at: usize) -> Option<(TileOpening, TileOpening)> {
        let left = self.tile(at)?;
        let index = left.proof.index + 1;
        let next = self.epoch.answers[at].1.get(index as usize);
        let right = match next.filter(|_| self.rng.random_bool(0.8)) {
            Some(tile) => TileOpening {
                tile: *tile,
                proof: self.trees.tilings[at].prove(index)?,
            },
            None => self.tile(at)?,
        };
        Some((left, right))
    }

    /// The tiles that follow on one, up to a word.
    fn next(&mut self, at: usize, tile: &TileOpening, end: u32) -> Vec<TileOpening> {
        let tiles = self.epoch.answers[at].1.iter().zip(0..);
        let behind = tiles.skip(tile.proof.index as usize + 1);
        let reached = behind.take_while(|(tile, _)| tile.start < end);
        reached
            .filter_map(|(tile, index)| {
                Some(TileOpening {
                    tile: *tile,
                    proof: self.trees.tilings[at].prove(index)?,
                })
            })
            .collect()
    }

    fn model(&mut self) -> Option<(usize, ModelOpening)> {
        let at = self.below(self.epoch.models.len())?;
        let row = self.epoch.models[at].row.clone();
        let proof = self.trees.models.prove(at as u64)?;
        Some((at, ModelOpening { row, proof }))
    }

    fn train(&mut self, model: usize) -> Option<TrainOpening> {
        let rows = &self.epoch.models[model].answers;
        let at = self.below(rows.len())?;
        Some(TrainOpening {
            row: rows[at].clone(),
            proof: self.trees.train[model].prove(at as u64)?,
        })
    }

    /// Two neighbours, or one, or none.
    fn absence<L: SortedLeaf + Clone>(&mut self, leaves: &[L], tree: &Tree<L::Node>) -> Absence<L> {
        let place = self.rng.random_range(0..=leaves.len());
        let mut neighbour = |place: Option<usize>| {
            let leaf = leaves.get(place?)?.clone();
            let proof = tree.prove(place? as u64)?;
            let there = self.rng.random_bool(0.8);
            there.then_some(Neighbour { leaf, proof })
        };
        Absence {
            left: neighbour(place.checked_sub(1)),
            right: neighbour(Some(place)),
        }
    }

    fn tiling(&mut self) -> Option<Fault> {
        let (at, answer) = self.answer();
        let fault = match self.rng.random_range(0..6) {
            0 => TilingFault::First(self.tile(at)?),
            1 | 2 => {
                let (left, right) = self.two(at)?;
                TilingFault::Apart(left, right)
            }
            3 => TilingFault::Last(self.tile(at)?),
            4 => TilingFault::Count,
            _ => TilingFault::Tiles(top(&self.trees.tilings[at])),
        };
        Some(Fault::Tiling(answer, fault))
    }

    fn place(&mut self) -> Option<Fault> {
        let (at, answer) = self.answer();
        let tile = self.tile(at)?;
        let (source, words) = self.source(at, &tile)?;
        let output = self.world.outputs[at].open_whole();
        let text = &self.world.texts[&source.document().seq];
        let text = text.open_whole();
        let len = tile.tile.len;
        if self.rng.random_bool(0.1) {
            return Some(Fault::Words(answer, WordsFault::Beyond(tile, source)));
        }
        if self.rng.random_bool(0.3) {
            let at = self.rng.random_range(0..=len);
            let fault = WordsFault::Differ {
                tile,
                source,
                at,
                output,
                text,
            };
            return Some(Fault::Words(answer, fault));
        }
        if self.rng.random_bool(0.2) {
            let (left, right) = self.two(at)?;
            let (source, _) = self.source(at, &left)?;
            let text = self.world.texts[&source.document().seq].open_whole();
            let fault = GoesOnFault {
                left,
                right,
                source,
                output,
                text,
            };
            return Some(Fault::GoesOn(answer, fault));
        }
        // Where the tile's first words are in the document, or anywhere.
        let start = tile.tile.start + self.rng.random_range(0..u32::from(len));
        let start = if self.rng.random() {
            tile.tile.start
        } else {
            start
        };
        let said = self.world.outputs[at].words().get(start as usize..)?;
        let places: Vec<usize> = (0..words.len())
            .filter(|place| words[*place..].first() == said.first())
            .collect();
        let offset = match self.below(places.len()) {
            Some(place) => places[place],
            None => self.rng.random_range(0..words.len()),
        };
        let equal = said.iter().zip(&words[offset..]);
        let equal = equal
            .take_while(|(one, other)| one == other)
            .count()
            .min(64) as u8;
        let lens = [equal, len, 8, self.rng.random_range(0..70)];
        let len = lens[self.rng.random_range(0..4)];
        let fault = MatchFault {
            next: match self.rng.random_bool(0.9) {
                true => self.next(at, &tile, start + u32::from(len)),
                false => Vec::new(),
            },
            tile,
            start,
            len,
            source,
            offset: offset as u16,
            output,
            text,
        };
        Some(Fault::Match(answer, fault))
    }

    fn kind(&mut self) -> Option<Fault> {
        let (at, answer) = self.answer();
        let tile = self.tile(at)?;
        let output = self.world.outputs[at].open_whole();
        let prompt = &self.world.prompts[at];
        let list: Vec<Gram> = (self.world.phrases.list().phrases().iter())
            .map(|ids| Gram { ids: *ids })
            .collect();
        let tree = HashTree::new(list.iter().map(Leaf::hash).collect());
        let context = self.world.contexts[at].clone();
        let fault = match self.rng.random_range(0..6) {
            0 => {
                let start = tile.tile.start as usize;
                let said = &self.world.outputs[at].words()[start..];
                let grams = said[..tile.tile.len.into()].windows(GRAM_LEN);
                let phrases = grams.filter_map(|gram| {
                    let place = list.iter().position(|listed| listed.ids[..] == *gram);
                    tree.prove(place.unwrap_or(0) as u64)
                });
                KindFault::Boilerplate {
                    phrases: phrases.collect(),
                    tile,
                    output,
                }
            }
            1 => KindFault::NotBoilerplate {
                at: self.rng.random_range(0..60),
                absence: self.absence(&list, &tree),
                tile,
                output,
            },
            2 => {
                let start = tile.tile.start + self.rng.random_range(0..u32::from(tile.tile.len));
                let start = [start, tile.tile.start][self.rng.random_range(0..2)];
                let said = &self.world.outputs[at].words()[start as usize..];
                let places: Vec<usize> = (0..prompt.words().len())
                    .filter(|place| prompt.words()[*place..].first() == said.first())
                    .collect();
                let place = self.below(places.len())?;
                let equal = said.iter().zip(&prompt.words()[places[place]..]).take(64);
                let equal = equal.take_while(|(one, other)| one == other).count() as u8;
                let lens = [equal, tile.tile.len, 8, self.rng.random_range(0..70)];
                KindFault::Echo {
                    tile,
                    start,
                    len: lens[self.rng.random_range(0..4)],
                    output,
                    context,
                    at: places[place] as u32,
                    prompt: prompt.open_whole(),
                }
            }
            3 => KindFault::NotEcho {
                at: self.rng.random_range(0..=tile.tile.len),
                tile,
                output,
                context,
                prompt: prompt.open_whole(),
            },
            4 => KindFault::EchoEnd {
                tile,
                context,
                prompt: prompt.open_end(),
            },
            _ => {
                let (left, right) = self.two(at)?;
                KindFault::EchoGoesOn {
                    left,
                    right,
                    output,
                    context,
                    prompt: prompt.open_whole(),
                }
            }
        };
        Some(Fault::Kind(answer, fault))
    }

    fn earned(&mut self) -> Option<Fault> {
        let (at, payout) = self.payout()?;
        let earning = self.earning(at);
        let fault = match self.rng.random_range(0..8) {
            0 | 1 => {
                let earnings = &self.epoch.payouts[at].earnings;
                let absence = self.absence(earnings, &self.trees.earnings[at]);
                EarningFault::Missing(self.part(earning.as_ref())?, absence)
            }
            2 => EarningFault::Amount(self.part(earning.as_ref())?, earning?),
            3 => EarningFault::NoAnswer(earning?),
            4 => {
                let (at, answer) = self.answer();
                EarningFault::NoTile(answer, self.context(at), earning?)
            }
            5 => {
                let (answer_at, answer) = self.answer();
                EarningFault::NoSpan(answer, self.tile(answer_at)?, earning?)
            }
            6 => EarningFault::Earned(top(&self.trees.earnings[at])),
            _ => {
                let before = &self.world.epoch_before;
                let tree = before.trees().expect("small amounts").payouts;
                let opening = self.below(before.payouts.len()).and_then(|place| {
                    let row = before.payouts[place].row.clone();
                    let proof = tree.prove(place as u64)?;
                    self.rng
                        .random_bool(0.7)
                        .then_some(PayoutOpening { row, proof })
                });
                EarningFault::Cumulative(opening, top(&tree))
            }
        };
        Some(Fault::Earning(payout, fault))
    }

    fn payee(&mut self) -> Option<Fault> {
        let (at, payout) = self.payout()?;
        let earning = self.earning(at)?;
        let part = self.part(Some(&earning))?;
        Some(Fault::Payee(payout, part, earning))
    }

    fn rows(&mut self) -> Option<Fault> {
        let (at, answer) = self.answer();
        let tiles = top(&self.trees.tilings[at]);
        let context = self.context(at);
        let fault = match self.rng.random_range(0..9) {
            0 => RowsFault::Count {
                count: self.trees.answers.count(),
                top: self.trees.answers.top(),
            },
            1 => RowsFault::Payouts(top(&self.trees.payouts)),
            2 => RowsFault::Row(answer.row.encode(), answer.proof),
            3 => {
                let (model_at, model) = self.model()?;
                RowsFault::ModelSum(model, top(&self.trees.train[model_at]))
            }
            4 => {
                let (model_at, model) = self.model()?;
                let train = self.train(model_at)?;
                RowsFault::Train {
                    answer,
                    context,
                    tiles,
                    model,
                    train,
                }
            }
            5 => {
                let (model_at, model) = self.model()?;
                let rows = &self.epoch.models[model_at].answers;
                let absence = self.absence(rows, &self.trees.train[model_at]);
                RowsFault::TrainMissing {
                    answer,
                    context,
                    tiles,
                    model,
                    absence,
                }
            }
            6 => {
                let rows: Vec<_> = (self.epoch.models.iter())
                    .map(|part| part.row.clone())
                    .collect();
                let absence = self.absence(&rows, &self.trees.models);
                RowsFault::ModelMissing {
                    answer,
                    context,
                    tiles,
                    absence,
                }
            }
            7 => {
                let (model_at, model) = self.model()?;
                RowsFault::NoAnswer(model, self.train(model_at)?)
            }
            _ => {
                let (model_at, model) = self.model()?;
                RowsFault::OtherModel(answer, model, self.train(model_at)?)
            }
        };
        Some(Fault::Rows(fault))
    }

    fn tree(&mut self) -> Option<Fault> {
        fn leaf<L: Summed>(
            leaves: &[L],
            tree: &Tree<openledger_attribution::SumNode>,
            at: usize,
        ) -> Option<LeafOpening> {
            Some(LeafOpening {
                bytes: leaves.get(at)?.encode(),
                stated: leaves.get(at)?.sum(),
                proof: tree.prove(at as u64)?,
            })
        }
        let (at, answer) = self.answer();
        let (payout_at, payout) = self.payout()?;
        let place = self.rng.random_range(0..4);
        let (opening, one, two) = match self.rng.random_range(0..5) {
            0 => {
                let (leaves, tree) = (&self.epoch.answers[at].1, &self.trees.tilings[at]);
                let opening = TreeOpening::Tiling(answer);
                (
                    opening,
                    leaf(leaves, tree, place),
                    leaf(leaves, tree, place + 1),
                )
            }
            1 => {
                let rows = self.epoch.models.iter().map(|part| part.row.clone());
                let (leaves, tree) = (rows.collect::<Vec<_>>(), &self.trees.models);
                (
                    TreeOpening::Models,
                    leaf(&leaves, tree, place),
                    leaf(&leaves, tree, place + 1),
                )
            }
            2 => {
                let (model_at, model) = self.model()?;
                let leaves = &self.epoch.models[model_at].answers;
                let tree = &self.trees.train[model_at];
                let opening = TreeOpening::Train(model);
                (
                    opening,
                    leaf(leaves, tree, place),
                    leaf(leaves, tree, place + 1),
                )
            }
            3 => {
                let rows = self.epoch.payouts.iter().map(|part| part.row.clone());
                let (leaves, tree) = (rows.collect::<Vec<_>>(), &self.trees.payouts);
                (
                    TreeOpening::Payouts,
                    leaf(&leaves, tree, place),
                    leaf(&leaves, tree, place + 1),
                )
            }
            _ => {
                let leaves = &self.epoch.payouts[payout_at].earnings;
                let tree = &self.trees.earnings[payout_at];
                let opening = TreeOpening::Earnings(payout);
                (
                    opening,
                    leaf(leaves, tree, place),
                    leaf(leaves, tree, place + 1),
                )
            }
        };
        let fault = match self.rng.random_range(0..4) {
            0 => TreeFault::Leaf(one?),
            1 => TreeFault::Order(one?, two?),
            2 => TreeFault::Order(two?, one?),
            _ => TreeFault::Place(one?),
        };
        Some(Fault::Tree(opening, fault))
    }
}
