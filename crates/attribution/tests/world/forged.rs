//! Responses that answer nothing, made of one that answers: each holds what is in the epoch, but for one thing.

use super::{World, published::corpus};
use alloy_primitives::B256;
use openledger_attribution::{
    Demand, Response, SumNode,
    demand::{CorpusOpening, PhraseOpening, PlaceOpening, RowOpening},
    dispute::Evidence,
    fault::LeafOpening,
    leaf::Answer,
    tree::{Node, Proof, SumTop},
};

/// What is changed, and what comes of it.
pub type Forged = Vec<(&'static str, Response)>;

type Change<T> = (&'static str, fn(&mut T));

/// A proof with another last sibling, or with one where it has none.
fn another_sibling<N: Node>(proof: &mut Proof<N>, other: impl Fn(Option<N>) -> N) {
    match proof.siblings.pop() {
        Some(sibling) => proof.siblings.push(other(Some(sibling))),
        None => (proof.count, proof.siblings) = (2, vec![other(None)]),
    }
}

fn another_hash(hash: Option<B256>) -> B256 {
    let mut hash = hash.unwrap_or_default();
    hash.0[31] ^= 1;
    hash
}

fn another_node(node: Option<SumNode>) -> SumNode {
    let node = node.unwrap_or_default();
    let sum = node.sum + 1;
    SumNode { sum, ..node }
}

const ROW: &[Change<RowOpening>] = &[
    ("another row", |row| {
        let last = row.bytes.len() - 1;
        row.bytes[last] ^= 1;
    }),
    ("a row of no bytes", |row| row.bytes.clear()),
    ("a row of too many bytes", |row| row.bytes.resize(551, 0)),
    ("a row with another sibling", |row| {
        another_sibling(&mut row.proof, another_hash);
    }),
];

const LEAF: &[Change<LeafOpening>] = &[
    ("another leaf", |leaf| {
        let last = leaf.bytes.len() - 1;
        leaf.bytes[last] ^= 1;
    }),
    ("a leaf of no bytes", |leaf| leaf.bytes.clear()),
    ("a leaf of too many bytes", |leaf| leaf.bytes.resize(551, 0)),
    ("another sum", |leaf| leaf.stated += 1),
    ("a leaf with another sibling", |leaf| {
        another_sibling(&mut leaf.proof, another_node);
    }),
    ("a leaf with a sum that is too large", |leaf| {
        leaf.stated = u128::MAX
    }),
];

const TOP: &[Change<SumTop>] = &[
    ("a top of another count", |top| {
        let node = top.top.unwrap_or_default();
        (top.count, top.top) = (top.count + 1, Some(node));
    }),
    ("a top of no leaves", |top| {
        (top.count, top.top) = (0, None);
    }),
    ("another top", |top| {
        (top.count, top.top) = (top.count.max(1), Some(another_node(top.top)));
    }),
];

const CORPUS: &[Change<CorpusOpening>] = &[
    ("an answer that was not paid so", |opening| {
        opening.answer.fee += 1
    }),
    ("another document", |opening| {
        opening.source.opening.document.licence += 1
    }),
    ("another batch", |opening| {
        opening.source.opening.batch.commit_seq += 1
    }),
    ("another Datanet version", |opening| {
        opening.source.opening.version.version += 1
    }),
    ("a version with another sibling", |opening| {
        another_sibling(&mut opening.source.in_corpus, another_hash);
    }),
];

const PHRASE: &[Change<PhraseOpening>] = &[
    ("an answer that was not paid so", |opening| {
        opening.answer.fee += 1
    }),
    ("no words", |opening| opening.output.chunks.clear()),
    ("other words", |opening| {
        opening.output.chunks[0].0.salt.0[0] ^= 1
    }),
    ("another phrase", |opening| {
        another_sibling(&mut opening.phrase, another_hash);
    }),
];

/// Applies changes to what one part is.
fn changed<T: Clone>(changes: &[Change<T>], part: &T, whole: impl Fn(T) -> Response) -> Forged {
    let change = |(name, change): &Change<T>| {
        let mut part = part.clone();
        change(&mut part);
        (*name, whole(part))
    };
    changes.iter().map(change).collect()
}

fn rows(row: &RowOpening, whole: impl Fn(RowOpening) -> Response) -> Forged {
    changed(ROW, row, whole)
}

fn places(of: &PlaceOpening, whole: impl Fn(PlaceOpening) -> Response) -> Forged {
    let PlaceOpening { leaf, top } = of;
    let mut all = Vec::new();
    if let Some(leaf) = leaf {
        all.extend(changed(LEAF, leaf, |leaf| {
            let leaf = Some(leaf);
            whole(PlaceOpening { leaf, top: None })
        }));
        let top = Some(SumTop {
            count: leaf.proof.count,
            top: Some(SumNode::default()),
        });
        let leaf = Some(leaf.clone());
        all.push(("a leaf and a top", whole(PlaceOpening { leaf, top })));
    }
    if let Some(top) = top {
        all.extend(changed(TOP, top, |top| {
            let top = Some(top);
            whole(PlaceOpening { leaf: None, top })
        }));
    }
    match of == &PlaceOpening::default() {
        true => {
            let top = SumTop {
                count: 0,
                top: None,
            };
            let of = PlaceOpening {
                leaf: None,
                top: Some(top),
            };
            all.push(("a place where there is no tree", whole(of)));
        }
        false => all.push(("nothing of a place", whole(PlaceOpening::default()))),
    }
    all
}

/// Of another answer of the world, or the same one where there is no other.
fn another(world: &World, answer: &Answer) -> Answer {
    let other = world.answers.iter().find(|other| other.i != answer.i);
    other.unwrap_or(answer).clone()
}

fn sources(
    world: &World,
    demand: &Demand,
    source: &Option<CorpusOpening>,
    whole: impl Fn(Option<CorpusOpening>) -> Response,
) -> Forged {
    let Some(opening) = source else {
        let [i, ..] = demand.numbers();
        let model = Evidence::answer(world, i).expect("there").model_version;
        let tile = openledger_attribution::leaf::Tile {
            start: 0,
            len: 8,
            kind: openledger_attribution::TileKind::Span,
            seq: world.corpus_seqs(model)[0],
            offset: 0,
        };
        let not_asked_for = corpus(world, i, &tile);
        return vec![("a document that is not asked for", whole(not_asked_for))];
    };
    let mut all = changed(CORPUS, opening, |opening| whole(Some(opening)));
    all.push(("no document", whole(None)));
    let other = CorpusOpening {
        answer: another(world, &opening.answer),
        ..opening.clone()
    };
    if other != *opening {
        all.push(("another answer", whole(Some(other))));
    }
    let model = opening.answer.model_version;
    let seqs = world.corpus_seqs(model).into_iter();
    let mut others = seqs.filter(|seq| *seq != opening.source.document().seq);
    if let Some(seq) = others.next() {
        let (source, _) = world.source(model, seq).expect("in the corpus");
        let answer = opening.answer.clone();
        let other = CorpusOpening { answer, source };
        all.push(("another document of the corpus", whole(Some(other))));
    }
    all
}

/// See the module. What is made of a response to a demand does not answer it.
pub fn forged(world: &World, demand: &Demand, response: &Response) -> Forged {
    let mut all = Vec::new();
    match response.clone() {
        Response::Answer(row) => all.extend(rows(&row, Response::Answer)),
        Response::Tile(row, tile) => {
            all.extend(rows(&row, |row| Response::Tile(row, tile.clone())));
            all.extend(places(&tile, |tile| Response::Tile(row.clone(), tile)));
        }
        Response::Source(row, tile, source) => {
            let whole = |row: &RowOpening, tile: &PlaceOpening, source: &Option<CorpusOpening>| {
                Response::Source(row.clone(), tile.clone(), source.clone())
            };
            all.extend(rows(&row, |row| whole(&row, &tile, &source)));
            all.extend(places(&tile, |tile| whole(&row, &tile, &source)));
            all.extend(sources(world, demand, &source, |source| {
                whole(&row, &tile, &source)
            }));
        }
        Response::Chunk(row, tile, source, chunk) => {
            let whole = |row: &RowOpening, tile: &PlaceOpening, source: &Option<CorpusOpening>| {
                Response::Chunk(row.clone(), tile.clone(), source.clone(), chunk.clone())
            };
            all.extend(rows(&row, |row| whole(&row, &tile, &source)));
            all.extend(places(&tile, |tile| whole(&row, &tile, &source)));
            all.extend(sources(world, demand, &source, |source| {
                whole(&row, &tile, &source)
            }));
            let with = |chunk| Response::Chunk(row.clone(), tile.clone(), source.clone(), chunk);
            all.extend(chunks(world, &source, &chunk, with));
        }
        Response::Phrase(row, tile, phrase) => {
            let whole = |row: &RowOpening, tile: &PlaceOpening, phrase: &Option<PhraseOpening>| {
                Response::Phrase(row.clone(), tile.clone(), phrase.clone())
            };
            all.extend(rows(&row, |row| whole(&row, &tile, &phrase)));
            all.extend(places(&tile, |tile| whole(&row, &tile, &phrase)));
            all.extend(phrases(world, demand, &phrase, |phrase| {
                whole(&row, &tile, &phrase)
            }));
        }
        Response::Model(model) => all.extend(places(&model, Response::Model)),
        Response::Gift(model, gift) => {
            all.extend(places(&model, |model| Response::Gift(model, gift.clone())));
            all.extend(places(&gift, |gift| Response::Gift(model.clone(), gift)));
        }
        Response::Payout(payout) => all.extend(changed(LEAF, &payout, Response::Payout)),
        Response::Earning(payout, earning) => {
            let whole = |payout: &LeafOpening, earning: &PlaceOpening| {
                Response::Earning(payout.clone(), earning.clone())
            };
            all.extend(changed(LEAF, &payout, |payout| whole(&payout, &earning)));
            all.extend(places(&earning, |earning| whole(&payout, &earning)));
        }
    }
    all.retain(|(_, forged)| forged != response);
    all
}

type ChunkOpening = (openledger_attribution::leaf::Chunk, Proof<B256>);

fn chunks(
    world: &World,
    source: &Option<CorpusOpening>,
    chunk: &Option<ChunkOpening>,
    whole: impl Fn(Option<ChunkOpening>) -> Response,
) -> Forged {
    let of = |seq: &u64| world.texts[seq].open_whole().chunks;
    let Some(chunk) = chunk else {
        // Of the document, where there is one.
        let seq = source.as_ref().map(|source| source.source.document().seq);
        let seq = seq.unwrap_or_else(|| *world.texts.keys().next().expect("documents"));
        let not_asked_for = Some(of(&seq)[0].clone());
        return vec![("a chunk that is not asked for", whole(not_asked_for))];
    };
    let source = source.as_ref().expect("with a chunk");
    let mut all = vec![("no chunk", whole(None))];
    let mut others = of(&source.source.document().seq).into_iter();
    if let Some(other) = others.find(|other| other.0.index != chunk.0.index) {
        all.push(("another chunk of the document", whole(Some(other))));
    }
    let mut other = chunk.clone();
    other.0.salt.0[31] ^= 1;
    all.push(("another chunk", whole(Some(other))));
    let mut other = chunk.clone();
    another_sibling(&mut other.1, another_hash);
    all.push(("a chunk with another sibling", whole(Some(other))));
    all
}

fn phrases(
    world: &World,
    demand: &Demand,
    phrase: &Option<PhraseOpening>,
    whole: impl Fn(Option<PhraseOpening>) -> Response,
) -> Forged {
    let [i, ..] = demand.numbers();
    let Some(opening) = phrase else {
        let phrase = Proof {
            index: 0,
            count: 1,
            siblings: vec![],
        };
        let not_asked_for = PhraseOpening {
            answer: Evidence::answer(world, i).expect("there").clone(),
            output: Default::default(),
            phrase,
        };
        return vec![("a phrase that is not asked for", whole(Some(not_asked_for)))];
    };
    let mut all = changed(PHRASE, opening, |opening| whole(Some(opening)));
    all.push(("no phrase", whole(None)));
    let other = PhraseOpening {
        answer: another(world, &opening.answer),
        ..opening.clone()
    };
    if other != *opening {
        all.push(("another answer", whole(Some(other))));
    }
    all
}
