use super::json;
use alloy_primitives::hex;
use openledger_attribution::word::WordId;
use openledger_attribution::{Band, Sketch, cluster::Clusters, words};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    documents: Vec<Document>,
    containments: Vec<Containment>,
    bands: Vec<BandOf>,
    /// Placed one after the other.
    placements: Vec<Placed>,
    not_sketches: Vec<NotSketch>,
}

#[derive(Serialize)]
struct Document {
    name: &'static str,
    /// Words, separated by single spaces.
    words: String,
    /// Of each gram, first to last.
    gram_hashes: Vec<String>,
    sketch: String,
    sketch_hash: String,
}

#[derive(Serialize)]
struct Containment {
    of: &'static str,
    within: &'static str,
    bps: u16,
}

#[derive(Serialize)]
struct Placed {
    seq: String,
    document: &'static str,
    parent_seq: String,
    root_seq: String,
    contain_bps: u16,
}

#[derive(Serialize)]
struct BandOf {
    bps: u16,
    band: &'static str,
}

#[derive(Serialize)]
struct NotSketch {
    name: &'static str,
    bytes: String,
}

fn numbers(range: std::ops::Range<u32>) -> String {
    range.map(|n| format!("n{n}")).collect::<Vec<_>>().join(" ")
}

pub fn vectors() -> Vectors {
    let fable = "the fox who longed for grapes beholds with pain the tempting clusters were too \
        high to gain grieved in his heart he forced a careless smile and cried they are sharp and \
        hardly worth my while";
    let copied = "somebody wrote that the tempting clusters were too high to gain grieved in his \
        heart and then went on to write of other things that nobody had ever thought of before";
    let documents = [
        ("one word", "one".to_owned()),
        ("three words", "one two three".into()),
        ("four words", "one two three four".into()),
        ("five words", "one two three four five".into()),
        (
            "eight words",
            "one two three four five six seven eight".into(),
        ),
        (
            "nine words",
            "one two three four five six seven eight nine".into(),
        ),
        ("one word, repeated", ["again"; 40].join(" ")),
        ("two words, repeated", ["to", "fro"].repeat(15).join(" ")),
        ("fable", fable.into()),
        ("fable, in part", copied.into()),
        ("numbers", numbers(0..60)),
        (
            "half of the numbers",
            format!("{} {}", numbers(30..60), numbers(900..930)),
        ),
        ("longest", numbers(0..512)),
    ];
    let sketches: Vec<(&str, Sketch)> = documents
        .iter()
        .map(|(name, text)| {
            let ids: Vec<WordId> = words(text).map(|word| word.id()).collect();
            (*name, Sketch::of(&ids).expect("a document"))
        })
        .collect();
    let named = |name: &str| {
        &sketches
            .iter()
            .find(|(other, _)| *other == name)
            .expect("named")
            .1
    };
    let containments = [
        ("fable, in part", "fable"),
        ("fable", "fable, in part"),
        ("fable", "fable"),
        ("fable", "numbers"),
        ("half of the numbers", "numbers"),
        ("numbers", "half of the numbers"),
        ("numbers", "longest"),
        ("longest", "numbers"),
        ("one word", "three words"),
        ("four words", "five words"),
        ("four words", "eight words"),
        ("one word, repeated", "two words, repeated"),
    ];
    let mut clusters = Clusters::new();
    let placements = [
        "fable",
        "fable, in part",
        "numbers",
        "half of the numbers",
        "fable",
        "longest",
        "fable, in part",
        "half of the numbers",
        "numbers",
        "one word",
        "one word",
        "four words",
        "five words",
    ];
    let placements = placements.into_iter().zip(1..).map(|(document, commit)| {
        let seq = commit << 32;
        let placed = clusters.admit(seq, named(document)).expect("in order");
        Placed {
            seq: seq.to_string(),
            document,
            parent_seq: placed.parent_seq.to_string(),
            root_seq: placed.root_seq.to_string(),
            contain_bps: placed.contain_bps,
        }
    });
    let placements = placements.collect();
    Vectors {
        about: "A document is its words, 1 to 512 of them; each word's id is the first 16 bytes of its \
            keccak-256. gram_hashes are of every gram, a document of fewer than 4 words being one gram.",
        documents: documents
            .into_iter()
            .map(|(name, words)| Document {
                name,
                gram_hashes: match words.split(' ').count() {
                    ..=60 => gram_hashes(&words),
                    // Said by the sketch, and long.
                    _ => vec![],
                },
                sketch: json::bytes(named(name).encode()),
                sketch_hash: json::bytes(named(name).hash()),
                words,
            })
            .collect(),
        containments: containments
            .into_iter()
            .map(|(of, within)| Containment {
                of,
                within,
                bps: named(of).contained_in(named(within)),
            })
            .collect(),
        bands: [0, 1_499, 1_500, 3_999, 4_000, 10_000]
            .into_iter()
            .map(|bps| BandOf {
                bps,
                band: match Band::of(bps) {
                    Band::Original => "original",
                    Band::Derivative => "derivative",
                    Band::Held => "held",
                },
            })
            .collect(),
        placements,
        not_sketches: not_sketches(),
    }
}

/// From the sketches of the grams alone: a document of one gram has its hash as the only fingerprint.
fn gram_hashes(text: &str) -> Vec<String> {
    let ids: Vec<WordId> = words(text).map(|word| word.id()).collect();
    ids.windows(ids.len().min(4))
        .map(|gram| {
            let sketch = Sketch::of(gram).expect("a document");
            format!("{:#018x}", sketch.fingerprints()[0].hash)
        })
        .collect()
}

fn not_sketches() -> Vec<NotSketch> {
    let cases = [
        ("nothing", ""),
        ("half a count", "00"),
        ("none", "0000"),
        ("fewer than counted", "0002 0000000000000001 0000"),
        ("more than counted", "0001 0000000000000001 0000 00"),
        (
            "hashes out of order",
            "0002 0000000000000002 0000 0000000000000001 0001",
        ),
        (
            "positions out of order",
            "0002 0000000000000001 0005 0000000000000001 0001",
        ),
        ("twice", "0002 0000000000000001 0005 0000000000000001 0005"),
        (
            "two at one position",
            "0002 0000000000000001 0005 0000000000000002 0005",
        ),
        ("beyond the last gram", "0001 0000000000000001 01fd"),
    ];
    cases
        .into_iter()
        .map(|(name, bytes)| {
            let bytes = hex::decode(bytes.replace(' ', "")).expect("hex");
            assert!(Sketch::decode(&bytes).is_err(), "{name}");
            let bytes = json::bytes(bytes);
            NotSketch { name, bytes }
        })
        .collect()
}
