//! A world that is always the same, with one of everything.

use super::{Dataset, World, salt, word};
use alloy_primitives::{Address, B256};
use openledger_attribution::{
    Epoch, Leaf, Text, WordId,
    leaf::{Answer, Context, ContributionKind, Document, GRAM_LEN, Item, RawCid, Visibility},
    pay::{SplitTable, Terms},
};
use std::{collections::BTreeMap, ops::Range};

/// The first document, an original.
pub const A: u64 = 1 << 32;
/// An original, of which the beginning is boilerplate.
const B: u64 = A + 1;
/// Derives from `A`.
const C: u64 = 2 << 32;
/// Held: most of it stands in `A`. Of the second Datanet, as the next is.
pub const D: u64 = 3 << 32;
/// An original.
const E: u64 = D + 1;

fn own(words: Range<usize>) -> Vec<WordId> {
    words.map(word).collect()
}

/// A document's words, its contributor, and how much of it stands in which parent.
fn made(seq: u64, words: Vec<WordId>, contributor: u64, contain_bps: u16) -> (Document, Text) {
    let text = Text::new(words, |_| B256::ZERO).expect("short");
    let (parent_seq, root_seq) = match contain_bps {
        0..1_500 => (seq, seq),
        _ => (A, A),
    };
    let document = Document {
        seq,
        contributor,
        kind: ContributionKind::Data,
        file: 0,
        part: (seq & 1) as u32,
        words: text.words().len() as u16,
        chunk_root: text.root(),
        sketch_hash: B256::with_last_byte(contributor as u8),
        parent_seq,
        root_seq,
        contain_bps,
        licence: 1,
        raw_cid: RawCid::NONE,
    };
    assert_eq!(document.check(), Ok(()));
    (document, text)
}

impl World {
    /// Five documents of three contributors in two Datanets, a fourth contributor who is new; seven answers of two model versions:
    /// with an echo and a derivative; with a long gap, boilerplate and a held document; sealed; without words; all of one document; with a match
    /// and an echo of more than a tile, and with what was retrieved; not published.
    pub fn fixed() -> Self {
        let a = own(0..70);
        let b = own(100..140);
        let c = [own(200..240), a[10..30].to_vec()].concat();
        let d = [&a[..45], &own(300..320), &b[5..25]].concat();
        let e = own(400..440);
        let all = [
            made(A, a.clone(), 0, 0),
            made(B, b.clone(), 1, 1_499),
            made(C, c.clone(), 2, 2_222),
            made(D, d.clone(), 1, 6_000),
            made(E, e.clone(), 2, 0),
        ];
        let of = |commit: u32| {
            let documents = all.iter().map(|(document, _)| document);
            let its = documents.filter(|document| document.seq >> 32 == u64::from(commit));
            (commit, its.cloned().collect())
        };
        let datasets = vec![
            Dataset::new(4, vec![of(1), of(2)]),
            Dataset::new(7, vec![of(3)]),
        ];
        let phrases = [&b[..10], &e[8..20]];
        let phrases = phrases.iter().flat_map(|words| words.windows(GRAM_LEN));
        let phrases = phrases.map(|ids| <[WordId; GRAM_LEN]>::try_from(ids).expect("eight words"));
        let said = [
            // A span, a gap, a derivative's span, an echo, a gap.
            (
                1,
                Visibility::Public,
                5_000_000_000_000_000_000,
                [
                    &a[..30],
                    &own(500..503),
                    &c[20..40],
                    &a[42..56],
                    &own(503..504),
                ]
                .concat(),
                [&a[40..60], &own(600..620)].concat(),
            ),
            // A gap of two tiles, boilerplate, a held document's span, an original's.
            (
                2,
                Visibility::Public,
                1_234_567_890_123_456_789,
                [&own(510..580), &b[..10], &d[45..63], &e[20..40]].concat(),
                own(620..630),
            ),
            (
                2,
                Visibility::Sealed,
                1_000_003,
                own(700..720),
                own(630..640),
            ),
            (1, Visibility::Public, 999, vec![], own(640..645)),
            (2, Visibility::Public, 77_777, a[5..45].to_vec(), vec![]),
            // A span of 64 and one of 6, a gap, an echo of 64 and one of 5, a gap.
            (
                1,
                Visibility::Public,
                2_000_000_000_000_000_003,
                [&a[..70], &own(504..507), &own(805..874), &own(507..508)].concat(),
                own(800..880),
            ),
            // Somebody keeps it back.
            (
                1,
                Visibility::Public,
                1_003,
                a[..20].to_vec(),
                own(645..650),
            ),
        ];
        let first = 7;
        let (mut answers, mut outputs) = (Vec::new(), Vec::new());
        let (mut prompts, mut contexts) = (Vec::new(), Vec::new());
        let item = |seq, contributor, weight| Item {
            seq,
            contributor,
            weight,
        };
        for (i, (model_version, visibility, fee, output, prompt)) in (first..).zip(said) {
            let output = Text::new(output, salt).expect("short");
            let prompt = Text::new(prompt, salt).expect("short");
            let items = match i {
                // Of the last the contributor is not known; and of the sealed answer they do not count.
                9 | 12 => vec![item(B, 1, 3), item(E, 2, 1), item(D, 9, 5)],
                _ => vec![],
            };
            let context = Context::new(prompt.root(), &items).expect("few");
            answers.push(Answer {
                i,
                model_version,
                payer: Address::repeat_byte(i as u8),
                fee,
                tokens_in: 50,
                tokens_out: 100,
                visibility,
                context_root: context.root(),
                output_root: output.root(),
                words: output.words().len() as u32,
            });
            outputs.push(output);
            prompts.push(prompt);
            contexts.push(context);
        }
        let dear = SplitTable {
            licensor: 0,
            tuner: 1_500,
            compute: 2_000,
            stakers: 499,
            data: 6_001,
        };
        let mut world = Self {
            first,
            answers,
            before: Vec::new(),
            contributors: 4,
            documents: all
                .iter()
                .map(|(document, _)| (document.seq, document.clone()))
                .collect(),
            texts: all
                .into_iter()
                .map(|(document, text)| (document.seq, text))
                .collect(),
            // Of the first, leaves name others.
            contributions: BTreeMap::from([(1, 3), (2, 2), (3, 1)]),
            datasets,
            outputs,
            prompts,
            contexts,
            unpublished: [6].into(),
            phrases: phrases
                .collect::<openledger_attribution::Boilerplate>()
                .into(),
            terms: BTreeMap::from([
                (
                    1,
                    Terms::default().with_retrieval(2_500).expect("in bounds"),
                ),
                (2, Terms::new(333, dear).expect("in bounds")),
            ]),
            epoch_before: Epoch {
                answers: vec![],
                models: vec![],
                payouts: vec![],
            },
        };
        let before = Epoch::compute(0, &[], &world, &[700, 0, 10u128.pow(20)], 3);
        world.epoch_before = before.expect("no answers");
        world.before = world.epoch_before.cumulative();
        world
    }
}
