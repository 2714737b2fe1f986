//! Building a segment and tiling answers, over a generated corpus.
//!
//! `ATTRIBUTION_BENCH_WORDS` sets the size of the corpus (10,000,000), `ATTRIBUTION_BENCH_SEGMENTS` in how many segments it is (1) and
//! `ATTRIBUTION_BENCH_VOCABULARY` how many distinct words there may be (500,000). The build is measured once, since it takes seconds;
//! the answers one by one, warm, for their median and 99th percentile.
//!
//! `ATTRIBUTION_BENCH_TEXTS`, a folder that `benches/attribution/quality_texts.py` has filled, takes the novel and the speeches there instead:
//! text in the public domain, in documents of 512 words.

mod zipf;

use criterion::{Criterion, criterion_group, criterion_main};
use openledger_attribution::{
    Boilerplate, Corpus, Document, Prompt, ReferenceModel, Segment, SegmentBuilder, WordId,
    model::Temperature, tile,
};
use std::{
    env, fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use zipf::Random;

/// Words of an answer.
const ANSWER: usize = 1_000;

/// Answers of each kind.
const ANSWERS: usize = 200;

fn setting(name: &str, default: usize) -> usize {
    let value = env::var(format!("ATTRIBUTION_BENCH_{name}")).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

/// What the corpus is made of.
struct Texts {
    /// Words as often as they are said, or the most frequent first.
    words: Vec<WordId>,
    /// Documents that are given; else they are made up.
    given: Option<Vec<Vec<WordId>>>,
}

impl Texts {
    fn new() -> Self {
        let Some(folder) = env::var_os("ATTRIBUTION_BENCH_TEXTS") else {
            let words = zipf::vocabulary(setting("VOCABULARY", 500_000));
            return Self { words, given: None };
        };
        let (mut words, mut given, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut spent = Duration::ZERO;
        for name in ["novel.jsonl", "speeches.jsonl"] {
            let path = Path::new(&folder).join(name);
            let lines = fs::read_to_string(&path).expect("texts, see above");
            for line in lines.lines() {
                let row: serde_json::Value = serde_json::from_str(line).expect("JSON lines");
                let text = row["text"].as_str().expect("a text");
                let started = Instant::now();
                let ids: Vec<_> = openledger_attribution::words(text)
                    .map(|word| word.id())
                    .collect();
                spent += started.elapsed();
                bytes += text.len();
                given.extend(ids.chunks(512).map(<[_]>::to_vec));
                words.extend(ids);
            }
        }
        println!(
            "texts: {} words normalised, cut and hashed: {:.1} MB/s",
            words.len(),
            bytes as f64 / spent.as_secs_f64() / 1e6
        );
        Self {
            words,
            given: Some(given),
        }
    }

    /// A word, as frequent as it is.
    fn word(&self, random: &mut Random) -> WordId {
        let at = match self.given {
            Some(_) => random.below(self.words.len()),
            None => random.zipf(self.words.len()),
        };
        self.words[at]
    }
}

struct Bench {
    random: Random,
    texts: Texts,
    corpus: Corpus,
    last_seq: u64,
}

impl Bench {
    fn new() -> Self {
        let texts = Texts::new();
        let target = match &texts.given {
            Some(_) => texts.words.len(),
            None => setting("WORDS", 10_000_000),
        };
        let mut given = texts.given.iter().flatten();
        let count = setting("SEGMENTS", 1).max(1);
        let mut random = Random::new();
        let folder = tempfile::tempdir().expect("a folder");
        let (mut seq, mut segments) = (0, Vec::new());
        let (mut pushing, mut writing) = (Duration::ZERO, Duration::ZERO);
        let (mut bytes, mut text) = (0, 0);
        for n in 0..count {
            let mut builder = SegmentBuilder::new();
            let mut left = target / count;
            while left > 0 {
                let document: Vec<WordId> = match texts.given {
                    Some(_) => given.next().cloned().unwrap_or_default(),
                    None => {
                        let len = random.document_len(left);
                        (0..len).map(|_| texts.word(&mut random)).collect()
                    }
                };
                if document.is_empty() {
                    break;
                }
                let len = document.len().min(left);
                seq += 1;
                let started = Instant::now();
                builder
                    .push(Document {
                        seq,
                        root_seq: seq,
                        words: &document,
                    })
                    .expect("a document");
                pushing += started.elapsed();
                left -= len;
            }
            let path = folder.path().join(n.to_string());
            let started = Instant::now();
            let built = builder.write(&path, |_| ()).expect("a segment");
            writing += started.elapsed();
            (bytes, text) = (bytes + built.bytes, text + built.words);
            let started = Instant::now();
            let segment = Segment::open(&path).expect("a segment");
            let opened = started.elapsed();
            let started = Instant::now();
            segment.verify().expect("undamaged");
            println!(
                "segment {n}: opened in {opened:?}, verified in {:?}",
                started.elapsed()
            );
            segments.push(Arc::new(segment));
        }
        let whole = (pushing + writing).as_secs_f64();
        println!(
            "build: {text} words in {seq} documents, {count} segments: collected in {pushing:.2?}, sorted and written in {writing:.2?}; \
             {:.2} M words/s, {:.1} MB/s of file, {:.2} bytes a word",
            text as f64 / whole / 1e6,
            bytes as f64 / whole / 1e6,
            bytes as f64 / text as f64,
        );
        let corpus = Corpus::new(segments).expect("each document once");
        Self {
            random,
            texts,
            corpus,
            last_seq: seq,
        }
    }

    /// A passage of some document.
    fn quote(&mut self, len: usize) -> Vec<WordId> {
        loop {
            let seq = 1 + self.random.below(self.last_seq as usize) as u64;
            let (_, words) = self.corpus.document(seq).expect("a document");
            if words.len() >= len {
                let at = self.random.below(words.len() - len + 1);
                return words[at..at + len].to_vec();
            }
        }
    }

    /// An answer of which so many percent are quotes of 8 to 80 words.
    fn answer(&mut self, quoted: usize) -> Vec<WordId> {
        let mut answer = Vec::with_capacity(ANSWER + 80);
        while answer.len() < ANSWER {
            let len = 8 + self.random.below(73);
            if self.random.below(100) < quoted {
                answer.extend(self.quote(len));
            } else {
                let (texts, random) = (&self.texts, &mut self.random);
                answer.extend((0..len).map(|_| texts.word(random)));
            }
        }
        answer.truncate(ANSWER);
        answer
    }

    fn tilings(&mut self, name: &str, answers: &[Vec<WordId>]) {
        let prompt = Prompt::new(&self.answer(50)).expect("a prompt");
        let boilerplate = Boilerplate::default();
        let (mut times, mut matched) = (Vec::new(), 0);
        // The first round warms the caches and the pages.
        for round in 0..4 {
            for answer in answers {
                let started = Instant::now();
                let tiling = tile(&self.corpus, answer, &prompt, &boilerplate);
                if round > 0 {
                    times.push(started.elapsed());
                }
                matched += tiling.coverage().matched;
            }
        }
        let coverage = matched as f64 / (4 * answers.len() * ANSWER) as f64;
        percentiles(
            &format!("tile {ANSWER} words, {name}, coverage {coverage:.2}"),
            times,
        );
    }
}

fn percentiles(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{name}: p50 {:.2?}, p99 {:.2?}, worst {:.2?}",
        at(50),
        at(99),
        at(100)
    );
}

fn benches(c: &mut Criterion) {
    let mut bench = Bench::new();
    for quoted in [0, 30, 100] {
        let answers: Vec<_> = (0..ANSWERS).map(|_| bench.answer(quoted)).collect();
        bench.tilings(&format!("{quoted} % quoted"), &answers);
        let prompt = Prompt::new(&[]).expect("a prompt");
        let mut next = answers.iter().cycle();
        c.bench_function(
            &format!("tile/{ANSWER}_words/{quoted}_percent_quoted"),
            |b| {
                b.iter(|| {
                    let answer = next.next().expect("an endless cycle");
                    black_box(tile(
                        &bench.corpus,
                        answer,
                        &prompt,
                        &Boilerplate::default(),
                    ))
                });
            },
        );
    }
    let mut times = Vec::new();
    for _ in 0..ANSWERS {
        let answer = bench.answer(0);
        let started = Instant::now();
        black_box(bench.corpus.query(&answer));
        times.push(started.elapsed());
    }
    percentiles(&format!("look up {ANSWER} words"), times);
    let model = ReferenceModel::new(bench.corpus.clone());
    let mut times = Vec::new();
    for _ in 0..50 {
        let prompt = bench.quote(12);
        let started = Instant::now();
        black_box(model.generate(&prompt, 20, Temperature::ONE, Default::default()));
        times.push(started.elapsed() / 20);
    }
    percentiles("generate, each word", times);
    // As many places as the horizon lets be counted.
    for (name, context) in [
        ("nothing", &[][..]),
        ("the first word", &bench.texts.words[..1]),
    ] {
        let mut times = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            black_box(model.distribution(context));
            times.push(started.elapsed());
        }
        percentiles(&format!("distribution after {name}"), times);
    }
    one_phrase(&bench.texts.words[..3]);
}

/// A corpus of one phrase over and over: every match stands in hundreds of thousands of places, of which the first is found.
fn one_phrase(phrase: &[WordId]) {
    let document: Vec<WordId> = phrase.iter().copied().cycle().take(512).collect();
    let mut builder = SegmentBuilder::new();
    for seq in 0..4_000 {
        let words = &document;
        builder
            .push(Document {
                seq,
                root_seq: seq,
                words,
            })
            .expect("a document");
    }
    let segment = Arc::new(builder.into_segment().expect("a segment"));
    let corpus = Corpus::new(vec![segment]).expect("each document once");
    let answer: Vec<WordId> = phrase.iter().copied().cycle().take(ANSWER).collect();
    let query = corpus.query(&answer);
    let mut times = Vec::new();
    for start in (0..900).chain(0..900) {
        let started = Instant::now();
        black_box(query.longest_match(start));
        times.push(started.elapsed());
    }
    let places = corpus.count(&answer[..64]);
    percentiles(&format!("longest match in {places} places"), times);
}

criterion_group!(tiling, benches);
criterion_main!(tiling);
