//! One side of a comparison with the `infini-gram` package; `benches/attribution/against_infini_gram.py` is the other and runs this one.
//!
//! Builds a segment of a generated corpus, counts phrases in it, and leaves in a folder what the package needs to do the same:
//! `tokenized.0` and `offset.0`, its input; `phrases.txt`, the count of each phrase and the numbers of its words.

#[path = "../benches/zipf/mod.rs"]
mod zipf;

use openledger_attribution::{Corpus, Document, Segment, SegmentBuilder, WordId};
use std::{
    env,
    fmt::Write as _,
    fs::{self, File},
    hint::black_box,
    io::{BufWriter, Write},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use zipf::Random;

/// Comes before each document in the package's input.
const SEPARATOR: u16 = u16::MAX;

/// The package sorts numbers of 16 bits; for those of 32 it asks for 32 GiB, however small the corpus.
const VOCABULARY: usize = 50_000;

const PHRASES: usize = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: infini_gram FOLDER WORDS";
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let total: usize = arguments.next().ok_or(usage)?.parse()?;
    fs::create_dir_all(&folder)?;

    let words = zipf::vocabulary(VOCABULARY);
    let mut random = Random::new();
    let mut tokenized = BufWriter::new(File::create(folder.join("tokenized.0"))?);
    let mut offsets = BufWriter::new(File::create(folder.join("offset.0"))?);
    let mut builder = SegmentBuilder::new();
    let mut collecting = Duration::ZERO;
    let mut documents: Vec<Vec<u16>> = Vec::new();
    let (mut offset, mut left) = (0_u64, total);
    while left > 0 {
        let len = random.document_len(left);
        left -= len;
        let numbers: Vec<u16> = (0..len).map(|_| random.zipf(VOCABULARY) as u16).collect();
        let document: Vec<WordId> = numbers.iter().map(|n| words[*n as usize]).collect();
        let seq = documents.len() as u64;
        let started = Instant::now();
        builder.push(Document {
            seq,
            root_seq: seq,
            words: &document,
        })?;
        collecting += started.elapsed();
        offsets.write_all(&offset.to_le_bytes())?;
        for token in [SEPARATOR].iter().chain(&numbers) {
            tokenized.write_all(&token.to_le_bytes())?;
        }
        offset += 2 * (1 + len as u64);
        documents.push(numbers);
    }
    tokenized.flush()?;
    offsets.flush()?;

    let path = folder.join("segment");
    let started = Instant::now();
    let built = builder.write(&path, |_| ())?;
    let build = collecting + started.elapsed();
    let corpus = Corpus::new(vec![Arc::new(Segment::open(&path)?)])?;

    // Half of them stand in the corpus, of 1 to 16 words; the others are as its words fall, of 1 to 4.
    let phrases: Vec<Vec<u16>> = (0..PHRASES)
        .map(|n| {
            if n % 2 == 0 {
                let document = &documents[random.below(documents.len())];
                let len = (1 + random.below(16)).min(document.len());
                let at = random.below(document.len() - len + 1);
                document[at..at + len].to_vec()
            } else {
                let len = 1 + random.below(4);
                (0..len).map(|_| random.zipf(VOCABULARY) as u16).collect()
            }
        })
        .collect();
    let queries: Vec<Vec<WordId>> = phrases
        .iter()
        .map(|phrase| phrase.iter().map(|n| words[*n as usize]).collect())
        .collect();
    // The first round warms the caches.
    let mut took = Duration::ZERO;
    for _ in 0..2 {
        let started = Instant::now();
        for query in &queries {
            black_box(corpus.count(query));
        }
        took = started.elapsed();
    }
    let mut lines = String::new();
    for (phrase, query) in phrases.iter().zip(&queries) {
        write!(lines, "{}", corpus.count(query))?;
        for number in phrase {
            write!(lines, " {number}")?;
        }
        lines.push('\n');
    }
    fs::write(folder.join("phrases.txt"), lines)?;
    println!(
        "{} {} {}",
        build.as_secs_f64(),
        built.bytes,
        took.as_secs_f64() / PHRASES as f64
    );
    Ok(())
}
