//! BlockchainTests: chains of valid and invalid blocks, imported as the node imports foreign blocks.

use alloy_consensus::Sealable;
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, Bytes, U256, map::HashMap};
use openledger_chain::{Chain, ChainConfig, ChainError};
use openledger_execution::VerifyError;
use openledger_primitives::Block;
use openledger_storage::{Database, DatabaseOptions, SyncMode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    network: String,
    genesis_block_header: Value,
    pre: Value,
    blocks: Vec<TestBlock>,
    #[serde(rename = "lastblockhash")]
    last_block_hash: B256,
    post_state: Option<BTreeMap<Address, TestAccount>>,
    post_state_hash: Option<B256>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestBlock {
    rlp: String,
    expect_exception: Option<String>,
}

#[derive(Deserialize)]
struct TestAccount {
    balance: U256,
    nonce: U256,
    code: Bytes,
    storage: BTreeMap<U256, U256>,
}

pub fn check(_: &str, test: &Value) -> Result<(), String> {
    let test: Test = parse(test.clone())?;
    let genesis = genesis(&test)?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options = DatabaseOptions {
        max_size: 1 << 28,
        growth_step: 1 << 20,
        sync: SyncMode::Lazy,
        ..Default::default()
    };
    let database = Database::open(directory.path(), &options).map_err(|error| error.to_string())?;
    let chain = Chain::open(database, &genesis, ChainConfig::default())
        .map_err(|error| error.to_string())?;
    let expected: B256 = parse(test.genesis_block_header["hash"].clone())?;
    if chain.genesis().hash != expected {
        return Err(format!(
            "genesis is {}, not {expected}",
            chain.genesis().hash
        ));
    }

    let mut importer = Importer {
        chain,
        blocks: HashMap::default(),
    };
    for (index, block) in test.blocks.iter().enumerate() {
        match (importer.import(&block.rlp), &block.expect_exception) {
            (Ok(()), None) => {}
            (Err(_), Some(exception)) => {
                importer
                    .check_transactions(&block.rlp, exception)
                    .map_err(|error| format!("block {index}: {error}"))?;
            }
            (Ok(()), Some(exception)) => {
                return Err(format!("block {index} is accepted, but {exception}"));
            }
            (Err(error), None) => return Err(format!("block {index} is refused: {error}")),
        }
    }
    importer
        .switch_to(test.last_block_hash)
        .map_err(|error| format!("last block: {error}"))?;
    check_state(&importer.chain, &test)?;
    // Once more from the start: what unwinding leaves is what was there.
    importer
        .chain
        .unwind_to(0)
        .map_err(|error| format!("unwinding: {error}"))?;
    importer
        .switch_to(test.last_block_hash)
        .map_err(|error| format!("again: {error}"))?;
    check_state(&importer.chain, &test)
}

fn parse<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn genesis(test: &Test) -> Result<Genesis, String> {
    let mut config = json!({ "chainId": 1, "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true });
    let mut at = |fork: &str, time: u64| config[format!("{fork}Time")] = time.into();
    match test.network.as_str() {
        "Merge" | "Paris" => {}
        "Shanghai" => at("shanghai", 0),
        "Cancun" => {
            at("shanghai", 0);
            at("cancun", 0);
        }
        "MergeToShanghaiAtTime15k" | "ParisToShanghaiAtTime15k" => at("shanghai", 15_000),
        "ShanghaiToCancunAtTime15k" => {
            at("shanghai", 0);
            at("cancun", 15_000);
        }
        // Names of earlier forks: their chains have a difficulty, which the node refuses by itself.
        _ => {
            config["terminalTotalDifficulty"] = "0xc0000".into();
            config["terminalTotalDifficultyPassed"] = false.into();
        }
    }
    let header = &test.genesis_block_header;
    let mut genesis = json!({ "config": config, "alloc": test.pre });
    for key in [
        "nonce",
        "timestamp",
        "extraData",
        "gasLimit",
        "difficulty",
        "mixHash",
        "coinbase",
        "baseFeePerGas",
        "number",
        "blobGasUsed",
        "excessBlobGas",
        "parentHash",
    ] {
        if let Some(value) = header.get(key) {
            genesis[key] = value.clone();
        }
    }
    parse(genesis)
}

/// Feeds a chain with blocks of several branches, which the chain itself does not choose between.
struct Importer {
    chain: Arc<Chain>,
    blocks: HashMap<B256, Block>,
}

impl Importer {
    fn import(&mut self, rlp: &str) -> Result<(), String> {
        let bytes: Bytes = rlp.parse().map_err(|error| format!("no hex: {error}"))?;
        let mut rest = &bytes[..];
        let block = Block::decode(&mut rest).map_err(|error| error.to_string())?;
        if !rest.is_empty() {
            return Err(format!("{} bytes follow the block", rest.len()));
        }
        if self.blocks.contains_key(&block.hash()) {
            return Ok(());
        }
        let parent = block.header.parent_hash;
        if self.blocks.contains_key(&parent) || parent == self.chain.genesis().hash {
            self.switch_to(parent)?;
        }
        let head = self.chain.head();
        self.chain
            .import(block.clone())
            .map_err(|error: ChainError| {
                assert_eq!(
                    self.chain.head().hash(),
                    head.hash(),
                    "a refused block changes nothing"
                );
                error.to_string()
            })?;
        self.blocks.insert(block.hash(), block);
        Ok(())
    }

    /// A block with an invalid transaction was refused already for the root of its transactions, which the test's author
    /// computed without that transaction. With the right root it has to be refused for the transaction.
    fn check_transactions(&self, rlp: &str, exception: &str) -> Result<(), String> {
        let Ok(mut block) = rlp
            .parse::<Bytes>()
            .map_err(drop)
            .and_then(|bytes| Block::decode(&mut &bytes[..]).map_err(drop))
        else {
            return Ok(());
        };
        if !exception.starts_with("TransactionException")
            || block.header.parent_hash != self.chain.head().hash()
        {
            return Ok(());
        }
        let mut header = block.header.inner().clone();
        header.transactions_root = Block::transactions_root(&block.transactions);
        block.header = header.seal_slow();
        match self.chain.import(block) {
            Err(ChainError::Verify(VerifyError::Transaction { .. })) => Ok(()),
            Err(error) => Err(format!(
                "{exception}, but refused for another reason: {error}"
            )),
            Ok(_) => Err(format!("{exception}, but accepted with its transaction")),
        }
    }

    /// Makes a block that was valid before the head.
    fn switch_to(&mut self, hash: B256) -> Result<(), String> {
        let mut branch = Vec::new();
        let mut at = hash;
        while !self.is_canonical(at)? {
            let block = self
                .blocks
                .get(&at)
                .ok_or_else(|| format!("block {at} was never imported"))?;
            branch.push(block.clone());
            at = block.header.parent_hash;
        }
        let number = self
            .chain
            .block_number(at)
            .map_err(|error| error.to_string())?
            .ok_or("it is canonical")?;
        self.chain
            .unwind_to(number)
            .map_err(|error| error.to_string())?;
        for block in branch.into_iter().rev() {
            self.chain
                .import(block)
                .map_err(|error| format!("valid before, now: {error}"))?;
        }
        Ok(())
    }

    fn is_canonical(&self, hash: B256) -> Result<bool, String> {
        let Some(number) = self
            .chain
            .block_number(hash)
            .map_err(|error| error.to_string())?
        else {
            return Ok(false);
        };
        let header = self
            .chain
            .header(number)
            .map_err(|error| error.to_string())?;
        Ok(header.is_some_and(|header| header.seal() == hash))
    }
}

fn check_state(chain: &Chain, test: &Test) -> Result<(), String> {
    let head = chain.head();
    if head.hash() != test.last_block_hash {
        return Err(format!(
            "the last block is {}, not {}",
            head.hash(),
            test.last_block_hash
        ));
    }
    if let Some(root) = test
        .post_state_hash
        .filter(|root| *root != head.block.header.state_root)
    {
        return Err(format!(
            "the state root is {}, not {root}",
            head.block.header.state_root
        ));
    }
    let state = chain
        .state_at(head.number())
        .map_err(|error| error.to_string())?;
    for (address, expected) in test.post_state.iter().flatten() {
        let fail = |error: &dyn std::fmt::Display| format!("{address}: {error}");
        let found = state.account(*address).map_err(|error| fail(&error))?;
        let account = found.ok_or_else(|| fail(&"is missing"))?;
        let code = if account.code_hash == alloy_primitives::KECCAK256_EMPTY {
            Bytes::new()
        } else {
            state
                .code(account.code_hash)
                .map_err(|error| fail(&error))?
        };
        if (account.balance, U256::from(account.nonce), &code)
            != (expected.balance, expected.nonce, &expected.code)
        {
            return Err(fail(&format_args!("is {account:?} with code {code}")));
        }
        for (slot, value) in &expected.storage {
            let found = state
                .storage(*address, *slot)
                .map_err(|error| fail(&error))?;
            if found != *value {
                return Err(fail(&format_args!(
                    "slot {slot} holds {found}, not {value}"
                )));
            }
        }
    }
    Ok(())
}
