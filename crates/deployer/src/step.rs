//! One transaction of a deployment, and how the chain shows that it has been carried out.

use crate::{DeployError, chain::L1};
use alloy_primitives::{Address, B256, Bytes, U256, b256, keccak256};
use openledger_contracts::addresses::DETERMINISTIC_DEPLOYMENT_PROXY;

/// Where an ERC-1967 proxy keeps the address of its implementation.
pub(crate) const IMPLEMENTATION_SLOT: B256 =
    b256!("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");

/// A transaction of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, for a person.
    pub name: String,
    /// Steps of one wave need nothing of each other and share an L1 block; each needs all lower waves.
    pub wave: u32,
    /// Whom it calls.
    pub to: Address,
    /// Wei that it sends.
    pub value: U256,
    /// Its calldata.
    pub data: Bytes,
    /// Gas that it uses at most.
    pub gas: u64,
    /// What the chain shows when it has been carried out.
    pub done: Condition,
    /// True when nothing but this step, on this deployment, can have made `done` true. Then all lower waves have been
    /// carried out as well, whatever happened to their traces since (tokens that were spent, say).
    pub conclusive: bool,
}

/// A fact of the L1's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A contract stands there.
    Code(Address),
    /// An ERC-1967 proxy has an implementation.
    Implementation {
        /// The proxy.
        proxy: Address,
        /// The one that this deployment gives it. Another one is a conflict.
        implementation: Address,
    },
    /// A view of a contract answers with one word.
    View {
        /// The contract.
        at: Address,
        /// The call.
        data: Bytes,
        /// What the word must be.
        word: Expected,
    },
}

/// What is expected of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This value.
    Is(U256),
    /// This value or more.
    AtLeast(U256),
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    Open,
    Conflict(String),
}

impl Condition {
    pub(crate) async fn state(&self, l1: &L1<'_>) -> Result<State, DeployError> {
        let is_met = match self {
            Self::Code(address) => l1.has_code(*address).await?,
            Self::Implementation {
                proxy,
                implementation,
            } => {
                let found = Address::from_word(l1.storage(*proxy, IMPLEMENTATION_SLOT).await?);
                if !found.is_zero() && found != *implementation {
                    return Ok(State::Conflict(format!(
                        "the proxy {proxy} has the implementation {found}, not {implementation}"
                    )));
                }
                found == *implementation
            }
            Self::View { at, data, word } => {
                // A contract that is not there yet answers with nothing, a proxy without implementation reverts.
                let answer = l1.view(*at, data).await?.unwrap_or_default();
                let found = answer.get(..32).map(U256::from_be_slice);
                match word {
                    Expected::Is(value) => found == Some(*value),
                    Expected::AtLeast(value) => found.is_some_and(|found| found >= *value),
                }
            }
        };
        Ok(if is_met { State::Done } else { State::Open })
    }
}

/// Where the deterministic deployment proxy puts a contract (EIP-1014).
pub(crate) fn create2_address(salt: B256, creation_code: &[u8]) -> Address {
    DETERMINISTIC_DEPLOYMENT_PROXY.create2(salt, keccak256(creation_code))
}

/// The calldata that makes the proxy do so.
pub(crate) fn create2_calldata(salt: B256, creation_code: &[u8]) -> Bytes {
    [salt.as_slice(), creation_code].concat().into()
}

/// Gas that a transaction of the proxy uses at most: the transaction itself, its data, the creation, the code's deposit,
/// and 300,000 for what the constructor does.
pub(crate) fn create2_gas(creation_code: &[u8], runtime_length: usize) -> u64 {
    let data: u64 = creation_code
        .iter()
        .map(|byte| if *byte == 0 { 4 } else { 16 })
        .sum();
    let words = creation_code.len().div_ceil(32) as u64;
    // 32 bytes of salt at 16; hashing the code costs 6 a word, its analysis 2 (EIP-3860).
    21_000 + 512 + data + 32_000 + 8 * words + 200 * runtime_length as u64 + 300_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{address, bytes, keccak256};

    #[test]
    fn the_implementation_slot_is_that_of_erc_1967() {
        let hash = U256::from_be_bytes(keccak256("eip1967.proxy.implementation").0);
        assert_eq!(IMPLEMENTATION_SLOT, B256::from(hash - U256::ONE));
    }

    /// The second example of EIP-1014, with the proxy as the deployer.
    #[test]
    fn predicted_addresses_follow_eip_1014() {
        let code = bytes!("deadbeef");
        let by_hand = keccak256(
            [
                &[0xff][..],
                DETERMINISTIC_DEPLOYMENT_PROXY.as_slice(),
                B256::ZERO.as_slice(),
                keccak256(&code).as_slice(),
            ]
            .concat(),
        );
        assert_eq!(
            create2_address(B256::ZERO, &code),
            Address::from_slice(&by_hand[12..])
        );
        assert_ne!(
            create2_address(B256::ZERO, &code),
            address!("0x0000000000000000000000000000000000000000")
        );
    }
}
