//! `openledger attribution index`.

use super::lines::Lines;
use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use openledger_attribution::{
    Band, Document, Method, Segment, SegmentBuilder, Sketch, WordId,
    cluster::Clusters,
    leaf::{MAX_DOCUMENT_LEN, RawCid},
    segment::Progress,
    words,
};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Instant};

/// Documents between two lines of progress.
const DOCUMENTS_PER_LINE: u64 = 100_000;

/// `openledger attribution index`.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// A text of at most 5 MB in each line. Commits ascend; one that is not given follows on the last. A text of more than 512 words is
    /// several documents. A "cid" is compared with the text.
    #[arg(value_name = "ROWS")]
    rows: PathBuf,
    /// The segment to be made; one of that name is replaced.
    #[arg(long, value_name = "SEGMENT")]
    out: PathBuf,
    /// Segments with earlier documents: what repeats them belongs to their clusters, and the commits go on from theirs.
    #[arg(long, value_name = "SEGMENT", num_args = 1..)]
    after: Vec<PathBuf>,
}

pub(super) fn index(arguments: &IndexArgs) -> Result<()> {
    let started = Instant::now();
    let mut documents = Documents::after(&arguments.after)?;
    let mut rows = Rows {
        lines: Lines::open(&arguments.rows)?,
        commit: documents.last_commit,
    };
    let mut builder = SegmentBuilder::new();
    while let Some((commit, text)) = rows.next()? {
        let ids: Vec<_> = words(&text).map(|word| word.id()).collect();
        for (part, words) in ids.chunks(MAX_DOCUMENT_LEN.into()).enumerate() {
            // A row of 5 MB has far fewer parts than 2^32.
            let seq = u64::from(commit) << 32 | part as u64;
            let root_seq = documents.place(seq, words);
            let root_seq = root_seq.with_context(|| rows.lines.place())?;
            let document = Document {
                seq,
                root_seq,
                words,
            };
            let pushed = builder.push(document);
            pushed.with_context(|| rows.lines.place())?;
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
            "originals": documents.bands[0],
            "derivatives": documents.bands[1],
            "held": documents.bands[2],
            "words": built.words,
            "distinctWords": built.vocabulary,
            "bytes": built.bytes,
            "seconds": started.elapsed().as_secs_f64(),
            "methodId": Method::current().id(),
        })
    );
    Ok(())
}

/// Places documents after those of other segments.
#[derive(Default)]
struct Documents {
    clusters: Clusters,
    /// The last commit of the other segments.
    last_commit: u32,
    /// Originals, derivatives and held ones of the new documents.
    bands: [u64; 3],
}

impl Documents {
    fn after(paths: &[PathBuf]) -> Result<Self> {
        let open = |path: &PathBuf| {
            let shown = path.display().to_string();
            let segment = Segment::open(path).with_context(|| shown.clone())?;
            Ok((shown, segment))
        };
        let segments = paths.iter().map(open).collect::<Result<Vec<_>>>()?;
        let all = segments.iter().flat_map(|(shown, segment)| {
            let seqs = segment.all_seqs();
            seqs.map(move |seq| (seq, shown, segment))
        });
        let mut earlier: Vec<_> = all.collect();
        earlier.sort_by_key(|(seq, ..)| *seq);
        let mut documents = Self::default();
        for (seq, shown, segment) in earlier {
            let document = segment.document(seq).context("it is damaged");
            let (_, words) = document.with_context(|| shown.clone())?;
            let sketch = Sketch::of(&words).with_context(|| shown.clone())?;
            let admitted = documents.clusters.admit(seq, &sketch);
            admitted.with_context(|| shown.clone())?;
            documents.last_commit = (seq >> 32) as u32;
        }
        Ok(documents)
    }

    /// The root of a new document's cluster.
    fn place(&mut self, seq: u64, words: &[WordId]) -> Result<u64> {
        let placement = self.clusters.admit(seq, &Sketch::of(words)?)?;
        let band = match Band::of(placement.contain_bps) {
            Band::Original => 0,
            Band::Derivative => 1,
            Band::Held => 2,
        };
        self.bands[band] += 1;
        let done: u64 = self.bands.iter().sum();
        if done.is_multiple_of(DOCUMENTS_PER_LINE) {
            eprintln!("{done} documents read");
        }
        Ok(placement.root_seq)
    }
}

/// Rows of a file, of which one is in memory at a time.
struct Rows {
    lines: Lines,
    commit: u32,
}

impl Rows {
    fn next(&mut self) -> Result<Option<(u32, String)>> {
        let Some(row) = self.lines.next::<Value>()? else {
            return Ok(None);
        };
        let place = self.lines.place();
        let commit = match row.get("commit") {
            None => self.commit.checked_add(1),
            Some(commit) => commit
                .as_u64()
                .and_then(|commit| u32::try_from(commit).ok()),
        };
        let commit =
            commit.with_context(|| format!("{place}: \"commit\" is no number below 2^32"))?;
        ensure!(
            commit > self.commit,
            "{place}: commit {commit} comes after commit {}",
            self.commit
        );
        self.commit = commit;
        let text = row.get("text").and_then(Value::as_str);
        let text = text.with_context(|| format!("{place}: it has no string \"text\""))?;
        if let Some(cid) = row.get("cid") {
            let cid = cid.as_str().unwrap_or_default();
            must_name(cid, text).with_context(|| place)?;
        }
        Ok(Some((commit, text.to_owned())))
    }
}

/// Fails unless a CID is that of a text's bytes.
pub(super) fn must_name(cid: &str, text: &str) -> Result<RawCid> {
    let named: RawCid = cid
        .parse()
        .map_err(|error| anyhow!("cid {cid:?}: {error}"))?;
    ensure!(
        named.is_raw(),
        "cid {cid:?} is of a dag-pb file, which can not be compared with a text; take a raw one"
    );
    let found = RawCid::of(text.as_bytes());
    ensure!(found == named, "the text's CID is {found}, not {named}");
    Ok(named)
}
