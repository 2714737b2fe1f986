//! A chain that has the facts of a world, and the contracts that judge proofs and responses, executed.

use crate::world::World;
use alloy_primitives::{Address, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use openledger_attribution::{Demand, EpochRoots, opening::Chain};
use openledger_contracts::{
    Artifact, IAttributionVerifier, IContributionFacts, IDemandVerifier, IModelFacts, IPaidAnswers,
    artifacts,
};
use revm::{
    Context, MainBuilder, MainContext, MainnetEvm, SystemCallEvm,
    bytecode::Bytecode,
    context::{ContextTr, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    handler::MainnetContext,
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

pub const FACTS: Address = address!("0x4f50454e00000000000000000000000000000001");
const CONTRIBUTIONS: Address = address!("0x4f50454e00000000000000000000000000000006");
const TILING: Address = address!("0x4f50454e00000000000000000000000000000002");
const EPOCH: Address = address!("0x4f50454e00000000000000000000000000000003");
const VERIFIER: Address = address!("0x4f50454e00000000000000000000000000000004");
const DEMANDS: Address = address!("0x4f50454e00000000000000000000000000000005");

/// When the range was cut.
const CUT_AT: u64 = 77;

/// The verifiers on a chain that has the facts of a world.
pub struct Contracts {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>>,
    right: IAttributionVerifier::Epoch,
}

impl Contracts {
    pub fn new(world: &World, roots: EpochRoots) -> Self {
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
        contracts.set_code(CONTRIBUTIONS, register());
        let facts = (FACTS, FACTS).abi_encode_params();
        contracts.construct(TILING, artifacts::tiling_verifier(), &facts);
        let with_contributions = (FACTS, FACTS, CONTRIBUTIONS).abi_encode_params();
        contracts.construct(EPOCH, artifacts::epoch_verifier(), &with_contributions);
        let parts = (TILING, EPOCH).abi_encode_params();
        contracts.construct(VERIFIER, artifacts::attribution_verifier(), &parts);
        contracts.construct(DEMANDS, artifacts::demand_verifier(), &facts);
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
        for (&commit, contributor) in &world.contributions {
            let call = IContributionFacts::contributorOfCall { commitSeq: commit };
            self.store(CONTRIBUTIONS, &call, &(contributor + 1).abi_encode());
        }
    }

    fn answer(&mut self, call: &impl SolCall, words: &[u8]) {
        self.store(FACTS, call, words);
    }

    fn store(&mut self, address: Address, call: &impl SolCall, words: &[u8]) {
        let slot = U256::from_be_bytes(keccak256(call.abi_encode()).0);
        for (word, place) in words.chunks(32).zip(0u64..) {
            let (slot, word) = (slot + U256::from(place), U256::from_be_slice(word));
            let database = self.evm.ctx.db_mut();
            database
                .insert_account_storage(address, slot, word)
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

    pub fn call(&mut self, address: Address, data: Bytes) -> Option<Bytes> {
        let called = self
            .evm
            .system_call_with_caller(Address::ZERO, address, data);
        match called.expect("a call").result {
            ExecutionResult::Success { output, .. } => Some(output.into_data()),
            _ => None,
        }
    }

    fn posted(&self, roots: EpochRoots) -> IAttributionVerifier::Epoch {
        IAttributionVerifier::Epoch {
            answersRoot: roots.answers,
            modelsRoot: roots.models,
            payoutRoot: roots.payouts,
            ..self.right.clone()
        }
    }

    /// Whether something can be demanded.
    pub fn check(&mut self, demand: IDemandVerifier::Demand) -> bool {
        let epoch = self.right.clone();
        let call = IDemandVerifier::checkCall { epoch, demand };
        self.call(DEMANDS, call.abi_encode().into()).is_some()
    }

    /// Whether a response answers a demand of the epoch with these roots.
    pub fn is_answered(&mut self, roots: EpochRoots, demand: &Demand, response: &[u8]) -> bool {
        let call = IDemandVerifier::verifyCall {
            epoch: self.posted(roots),
            demand: numbers(demand.what(), demand.numbers()),
            response: response.to_vec().into(),
        };
        self.call(DEMANDS, call.abi_encode().into()).is_some()
    }

    /// The number of the fault that a proof shows of the epoch with these roots.
    pub fn verify(&mut self, roots: EpochRoots, proof: &[u8]) -> Option<u8> {
        let call = IAttributionVerifier::verifyCall {
            epoch: self.posted(roots),
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

/// A contract that answers each call with the word that stands in its storage at the hash of the call's data, less one; and reverts where there is none.
fn register() -> Bytes {
    // calldatacopy(0, 0, calldatasize()); sload(keccak256(0, calldatasize()))
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0x20, 0x54];
    // if iszero(dup) goto revert
    code.extend([0x80, 0x15, 0x60, 23, 0x57]);
    // mstore(0, sub(dup, 1)); return(0, 32)
    code.extend([0x60, 1, 0x90, 0x03, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    // revert: revert(0, 0)
    code.extend([0x5b, 0x5f, 0x5f, 0xfd]);
    code.into()
}

/// A demand as a contract has it.
pub fn numbers(what: u8, [a, b, c]: [u64; 3]) -> IDemandVerifier::Demand {
    let what = IDemandVerifier::What::try_from(what).expect("nine kinds");
    IDemandVerifier::Demand { what, a, b, c }
}
