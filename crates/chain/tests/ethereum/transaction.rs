//! TransactionTests: bytes that are a transaction with a known sender and hash, and bytes that are none.
//!
//! A transaction that decodes has to be executable as well, by a sender that owns everything: what bytes alone do not show
//! (intrinsic gas, size of init code, chain id, overflows) is found there.

use alloy_consensus::Transaction;
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, Bytes, U256};
use openledger_execution::{BlockAttributes, BlockExecution, MemoryState};
use openledger_genesis::ChainSpec;
use openledger_primitives::Tx;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Newest first. What was a transaction in one of them and is none in a later one does not concern this node.
const FORKS: [&str; 4] = ["Prague", "Cancun", "Shanghai", "London"];

static RULES: LazyLock<Arc<ChainSpec>> = LazyLock::new(|| {
    let genesis: Genesis = serde_json::from_value(json!({
        "config": {
            "chainId": 1, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "shanghaiTime": 0, "cancunTime": 0,
        },
        "difficulty": "0x0", "gasLimit": "0x1c9c380", "alloc": {},
    }))
    .expect("a genesis");
    Arc::new(ChainSpec::from_genesis(&genesis).expect("a valid configuration"))
});

pub fn check(_: &str, test: &Value) -> Result<(), String> {
    let expected = FORKS
        .iter()
        .find_map(|fork| test["result"].get(fork))
        .ok_or("no result")?;
    let found = accept(&test["txbytes"]);
    if let Some(exception) = expected.get("exception") {
        return match found {
            Ok(tx) => Err(format!("accepted as {}, but {exception}", tx.hash())),
            Err(_) => Ok(()),
        };
    }
    let tx = found?;
    let hash: B256 =
        serde_json::from_value(expected["hash"].clone()).map_err(|error| error.to_string())?;
    let sender: Address =
        serde_json::from_value(expected["sender"].clone()).map_err(|error| error.to_string())?;
    if (tx.hash(), tx.signer()) != (hash, sender) {
        return Err(format!("is {} from {}", tx.hash(), tx.signer()));
    }
    Ok(())
}

fn accept(bytes: &Value) -> Result<Tx, String> {
    let bytes: Bytes = serde_json::from_value(bytes.clone()).map_err(|error| error.to_string())?;
    let tx = Tx::decode(&bytes).map_err(|error| error.to_string())?;
    let mut state = MemoryState::default();
    state.set_account(tx.signer(), U256::MAX, tx.nonce(), Bytes::new());
    let attributes = BlockAttributes {
        number: 1,
        parent_hash: B256::ZERO,
        timestamp: 1,
        beneficiary: Address::repeat_byte(1),
        prev_randao: B256::ZERO,
        gas_limit: u64::MAX,
        base_fee: 0,
        parent_beacon_block_root: Some(B256::ZERO),
        withdrawals: Some(Default::default()),
        extra_data: Bytes::new(),
        excess_blob_gas: Some(0),
    };
    let mut block = BlockExecution::begin(RULES.clone(), Arc::new(state), attributes)
        .map_err(|error| error.to_string())?;
    block.execute(&tx).map_err(|error| error.to_string())?;
    Ok(tx)
}
