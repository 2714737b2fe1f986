//! The contract that judges documents, executed: it says of every proof what this crate says of it.

use super::world::{TIME, WINDOW, World, lie};
use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use openledger_attribution::admission::{Contributions, Record, Refutation, Verdict, find_fault};
use openledger_contracts::artifacts;
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

sol! {
    struct ChainRecord {
        bytes32 batchRoot;
        bytes32 contentRoot;
        address committer;
        uint64 committedAt;
        uint64 datanet;
        uint64 contributor;
        uint32 documents;
        uint64 size;
        uint64 revealedAt;
        uint64 statedAt;
        uint64 expelledAt;
        bool isAccepted;
        uint32 licence;
        uint64 parent;
        uint8 kinds;
        uint128 bond;
    }
    function recordOf(uint32 commitSeq) external view returns (ChainRecord memory record_);
    function admissionOf(uint32 commitSeq) external view returns (uint64 from_, uint64 until_);
    function REVEAL_WINDOW() external view returns (uint64 seconds_);
    function ADMISSION_TIME() external view returns (uint64 seconds_);
    function licenceOf(uint64 datanet) external view returns (uint32 licence_);
    function prove(uint32 commitSeq, bytes calldata proof, bytes32 salt) external returns (bool isExpelled_);
}

/// Worlds in this run; more in a long one.
const WORLDS: u64 = 150;

const FACTS: Address = address!("0x4f50454e00000000000000000000000000000001");
const ADMISSION: Address = address!("0x4f50454e00000000000000000000000000000002");

/// Who proves.
const CALLER: Address = address!("0x4f50454e00000000000000000000000000000003");

fn worlds() -> u64 {
    let worlds = std::env::var("OPENLEDGER_WORLDS").ok();
    worlds.map_or(WORLDS, |worlds| worlds.parse().expect("a number"))
}

/// The contract on a chain that has the records of a world.
struct Contract {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
}

impl Contract {
    fn new(world: &World) -> Self {
        let context = Context::mainnet()
            .with_db(CacheDB::default())
            .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE))
            .modify_block_chained(|block| {
                block.number = U256::from(5);
                block.timestamp = U256::from(world.now);
            });
        let mut contract = Self {
            evm: context.build_mainnet(),
        };
        contract.set_code(FACTS, table());
        let arguments = (FACTS, FACTS, U256::ZERO).abi_encode_params();
        let code = artifacts::admission().creation_code(&arguments);
        contract.set_code(ADMISSION, code);
        let runtime = contract.call(ADMISSION, Bytes::new()).expect("a contract");
        contract.set_code(ADMISSION, runtime);
        contract.answer(&REVEAL_WINDOWCall {}, &WINDOW.abi_encode());
        contract.answer(&ADMISSION_TIMECall {}, &TIME.abi_encode());
        contract.tell(world);
        contract
    }

    /// Writes down what the chain answers.
    fn tell(&mut self, world: &World) {
        for (&commit_seq, record) in &world.records {
            self.record(commit_seq, record);
        }
    }

    fn record(&mut self, commit_seq: u32, record: &Record) {
        let mut chain = ChainRecord {
            batchRoot: B256::ZERO,
            contentRoot: B256::ZERO,
            committer: CALLER,
            committedAt: record.committed_at,
            datanet: 0,
            contributor: 0,
            documents: 0,
            size: 0,
            revealedAt: 0,
            statedAt: 0,
            expelledAt: 0,
            isAccepted: false,
            licence: 0,
            parent: 0,
            kinds: 0,
            bond: 0,
        };
        if let Some(of) = &record.revealed {
            (chain.batchRoot, chain.contentRoot) = (of.batch_root, of.content_root);
            (chain.contributor, chain.documents) = (of.contributor, of.documents);
            (chain.kinds, chain.statedAt) = (of.kinds, of.stated_at);
            chain.revealedAt = record.committed_at + 1;
            chain.expelledAt = of.expelled_at.unwrap_or_default();
            // Of every second one it is that of its Datanet.
            chain.datanet = u64::from(commit_seq);
            match commit_seq % 2 {
                0 => chain.licence = of.licence,
                _ => {
                    let datanet = chain.datanet;
                    self.answer(&licenceOfCall { datanet }, &of.licence.abi_encode());
                }
            }
            let statement = (commit_seq, of.batch_root, of.stated_at).abi_encode();
            let asked = U256::from(of.is_asked) * U256::from(3);
            let since = U256::from(of.out_of_date_since.unwrap_or_default()) << 32;
            let place = place("_statements", keccak256(statement));
            self.store(ADMISSION, place, asked | since);
        }
        let call = recordOfCall {
            commitSeq: commit_seq,
        };
        self.answer(&call, &chain.abi_encode());
        let call = admissionOfCall {
            commitSeq: commit_seq,
        };
        self.answer(&call, &(1u64, u64::MAX).abi_encode());
    }

    fn answer(&mut self, call: &impl SolCall, words: &[u8]) {
        let slot = U256::from_be_bytes(keccak256(call.abi_encode()).0);
        for (word, place) in words.chunks(32).zip(0u64..) {
            self.store(FACTS, slot + U256::from(place), U256::from_be_slice(word));
        }
    }

    fn store(&mut self, address: Address, slot: U256, word: U256) {
        let database = self.evm.ctx.db_mut();
        database
            .insert_account_storage(address, slot, word)
            .expect("a database in memory");
    }

    fn set_code(&mut self, address: Address, code: Bytes) {
        let info = AccountInfo::from_bytecode(Bytecode::new_legacy(code));
        self.evm.ctx.db_mut().insert_account_info(address, info);
    }

    fn call(&mut self, address: Address, data: Bytes) -> Option<Bytes> {
        let called = self.evm.system_call_with_caller(CALLER, address, data);
        match called.expect("a call").result {
            ExecutionResult::Success { output, .. } => Some(output.into_data()),
            _ => None,
        }
    }

    /// What follows from a proof that was committed to before. Nothing of it is kept.
    fn prove(&mut self, commit_seq: u32, proof: &[u8]) -> Option<Verdict> {
        let hash = (
            U256::from(1),
            ADMISSION,
            commit_seq,
            CALLER,
            keccak256(proof),
            B256::ZERO,
        );
        let hash = keccak256(hash.abi_encode());
        self.store(ADMISSION, place("_commits", hash), U256::from(1));
        let call = proveCall {
            commitSeq: commit_seq,
            proof: proof.to_vec().into(),
            salt: B256::ZERO,
        };
        let output = self.call(ADMISSION, call.abi_encode().into())?;
        match proveCall::abi_decode_returns(&output).expect("a flag") {
            true => Some(Verdict::Expelled),
            false => Some(Verdict::OutOfDate),
        }
    }
}

/// Where a mapping has a value.
fn place(mapping: &str, key: B256) -> U256 {
    let mut layout = artifacts::admission().storage_layout.iter();
    let variable = layout.find(|variable| variable.label == mapping);
    let slot = U256::from(variable.expect("a mapping").slot);
    U256::from_be_bytes(keccak256((key, slot).abi_encode()).0)
}

/// A contract that answers each call with the sixteen words that stand in its storage from the hash of the call's data on.
fn table() -> Bytes {
    // calldatacopy(0, 0, calldatasize()); keccak256(0, calldatasize())
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0x20];
    for word in 0..16u16 {
        let [high, low] = (32 * word).to_be_bytes();
        // dup1; mstore(32 * word, sload(add(word, dup)))
        code.extend([0x80, 0x60, word as u8, 0x01, 0x54, 0x61, high, low, 0x52]);
    }
    // return(0, 16 * 32)
    code.extend([0x61, 0x02, 0x00, 0x5f, 0xf3]);
    code.into()
}

#[test]
fn the_contract_says_the_same_of_every_proof() {
    let (mut judged, mut expels, mut outdates) = (0, 0, 0);
    for seed in 0..worlds() {
        let mut world = World::random(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut contract = Contract::new(&world);
        let mut judge = |contract: &mut Contract, world: &World, of: u32, proof: &Refutation| {
            let expected = expected(world, of, proof);
            let found = contract.prove(of, &proof.encode());
            assert_eq!(found, expected, "{seed}: {proof:?}");
            judged += 1;
            expels += usize::from(expected == Some(Verdict::Expelled));
            outdates += usize::from(expected == Some(Verdict::OutOfDate));
        };
        let standing = world.standing();
        if standing.is_empty() {
            continue;
        }
        for _ in 0..6 {
            let commit_seq = standing[rng.random_range(0..standing.len())];
            let right = world.statements[&commit_seq].clone();
            let name = lie(&mut rng, &mut world, commit_seq);
            contract.tell(&world);
            let statement = world.statements[&commit_seq].clone();
            if let Ok(Some(proof)) = find_fault(&world.archive, &world, &statement) {
                judge(&mut contract, &world, commit_seq, &proof);
                changed(&mut rng, &mut contract, &world, commit_seq, &proof, name);
            }
            // Of any kind, beside any document.
            let all = world.all();
            for turn in 0..40 {
                let mut any = || all[rng.random_range(0..all.len())];
                let (seq, beside) = (any(), any());
                let seq = match turn % 2 {
                    0 => u64::from(commit_seq) << 32 | u64::from(seq as u32),
                    _ => seq,
                };
                let Some(proof) = world.proof(1 + turn % 8, seq, beside) else {
                    continue;
                };
                let of = (seq >> 32) as u32;
                if standing.contains(&of) {
                    judge(&mut contract, &world, of, &proof);
                }
            }
            world.state(commit_seq, right.documents);
            contract.tell(&world);
        }
    }
    println!(
        "{judged} proofs judged, {expels} expel, {outdates} are of something that is out of date"
    );
    assert!(judged > 5_000 && expels > 300 && outdates > 70);
}

/// What this crate says of a proof. Of what is out of date the contract does not say it again.
fn expected(world: &World, of: u32, proof: &Refutation) -> Option<Verdict> {
    let verdict = proof.verify(of, world).ok()?;
    let known = world.record(of).and_then(|record| record.revealed)?;
    let is_news = verdict == Verdict::Expelled || known.out_of_date_since.is_none();
    is_news.then_some(verdict)
}

/// With a byte that is another, what is decoded here has the same verdict there.
fn changed(
    rng: &mut StdRng,
    contract: &mut Contract,
    world: &World,
    of: u32,
    proof: &Refutation,
    name: &str,
) {
    let mut bytes = proof.encode();
    for _ in 0..8 {
        let place = rng.random_range(0..bytes.len());
        let before = bytes[place];
        bytes[place] ^= 1 << rng.random_range(0..8);
        if let Ok(proof) = Refutation::decode(&bytes) {
            let expected = expected(world, of, &proof);
            assert_eq!(contract.prove(of, &bytes), expected, "{name}: {proof:?}");
        }
        bytes[place] = before;
    }
}

#[test]
fn the_table_of_facts_answers() {
    let world = World::random(1);
    let mut contract = Contract::new(&world);
    let call = recordOfCall { commitSeq: 1 };
    let output = contract.call(FACTS, call.abi_encode().into());
    let record = recordOfCall::abi_decode_returns(&output.expect("an answer")).expect("a record");
    let known = Contributions::record(&world, 1).expect("a place");
    assert_eq!(record.committedAt, known.committed_at);
}
