//! `openledger attribution`: the method at hand, without a chain.

use alloy_primitives::hex;
use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use openledger_attribution::{
    Boilerplate, Corpus, Document, Method, Prompt, Segment, SegmentBuilder, Tile, TileKind, Word,
    leaf::MAX_DOCUMENT_LEN, segment::Progress, tile, word::words_in_bytes,
};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

/// Bytes of a row, an answer or a prompt: what a Datanet takes of a file.
const MOST_BYTES: u64 = 5_000_000;

/// Words of a tile that are shown.
const SHOWN_WORDS: usize = 12;

/// `openledger attribution`.
#[derive(Debug, Subcommand)]
pub enum AttributionCommand {
    /// Makes a segment, the searchable form of a Datanet version, of texts in JSON lines: {"text": "…", "commit": 7}.
    Index(IndexArgs),
    /// Shows where the words of an answer stand in segments.
    Trace(TraceArgs),
    /// Reads segments from end to end and finds damage.
    Check {
        /// The segments.
        #[arg(required = true, value_name = "SEGMENT")]
        segments: Vec<PathBuf>,
    },
}

/// `openledger attribution index`.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// A text of at most 5 MB in each line. Commits ascend; one that is not given follows on the last. A text of more than 512 words is
    /// several documents.
    #[arg(value_name = "ROWS")]
    rows: PathBuf,
    /// The segment to be made; one of that name is replaced.
    #[arg(long, value_name = "SEGMENT")]
    out: PathBuf,
}

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
    /// Take phrases of eight words that so many documents have for nobody's own [default: none].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    common: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Carries out a command.
pub fn run(command: AttributionCommand) -> Result<()> {
    match command {
        AttributionCommand::Index(arguments) => index(&arguments),
        AttributionCommand::Trace(arguments) => trace(&arguments),
        AttributionCommand::Check { segments } => {
            for path in segments {
                let shown = path.display();
                let segment = Segment::open(&path).with_context(|| shown.to_string())?;
                segment.verify().with_context(|| shown.to_string())?;
                println!(
                    "{shown}: {} documents, {} words, as they were written",
                    segment.documents(),
                    segment.words()
                );
            }
            Ok(())
        }
    }
}

fn index(arguments: &IndexArgs) -> Result<()> {
    let started = Instant::now();
    let shown = arguments.rows.display();
    let file = File::open(&arguments.rows).with_context(|| format!("{shown} can not be read"))?;
    let mut rows = Rows {
        lines: BufReader::new(file),
        line: Vec::new(),
        number: 0,
        commit: 0,
    };
    let mut builder = SegmentBuilder::new();
    while let Some((commit, text)) = rows.next().with_context(|| shown.to_string())? {
        let ids: Vec<_> = openledger_attribution::words(&text)
            .map(|word| word.id())
            .collect();
        for (part, words) in ids.chunks(MAX_DOCUMENT_LEN.into()).enumerate() {
            // A row of 5 MB has far fewer parts than 2^32.
            let seq = u64::from(commit) << 32 | part as u64;
            let document = Document {
                seq,
                root_seq: seq,
                words,
            };
            builder
                .push(document)
                .with_context(|| format!("{shown}, line {}", rows.number))?;
        }
    }
    let built = builder.write(&arguments.out, |progress| match progress {
        Progress::Sorting { tokens } => eprintln!("sorting {tokens} suffixes"),
        Progress::Syncing => eprintln!("making it durable"),
        Progress::Writing { .. } => {}
    })?;
    println!(
        "{}",
        json!({
            "documents": built.documents,
            "words": built.words,
            "distinctWords": built.vocabulary,
            "bytes": built.bytes,
            "seconds": started.elapsed().as_secs_f64(),
            "methodId": Method::current().id(),
        })
    );
    Ok(())
}

/// Rows of a file, of which one is in memory at a time.
struct Rows {
    lines: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    commit: u32,
}

impl Rows {
    fn next(&mut self) -> Result<Option<(u32, String)>> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut limited = (&mut self.lines).take(MOST_BYTES + 1);
            let read = limited.read_until(b'\n', &mut self.line);
            if read.with_context(|| self.place())? == 0 {
                return Ok(None);
            }
            ensure!(
                self.line.len() as u64 <= MOST_BYTES,
                "{}: it has more than {MOST_BYTES} bytes",
                self.place()
            );
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let row: Value = serde_json::from_slice(&self.line)
                .map_err(|error| anyhow!("{}: {error}", self.place()))?;
            let commit = match row.get("commit") {
                None => self.commit.checked_add(1),
                Some(commit) => commit
                    .as_u64()
                    .and_then(|commit| u32::try_from(commit).ok()),
            };
            let commit = commit
                .with_context(|| format!("{}: \"commit\" is no number below 2^32", self.place()))?;
            ensure!(
                commit > self.commit,
                "{}: commit {commit} comes after commit {}",
                self.place(),
                self.commit
            );
            self.commit = commit;
            let text = row.get("text").and_then(Value::as_str);
            let text =
                text.with_context(|| format!("{}: it has no string \"text\"", self.place()))?;
            return Ok(Some((commit, text.to_owned())));
        }
    }

    fn place(&self) -> String {
        format!("line {}", self.number)
    }
}

/// The bytes of a text.
fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} can not be read"))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} can not be read"))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{shown} has more than {MOST_BYTES} bytes");
    }
    Ok(bytes)
}

fn words_of(path: &Path, bytes: &[u8]) -> Result<Vec<Word>> {
    let words = words_in_bytes(bytes).with_context(|| path.display().to_string())?;
    Ok(words.collect())
}

fn ids(words: &[Word]) -> Vec<openledger_attribution::WordId> {
    words.iter().map(Word::id).collect()
}

fn trace(arguments: &TraceArgs) -> Result<()> {
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
    match &tile.found {
        Some(found) => format!(
            "commit {} part {} word {}",
            found.seq >> 32,
            found.seq as u32,
            found.offset
        ),
        None => String::new(),
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
    if let Some(found) = &tile.found {
        row["seq"] = json!(format!("0x{}", hex::encode(found.seq.to_be_bytes())));
        row["commit"] = json!(found.seq >> 32);
        row["part"] = json!(found.seq as u32);
        row["offset"] = json!(found.offset);
    }
    row
}
