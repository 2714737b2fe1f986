//! The ERC-20 that the load moves: OpenZeppelin's, compiled from `token/TestToken.sol`.

use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};

/// More gas than any transfer of the token takes (a first transfer to an account takes about 51,500).
pub const TRANSFER_GAS: u64 = 60_000;
/// What deploying takes at most.
pub const DEPLOY_GAS: u64 = 1_500_000;
/// What [`fund`] takes at most for each account.
pub const FUND_GAS_PER_ACCOUNT: u64 = 75_000;

const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];
const FUND: [u8; 4] = [0x97, 0x94, 0x4b, 0xde];

fn decode_committed(text: &str) -> Bytes {
    hex::decode(text.trim())
        .expect("the committed bytecode is hexadecimal")
        .into()
}

/// The code that deploys the token.
pub fn creation_code() -> Bytes {
    decode_committed(include_str!("../token/creation.hex"))
}

/// The code of the deployed token, which has no immutables, so that a genesis can hold it as it is.
pub fn runtime_code() -> Bytes {
    decode_committed(include_str!("../token/runtime.hex"))
}

/// The storage slot of the balance of `holder` (OpenZeppelin's `_balances` is slot 0).
pub fn balance_slot(holder: Address) -> B256 {
    let mut preimage = [0; 64];
    preimage[12..32].copy_from_slice(holder.as_slice());
    keccak256(preimage)
}

/// The storage slot of the total supply.
pub fn supply_slot() -> B256 {
    B256::from(U256::from(2))
}

/// Calldata of `transfer(to, amount)`.
pub fn transfer(to: Address, amount: U256) -> Bytes {
    let mut data = Vec::with_capacity(68);
    data.extend_from_slice(&TRANSFER);
    data.extend_from_slice(to.into_word().as_slice());
    data.extend_from_slice(&amount.to_be_bytes::<32>());
    data.into()
}

/// Calldata of `fund(accounts, tokens)`: mints `tokens` to each and divides the value sent along among them.
pub fn fund(accounts: &[Address], tokens: U256) -> Bytes {
    let mut data = Vec::with_capacity(4 + 32 * (3 + accounts.len()));
    data.extend_from_slice(&FUND);
    // The array is dynamic: its head holds the offset of its tail, behind the two heads.
    data.extend_from_slice(&U256::from(64).to_be_bytes::<32>());
    data.extend_from_slice(&tokens.to_be_bytes::<32>());
    data.extend_from_slice(&U256::from(accounts.len()).to_be_bytes::<32>());
    for account in accounts {
        data.extend_from_slice(account.into_word().as_slice());
    }
    data.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_those_of_the_signatures() {
        assert_eq!(TRANSFER, keccak256("transfer(address,uint256)")[..4]);
        assert_eq!(FUND, keccak256("fund(address[],uint256)")[..4]);
    }

    #[test]
    fn creation_code_ends_with_the_runtime_code() {
        assert!(creation_code().ends_with(&runtime_code()));
    }
}
