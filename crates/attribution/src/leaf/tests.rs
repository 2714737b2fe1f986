use super::*;
use crate::tree::{HashTree, SortedLeaf, SumTree};
use crate::word::WordId;
use alloy_primitives::{Address, keccak256};
use proptest::prelude::*;
use std::fmt::Debug;

/// Round trip; every other length and tag is an error; every bit of the encoding is a bit of the hash.
fn check<L: Leaf + Clone + PartialEq + Debug>(leaf: L, len: usize) {
    let bytes = leaf.encode();
    assert_eq!(bytes.len(), len);
    assert_eq!(L::LEN, len);
    assert_eq!(L::decode(&bytes).as_ref(), Ok(&leaf));
    assert_eq!(leaf.hash(), keccak256([&[0], &bytes[..]].concat()));
    let expected = len;
    for found in (0..len).chain([len + 1, len + 32]) {
        let other = bytes.iter().copied().chain([0; 32]).take(found);
        let error = LeafError::Length { expected, found };
        assert_eq!(L::decode(&other.collect::<Vec<_>>()), Err(error));
    }
    for at in 0..len {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            match L::decode(&other) {
                Ok(decoded) => {
                    assert!(at > 0, "another tag");
                    assert_eq!(decoded.encode(), other);
                    assert_ne!(decoded.hash(), leaf.hash());
                }
                Err(LeafError::Tag { .. }) => assert_eq!(at, 0),
                Err(error) => assert!(matches!(error, LeafError::Range(_)), "{error}"),
            }
        }
    }
}

fn refused<L: Leaf + PartialEq + Debug>(leaf: L, field: &'static str) {
    assert_eq!(leaf.check(), Err(LeafError::Range(field)));
    assert_eq!(L::decode(&leaf.encode()), Err(LeafError::Range(field)));
}

fn root() -> impl Strategy<Value = B256> {
    any::<[u8; 32]>().prop_map(B256::from)
}

fn word() -> impl Strategy<Value = WordId> {
    any::<[u8; 16]>().prop_map(WordId)
}

fn document() -> Document {
    Document {
        seq: 9 << 32 | 4,
        contributor: 17,
        kind: ContributionKind::Data,
        file: 0,
        part: 1,
        words: 512,
        chunk_root: B256::repeat_byte(1),
        sketch_hash: B256::repeat_byte(2),
        parent_seq: 9 << 32 | 4,
        root_seq: 9 << 32 | 4,
        contain_bps: 1_499,
        licence: 3,
        raw_cid: RawCid::NONE,
    }
}

#[test]
fn a_document_is_in_range() {
    check(document(), 150);
    let derived = Document {
        contain_bps: 1_500,
        parent_seq: 8,
        root_seq: 8,
        ..document()
    };
    check(derived.clone(), 150);
    let with = |change: fn(&mut Document)| {
        let mut document = derived.clone();
        change(&mut document);
        document
    };
    refused(with(|d| d.words = 0), "words");
    refused(with(|d| d.words = 513), "words");
    refused(with(|d| d.contain_bps = 10_001), "containBps");
    refused(with(|d| d.parent_seq = d.seq), "parentSeq");
    refused(with(|d| d.contain_bps = 1_499), "parentSeq");
    refused(with(|d| d.root_seq = 9), "rootSeq");
    let original = Document {
        root_seq: 0,
        ..document()
    };
    refused(original, "rootSeq");
    let mut bytes = document().encode();
    bytes[17] = 8;
    assert_eq!(Document::decode(&bytes), Err(LeafError::Range("kind")));
}

#[test]
fn a_cid_is_one_of_a_file() {
    let mut cid = [7; 36];
    cid[..4].copy_from_slice(&[0x01, 0x70, 0x12, 0x20]);
    assert!(RawCid::new(cid).is_ok());
    cid[1] = 0x55;
    assert!(RawCid::new(cid).is_ok());
    cid[1] = 0x71;
    assert_eq!(RawCid::new(cid), Err(LeafError::Range("rawCid")));
    let mut nearly_none = [0; 36];
    nearly_none[35] = 1;
    assert_eq!(RawCid::new(nearly_none), Err(LeafError::Range("rawCid")));
}

#[test]
fn a_chunk_has_words_and_nothing_behind_them() {
    let ids: Vec<WordId> = (0..33u8).map(|i| WordId::of(&[i])).collect();
    let error = |field| Err(LeafError::Range(field));
    assert_eq!(Chunk::new(0, B256::ZERO, &[]), error("n"));
    assert_eq!(Chunk::new(0, B256::ZERO, &ids), error("n"));
    let chunk = Chunk::new(0, B256::ZERO, &ids[..3]).expect("a chunk");
    check(chunk.clone(), 550);
    let mut bytes = chunk.encode();
    bytes[549] = 1;
    assert_eq!(Chunk::decode(&bytes), error("an id beyond n"));
    let mut bytes = chunk.encode();
    bytes[37] = 33;
    assert_eq!(Chunk::decode(&bytes), error("n"));
    let cut: Vec<_> = chunks(&ids, |_| B256::ZERO)
        .collect::<Result<_, _>>()
        .expect("chunks");
    assert_eq!(cut.len(), 2);
    assert_eq!((cut[0].words(), cut[1].words()), (&ids[..32], &ids[32..]));
    assert_eq!((cut[0].index, cut[1].index), (0, 1));
    assert_eq!(chunks(&[], |_| B256::ZERO).count(), 0);
}

#[test]
fn a_tile_is_in_range() {
    let span = Tile {
        start: 40,
        len: 8,
        kind: TileKind::Span,
        seq: 1 << 32,
        offset: 504,
    };
    let gap = Tile {
        len: 1,
        kind: TileKind::Gap,
        seq: 0,
        offset: 0,
        ..span
    };
    check(span, 17);
    check(gap, 17);
    check(Tile { len: 64, ..gap }, 17);
    check(Tile { len: 1, ..span }, 17);
    let echo = Tile {
        kind: TileKind::Echo,
        seq: (1 << 32) - 8,
        offset: 0,
        ..span
    };
    check(echo, 17);
    refused(Tile { len: 9, ..echo }, "seq");
    refused(Tile { offset: 1, ..echo }, "offset");
    refused(Tile { len: 65, ..span }, "len");
    refused(Tile { len: 0, ..gap }, "len");
    refused(Tile { len: 9, ..span }, "offset");
    refused(Tile { seq: 1, ..gap }, "seq");
    refused(Tile { offset: 1, ..gap }, "offset");
    refused(
        Tile {
            start: u32::MAX - 6,
            ..span
        },
        "start",
    );
    check(
        Tile {
            start: u32::MAX - 8,
            ..span
        },
        17,
    );
    let sum = |kind| Tile { kind, ..span }.sum();
    assert_eq!(sum(TileKind::Span), 8 << 64 | 8);
    assert_eq!(sum(TileKind::Echo), 8 << 64);
    assert_eq!(sum(TileKind::Boiler), 8 << 64);
    assert_eq!(gap.sum(), 1 << 64);
}

#[test]
fn rows_are_in_range() {
    let payout = PayoutRow {
        contributor: 5,
        cumulative: 10,
        earned: 10,
        earnings_root: B256::ZERO,
    };
    check(payout.clone(), 73);
    refused(
        PayoutRow {
            earned: 11,
            ..payout
        },
        "earned",
    );
    let earning = Earning {
        i: 1,
        tile: 2,
        hop: 1,
        amount: 3,
    };
    check(earning, 30);
    refused(Earning { hop: 2, ..earning }, "hop");
    assert!(
        earning.key()
            < Earning {
                tile: 3,
                hop: 0,
                ..earning
            }
            .key()
    );
}

#[test]
fn tilings_add_up_words_and_weight_apart() {
    let tile = |start, len, kind| Tile {
        start,
        len,
        kind,
        seq: 0,
        offset: 0,
    };
    let tiles = [
        tile(0, 64, TileKind::Gap),
        tile(64, 20, TileKind::Span),
        tile(84, 10, TileKind::Echo),
    ];
    let tree = SumTree::new(tiles.iter().map(Summed::sum_node).collect()).expect("small");
    assert_eq!(tree.sum(), 94 << 64 | 20);
}

#[test]
fn no_two_kinds_share_a_tag() {
    let tags = [
        Chunk::TAG,
        Document::TAG,
        Batch::TAG,
        DatanetVersion::TAG,
        Gram::TAG,
        Answer::TAG,
        Tile::TAG,
        AnswerRow::TAG,
        ModelRow::TAG,
        TrainRow::TAG,
        PayoutRow::TAG,
        Earning::TAG,
        WeightRow::TAG,
        // Sketches are hashed as leaves are.
        b'S',
    ];
    assert_eq!(&tags, b"CDBVGRTAMNPEWS");
    let different: std::collections::BTreeSet<u8> = tags.into();
    assert_eq!(different.len(), tags.len());
}

#[test]
fn a_leaf_stands_in_its_tree() {
    let rows: Vec<TrainRow> = (0..5).map(|i| TrainRow { i: i * 2, train: 9 }).collect();
    let tree = SumTree::new(rows.iter().map(SortedLeaf::node).collect()).expect("small");
    let proof = tree.prove(3).expect("a leaf");
    let top = proof
        .verify(tree.root(), rows[3].sum_node())
        .expect("is there");
    assert_eq!(top.sum, 45);
    let gram = Gram {
        ids: [WordId::of(b"a"); GRAM_LEN],
    };
    let tree = HashTree::new(vec![gram.node()]);
    let proof = tree.prove(0).expect("a leaf");
    assert!(proof.verify(tree.root(), gram.node()).is_ok());
}

/// Bytes with the right tag and length.
fn any_bytes<L: Leaf>(bytes: &[u8]) {
    let mut bytes: Vec<u8> = bytes.iter().copied().cycle().take(L::LEN).collect();
    bytes[0] = L::TAG;
    match L::decode(&bytes) {
        Ok(leaf) => {
            assert_eq!(leaf.check(), Ok(()));
            assert_eq!(leaf.encode(), bytes);
        }
        Err(error) => assert!(matches!(error, LeafError::Range(_)), "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn chunks_are_what_they_encode_to(index: u32, salt in root(), ids in prop::collection::vec(word(), 1..=32)) {
        check(Chunk::new(index, salt, &ids).expect("a chunk"), 550);
    }

    #[test]
    fn documents_are_what_they_encode_to(
        commit: u32, index: u32, contributor: u64, kind in 0..8u8, words in 1..=512u16, chunk_root in root(), contain_bps in 0..=10_000u16,
    ) {
        let seq = (u64::from(commit) << 32 | u64::from(index)).max(1);
        let kind = <ContributionKind as super::field::Field>::take(&mut &[kind][..]).expect("a kind");
        let parent_seq = if contain_bps < 1_500 { seq } else { seq - 1 };
        check(Document { seq, contributor, kind, words, chunk_root, contain_bps, parent_seq, root_seq: parent_seq, ..document() }, 150);
    }

    #[test]
    fn answers_are_what_they_encode_to(
        i: u64, model_version: u64, payer: [u8; 20], fee: u128, tokens_in: u32, tokens_out: u32, public: bool, output_root in root(), words: u32,
    ) {
        let visibility = if public { Visibility::Public } else { Visibility::Sealed };
        let payer = Address::from(payer);
        let context_root = B256::ZERO;
        check(Answer { i, model_version, payer, fee, tokens_in, tokens_out, visibility, context_root, output_root, words }, 130);
    }

    #[test]
    fn the_other_leaves_are_what_they_encode_to(
        a: u64, b: u32, c: u128, d: u128, e in root(), ids in prop::array::uniform8(word()),
    ) {
        check(Batch { commit_seq: b, root: e }, 37);
        check(DatanetVersion { datanet: a, version: b, root: e }, 45);
        check(Gram { ids }, 129);
        check(AnswerRow { i: a, tiling_root: e, tiles: b, data_pool: c }, 61);
        check(ModelRow { model_version: a, train: c, answers_root: e }, 57);
        check(TrainRow { i: a, train: c }, 25);
        check(PayoutRow { contributor: a, cumulative: c.max(d), earned: c.min(d), earnings_root: e }, 73);
        check(Earning { i: a, tile: b, hop: (b % 2) as u8, amount: c }, 30);
        check(WeightRow { contributor: a, weight: c }, 25);
    }

    #[test]
    fn any_bytes_are_a_leaf_or_an_error(bytes in prop::collection::vec(prop_oneof![Just(0u8), 0..10u8, any::<u8>()], 1..600)) {
        any_bytes::<Chunk>(&bytes);
        any_bytes::<Document>(&bytes);
        any_bytes::<Batch>(&bytes);
        any_bytes::<DatanetVersion>(&bytes);
        any_bytes::<Gram>(&bytes);
        any_bytes::<Answer>(&bytes);
        any_bytes::<Tile>(&bytes);
        any_bytes::<AnswerRow>(&bytes);
        any_bytes::<ModelRow>(&bytes);
        any_bytes::<TrainRow>(&bytes);
        any_bytes::<PayoutRow>(&bytes);
        any_bytes::<Earning>(&bytes);
        any_bytes::<WeightRow>(&bytes);
    }
}
