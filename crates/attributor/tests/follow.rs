//! A small economy, told by its events.

use alloy_primitives::{Address, B256, Bytes, Log, U256, keccak256};
use alloy_sol_types::SolEvent;
use openledger_attribution::{
    HashTree, Leaf, Summed, Text,
    archive::ArchiveError,
    epoch::tree,
    leaf::{Answer, Context, Visibility},
    words,
};
use openledger_attributor::{
    Claim, ContentError, Contributions, File, FollowError, Follower, SettleError, chunks, content,
};
use openledger_contracts::{
    IContributionRegistry as Contribution, IDatanetRegistry as Datanet, IDemandVerifier,
    IModelFacts, IModelRegistry as Model, IPayableAI as Payment, ISettlement as Settlement,
    addresses,
};

const GRAIN: &str =
    "the farmer sows in autumn and waits through the whole of a long and silent winter for rain";
const DOUGH: &str =
    "flour water salt and a spoon of yesterday's dough rest under a cloth until morning comes";

fn log(address: Address, event: &impl SolEvent) -> Log {
    Log {
        address,
        data: event.encode_log_data(),
    }
}

fn file(text: &str) -> Bytes {
    content(&[File {
        kind: 0,
        cid: Bytes::new(),
        text: text.into(),
    }])
}

fn revealed(seq: u32, contributor: u64, content: Bytes) -> Log {
    log(
        addresses::CONTRIBUTION_REGISTRY,
        &reveal(seq, contributor, content),
    )
}

fn reveal(seq: u32, contributor: u64, content: Bytes) -> Contribution::Revealed {
    Contribution::Revealed {
        commitSeq: seq,
        datanet: 0,
        contributor,
        batch: Contribution::Batch {
            contentRoot: B256::ZERO,
            datanet: 0,
            contributor,
            documents: 1,
            size: content.len() as u64,
            licence: 1,
            kinds: 1,
            parent: 0,
            isInline: true,
        },
        batchRoot: B256::ZERO,
        content,
        bond: U256::ZERO,
    }
}

fn accepted(seq: u32, root: B256, place: u64) -> Log {
    let event = Datanet::BatchAccepted {
        datanet: 0,
        commitSeq: seq,
        batchRoot: root,
        place,
    };
    log(addresses::DATANET_REGISTRY, &event)
}

/// Two contributors' documents, of which a Datanet version and a model version are made.
fn world() -> Follower {
    let mut follower = Follower::default();
    let all = [
        revealed(2, 1, file(DOUGH)),
        // Of no words, and of no form: nobody's documents.
        revealed(3, 1, file("…")),
        revealed(4, 1, Bytes::from_static(b"no files")),
        revealed(1, 0, file(GRAIN)),
    ];
    for log in &all {
        follower.follow(log).expect("well formed");
    }
    publish(&mut follower, &[1, 2]);
    follower
}

/// Makes a Datanet version of commits, and a model version of that.
fn publish(follower: &mut Follower, commits: &[u32]) {
    let mut leaves = Vec::new();
    for (&commit_seq, place) in commits.iter().zip(0..) {
        let root = follower.contributions.admit(commit_seq).expect("words");
        let log = accepted(commit_seq, root, place);
        follower.follow(&log).expect("its documents");
        leaves.push(openledger_attribution::leaf::Batch { commit_seq, root }.hash());
    }
    let version = Datanet::Published {
        datanet: 0,
        version: 0,
        batches: leaves.len() as u64,
        root: HashTree::new(leaves).root(),
    };
    let version = log(addresses::DATANET_REGISTRY, &version);
    follower.follow(&version).expect("its batches");
    follower.follow(&model(follower)).expect("its corpus");
    let roots = |follower: &Follower| follower.contributions.archive.model_roots(1);
    assert_eq!(roots(follower), None);
    follower.contributions.activate(1).expect("published");
    assert!(roots(follower).is_some());
}

fn model(follower: &Follower) -> Log {
    let leaf = openledger_attribution::leaf::DatanetVersion {
        datanet: 0,
        version: 0,
        root: version_root(follower),
    };
    let empty = HashTree::new(vec![]).root();
    let corpus_root = HashTree::new(vec![leaf.hash()]).root();
    let publication = Model::Publication {
        kind: Model::Kind::BASE,
        parents: vec![],
        corpus: vec![Model::DatanetVersion {
            datanet: 0,
            version: 0,
        }],
        contentHash: B256::repeat_byte(1),
        boilerplateRoot: empty,
        weightRow: Bytes::new(),
        weightProof: Bytes::new(),
        declared: false,
        terms: IModelFacts::Terms {
            platformBps: 500,
            retrievalBps: 0,
            split: IModelFacts::SplitTable {
                licensor: 500,
                tuner: 2_500,
                compute: 2_000,
                stakers: 1_000,
                data: 4_000,
            },
        },
        payees: Model::Payees {
            licensor: Address::ZERO,
            tuner: Address::ZERO,
            compute: Address::ZERO,
            stakers: Address::ZERO,
        },
        gateway: Address::ZERO,
        settlement: addresses::SETTLEMENT,
    };
    let record = Model::Record {
        model: 0,
        kind: Model::Kind::BASE,
        depth: 0,
        declared: false,
        isRetired: false,
        activeFrom: 0,
        retiredAt: 0,
        contentHash: publication.contentHash,
        corpusRoot: corpus_root,
        boilerplateRoot: empty,
        weightsRoot: B256::ZERO,
        weightsTotal: 0,
        bond: 0,
        publisher: Address::ZERO,
        settlement: addresses::SETTLEMENT,
    };
    let event = Model::VersionPublished {
        modelVersion: 1,
        model: 0,
        publisher: Address::ZERO,
        record,
        publication,
    };
    log(addresses::MODEL_REGISTRY, &event)
}

fn version_root(follower: &Follower) -> B256 {
    let commits = follower
        .contributions
        .archive
        .batches(0, 0)
        .expect("published");
    let leaves = commits.iter().map(|commit| {
        follower
            .contributions
            .archive
            .batch(*commit)
            .expect("known")
            .hash()
    });
    HashTree::new(leaves.collect()).root()
}

fn text(of: &str) -> Text {
    let salt = |index: u32| keccak256(index.to_be_bytes());
    Text::new(words(of).map(|word| word.id()).collect(), salt).expect("short")
}

/// Pays for an answer; and publishes it by two people, of whom one mixes up the other's chunks with nothing.
fn answered(follower: &mut Follower, i: u64, output: &str, publish: bool) -> u128 {
    let (prompt, output) = (text("what is bread"), text(output));
    let context = Context::new(prompt.root(), &[]).expect("none");
    let answer = Answer {
        i,
        model_version: 1,
        payer: Address::ZERO,
        fee: 1_000_000_007,
        tokens_in: 3,
        tokens_out: 9,
        visibility: Visibility::Public,
        context_root: context.root(),
        output_root: output.root(),
        words: output.words().len() as u32,
    };
    let paid = Payment::Paid {
        i,
        modelVersion: 1,
        payer: Address::ZERO,
        k: 0,
        leaf: answer.encode().into(),
    };
    let mut logs = vec![log(addresses::PAYABLE_AI, &paid)];
    for (by, is_output, of) in [(1, true, &output), (2, true, &prompt), (1, false, &prompt)] {
        let event = Payment::ChunksPublished {
            i,
            by: Address::with_last_byte(by),
            isOutput: is_output,
            first: 0,
            chunks: chunks(of),
        };
        logs.push(log(addresses::PAYABLE_AI, &event));
    }
    if publish {
        let event = Payment::Published {
            i,
            by: Address::with_last_byte(1),
            context: context.bytes().clone(),
        };
        logs.push(log(addresses::PAYABLE_AI, &event));
    }
    for log in &logs {
        follower.follow(log).expect("well formed");
    }
    // 40 % of 95 % of the fee.
    let net = answer.fee - answer.fee * 500 / 10_000;
    net - net * 6_000 / 10_000
}

fn cut(follower: &mut Follower, k: u64, first: u64, end: u64, pool: u128) {
    let event = Settlement::Cut {
        k,
        range: Settlement::Range {
            first,
            end,
            cutAt: 1,
            contributors: 2,
            pool,
            cutBlock: 1,
            l1Block: 1,
        },
    };
    let log = log(addresses::SETTLEMENT, &event);
    follower.follow(&log).expect("all answers are there");
}

#[test]
fn words_are_paid_to_whom_they_are_of() {
    let mut follower = world();
    let mut pool = answered(&mut follower, 0, GRAIN, true);
    pool += answered(
        &mut follower,
        1,
        &format!("my own words first and then {DOUGH}"),
        true,
    );
    // Nobody has published it when the range is cut: it pays by training weight.
    pool += answered(&mut follower, 2, GRAIN, false);
    cut(&mut follower, 0, 0, 3, pool);
    let right = follower.right(0).expect("a range");
    let posting = right.posting(0);
    assert_eq!(posting.payoutSum + posting.trainSum, pool);
    let earned: Vec<u128> = right.epoch.cumulative();
    assert!(earned[0] > earned[1] && earned[1] > 0, "{earned:?}");
    // What is claimed is in the tree that is posted.
    for contributor in [0, 1] {
        let claim = right.claim(contributor).expect("a row");
        assert_eq!(claim.proof.len(), 16 + 48);
        assert_eq!(claim.row[0], b'P');
    }
    assert!(right.claim(2).is_none());
    assert!(right.feed(1).is_some() && right.feed(2).is_none());

    // The right epoch has no fault; another one has, and a proof of it.
    assert_eq!(follower.find_fault(0, &right.epoch).expect("checked"), None);
    let mut wrong = right.epoch.clone();
    let stolen = std::mem::take(&mut wrong.payouts[1].earnings);
    wrong.payouts[0].earnings.extend(stolen);
    for part in &mut wrong.payouts {
        part.earnings.sort_by_key(|of| (of.i, of.tile, of.hop));
        part.row.earned = part.earnings.iter().map(Summed::sum).sum();
        part.row.cumulative = part.row.earned;
        part.row.earnings_root = tree(&part.earnings).expect("small").root();
    }
    assert!(follower.find_fault(0, &wrong).expect("checked").is_some());
}

/// The register knows whose a contribution is, whatever becomes of it: of a copy the one that was repeated is paid, in answers and in weights.
#[test]
fn who_is_repeated_is_paid_though_no_datanet_has_them() {
    let mut follower = Follower::default();
    for log in [revealed(2, 0, file(GRAIN)), revealed(1, 1, file(GRAIN))] {
        follower.follow(&log).expect("well formed");
    }
    publish(&mut follower, &[2]);
    let expelled = Contribution::Expelled {
        commitSeq: 1,
        burned: U256::ZERO,
        reward: U256::ZERO,
    };
    let expelled = log(addresses::CONTRIBUTION_REGISTRY, &expelled);
    follower.follow(&expelled).expect("an event");
    let pool = answered(&mut follower, 0, GRAIN, true);
    cut(&mut follower, 0, 0, 1, pool);
    let right = follower.right(0).expect("a range");
    assert_eq!(right.epoch.cumulative(), [0, pool]);
    let weights = follower.contributions.count_weights(&[(0, 0)]);
    let weights = weights.expect("few words");
    assert!(weights.of(1) > 0);
    assert_eq!(weights.of(1), weights.total());
    // The one whose the copy is takes it, and is found.
    let mut wrong = right.epoch.clone();
    wrong.payouts.swap(0, 1);
    for (part, contributor) in wrong.payouts.iter_mut().zip(0..) {
        part.row.contributor = contributor;
    }
    let proof = follower.find_fault(0, &wrong).expect("checked");
    assert_eq!(proof.expect("a fault")[0], 0x90);
    // What was revealed is so once.
    let again = follower.follow(&revealed(1, 0, file(GRAIN)));
    assert!(matches!(
        again,
        Err(FollowError::Archive(ArchiveError::RevealedTwice(1)))
    ));
}

#[test]
fn a_range_that_fell_back_changes_nobodys_earnings() {
    let mut follower = world();
    for k in 0..3 {
        let pool = answered(&mut follower, k, GRAIN, true);
        cut(&mut follower, k, k, k + 1, pool);
    }
    let earned = |follower: &mut Follower, k| {
        let right = follower.right(k).expect("a range");
        right.epoch.cumulative()[0]
    };
    let once = earned(&mut follower, 0);
    assert_eq!(earned(&mut follower, 2), 3 * once);
    let fell_back = Settlement::FellBack {
        candidate: 1,
        k: 1,
        pool: 0,
    };
    let log = log(addresses::SETTLEMENT, &fell_back);
    follower.follow(&log).expect("an event");
    assert_eq!(earned(&mut follower, 2), 2 * once);
}

/// Somebody's posting of a range, which then is final.
fn settled(follower: &mut Follower, k: u64, posting: Settlement::Posting) {
    let posted = Settlement::Posted {
        candidate: k + 1,
        k,
        poster: Address::ZERO,
        bond: U256::ZERO,
        posting,
        dataRef: Bytes::new(),
    };
    let finalised = Settlement::Finalised {
        candidate: k + 1,
        k,
        payoutRoot: B256::ZERO,
        modelsRoot: B256::ZERO,
        payoutSum: 0,
    };
    for log in [
        log(addresses::SETTLEMENT, &posted),
        log(addresses::SETTLEMENT, &finalised),
    ] {
        follower.follow(&log).expect("an event");
    }
}

#[test]
fn nobody_goes_on_from_what_is_wrong_and_final() {
    let mut follower = world();
    for k in 0..2 {
        let pool = answered(&mut follower, k, GRAIN, true);
        cut(&mut follower, k, k, k + 1, pool);
    }
    // Its epochs are made before anything is final.
    let right = follower.right(0).expect("a range").posting(0);
    follower.right(1).expect("a range");
    let mut wrong = right.clone();
    wrong.payoutsTop = B256::repeat_byte(1);
    let mut fooled = world();
    for k in 0..2 {
        let pool = answered(&mut fooled, k, GRAIN, true);
        cut(&mut fooled, k, k, k + 1, pool);
    }
    fooled.right(1).expect("a range");
    settled(&mut fooled, 0, wrong);
    for k in 0..2 {
        assert!(matches!(fooled.right(k), Err(SettleError::WrongFinal(1))));
    }
    settled(&mut follower, 0, right);
    follower.right(1).expect("it goes on from what is right");
}

#[test]
fn every_demand_of_the_right_epoch_is_answered() {
    let mut follower = world();
    let pool = answered(&mut follower, 0, GRAIN, true);
    cut(&mut follower, 0, 0, 1, pool);
    let right = follower.right(0).expect("a range");
    let demand = |what: u8, a| IDemandVerifier::Demand {
        what: IDemandVerifier::What::try_from(what).expect("one of nine"),
        a,
        b: 0,
        c: 0,
    };
    for what in 0..9 {
        let response = follower.respond(&right, &demand(what, 0)).expect("a range");
        assert!(
            response.is_some_and(|response| !response.is_empty()),
            "{what}"
        );
    }
    // Of an answer that is not in the range there is nothing to show.
    let none = follower.respond(&right, &demand(0, 7)).expect("a range");
    assert_eq!(none, None);
}

#[test]
fn documents_have_the_licence_of_their_datanet_where_they_have_none() {
    let mut follower = Follower::default();
    for (datanet, licence) in [(0, 5), (1, 6)] {
        let event = Datanet::Created {
            datanet,
            owner: Address::ZERO,
            config: Datanet::Config {
                domain: "bread".into(),
                licence,
                policy: Datanet::Policy::INDIVIDUAL,
                isOpen: true,
                members: vec![],
                votes: Address::ZERO,
                quorum: U256::ZERO,
            },
        };
        let log = log(addresses::DATANET_REGISTRY, &event);
        follower.follow(&log).expect("an event");
    }
    for (seq, text) in [(1, GRAIN), (2, DOUGH)] {
        let mut event = reveal(seq, 0, file(text));
        event.batch.licence = 0;
        let log = log(addresses::CONTRIBUTION_REGISTRY, &event);
        follower.follow(&log).expect("an event");
    }
    let redirected = Contribution::Redirected {
        commitSeq: 2,
        from: 0,
        to: 1,
    };
    let log = log(addresses::CONTRIBUTION_REGISTRY, &redirected);
    follower.follow(&log).expect("an event");
    follower.contributions.admit(2).expect("words");
    let licence = |seq: u64| {
        let document = follower.contributions.archive.document(seq << 32);
        document.expect("admitted").licence
    };
    assert_eq!((licence(1), licence(2)), (5, 6));
}

#[test]
fn what_can_not_be_followed_is_named() {
    // Documents that are not those of the content.
    let mut follower = Follower::default();
    follower
        .follow(&revealed(1, 0, file(GRAIN)))
        .expect("well formed");
    let error = follower.follow(&accepted(1, B256::repeat_byte(7), 0));
    assert!(matches!(
        error,
        Err(FollowError::OtherDocuments { commit_seq: 1, .. })
    ));
    // Nothing was revealed.
    let error = follower.follow(&accepted(9, B256::ZERO, 0));
    assert!(matches!(error, Err(FollowError::NoDocuments(9))));
    // A content that is none.
    follower
        .follow(&revealed(2, 0, Bytes::from_static(b"?")))
        .expect("well formed");
    let error = follower.contributions.admit(2);
    assert!(matches!(
        error,
        Err(FollowError::Content { commit_seq: 2, .. })
    ));
    // An answer that is not the next one, or none, and a range of answers that nobody paid for.
    let paid = |i, leaf: &'static [u8]| {
        let event = Payment::Paid {
            i,
            modelVersion: 1,
            payer: Address::ZERO,
            k: 0,
            leaf: Bytes::from_static(leaf),
        };
        log(addresses::PAYABLE_AI, &event)
    };
    let mut world = world();
    answered(&mut world, 0, GRAIN, true);
    let leaf = world.payments.answers()[0].encode();
    let again = paid(0, Vec::leak(leaf));
    assert!(matches!(
        world.follow(&again),
        Err(FollowError::Unknown(_, 0))
    ));
    assert!(matches!(
        world.follow(&paid(1, b"R")),
        Err(FollowError::Unknown(_, 1))
    ));
    let event = Settlement::Cut {
        k: 0,
        range: Settlement::Range {
            first: 0,
            end: 2,
            cutAt: 1,
            contributors: 2,
            pool: 0,
            cutBlock: 1,
            l1Block: 1,
        },
    };
    let cut = log(addresses::SETTLEMENT, &event);
    assert!(matches!(
        world.follow(&cut),
        Err(FollowError::Unknown(_, 1))
    ));
    // Logs of others are nobody's business; a log of ours that is none of its events is an error and no panic.
    let mut other = revealed(1, 0, Bytes::new());
    other.address = Address::ZERO;
    follower.follow(&other).expect("not ours");
    let nothing = Log::new_unchecked(addresses::SETTLEMENT, vec![B256::ZERO], Bytes::new());
    assert!(matches!(
        follower.follow(&nothing),
        Err(FollowError::NoEvent(_))
    ));
    assert!(follower.right(0).is_err());
}

#[test]
fn contents_are_checked_before_anybody_commits_to_them() {
    let check = |content: &Bytes| Contributions::documents_of(content).map(|(count, _)| count);
    assert_eq!(check(&file(GRAIN)), Ok(1));
    let long = "word ".repeat(513);
    assert_eq!(check(&file(&long)), Ok(2));
    assert!(matches!(
        check(&Bytes::from_static(b"x")),
        Err(ContentError::Encoding(_))
    ));
    assert_eq!(check(&file("…")), Err(ContentError::NoWords(0)));
    let of = |kind, cid: &'static [u8]| {
        content(&[File {
            kind,
            cid: Bytes::from_static(cid),
            text: GRAIN.into(),
        }])
    };
    assert_eq!(check(&of(8, b"")), Err(ContentError::Kind(0)));
    assert_eq!(check(&of(7, b"Qm")), Err(ContentError::Cid(0)));
}

#[test]
fn training_weights_are_counted_and_claimed() {
    let follower = world();
    let weights = follower
        .contributions
        .count_weights(&[(0, 0)])
        .expect("few words");
    assert_eq!(weights.rows().len(), 2);
    let claim = Claim::of_weight(weights.rows(), 1)
        .expect("small")
        .expect("a row");
    assert_eq!(claim.row[0], b'W');
    assert_eq!(Claim::of_weight(weights.rows(), 2).expect("small"), None);
}
