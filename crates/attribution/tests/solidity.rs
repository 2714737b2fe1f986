//! The contracts that judge proofs, executed: they say of every proof what this crate says of it.

mod world;

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use openledger_attribution::{EpochRoots, Fault, Leaf, find_fault, opening::Chain};
use openledger_contracts::{
    Artifact, IAttributionVerifier, IDatanetFacts, IModelFacts, IPaidAnswers, artifacts,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use revm::{
    Context, MainBuilder, MainContext, MainnetEvm, SystemCallEvm,
    bytecode::Bytecode,
    context::{ContextTr, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    handler::MainnetContext,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use world::{
    World,
    lies::{LIES, reseal},
    picks::Pick,
};

/// Worlds in this run; more in a long one.
const WORLDS: u64 = 40;

const FACTS: Address = address!("0x4f50454e00000000000000000000000000000001");
const TILING: Address = address!("0x4f50454e00000000000000000000000000000002");
const EPOCH: Address = address!("0x4f50454e00000000000000000000000000000003");
const VERIFIER: Address = address!("0x4f50454e00000000000000000000000000000004");

/// When the range was cut.
const CUT_AT: u64 = 77;

fn worlds() -> u64 {
    let worlds = std::env::var("OPENLEDGER_WORLDS").ok();
    worlds.map_or(WORLDS, |worlds| worlds.parse().expect("a number"))
}

/// The verifiers on a chain that has the facts of a world.
struct Contracts {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
    right: IAttributionVerifier::Epoch,
}

impl Contracts {
    fn new(world: &World, roots: EpochRoots) -> Self {
        let context = Context::mainnet()
            .with_db(CacheDB::default())
            .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE));
        let range = world.answers();
        let mut contracts = Self {
            evm: context.build_mainnet(),
            right: IAttributionVerifier::Epoch {
                first: range.start,
                end: range.end,
                cutAt: CUT_AT,
                contributors: Chain::contributors(world),
                payoutsBefore: world.payouts_before(),
                answersRoot: roots.answers,
                modelsRoot: roots.models,
                payoutRoot: roots.payouts,
            },
        };
        contracts.set_code(FACTS, table());
        let facts = (FACTS, FACTS, FACTS).abi_encode_params();
        contracts.construct(TILING, artifacts::tiling_verifier(), &facts);
        contracts.construct(EPOCH, artifacts::epoch_verifier(), &facts);
        let parts = (TILING, EPOCH).abi_encode_params();
        contracts.construct(VERIFIER, artifacts::attribution_verifier(), &parts);
        contracts.tell(world);
        contracts
    }

    /// Writes down what the chain answers.
    fn tell(&mut self, world: &World) {
        for i in world.answers() {
            let hash = Chain::paid(world, i).expect("paid");
            self.answer(&IPaidAnswers::paidOfCall { i }, &hash.abi_encode());
            // Late is as bad as never.
            let at = match (Chain::is_published(world, i), i % 2) {
                (true, _) => CUT_AT,
                (false, 0) => CUT_AT + 1,
                (false, _) => 0,
            };
            let at = at.abi_encode();
            self.answer(&IPaidAnswers::publishedAtCall { i }, &at);
        }
        for (&model, terms) in &world.terms {
            let split = terms.split();
            let terms = IModelFacts::Terms {
                platformBps: terms.platform_bps(),
                retrievalBps: terms.retrieval_bps(),
                split: IModelFacts::SplitTable {
                    licensor: split.licensor,
                    tuner: split.tuner,
                    compute: split.compute,
                    stakers: split.stakers,
                    data: split.data,
                },
            };
            let call = IModelFacts::termsOfCall {
                modelVersion: model,
            };
            self.answer(&call, &terms.abi_encode());
            let call = IModelFacts::corpusRootOfCall {
                modelVersion: model,
            };
            let root = Chain::corpus(world, model).expect("a corpus");
            self.answer(&call, &root.abi_encode());
            let call = IModelFacts::boilerplateRootOfCall {
                modelVersion: model,
            };
            let root = Chain::boilerplate(world, model).expect("a list");
            self.answer(&call, &root.abi_encode());
        }
        for dataset in &world.datasets {
            let version = &dataset.version;
            let call = IDatanetFacts::versionRootOfCall {
                datanet: version.datanet,
                version: version.version,
            };
            self.answer(&call, &version.root.abi_encode());
        }
    }

    fn answer(&mut self, call: &impl SolCall, words: &[u8]) {
        let slot = U256::from_be_bytes(keccak256(call.abi_encode()).0);
        for (word, place) in words.chunks(32).zip(0u64..) {
            let (slot, word) = (slot + U256::from(place), U256::from_be_slice(word));
            let database = self.evm.ctx.db_mut();
            database
                .insert_account_storage(FACTS, slot, word)
                .expect("a database in memory");
        }
    }

    fn set_code(&mut self, address: Address, code: Bytes) {
        let info = AccountInfo::from_bytecode(Bytecode::new_legacy(code));
        self.evm.ctx.db_mut().insert_account_info(address, info);
    }

    fn construct(&mut self, address: Address, artifact: &Artifact, arguments: &[u8]) {
        self.set_code(address, artifact.creation_code(arguments));
        let runtime = self.call(address, Bytes::new()).expect("a contract");
        self.set_code(address, runtime);
    }

    fn call(&mut self, address: Address, data: Bytes) -> Option<Bytes> {
        let called = self
            .evm
            .system_call_with_caller(Address::ZERO, address, data);
        match called.expect("a call").result {
            ExecutionResult::Success { output, .. } => Some(output.into_data()),
            _ => None,
        }
    }

    /// The number of the fault that a proof shows of the epoch with these roots.
    fn verify(&mut self, roots: EpochRoots, proof: &[u8]) -> Option<u8> {
        let call = IAttributionVerifier::verifyCall {
            epoch: IAttributionVerifier::Epoch {
                answersRoot: roots.answers,
                modelsRoot: roots.models,
                payoutRoot: roots.payouts,
                ..self.right.clone()
            },
            proof: proof.to_vec().into(),
        };
        let output = self.call(VERIFIER, call.abi_encode().into())?;
        Some(IAttributionVerifier::verifyCall::abi_decode_returns(&output).expect("a number"))
    }
}

/// A contract that answers each call with the seven words that stand in its storage from the hash of the call's data on.
fn table() -> Bytes {
    // calldatacopy(0, 0, calldatasize()); keccak256(0, calldatasize())
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0x20];
    for word in 0..7 {
        // dup1; mstore(32 * word, sload(add(word, dup)))
        code.extend([0x80, 0x60, word, 0x01, 0x54, 0x60, 32 * word, 0x52]);
    }
    // return(0, 7 * 32)
    code.extend([0x60, 0xe0, 0x5f, 0xf3]);
    code.into()
}

/// What this crate says of a proof.
fn verdict(world: &World, roots: EpochRoots, proof: &Fault) -> Option<u8> {
    proof.verify(world, &roots).ok().map(|()| proof.number())
}

#[test]
fn the_contracts_say_the_same_of_every_proof() {
    let (mut judged, mut shown, mut changed) = (0, 0, 0);
    for seed in 0..worlds() {
        let world = World::random(seed);
        let right = world.right();
        let trees = right.trees().expect("small amounts");
        let roots = trees.roots();
        let mut contracts = Contracts::new(&world, roots);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut judge = |contracts: &mut Contracts, against: EpochRoots, fault: &Fault| {
            let expected = verdict(&world, against, fault);
            let found = contracts.verify(against, &fault.encode());
            assert_eq!(found, expected, "{seed}: {fault:?}");
            judged += 1;
            shown += usize::from(expected.is_some());
        };
        // Of what is right.
        let mut pick = Pick::new(&world, &right, &trees, seed);
        for turn in 0..120 {
            if let Some(fault) = pick.fault(turn) {
                judge(&mut contracts, roots, &fault);
            }
        }
        // Of what is wrong.
        for (name, lie) in LIES {
            let mut wrong = right.clone();
            if lie(&mut wrong, &world, &mut |of| rng.random_range(0..of)).is_none() {
                continue;
            }
            if *name != "a tile more is said to be there" {
                reseal(&mut wrong);
            }
            let found = find_fault(&wrong, world.epoch_before(), &world);
            let Ok(Some(fault)) = found else { continue };
            let wrong_roots = wrong.trees().expect("small amounts").roots();
            judge(&mut contracts, wrong_roots, &fault);
            judge(&mut contracts, roots, &fault);
            // With a byte that is another, what is decoded here has the same verdict there; and nothing shows a fault of what is right.
            let mut bytes = fault.encode();
            for _ in 0..8 {
                let place = rng.random_range(0..bytes.len());
                let before = bytes[place];
                bytes[place] ^= 1 << rng.random_range(0..8);
                match Fault::decode(&bytes) {
                    Ok(fault) => judge(&mut contracts, wrong_roots, &fault),
                    Err(_) => assert_eq!(contracts.verify(roots, &bytes), None, "{seed}: {name}"),
                }
                changed += 1;
                bytes[place] = before;
            }
        }
    }
    println!("{judged} proofs judged, {shown} show a fault; {changed} with a byte that is another");
    assert!(judged > 8_000 && shown > 1_000);
}

#[test]
fn the_table_of_facts_answers() {
    let world = World::random(0);
    let roots = world.right().trees().expect("small amounts").roots();
    let mut contracts = Contracts::new(&world, roots);
    let call = IPaidAnswers::paidOfCall { i: world.first };
    let output = contracts.call(FACTS, call.abi_encode().into());
    let output = output.expect("an answer");
    assert_eq!(B256::from_slice(&output[..32]), world.answers[0].hash());
}
