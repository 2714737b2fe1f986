//! An epoch as bytes: what a poster may hash, leaf by leaf, and what it can show of it.

use super::World;
use openledger_attribution::{
    Demand, Epoch, EpochRoots, HashTree, Leaf, Response, SumNode, SumTree, Summed, WordId,
    demand::{CorpusOpening, PhraseOpening, PlaceOpening, RowOpening},
    dispute::Evidence,
    fault::LeafOpening,
    leaf::{AnswerRow, CHUNK_LEN, GRAM_LEN, Gram, ModelRow, PayoutRow, Tile, TileKind},
    tree::{SumTop, leaf_hash},
};
use rand::{Rng, rngs::StdRng};

/// What stands as a leaf of a sum tree, and the sum that is stated for it.
pub type Stated = (Vec<u8>, u128);

/// See the module.
#[derive(Clone)]
pub struct Published {
    first: u64,
    pub rows: Vec<Vec<u8>>,
    pub tiles: Vec<Vec<Stated>>,
    pub models: Vec<Stated>,
    pub gifts: Vec<Vec<Stated>>,
    pub payouts: Vec<Stated>,
    pub earnings: Vec<Vec<Stated>>,
}

fn stated<'a, L: Summed + 'a>(leaves: impl IntoIterator<Item = &'a L>) -> Vec<Stated> {
    let leaves = leaves.into_iter();
    leaves.map(|leaf| (leaf.encode(), leaf.sum())).collect()
}

fn hash(bytes: &[u8]) -> alloy_primitives::B256 {
    match bytes.split_first() {
        Some((tag, fields)) => leaf_hash(*tag, fields),
        // Nobody can show it, but somebody may hash it.
        None => alloy_primitives::keccak256([0]),
    }
}

fn tree(leaves: &[Stated]) -> SumTree {
    let node = |(bytes, sum): &Stated| SumNode {
        hash: hash(bytes),
        sum: *sum,
    };
    SumTree::new(leaves.iter().map(node).collect()).expect("small amounts")
}

fn opening(leaves: &[Stated], index: u64) -> LeafOpening {
    let (bytes, stated) = leaves[index as usize].clone();
    LeafOpening {
        bytes,
        stated,
        proof: tree(leaves).prove(index).expect("there"),
    }
}

fn place(leaves: &[Stated], index: u64) -> PlaceOpening {
    let tree = tree(leaves);
    let (count, top) = (tree.count(), tree.top());
    match index < count {
        true => PlaceOpening {
            leaf: Some(opening(leaves, index)),
            top: None,
        },
        false => PlaceOpening {
            leaf: None,
            top: Some(SumTop { count, top }),
        },
    }
}

impl Published {
    pub fn of(world: &World, epoch: &Epoch) -> Self {
        Self {
            first: world.first,
            rows: epoch.answers.iter().map(|(row, _)| row.encode()).collect(),
            tiles: epoch
                .answers
                .iter()
                .map(|(_, tiles)| stated(tiles))
                .collect(),
            models: stated(epoch.models.iter().map(|part| &part.row)),
            gifts: epoch
                .models
                .iter()
                .map(|part| stated(&part.answers))
                .collect(),
            payouts: stated(epoch.payouts.iter().map(|part| &part.row)),
            earnings: epoch
                .payouts
                .iter()
                .map(|part| stated(&part.earnings))
                .collect(),
        }
    }

    pub fn roots(&self) -> EpochRoots {
        EpochRoots {
            answers: self.answers().root(),
            models: tree(&self.models).root(),
            payouts: tree(&self.payouts).root(),
        }
    }

    fn answers(&self) -> HashTree {
        HashTree::new(self.rows.iter().map(|row| hash(row)).collect())
    }

    /// Puts something where a leaf is that can be demanded, and its tree's root into the row above.
    pub fn put(&mut self, demand: Demand, (bytes, sum): Stated) {
        let at = |i: u64| (i - self.first) as usize;
        match demand {
            Demand::Answer { i } => self.rows[at(i)] = bytes,
            Demand::Tile { i, tile } => {
                let at = at(i);
                self.tiles[at][tile as usize] = (bytes, sum);
                let root = tree(&self.tiles[at]).root();
                self.rows[at][9..41].copy_from_slice(root.as_slice());
            }
            Demand::Model { place } => self.models[place as usize] = (bytes, sum),
            Demand::Gift { model, place } => {
                let model = model as usize;
                self.gifts[model][place as usize] = (bytes, sum);
                let root = tree(&self.gifts[model]).root();
                self.models[model].0[25..].copy_from_slice(root.as_slice());
            }
            Demand::Payout { contributor } => self.payouts[contributor as usize] = (bytes, sum),
            Demand::Earning { contributor, place } => {
                let whose = contributor as usize;
                self.earnings[whose][place as usize] = (bytes, sum);
                let root = tree(&self.earnings[whose]).root();
                self.payouts[whose].0[41..].copy_from_slice(root.as_slice());
            }
            other => panic!("{other:?} is no place"),
        }
    }

    /// What stands there.
    pub fn leaf(&self, demand: Demand) -> Stated {
        match demand {
            Demand::Answer { i } => (self.rows[(i - self.first) as usize].clone(), 0),
            Demand::Tile { i, tile } => {
                self.tiles[(i - self.first) as usize][tile as usize].clone()
            }
            Demand::Model { place } => self.models[place as usize].clone(),
            Demand::Gift { model, place } => self.gifts[model as usize][place as usize].clone(),
            Demand::Payout { contributor } => self.payouts[contributor as usize].clone(),
            Demand::Earning { contributor, place } => {
                self.earnings[contributor as usize][place as usize].clone()
            }
            other => panic!("{other:?} is no place"),
        }
    }

    /// Whether a leaf is at a place.
    pub fn is_leaf(&self, demand: &Demand) -> bool {
        let has = |leaves: Option<&Vec<Stated>>, place: u64| {
            leaves.is_some_and(|leaves| place < leaves.len() as u64)
        };
        match *demand {
            Demand::Answer { .. } | Demand::Payout { .. } => true,
            Demand::Tile { i, tile } => has(self.tiles.get((i - self.first) as usize), tile.into()),
            Demand::Model { place } => has(Some(&self.models), place),
            Demand::Gift { model, place } => has(self.gifts.get(model as usize), place),
            Demand::Earning { contributor, place } => {
                has(self.earnings.get(contributor as usize), place)
            }
            _ => false,
        }
    }

    /// What there is to be shown, of everything that can be demanded. `None` where a document or a phrase is not there.
    pub fn respond(&self, world: &World, demand: &Demand) -> Option<Response> {
        Some(match *demand {
            Demand::Answer { i } => Response::Answer(self.row(i)),
            Demand::Tile { i, tile } => Response::Tile(self.row(i), self.tile(i, tile).0),
            Demand::Source { i, tile } => {
                let (place, tile) = self.tile(i, tile);
                let source = match tile.filter(Tile::is_match) {
                    Some(tile) => Some(corpus(world, i, &tile)?),
                    None => None,
                };
                Response::Source(self.row(i), place, source)
            }
            Demand::Chunk { i, tile, chunk } => {
                let (place, tile) = self.tile(i, tile);
                let Some(tile) = tile.filter(Tile::is_match) else {
                    return Some(Response::Chunk(self.row(i), place, None, None));
                };
                let source = corpus(world, i, &tile)?;
                let chunk = usize::from(chunk);
                let words = world.document_words(tile.seq).len();
                let mut its =
                    usize::from(tile.offset)..usize::from(tile.offset + u16::from(tile.len));
                let has = its.any(|word| word < words && word / CHUNK_LEN == chunk);
                let chunks = world.texts[&tile.seq].open_whole().chunks;
                let opening = has.then(|| chunks[chunk].clone());
                Response::Chunk(self.row(i), place, Some(source), opening)
            }
            Demand::Phrase { i, tile, at } => {
                let (place, tile) = self.tile(i, tile);
                let has = |tile: &Tile| tile.kind == TileKind::Boiler && at + 8 <= tile.len;
                let phrase = match tile.filter(has) {
                    Some(tile) => Some(phrase(world, i, tile.start + u32::from(at))?),
                    None => None,
                };
                Response::Phrase(self.row(i), place, phrase)
            }
            Demand::Model { place: at } => Response::Model(place(&self.models, at)),
            Demand::Gift { model, place: at } => {
                let row = self.models.get(model as usize);
                let is_row = row.is_some_and(|(bytes, _)| ModelRow::decode(bytes).is_ok());
                let gift = is_row.then(|| place(&self.gifts[model as usize], at));
                Response::Gift(place(&self.models, model), gift.unwrap_or_default())
            }
            Demand::Payout { contributor } => Response::Payout(opening(&self.payouts, contributor)),
            Demand::Earning {
                contributor,
                place: at,
            } => {
                let whose = contributor as usize;
                let is_row = PayoutRow::decode(&self.payouts[whose].0).is_ok();
                let earning = is_row.then(|| place(&self.earnings[whose], at));
                let payout = opening(&self.payouts, contributor);
                Response::Earning(payout, earning.unwrap_or_default())
            }
        })
    }

    fn row(&self, i: u64) -> RowOpening {
        let index = i - self.first;
        RowOpening {
            bytes: self.rows[index as usize].clone(),
            proof: self.answers().prove(index).expect("there"),
        }
    }

    /// What stands there, and the tile if it is one.
    fn tile(&self, i: u64, tile: u32) -> (PlaceOpening, Option<Tile>) {
        let at = (i - self.first) as usize;
        if AnswerRow::decode(&self.rows[at]).is_err() {
            return Default::default();
        }
        let bytes = self.tiles[at].get(tile as usize);
        let decoded = bytes.and_then(|(bytes, _)| Tile::decode(bytes).ok());
        (place(&self.tiles[at], tile.into()), decoded)
    }
}

pub fn corpus(world: &World, i: u64, tile: &Tile) -> Option<CorpusOpening> {
    let answer = Evidence::answer(world, i)?.clone();
    let (source, _) = world.source(answer.model_version, tile.seq)?;
    Some(CorpusOpening { answer, source })
}

/// The phrase at a word of the output.
pub fn phrase(world: &World, i: u64, start: u32) -> Option<PhraseOpening> {
    let at = (i - world.first) as usize;
    let words = world.outputs[at].words().get(start as usize..)?;
    let ids: [WordId; GRAM_LEN] = words.get(..GRAM_LEN)?.try_into().ok()?;
    let phrases = world.phrases.list().phrases();
    let place = phrases.iter().position(|listed| *listed == ids)?;
    let list = phrases.iter().map(|ids| Gram { ids: *ids }.hash());
    Some(PhraseOpening {
        answer: world.answers[at].clone(),
        output: world.outputs[at].open(start..start + GRAM_LEN as u32),
        phrase: HashTree::new(list.collect()).prove(place as u64)?,
    })
}

/// Everything that can be demanded and may be answered in a way of its own; of what is beyond the last leaf the first and some other.
pub fn demands(world: &World, of: &Published) -> Vec<Demand> {
    let mut all = Vec::new();
    for (i, tiles) in (world.first..).zip(&of.tiles) {
        all.push(Demand::Answer { i });
        let places = (0..=tiles.len() as u32).chain([u32::MAX]);
        for tile in places {
            all.push(Demand::Tile { i, tile });
            all.push(Demand::Source { i, tile });
            all.extend((0..16).map(|chunk| Demand::Chunk { i, tile, chunk }));
            all.extend((0..=56).map(|at| Demand::Phrase { i, tile, at }));
        }
    }
    let places = |count: usize| (0..=count as u64).chain([u64::MAX]);
    for model in places(of.models.len()) {
        all.push(Demand::Model { place: model });
        let gifts = of.gifts.get(model as usize).map_or(0, Vec::len);
        all.extend(places(gifts).map(|place| Demand::Gift { model, place }));
    }
    for (contributor, earnings) in (0..).zip(&of.earnings) {
        all.push(Demand::Payout { contributor });
        let places = places(earnings.len());
        all.extend(places.map(|place| Demand::Earning { contributor, place }));
    }
    all
}

/// A leaf that is none, or of another sum, or somewhere else.
pub fn broken(demand: Demand, (mut bytes, sum): Stated, rng: &mut StdRng) -> Stated {
    match rng.random_range(0..6) {
        0 => return (b"?".to_vec(), sum),
        1 => return (vec![0; 550], sum),
        2 => bytes[0] ^= 1,
        3 => bytes.push(0),
        4 if !matches!(demand, Demand::Answer { .. }) => return (bytes, sum + 1),
        _ => {
            // Out of range, or of another place.
            let place = match demand {
                Demand::Tile { .. } => 5,
                Demand::Earning { .. } => 13,
                Demand::Model { .. } | Demand::Gift { .. } => 0,
                _ => 8,
            };
            bytes[place] ^= 0x80;
        }
    }
    (bytes, sum)
}
