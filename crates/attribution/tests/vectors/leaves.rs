use super::json::{self, Object};
use alloy_primitives::{Address, B256};
use openledger_attribution::leaf::{
    Answer, AnswerRow, Batch, Chunk, ContributionKind, DatanetVersion, Document, Earning, Gram,
    ModelRow, PayoutRow, RawCid, Tile, TileKind, TrainRow, Visibility, chunks,
};
use openledger_attribution::word::WordId;
use openledger_attribution::{
    AppendTree, HashTree, Leaf, LeafError, Sketch, SumTree, Summed, words,
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    leaves: Vec<LeafVector>,
    not_leaves: Vec<NotLeaf>,
    tiling: Tiling,
    contribution: Contribution,
}

#[derive(Serialize)]
struct LeafVector {
    tag: char,
    name: &'static str,
    fields: Object,
    encoded: String,
    hash: String,
    /// `null` where the leaf stands in a plain tree.
    sum: Option<String>,
}

#[derive(Serialize)]
struct NotLeaf {
    tag: char,
    name: &'static str,
    encoded: String,
    /// What is wrong: `length`, `tag`, or the field that is out of range.
    error: String,
}

#[derive(Serialize)]
struct Tiling {
    tiles: Vec<String>,
    words: String,
    weight: String,
    sum: String,
    root: String,
}

/// From a text to the root of a corpus.
#[derive(Serialize)]
struct Contribution {
    text: &'static str,
    word_ids: Vec<String>,
    chunks: Vec<String>,
    chunk_root: String,
    sketch: String,
    sketch_hash: String,
    document: String,
    batch_root: String,
    batch: String,
    version_root: String,
    version: String,
    corpus_root: String,
}

fn plain<L: Leaf + PartialEq + std::fmt::Debug>(
    name: &'static str,
    fields: Vec<(&'static str, String)>,
    leaf: &L,
) -> LeafVector {
    assert_eq!(L::decode(&leaf.encode()).as_ref(), Ok(leaf), "{name}");
    LeafVector {
        tag: L::TAG.into(),
        name,
        fields: Object(fields),
        encoded: json::bytes(leaf.encode()),
        hash: json::bytes(leaf.hash()),
        sum: None,
    }
}

fn summed<L: Summed + PartialEq + std::fmt::Debug>(
    name: &'static str,
    fields: Vec<(&'static str, String)>,
    leaf: &L,
) -> LeafVector {
    LeafVector {
        sum: Some(leaf.sum().to_string()),
        ..plain(name, fields, leaf)
    }
}

fn word(n: u8) -> WordId {
    WordId::of(&[b'a' + n])
}

fn root(n: u8) -> B256 {
    B256::repeat_byte(n)
}

fn cid() -> RawCid {
    let mut bytes = [0xab; 36];
    bytes[..4].copy_from_slice(&[0x01, 0x55, 0x12, 0x20]);
    RawCid::new(bytes).expect("a CID")
}

fn original() -> Document {
    Document {
        seq: 7 << 32 | 1,
        contributor: 12,
        kind: ContributionKind::Data,
        file: 0,
        part: 1,
        words: 512,
        chunk_root: root(0x11),
        sketch_hash: root(0x22),
        parent_seq: 7 << 32 | 1,
        root_seq: 7 << 32 | 1,
        contain_bps: 1_499,
        licence: 3,
        raw_cid: RawCid::NONE,
    }
}

fn derivative() -> Document {
    Document {
        kind: ContributionKind::Governance,
        words: 1,
        parent_seq: 6 << 32 | 9,
        root_seq: 2 << 32,
        contain_bps: 1_500,
        raw_cid: cid(),
        ..original()
    }
}

fn document(name: &'static str, d: &Document) -> LeafVector {
    plain(
        name,
        vec![
            ("seq", d.seq.to_string()),
            ("contributor", d.contributor.to_string()),
            ("kind", (d.kind as u8).to_string()),
            ("file", d.file.to_string()),
            ("part", d.part.to_string()),
            ("words", d.words.to_string()),
            ("chunkRoot", json::bytes(d.chunk_root)),
            ("sketchHash", json::bytes(d.sketch_hash)),
            ("parentSeq", d.parent_seq.to_string()),
            ("rootSeq", d.root_seq.to_string()),
            ("containBps", d.contain_bps.to_string()),
            ("licence", d.licence.to_string()),
            ("rawCid", json::bytes(d.raw_cid.as_bytes())),
        ],
        d,
    )
}

fn chunk(name: &'static str, chunk: &Chunk) -> LeafVector {
    let ids: Vec<u8> = chunk.words().iter().flat_map(|id| id.0).collect();
    plain(
        name,
        vec![
            ("index", chunk.index.to_string()),
            ("salt", json::bytes(chunk.salt)),
            ("n", chunk.words().len().to_string()),
            ("ids", json::bytes(ids)),
        ],
        chunk,
    )
}

fn answer(name: &'static str, visibility: Visibility) -> LeafVector {
    let answer = Answer {
        i: 1_000_000,
        model_version: 44,
        payer: Address::repeat_byte(0xcc),
        fee: 5_000_000_000_000_000,
        tokens_in: 812,
        tokens_out: 233,
        visibility,
        context_root: root(0x33),
        output_root: root(0x44),
        words: 171,
    };
    plain(
        name,
        vec![
            ("i", answer.i.to_string()),
            ("modelVersion", answer.model_version.to_string()),
            ("payer", json::bytes(answer.payer)),
            ("fee", answer.fee.to_string()),
            ("tin", answer.tokens_in.to_string()),
            ("tout", answer.tokens_out.to_string()),
            ("visibility", (answer.visibility as u8).to_string()),
            ("contextRoot", json::bytes(answer.context_root)),
            ("outputRoot", json::bytes(answer.output_root)),
            ("words", answer.words.to_string()),
        ],
        &answer,
    )
}

fn span() -> Tile {
    Tile {
        start: 40,
        len: 12,
        kind: TileKind::Span,
        seq: 7 << 32 | 1,
        offset: 500,
    }
}

fn echo() -> Tile {
    Tile {
        kind: TileKind::Echo,
        seq: 3_000,
        offset: 0,
        ..span()
    }
}

fn gap() -> Tile {
    Tile {
        start: 0,
        len: 40,
        kind: TileKind::Gap,
        seq: 0,
        offset: 0,
    }
}

fn tile(name: &'static str, tile: &Tile) -> LeafVector {
    summed(
        name,
        vec![
            ("start", tile.start.to_string()),
            ("len", tile.len.to_string()),
            ("kind", (tile.kind as u8).to_string()),
            ("seq", tile.seq.to_string()),
            ("offset", tile.offset.to_string()),
        ],
        tile,
    )
}

fn payout() -> PayoutRow {
    PayoutRow {
        contributor: 12,
        cumulative: 10u128.pow(24),
        earned: 10u128.pow(18),
        earnings_root: root(0x77),
    }
}

fn earning() -> Earning {
    Earning {
        i: 1_000_000,
        tile: 5,
        hop: 1,
        amount: 77,
    }
}

pub fn vectors() -> Vectors {
    let ids: Vec<WordId> = (0..26).map(word).chain((0..6).map(word)).collect();
    let chunk_of = |index, salt, ids: &[WordId]| Chunk::new(index, salt, ids).expect("a chunk");
    let gram = Gram {
        ids: [0, 1, 2, 3, 4, 5, 6, 7].map(word),
    };
    let row = AnswerRow {
        i: 1_000_000,
        tiling_root: root(0x55),
        tiles: 9,
        data_pool: u128::MAX,
    };
    let model = ModelRow {
        model_version: 44,
        train: 1_000_000_007,
        answers_root: root(0x66),
    };
    let train = TrainRow {
        i: 1_000_000,
        train: 1_000_000_007,
    };
    let (payout, earning) = (payout(), earning());
    let batch = Batch {
        commit_seq: 7,
        root: root(0x88),
    };
    let version = DatanetVersion {
        datanet: 2,
        version: 31,
        root: root(0x99),
    };
    Vectors {
        about: "encoded is the tag and the fields, hash is keccak-256 of a zero byte and them. What is in \
            not_leaves must not decode.",
        leaves: vec![
            chunk("a full chunk of a document", &chunk_of(3, B256::ZERO, &ids)),
            chunk(
                "the last chunk of an output",
                &chunk_of(4, root(0x5a), &ids[..1]),
            ),
            document("an original", &original()),
            document("a derivative", &derivative()),
            plain(
                "a batch",
                vec![
                    ("commitSeq", batch.commit_seq.to_string()),
                    ("batchRoot", json::bytes(batch.root)),
                ],
                &batch,
            ),
            plain(
                "a version of a Datanet",
                vec![
                    ("datanet", version.datanet.to_string()),
                    ("version", version.version.to_string()),
                    ("versionRoot", json::bytes(version.root)),
                ],
                &version,
            ),
            plain(
                "a phrase",
                vec![("ids", json::bytes(gram.ids.map(|id| id.0).concat()))],
                &gram,
            ),
            answer("a public answer", Visibility::Public),
            answer("a sealed answer", Visibility::Sealed),
            tile("a span that ends its document", &span()),
            tile("a gap", &gap()),
            tile("an echo", &echo()),
            tile("a short span", &Tile { len: 1, ..span() }),
            tile(
                "an echo of the last words that a prompt can have",
                &Tile {
                    seq: (1 << 32) - 12,
                    ..echo()
                },
            ),
            tile(
                "boilerplate",
                &Tile {
                    kind: TileKind::Boiler,
                    ..span()
                },
            ),
            plain(
                "an answer's row",
                vec![
                    ("i", row.i.to_string()),
                    ("tilingRoot", json::bytes(row.tiling_root)),
                    ("tiles", row.tiles.to_string()),
                    ("dataPool", row.data_pool.to_string()),
                ],
                &row,
            ),
            summed(
                "a model's row",
                vec![
                    ("modelVersion", model.model_version.to_string()),
                    ("train", model.train.to_string()),
                    ("ansRoot", json::bytes(model.answers_root)),
                ],
                &model,
            ),
            summed(
                "an answer's training share",
                vec![
                    ("i", train.i.to_string()),
                    ("train", train.train.to_string()),
                ],
                &train,
            ),
            summed(
                "a contributor's row",
                vec![
                    ("contributorId", payout.contributor.to_string()),
                    ("cumulative", payout.cumulative.to_string()),
                    ("earned", payout.earned.to_string()),
                    ("earnRoot", json::bytes(payout.earnings_root)),
                ],
                &payout,
            ),
            summed(
                "an earning",
                vec![
                    ("i", earning.i.to_string()),
                    ("tile", earning.tile.to_string()),
                    ("hop", earning.hop.to_string()),
                    ("amount", earning.amount.to_string()),
                ],
                &earning,
            ),
        ],
        not_leaves: not_leaves(),
        tiling: tiling(),
        contribution: contribution(),
    }
}

fn not_leaf<L: Leaf>(name: &'static str, encoded: Vec<u8>) -> NotLeaf {
    let error = match L::decode(&encoded).err().expect(name) {
        LeafError::Length { .. } => "length",
        LeafError::Tag { .. } => "tag",
        LeafError::Range(field) => field,
    };
    NotLeaf {
        tag: L::TAG.into(),
        name,
        encoded: json::bytes(encoded),
        error: error.into(),
    }
}

fn not_leaves() -> Vec<NotLeaf> {
    let patched = |mut bytes: Vec<u8>, at: usize, byte: u8| {
        bytes[at] = byte;
        bytes
    };
    let chunk = Chunk::new(0, B256::ZERO, &[word(0)])
        .expect("a chunk")
        .encode();
    let document = |change: fn(&mut Document)| {
        let mut document = derivative();
        change(&mut document);
        document.encode()
    };
    let tile = |change: fn(&mut Tile)| {
        let mut tile = span();
        change(&mut tile);
        tile.encode()
    };
    let answer = [&[b'R'][..], &[0; 129]].concat();
    vec![
        not_leaf::<Earning>("nothing", vec![]),
        not_leaf::<Earning>("a byte too few", earning().encode()[..29].to_vec()),
        not_leaf::<Earning>("a byte too many", [&earning().encode()[..], &[0]].concat()),
        not_leaf::<Earning>("another leaf's tag", patched(earning().encode(), 0, b'P')),
        not_leaf::<Earning>("a third hop", patched(earning().encode(), 13, 2)),
        not_leaf::<Chunk>("no words", patched(chunk.clone(), 37, 0)),
        not_leaf::<Chunk>("33 words", patched(chunk.clone(), 37, 33)),
        not_leaf::<Chunk>("something behind the words", patched(chunk, 549, 1)),
        not_leaf::<Document>("no such kind", patched(derivative().encode(), 17, 8)),
        not_leaf::<Document>("no words", document(|d| d.words = 0)),
        not_leaf::<Document>("513 words", document(|d| d.words = 513)),
        not_leaf::<Document>("more than all of it", document(|d| d.contain_bps = 10_001)),
        not_leaf::<Document>(
            "an original with a parent",
            document(|d| d.contain_bps = 1_499),
        ),
        not_leaf::<Document>("its own parent", document(|d| d.parent_seq = d.seq)),
        not_leaf::<Document>(
            "a root after the parent",
            document(|d| d.root_seq = d.parent_seq + 1),
        ),
        not_leaf::<Document>(
            "a CID of another codec",
            patched(derivative().encode(), 115, 0x71),
        ),
        not_leaf::<Answer>("no such visibility", patched(answer, 61, 2)),
        not_leaf::<Tile>("no such kind", patched(span().encode(), 6, 4)),
        not_leaf::<Tile>(
            "an echo beyond the longest prompt",
            tile(|t| {
                *t = Tile {
                    seq: (1 << 32) - 11,
                    ..echo()
                }
            }),
        ),
        not_leaf::<Tile>(
            "an echo with an offset",
            tile(|t| {
                *t = Tile {
                    offset: 1,
                    ..echo()
                }
            }),
        ),
        not_leaf::<Tile>("65 words", tile(|t| (t.len, t.offset) = (65, 0))),
        not_leaf::<Tile>("no words", tile(|t| *t = Tile { len: 0, ..gap() })),
        not_leaf::<Tile>("beyond the longest document", tile(|t| t.offset = 501)),
        not_leaf::<Tile>(
            "beyond the longest output",
            tile(|t| t.start = u32::MAX - 11),
        ),
        not_leaf::<Tile>(
            "a gap with a document",
            tile(|t| *t = Tile { seq: 1, ..gap() }),
        ),
        not_leaf::<Tile>(
            "a gap with an offset",
            tile(|t| *t = Tile { offset: 1, ..gap() }),
        ),
        not_leaf::<PayoutRow>(
            "more earned than ever",
            PayoutRow {
                earned: 10u128.pow(24) + 1,
                ..payout()
            }
            .encode(),
        ),
    ]
}

fn tiling() -> Tiling {
    let tiles = [
        gap(),
        span(),
        Tile {
            start: 52,
            len: 8,
            ..echo()
        },
        Tile {
            start: 60,
            len: 64,
            offset: 0,
            ..span()
        },
    ];
    let tree = SumTree::new(tiles.iter().map(Summed::sum_node).collect()).expect("small");
    Tiling {
        tiles: tiles
            .iter()
            .map(|tile| json::bytes(tile.encode()))
            .collect(),
        words: (tree.sum() >> 64).to_string(),
        weight: (tree.sum() as u64).to_string(),
        sum: tree.sum().to_string(),
        root: json::bytes(tree.root()),
    }
}

fn contribution() -> Contribution {
    let text = "All human beings are born free and equal in dignity and rights. They are endowed with \
        reason and conscience and should act towards one another in a spirit of brotherhood. \
        Everyone is entitled to all the rights and freedoms set forth in this Declaration.";
    let ids: Vec<WordId> = words(text).map(|word| word.id()).collect();
    let chunks: Vec<Chunk> = chunks(&ids, |_| B256::ZERO)
        .collect::<Result<_, _>>()
        .expect("few");
    let chunk_root = HashTree::new(chunks.iter().map(Leaf::hash).collect()).root();
    let sketch = Sketch::of(&ids).expect("a document");
    let document = Document {
        seq: 7 << 32,
        part: 0,
        words: ids.len() as u16,
        chunk_root,
        sketch_hash: sketch.hash(),
        parent_seq: 7 << 32,
        root_seq: 7 << 32,
        contain_bps: 0,
        raw_cid: cid(),
        ..original()
    };
    let batch = Batch {
        commit_seq: 7,
        root: HashTree::new(vec![document.hash()]).root(),
    };
    let mut batches = AppendTree::default();
    batches.push(batch.hash());
    let version = DatanetVersion {
        datanet: 2,
        version: 0,
        root: batches.root(),
    };
    let corpus = HashTree::new(vec![version.hash()]);
    Contribution {
        text,
        word_ids: ids.iter().map(|id| json::bytes(id.0)).collect(),
        chunks: chunks
            .iter()
            .map(|chunk| json::bytes(chunk.encode()))
            .collect(),
        chunk_root: json::bytes(chunk_root),
        sketch: json::bytes(sketch.encode()),
        sketch_hash: json::bytes(sketch.hash()),
        document: json::bytes(document.encode()),
        batch_root: json::bytes(batch.root),
        batch: json::bytes(batch.encode()),
        version_root: json::bytes(version.root),
        version: json::bytes(version.encode()),
        corpus_root: json::bytes(corpus.root()),
    }
}
