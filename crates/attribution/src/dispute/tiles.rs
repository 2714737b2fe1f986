//! Whether the tiles of an answer are right.

use super::{Evidence, NotChecked, Search, no_leaf, phrases::grams, top};
use crate::{
    Fault, Match, Prompt, Text, WordId,
    fault::{GoesOnFault, KindFault, MatchFault, TilingFault, TreeOpening, WordsFault, are_apart},
    leaf::{Context, GRAM_LEN, MAX_TILE_LEN, MIN_MATCH_LEN, Tile, TileKind},
    opening::{AnswerOpening, TileOpening},
};
/// An answer whose tiles follow on each other from its first word to its last.
struct Said<'a> {
    at: usize,
    opening: &'a AnswerOpening,
    tiles: &'a [Tile],
    output: &'a Text,
    context: Context,
    prompt: &'a Text,
    /// Of each word the run of the prompt that begins with it: words and place.
    echoes: Vec<Option<(usize, u32)>>,
}

impl<E: Evidence> Search<'_, E> {
    pub(super) fn tiling(&self, at: usize) -> Result<Option<Fault>, NotChecked> {
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
        let words = match opening.is_open(self.evidence) {
            true => answer.words,
            false => 0,
        };
        if tiles.is_empty() != (words == 0) {
            return tiling(TilingFault::Count);
        }
        // First of all: nobody can open a tile that is none, nor show it beside another.
        if let Some(fault) = no_leaf(tiles, tree)? {
            return Ok(Some(Fault::Tree(TreeOpening::Tiling(opening), fault)));
        }
        for (index, tile) in tiles.iter().enumerate() {
            let is_last = index + 1 == tiles.len();
            if index == 0 && (tile.start != 0 || tile.is_short()) {
                return tiling(TilingFault::First(self.tile(at, index)?));
            }
            if is_last && tile.end() != words.into() {
                return tiling(TilingFault::Last(self.tile(at, index)?));
            }
            if let Some(next) = tiles.get(index + 1)
                && are_apart(tile, next)
            {
                let (left, right) = (self.tile(at, index)?, self.tile(at, index + 1)?);
                return tiling(TilingFault::Apart(left, right));
            }
        }
        if words == 0 {
            return Ok(None);
        }
        let i = answer.i;
        let output = self.evidence.output(i);
        let output = output.filter(|output| output.words().len() == answer.words as usize);
        let output = output.ok_or(NotChecked::Missing("the output of answer", i))?;
        let prompt = self.evidence.prompt(i);
        let prompt = prompt.ok_or(NotChecked::Missing("the prompt of answer", i))?;
        let searched = Prompt::new(prompt.words()).map_err(|_| NotChecked::Prompt(i))?;
        let said = Said {
            at,
            opening: &opening,
            tiles,
            output,
            context: self.context(answer)?.unwrap_or_default(),
            prompt,
            echoes: searched.echoes(output.words()),
        };
        for index in 0..tiles.len() {
            if let Some(fault) = self.one_tile(&said, index)? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    /// A tile by itself: what it is, where it stands, and whether it goes on.
    fn one_tile(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let fault = match tile.kind {
            TileKind::Echo => return self.echo(said, index),
            TileKind::Gap => self.hidden_echo(said, index)?,
            TileKind::Span | TileKind::Boiler => match self.hidden_echo(said, index)? {
                None => self.words(said, index)?,
                fault => fault,
            },
        };
        if fault.is_some() {
            return Ok(fault);
        }
        let model = said.opening.answer.model_version;
        let start = match tile.kind {
            TileKind::Gap => tile.range(),
            _ => tile.start..tile.start + 1,
        };
        for start in start {
            // The next echo ends a match; no match is longer than a tile.
            let echo = said.echoes[tile.end() as usize..].iter();
            let echo = echo.take(MAX_TILE_LEN.into());
            let end = echo.take_while(|echo| echo.is_none()).count() + tile.end() as usize;
            let words = &said.output.words()[..end];
            let found = self.evidence.longest(model, words, start as usize);
            let Some(found) = found.filter(|found| found.len >= usize::from(MIN_MATCH_LEN)) else {
                continue;
            };
            let first = (found.seq, found.offset) < (tile.seq, tile.offset.into());
            let len = usize::from(tile.len);
            let fault = if tile.kind == TileKind::Gap || found.len > len {
                self.longer(said, index, start, found)?
            } else if found.len == len && first {
                Some(self.matching(said, index, start, found, Vec::new())?)
            } else {
                None
            };
            if fault.is_some() {
                return Ok(fault);
            }
        }
        match tile.kind {
            TileKind::Gap => Ok(None),
            _ => match self.goes_on(said, index)? {
                None => self.boilerplate(said, index),
                fault => Ok(fault),
            },
        }
    }

    /// Words of the prompt in what is no echo.
    fn hidden_echo(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        for start in said.tiles[index].range() {
            if let Some((_, place)) = said.echoes[start as usize] {
                return self.should_be_echo(said, index, start, MIN_MATCH_LEN, place);
            }
        }
        Ok(None)
    }

    fn should_be_echo(
        &self,
        said: &Said<'_>,
        index: usize,
        start: u32,
        len: u8,
        place: u32,
    ) -> Result<Option<Fault>, NotChecked> {
        let range = |start: u32| start..start + u32::from(len);
        let fault = KindFault::Echo {
            tile: self.tile(said.at, index)?,
            start,
            len,
            output: said.output.open(range(start)),
            context: said.context.clone(),
            at: place,
            prompt: said.prompt.open(range(place)),
        };
        Ok(Some(Fault::Kind(said.opening.clone(), fault)))
    }

    fn echo(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let words = said.output.words();
        let range = tile.start as usize..tile.end() as usize;
        let prompt = said.prompt.words();
        let behind = |place: u64| {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            prompt.get(place..).unwrap_or_default()
        };
        let kind = |fault| Ok(Some(Fault::Kind(said.opening.clone(), fault)));
        let there = behind(tile.seq);
        if there.len() < range.len() {
            return kind(KindFault::EchoEnd {
                tile: self.tile(said.at, index)?,
                context: said.context.clone(),
                prompt: said.prompt.open_end(),
            });
        }
        let same = |words: &[WordId], other: &[WordId]| {
            let pairs = words.iter().zip(other).take(MAX_TILE_LEN.into());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let shared = same(&words[range.start..], there);
        if shared < range.len() {
            let (at, place) = (tile.start + shared as u32, tile.seq as u32 + shared as u32);
            return kind(KindFault::NotEcho {
                tile: self.tile(said.at, index)?,
                at: shared as u8,
                output: said.output.open(at..at + 1),
                context: said.context.clone(),
                prompt: said.prompt.open(place..place + 1),
            });
        }
        if let Some((len, place)) = said.echoes[range.start]
            && (len > range.len() || len == range.len() && u64::from(place) < tile.seq)
        {
            return self.should_be_echo(said, index, tile.start, len as u8, place);
        }
        if shared > range.len() {
            let place = tile.seq as u32;
            return self.should_be_echo(said, index, tile.start, shared as u8, place);
        }
        let full = tile.is_full().then(|| said.tiles.get(index + 1)).flatten();
        if let Some(next) = full
            && next.kind != TileKind::Echo
            && same(&words[range.end..], behind(tile.seq + range.len() as u64)) > 0
        {
            let place = tile.seq as u32 + u32::from(tile.len);
            return kind(KindFault::EchoGoesOn {
                left: self.tile(said.at, index)?,
                right: self.tile(said.at, index + 1)?,
                output: said.output.open(next.start..next.start + 1),
                context: said.context.clone(),
                prompt: said.prompt.open(place..place + 1),
            });
        }
        Ok(None)
    }

    /// Whether the words are the document's.
    fn words(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let (source, text) = self.source(said.opening.answer.model_version, tile.seq)?;
        let words = &said.output.words()[tile.start as usize..tile.end() as usize];
        let place = usize::from(tile.offset);
        let words_fault = |fault| Ok(Some(Fault::Words(said.opening.clone(), fault)));
        let Some(found) = text.words().get(place..place + words.len()) else {
            let tile = self.tile(said.at, index)?;
            return words_fault(WordsFault::Beyond(tile, source));
        };
        let Some(differs) = (0..words.len()).find(|word| words[*word] != found[*word]) else {
            return Ok(None);
        };
        let one = |at: u32| at + differs as u32..at + differs as u32 + 1;
        words_fault(WordsFault::Differ {
            tile: self.tile(said.at, index)?,
            source,
            at: differs as u8,
            output: said.output.open(one(tile.start)),
            text: text.open(one(tile.offset.into())),
        })
    }

    /// As much of a match as is longer than the tile. `None` where what is said to be an echo is in the way: that is the fault then.
    fn longer(
        &self,
        said: &Said<'_>,
        index: usize,
        start: u32,
        found: Match,
    ) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let more = match tile.kind {
            TileKind::Gap => MIN_MATCH_LEN,
            _ => MIN_MATCH_LEN.max(tile.len + 1),
        };
        let found = Match {
            len: found.len.min(more.into()),
            ..found
        };
        let end = u64::from(start) + found.len as u64;
        let mut next = Vec::new();
        for (index, tile) in said.tiles.iter().enumerate().skip(index + 1) {
            if u64::from(tile.start) >= end {
                break;
            }
            if tile.kind == TileKind::Echo {
                return Ok(None);
            }
            next.push(self.tile(said.at, index)?);
        }
        self.matching(said, index, start, found, next).map(Some)
    }

    fn matching(
        &self,
        said: &Said<'_>,
        index: usize,
        start: u32,
        found: Match,
        next: Vec<TileOpening>,
    ) -> Result<Fault, NotChecked> {
        let (source, text) = self.source(said.opening.answer.model_version, found.seq)?;
        let range = |start: u32| start..start + found.len as u32;
        let fault = MatchFault {
            tile: self.tile(said.at, index)?,
            next,
            start,
            // Both are bounded: by the longest tile, and by a document.
            len: found.len as u8,
            source,
            offset: found.offset as u16,
            output: said.output.open(range(start)),
            text: text.open(range(found.offset)),
        };
        Ok(Fault::Match(said.opening.clone(), fault))
    }

    /// Whether the document has one word more of what goes on in a short tile, or behind a full one.
    fn goes_on(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let next = said.tiles.get(index + 1);
        let gap = next.is_some_and(|next| next.kind == TileKind::Gap);
        let may = tile.is_short() || tile.is_full() && gap;
        if !may {
            return Ok(None);
        }
        let (source, text) = self.source(said.opening.answer.model_version, tile.seq)?;
        let behind = u32::from(tile.offset) + u32::from(tile.len);
        let (end, words) = (tile.end() as usize, said.output.words());
        let more = words.get(end).zip(text.words().get(behind as usize));
        if more.is_none_or(|(one, other)| one != other) {
            return Ok(None);
        }
        if tile.is_short() {
            let found = Match {
                len: usize::from(tile.len) + 1,
                seq: tile.seq,
                root_seq: tile.seq,
                offset: tile.offset.into(),
            };
            // An echo that begins there ends it.
            return match said.echoes[end] {
                Some(_) => Ok(None),
                None => self.own(said, index, found),
            };
        }
        let fault = GoesOnFault {
            left: self.tile(said.at, index)?,
            right: self.tile(said.at, index + 1)?,
            source,
            output: said.output.open(end as u32..end as u32 + 1),
            text: text.open(behind..behind + 1),
        };
        Ok(Some(Fault::GoesOn(said.opening.clone(), fault)))
    }

    /// A short tile with one word more.
    fn own(
        &self,
        said: &Said<'_>,
        index: usize,
        found: Match,
    ) -> Result<Option<Fault>, NotChecked> {
        match said.tiles.get(index + 1) {
            Some(next) if next.kind != TileKind::Echo => {
                let next = vec![self.tile(said.at, index + 1)?];
                let start = said.tiles[index].start;
                self.matching(said, index, start, found, next).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn boilerplate(&self, said: &Said<'_>, index: usize) -> Result<Option<Fault>, NotChecked> {
        let tile = said.tiles[index];
        let model = said.opening.answer.model_version;
        let list = self.evidence.phrases(model);
        let list = list.ok_or(NotChecked::Missing("boilerplate of model version", model))?;
        let words = &said.output.words()[tile.start as usize..tile.end() as usize];
        let fault = match tile.kind {
            TileKind::Span if list.list().covers(words) => KindFault::Boilerplate {
                tile: self.tile(said.at, index)?,
                output: said.output.open(tile.range()),
                phrases: grams(words).filter_map(|gram| list.prove(&gram)).collect(),
            },
            TileKind::Boiler => {
                let mut phrases = grams(words).zip(0u8..);
                let other = phrases.find(|(gram, _)| list.prove(gram).is_none());
                let Some((gram, at)) = other else {
                    return Ok(None);
                };
                let first = tile.start + u32::from(at);
                KindFault::NotBoilerplate {
                    tile: self.tile(said.at, index)?,
                    output: said.output.open(first..first + GRAM_LEN as u32),
                    at,
                    absence: list.absence(&gram),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Fault::Kind(said.opening.clone(), fault)))
    }
}
