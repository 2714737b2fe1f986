//! `openledger attribution trace`.

use super::read;
use alloy_primitives::hex;
use anyhow::{Context, Result};
use clap::Args;
use openledger_attribution::{
    Boilerplate, Corpus, Method, Prompt, Segment, Tile, TileKind, Word, tile, tiling::Place,
    word::words_in_bytes,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Words of a tile that are shown.
const SHOWN_WORDS: usize = 12;

/// `openledger attribution trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The segments of the corpus.
    #[arg(long = "segment", required = true, value_name = "SEGMENT")]
    segments: Vec<PathBuf>,
    /// The answer, a text of at most 5 MB.
    #[arg(value_name = "ANSWER")]
    answer: PathBuf,
    /// What was asked: words that the answer repeats earn nothing.
    #[arg(long, value_name = "PROMPT")]
    prompt: Option<PathBuf>,
    /// Take phrases of eight words that so many clusters of documents have for nobody's own [default: none].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    common: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn words_of(path: &Path, bytes: &[u8]) -> Result<Vec<Word>> {
    let words = words_in_bytes(bytes).with_context(|| path.display().to_string())?;
    Ok(words.collect())
}

fn ids(words: &[Word]) -> Vec<openledger_attribution::WordId> {
    words.iter().map(Word::id).collect()
}

pub(super) fn trace(arguments: &TraceArgs) -> Result<()> {
    let open = |path: &PathBuf| {
        let segment = Segment::open(path).with_context(|| path.display().to_string());
        segment.map(Arc::new)
    };
    let segments = arguments.segments.iter().map(open).collect::<Result<_>>()?;
    let corpus = Corpus::new(segments)?;
    let bytes = read(&arguments.answer)?;
    let answer = words_of(&arguments.answer, &bytes)?;
    let prompt = match &arguments.prompt {
        Some(path) => ids(&words_of(path, &read(path)?)?),
        None => Vec::new(),
    };
    let boilerplate = match arguments.common {
        Some(documents) => Boilerplate::common(&corpus, usize::try_from(documents)?),
        None => Boilerplate::default(),
    };
    let tiling = tile(&corpus, &ids(&answer), &Prompt::new(&prompt)?, &boilerplate);
    let coverage = tiling.coverage();
    let earning = tiling.words_of(TileKind::Span);
    if arguments.json {
        let tiles: Vec<_> = tiling
            .tiles
            .iter()
            .map(|tile| as_json(tile, &answer))
            .collect();
        println!(
            "{}",
            json!({
                "words": coverage.words,
                "matched": coverage.matched,
                "earning": earning,
                "tiles": tiles,
                "methodId": Method::current().id(),
            })
        );
        return Ok(());
    }
    for tile in &tiling.tiles {
        let said = &answer[tile.start..tile.start + tile.len];
        let text = |words: &[Word]| -> String {
            let range = words.first().zip(words.last());
            let range = range.map(|(first, last)| first.source().start..last.source().end);
            let part = bytes.get(range.unwrap_or_default()).unwrap_or_default();
            // Lines would break the table, and other control characters a terminal.
            let text = String::from_utf8_lossy(part).into_owned();
            text.replace(char::is_control, " ")
        };
        let shown = match said.get(..SHOWN_WORDS) {
            Some(first) if said.len() > SHOWN_WORDS => format!("{} …", text(first)),
            _ => text(said),
        };
        println!(
            "{:<6} {:>5} words  {:<24} {shown}",
            name(tile.kind),
            tile.len,
            place(tile)
        );
    }
    println!(
        "{} of {} words stand in the corpus, {earning} of them earn",
        coverage.matched, coverage.words
    );
    Ok(())
}

fn name(kind: TileKind) -> &'static str {
    match kind {
        TileKind::Span => "SPAN",
        TileKind::Gap => "GAP",
        TileKind::Echo => "ECHO",
        TileKind::Boiler => "BOILER",
    }
}

/// Commit, part and word.
fn place(tile: &Tile) -> String {
    match &tile.place {
        Place::Document(found) => format!(
            "commit {} part {} word {}",
            found.seq >> 32,
            found.seq as u32,
            found.offset
        ),
        Place::Prompt(at) => format!("prompt word {at}"),
        Place::Nowhere => String::new(),
    }
}

fn as_json(tile: &Tile, answer: &[Word]) -> Value {
    let ends = (
        answer.get(tile.start),
        answer.get((tile.start + tile.len).saturating_sub(1)),
    );
    let bytes = match ends {
        (Some(first), Some(last)) => json!([first.source().start, last.source().end]),
        _ => Value::Null,
    };
    let mut row = json!({
        "start": tile.start,
        "len": tile.len,
        "kind": name(tile.kind),
        "bytes": bytes,
    });
    match &tile.place {
        Place::Document(found) => {
            row["seq"] = json!(format!("0x{}", hex::encode(found.seq.to_be_bytes())));
            row["commit"] = json!(found.seq >> 32);
            row["part"] = json!(found.seq as u32);
            row["offset"] = json!(found.offset);
        }
        Place::Prompt(at) => row["prompt"] = json!(at),
        Place::Nowhere => {}
    }
    row
}
