//! Ways in which an epoch may be wrong.

use super::World;
use alloy_primitives::B256;
use openledger_attribution::{
    Epoch,
    epoch::{ModelPart, PayoutPart, tree},
    leaf::{Earning, ModelRow, Tile, TileKind, TrainRow},
    tree::SortedLeaf,
};

/// Roots and counts as the rows now are; amounts stay as somebody made them.
pub fn reseal(epoch: &mut Epoch) {
    for (row, tiles) in &mut epoch.answers {
        row.tiling_root = tree(tiles).expect("few words").root();
        row.tiles = tiles.len() as u32;
    }
    for part in &mut epoch.models {
        part.row.answers_root = tree(&part.answers).expect("small amounts").root();
    }
    for part in &mut epoch.payouts {
        part.row.earnings_root = tree(&part.earnings).expect("small amounts").root();
    }
}

/// Changes an epoch in one way, if it has what is to be changed. The numbers that the fault may have then.
pub type Lie = fn(&mut Epoch, &World, &mut dyn FnMut(usize) -> usize) -> Option<&'static [u8]>;

/// One of the tiles of some kinds: the answer's place and the tile's.
pub fn a_tile(
    epoch: &Epoch,
    pick: &mut dyn FnMut(usize) -> usize,
    is: impl Fn(&Tile) -> bool,
) -> Option<(usize, usize)> {
    let all: Vec<_> = epoch
        .answers
        .iter()
        .enumerate()
        .flat_map(|(at, (_, tiles))| {
            let places = tiles.iter().enumerate().filter(|(_, tile)| is(tile));
            places
                .map(move |(place, _)| (at, place))
                .collect::<Vec<_>>()
        })
        .collect();
    (!all.is_empty()).then(|| all[pick(all.len())])
}

pub fn an_earner(epoch: &Epoch, pick: &mut dyn FnMut(usize) -> usize) -> Option<usize> {
    let earners: Vec<_> = (0..epoch.payouts.len())
        .filter(|place| !epoch.payouts[*place].earnings.is_empty())
        .collect();
    (!earners.is_empty()).then(|| earners[pick(earners.len())])
}

/// What somebody who keeps the books consistent does after a change of earnings.
pub fn book(part: &mut PayoutPart, before: &[u128]) {
    let old = before
        .get(part.row.contributor as usize)
        .copied()
        .unwrap_or(0);
    part.row.earned = part.earnings.iter().map(|earning| earning.amount).sum();
    part.row.cumulative = old + part.row.earned;
}

/// The row of a model version that is given nothing.
fn nothing(model_version: u64) -> ModelPart {
    let row = ModelRow {
        model_version,
        train: 0,
        answers_root: B256::ZERO,
    };
    ModelPart {
        row,
        answers: vec![],
    }
}

pub const LIES: &[(&str, Lie)] = &[
    ("the last tile is dropped", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1.pop();
        Some(&[1])
    }),
    ("a tile begins later", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1[place].start += 1;
        Some(&[1])
    }),
    ("a tile is too long for one", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1[place].len = 65;
        Some(&[1])
    }),
    ("there are no tiles", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        epoch.answers[at].1.clear();
        Some(&[1])
    }),
    ("a tile more is said to be there", |epoch, _, pick| {
        let (at, _) = a_tile(epoch, pick, |_| true)?;
        reseal(epoch);
        epoch.answers[at].0.tiles += 1;
        Some(&[1, 0])
    }),
    (
        "a match is somewhere else in its document",
        |epoch, world, pick| {
            let (at, place) = a_tile(epoch, pick, Tile::is_match)?;
            let tile = &mut epoch.answers[at].1[place];
            let words = world.document_words(tile.seq).len() as u16;
            tile.offset = (tile.offset + 1) % (words - u16::from(tile.len) + 1);
            // What is short goes on nowhere else.
            Some(&[1, 2, 4, 0])
        },
    ),
    ("a match is in another document", |epoch, world, pick| {
        let (at, place) = a_tile(epoch, pick, Tile::is_match)?;
        let model = world.answers[at].model_version;
        let tile = &mut epoch.answers[at].1[place];
        let seqs = world.corpus_seqs(model);
        tile.seq = seqs[pick(seqs.len())];
        tile.offset = 0;
        Some(&[1, 2, 4, 0])
    }),
    ("a match is called a gap", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.kind, tile.seq, tile.offset) = (TileKind::Gap, 0, 0);
        Some(&[1, 3, 5])
    }),
    ("a match is cut short", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.is_match() && tile.len >= 16)?;
        let tiles = &mut epoch.answers[at].1;
        let mut rest = tiles[place];
        tiles[place].len -= 8;
        rest.start += u32::from(tiles[place].len);
        rest.offset += u16::from(tiles[place].len);
        rest.len = 8;
        tiles.insert(place + 1, rest);
        // What follows may be short, and has no full tile before it now.
        Some(&[1, 3])
    }),
    ("a later copy is paid", |epoch, world, pick| {
        let (at, place) = a_tile(epoch, pick, Tile::is_match)?;
        let tile = epoch.answers[at].1[place];
        let (seq, offset) = world.later_copy(world.answers[at].model_version, &tile)?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.seq, tile.offset) = (seq, offset);
        Some(&[1, 4])
    }),
    ("an echo is elsewhere in the prompt", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind == TileKind::Echo)?;
        let tile = &mut epoch.answers[at].1[place];
        tile.seq = match pick(3) {
            0 => tile.seq + 1,
            1 => tile.seq + 300,
            _ => tile.seq.checked_sub(1)?,
        };
        Some(&[1, 5])
    }),
    ("an echo is cut short", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| {
            tile.kind == TileKind::Echo && tile.len >= 16
        })?;
        let tiles = &mut epoch.answers[at].1;
        let mut rest = tiles[place];
        tiles[place].len -= 8;
        rest.start += u32::from(tiles[place].len);
        rest.seq += u64::from(tiles[place].len);
        rest.len = 8;
        tiles.insert(place + 1, rest);
        Some(&[1, 5])
    }),
    ("what goes on is a gap", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, Tile::is_short)?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.kind, tile.seq, tile.offset) = (TileKind::Gap, 0, 0);
        // A gap may be behind it.
        Some(&[1, 3, 5])
    }),
    (
        "a match goes on beyond its document",
        |epoch, world, pick| {
            let (at, place) = a_tile(epoch, pick, Tile::is_match)?;
            let tile = &mut epoch.answers[at].1[place];
            let last = 512 - u16::from(tile.len);
            if world.document_words(tile.seq).len() as u16 > last {
                return None;
            }
            tile.offset = last;
            Some(&[1, 2])
        },
    ),
    ("what goes on in the prompt is a gap", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| {
            tile.kind == TileKind::Echo && tile.is_short()
        })?;
        let tile = &mut epoch.answers[at].1[place];
        (tile.kind, tile.seq) = (TileKind::Gap, 0);
        Some(&[1, 5])
    }),
    ("what goes on ends before it does", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.is_short() && tile.len > 1)?;
        let tiles = &mut epoch.answers[at].1;
        tiles[place].len -= 1;
        let start = tiles[place].start + u32::from(tiles[place].len);
        let gap = Tile {
            start,
            len: 1,
            kind: TileKind::Gap,
            seq: 0,
            offset: 0,
        };
        tiles.insert(place + 1, gap);
        Some(&[1, 3, 5])
    }),
    ("a tile is called another kind", |epoch, world, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind != TileKind::Gap)?;
        let tile = &mut epoch.answers[at].1[place];
        let was = *tile;
        let others = [TileKind::Span, TileKind::Echo, TileKind::Boiler];
        let others: Vec<_> = others
            .into_iter()
            .filter(|kind| *kind != tile.kind)
            .collect();
        tile.kind = others[pick(2)];
        match (was.kind, tile.kind) {
            (TileKind::Echo, _) => tile.seq = world.corpus_seqs(world.answers[at].model_version)[0],
            (_, TileKind::Echo) => (tile.seq, tile.offset) = (0, 0),
            _ => {}
        }
        Some(&[1, 2, 5])
    }),
    ("boilerplate is called a span", |epoch, _, pick| {
        let (at, place) = a_tile(epoch, pick, |tile| tile.kind == TileKind::Boiler)?;
        epoch.answers[at].1[place].kind = TileKind::Span;
        // A short one is then of another kind than the one before.
        Some(&[1, 5])
    }),
    ("a pool is larger", |epoch, _, pick| {
        let at = pick(epoch.answers.len());
        epoch.answers[at].0.data_pool += 1;
        Some(&[6])
    }),
    ("earnings are out of order", |epoch, _, pick| {
        let earner = an_earner(epoch, pick)?;
        let earnings = &mut epoch.payouts[earner].earnings;
        let last = earnings.len() - 1;
        if last == 0 {
            return None;
        }
        earnings.swap(0, last);
        Some(&[7])
    }),
    ("an earning is there twice", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        part.earnings.insert(0, part.earnings[0]);
        book(part, &world.before);
        Some(&[7])
    }),
    ("a contributor is in another's place", |epoch, _, pick| {
        let last = epoch.payouts.len() - 1;
        let at = pick(last);
        epoch.payouts.swap(at, last);
        Some(&[7])
    }),
    ("model versions are out of order", |epoch, _, _| {
        if epoch.models.len() < 2 {
            return None;
        }
        epoch.models.reverse();
        Some(&[7])
    }),
    ("an earning is left out", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        let at = pick(part.earnings.len());
        part.earnings.remove(at);
        book(part, &world.before);
        Some(&[8])
    }),
    ("an earning is larger", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        let at = pick(part.earnings.len());
        part.earnings[at].amount += 1;
        book(part, &world.before);
        Some(&[8])
    }),
    ("what was retrieved is not paid", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let tiles: Vec<_> = epoch.answers.iter().map(|(row, _)| row.tiles).collect();
        let part = &mut epoch.payouts[earner];
        let retrieved =
            |earning: &Earning| earning.tile >= tiles[(earning.i - world.first) as usize];
        let at = part.earnings.iter().position(retrieved)?;
        part.earnings.remove(at);
        book(part, &world.before);
        Some(&[8])
    }),
    ("an earning is invented", |epoch, world, pick| {
        let at = pick(epoch.payouts.len());
        let part = &mut epoch.payouts[at];
        let i = world.first + pick(world.answers.len() + 1) as u64;
        let earning = Earning {
            i,
            tile: pick(40) as u32,
            hop: pick(2) as u8,
            amount: 1,
        };
        match part
            .earnings
            .binary_search_by_key(&earning.key(), Earning::key)
        {
            Ok(_) => return None,
            Err(place) => part.earnings.insert(place, earning),
        }
        book(part, &world.before);
        Some(&[8, 9])
    }),
    ("more was earned than the earnings are", |epoch, _, pick| {
        let at = pick(epoch.payouts.len());
        epoch.payouts[at].row.earned += 1;
        epoch.payouts[at].row.cumulative += 1;
        Some(&[8])
    }),
    ("more was earned before", |epoch, _, pick| {
        let at = pick(epoch.payouts.len());
        epoch.payouts[at].row.cumulative += 1;
        Some(&[8])
    }),
    ("less was earned in all than now", |epoch, _, pick| {
        let earner = an_earner(epoch, pick)?;
        epoch.payouts[earner].row.cumulative = 0;
        Some(&[7])
    }),
    ("an earning is another's as well", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let earning = epoch.payouts[earner].earnings[0];
        let other = pick(epoch.payouts.len());
        let part = &mut epoch.payouts[other];
        match part
            .earnings
            .binary_search_by_key(&earning.key(), Earning::key)
        {
            Ok(_) => return None,
            Err(place) => part.earnings.insert(place, earning),
        }
        book(part, &world.before);
        Some(&[9])
    }),
    ("an answer is left out", |epoch, _, pick| {
        let at = pick(epoch.answers.len());
        epoch.answers.remove(at);
        Some(&[10])
    }),
    ("answers are in each other's place", |epoch, _, _| {
        let last = epoch.answers.len() - 1;
        if last == 0 {
            return None;
        }
        epoch.answers.swap(0, last);
        Some(&[10])
    }),
    ("a contributor is left out", |epoch, _, _| {
        epoch.payouts.pop();
        Some(&[10])
    }),
    ("an answer gives more", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let at = pick(part.answers.len());
        part.answers[at].train += 1;
        part.row.train += 1;
        Some(&[10])
    }),
    ("an answer's gift is left out", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let at = pick(part.answers.len());
        part.row.train -= part.answers.remove(at).train;
        Some(&[10])
    }),
    ("a model version is left out", |epoch, _, pick| {
        let model = pick(epoch.models.len().max(1));
        if epoch.models.is_empty() {
            return None;
        }
        epoch.models.remove(model);
        Some(&[10])
    }),
    ("an answer is invented", |epoch, world, pick| {
        let model = pick(epoch.models.len().max(1));
        let part = epoch.models.get_mut(model)?;
        let i = world.first + world.answers.len() as u64;
        part.answers.push(TrainRow { i, train: 5 });
        part.row.train += 5;
        Some(&[10])
    }),
    (
        "a model version is given another's answer",
        |epoch, _, _| {
            let [first, second, ..] = &mut epoch.models[..] else {
                return None;
            };
            let row = second.answers[0].clone();
            let place = first
                .answers
                .binary_search_by_key(&row.i, |row| row.i)
                .err()?;
            first.row.train += row.train;
            first.answers.insert(place, row);
            Some(&[10])
        },
    ),
    (
        "a model version is given more than its answers give",
        |epoch, _, pick| {
            let model = pick(epoch.models.len().max(1));
            epoch.models.get_mut(model)?.row.train += 1;
            Some(&[10])
        },
    ),
    ("an earning is by a third hop", |epoch, world, pick| {
        let earner = an_earner(epoch, pick)?;
        let part = &mut epoch.payouts[earner];
        let at = pick(part.earnings.len());
        part.earnings[at].hop = 2;
        book(part, &world.before);
        Some(&[7])
    }),
    (
        "an answer that gives nothing has a row",
        |epoch, world, _| {
            let listed = |i: u64, part: &ModelPart| part.answers.iter().any(|row| row.i == i);
            let i = (world.answers.iter())
                .map(|answer| answer.i)
                .find(|i| !epoch.models.iter().any(|part| listed(*i, part)))?;
            let model = world.answers[(i - world.first) as usize].model_version;
            let models = &mut epoch.models;
            let place = models.binary_search_by_key(&model, |part| part.row.model_version);
            let place = place.unwrap_or_else(|place| {
                models.insert(place, nothing(model));
                place
            });
            let part = &mut models[place];
            let place = part.answers.binary_search_by_key(&i, |row| row.i).err()?;
            part.answers.insert(place, TrainRow { i, train: 0 });
            Some(&[10])
        },
    ),
    (
        "a model version that is given nothing has a row",
        |epoch, _, _| {
            epoch.models.push(nothing(9));
            Some(&[10])
        },
    ),
];
