//! A genesis with many accounts, written as a stream: at a million accounts it takes hundreds of megabytes.

use crate::{account::state_address, token};
use alloy_primitives::{Address, U256, address};
use std::io::{self, Write};

/// Where a bench genesis holds the token.
pub const GENESIS_TOKEN: Address = address!("0be0c40000000000000000000000000000000001");

/// What a bench genesis holds besides the node's own accounts.
#[derive(Clone, Copy, Debug)]
pub struct BenchGenesis {
    /// The chain's id.
    pub chain_id: u64,
    /// The block gas limit.
    pub gas_limit: u64,
    /// Accounts with one ether each, at [`state_address`].
    pub accounts: u64,
    /// How many of the same addresses hold tokens. With none, the token is not there either.
    pub holders: u64,
}

impl BenchGenesis {
    /// Writes the genesis in geth's JSON form. A node that has a genesis of its own takes only `alloc` from it.
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        write!(
            to,
            r#"{{"config":{{"chainId":{},"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,"terminalTotalDifficulty":0,"terminalTotalDifficultyPassed":true,"shanghaiTime":0,"cancunTime":0,"pragueTime":0}},"nonce":"0x0","timestamp":"0x0","extraData":"0x","gasLimit":"{:#x}","difficulty":"0x0","mixHash":"{}","coinbase":"{}","baseFeePerGas":"0x3b9aca00","alloc":{{"#,
            self.chain_id,
            self.gas_limit,
            alloy_primitives::B256::ZERO,
            Address::ZERO,
        )?;
        if self.holders > 0 {
            self.write_token(&mut to)?;
        }
        for index in 0..self.accounts {
            let comma = if index > 0 || self.holders > 0 {
                ","
            } else {
                ""
            };
            write!(
                to,
                r#"{comma}"{:?}":{{"balance":"0xde0b6b3a7640000"}}"#,
                state_address(index)
            )?;
        }
        to.write_all(b"}}")
    }

    fn write_token(&self, to: &mut impl Write) -> io::Result<()> {
        let each = U256::from(1_000_000_000_000_000_000_u64);
        write!(
            to,
            r#""{GENESIS_TOKEN:?}":{{"balance":"0x0","nonce":"0x1","code":"{}","storage":{{"{}":"{:#066x}""#,
            token::runtime_code(),
            token::supply_slot(),
            each * U256::from(self.holders),
        )?;
        for index in 0..self.holders {
            write!(
                to,
                r#","{}":"{each:#066x}""#,
                token::balance_slot(state_address(index))
            )?;
        }
        to.write_all(b"}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_genesis_is_json_with_every_account_and_balance() {
        for (accounts, holders) in [(0, 0), (3, 0), (3, 2), (0, 1)] {
            let mut bytes = Vec::new();
            let genesis = BenchGenesis {
                chain_id: 901,
                gas_limit: 1_000_000_000,
                accounts,
                holders,
            };
            genesis.write(&mut bytes).expect("memory");
            let read: Value = serde_json::from_slice(&bytes).expect("JSON");
            let alloc = read["alloc"].as_object().expect("an object");
            assert_eq!(alloc.len() as u64, accounts + u64::from(holders > 0));
            if holders > 0 {
                let storage = alloc[&format!("{GENESIS_TOKEN:?}")]["storage"]
                    .as_object()
                    .expect("an object");
                assert_eq!(storage.len() as u64, holders + 1);
            }
        }
    }
}
