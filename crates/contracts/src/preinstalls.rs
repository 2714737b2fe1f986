//! Contracts of other authors that every chain is expected to have at one known address.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;
use serde::Deserialize;
use std::sync::LazyLock;

use crate::addresses::PERMIT2;

/// A contract that is in the genesis with the very code that it has on other chains.
#[derive(Clone, Debug, Deserialize)]
pub struct Preinstall {
    /// Name of the contract.
    pub name: String,
    /// Its address on every chain.
    pub address: Address,
    /// Licence of the contract.
    pub licence: String,
    /// Where the chain's own values go in the code.
    pub immutables: Option<Permit2Immutables>,
    /// Runtime code; with `immutables`, the chain's own values have still to be filled in, see [`permit2_code`].
    pub code: Bytes,
}

/// Offsets in the runtime code of Permit2, in bytes, of 32-byte words.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permit2Immutables {
    /// The chain id for which the domain separator below was computed.
    pub chain_id: usize,
    /// The EIP-712 domain separator.
    pub domain_separator: usize,
}

/// All preinstalls. The first call parses them.
pub fn preinstalls() -> &'static [Preinstall] {
    #[derive(Deserialize)]
    struct File {
        contracts: Vec<Preinstall>,
    }
    static PARSED: LazyLock<Vec<Preinstall>> = LazyLock::new(|| {
        let file: File = serde_json::from_str(include_str!(
            "../../../contracts/artifacts/preinstalls.json"
        ))
        .expect("the embedded file was written by contracts/script/artifacts.mjs");
        file.contracts
    });
    &PARSED
}

/// The runtime code of Permit2 as its constructor would have made it on this chain.
pub fn permit2_code(code: &Bytes, immutables: Permit2Immutables, chain_id: u64) -> Bytes {
    let mut code = code.to_vec();
    let mut fill =
        |offset: usize, word: B256| code[offset..offset + 32].copy_from_slice(word.as_slice());
    fill(immutables.chain_id, B256::from(U256::from(chain_id)));
    fill(
        immutables.domain_separator,
        permit2_domain_separator(chain_id),
    );
    code.into()
}

/// EIP-712 domain of Permit2, which has no version.
fn permit2_domain_separator(chain_id: u64) -> B256 {
    let type_hash =
        keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)");
    keccak256(
        (
            type_hash,
            keccak256("Permit2"),
            U256::from(chain_id),
            PERMIT2,
        )
            .abi_encode(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::{
        CREATE2_DEPLOYER, DETERMINISTIC_DEPLOYMENT_PROXY, MULTICALL3, SAFE_SINGLETON_FACTORY,
    };
    use alloy_primitives::b256;

    fn find(address: Address) -> &'static Preinstall {
        preinstalls()
            .iter()
            .find(|preinstall| preinstall.address == address)
            .expect("a preinstall")
    }

    /// Code hashes as other chains have them.
    #[test]
    fn code_is_what_other_chains_have() {
        let factory = b256!("0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989");
        for (address, hash) in [
            (
                MULTICALL3,
                b256!("0xd5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891"),
            ),
            (
                CREATE2_DEPLOYER,
                b256!("0xb0550b5b431e30d38000efb7107aaa0ade03d48a7198a140edda9d27134468b2"),
            ),
            (DETERMINISTIC_DEPLOYMENT_PROXY, factory),
            (SAFE_SINGLETON_FACTORY, factory),
        ] {
            assert_eq!(keccak256(&find(address).code), hash, "{address}");
        }
    }

    #[test]
    fn permit2_is_filled_for_the_chain() {
        let preinstall = find(PERMIT2);
        let immutables = preinstall.immutables.expect("offsets");
        // On Ethereum's chain the template's own values come out again: it was taken from there.
        assert_eq!(
            permit2_domain_separator(1),
            b256!("0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28")
        );
        let (one, other) = (
            permit2_code(&preinstall.code, immutables, 1),
            permit2_code(&preinstall.code, immutables, 901),
        );
        assert_ne!(one, other);
        assert_eq!(one.len(), preinstall.code.len());
        assert_eq!(
            U256::from_be_slice(&other[immutables.chain_id..immutables.chain_id + 32]),
            U256::from(901)
        );
        // Each value stands behind a PUSH32.
        assert_eq!(other[immutables.chain_id - 1], 0x7f);
        assert_eq!(other[immutables.domain_separator - 1], 0x7f);
    }
}
