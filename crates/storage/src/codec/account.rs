//! Accounts and words: leading zeros are left out, since nearly all accounts have small numbers.

use super::{BytesReader, Malformed};
use alloy_primitives::{B256, KECCAK256_EMPTY, U256};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use openledger_primitives::Account;

const NONCE_LEN: u8 = 0x0f;
const HAS_CODE: u8 = 0x10;
const HAS_STORAGE: u8 = 0x20;

/// A word without its leading zeros; nothing for zero.
pub(crate) fn encode_word(value: U256, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_be_bytes_trimmed_vec().as_slice());
}

pub(crate) fn decode_word(bytes: &[u8]) -> Result<U256, Malformed> {
    match bytes.first() {
        Some(0) => Err("number has leading zeros".into()),
        _ => U256::try_from_be_slice(bytes).ok_or_else(|| "number is too long".into()),
    }
}

/// An account with its storage root: flags, length of the balance, nonce, balance, code hash, storage root.
pub(crate) fn encode_leaf(account: &TrieAccount) -> Vec<u8> {
    let nonce = account.nonce.to_be_bytes();
    let nonce = &nonce[account.nonce.leading_zeros() as usize / 8..];
    let balance = account.balance.to_be_bytes::<32>();
    let balance = &balance[account.balance.leading_zeros() / 8..];
    let mut flags = nonce.len() as u8;
    let mut out = Vec::with_capacity(2 + nonce.len() + balance.len() + 64);
    out.extend_from_slice(&[0, balance.len() as u8]);
    out.extend_from_slice(nonce);
    out.extend_from_slice(balance);
    if account.code_hash != KECCAK256_EMPTY {
        flags |= HAS_CODE;
        out.extend_from_slice(account.code_hash.as_slice());
    }
    if account.storage_root != EMPTY_ROOT_HASH {
        flags |= HAS_STORAGE;
        out.extend_from_slice(account.storage_root.as_slice());
    }
    out[0] = flags;
    out
}

pub(crate) fn decode_leaf(bytes: &[u8]) -> Result<TrieAccount, Malformed> {
    let mut reader = BytesReader::new(bytes);
    let flags = reader.u8()?;
    if flags & !(NONCE_LEN | HAS_CODE | HAS_STORAGE) != 0 || flags & NONCE_LEN > 8 {
        return Err("unknown flags".into());
    }
    let balance_len = usize::from(reader.u8()?);
    if balance_len > 32 {
        return Err("balance is too long".into());
    }
    let nonce = reader.take(usize::from(flags & NONCE_LEN))?;
    let nonce = nonce
        .iter()
        .fold(0, |nonce, byte| nonce << 8 | u64::from(*byte));
    let balance = decode_word(reader.take(balance_len)?)?;
    let code_hash = if flags & HAS_CODE != 0 {
        reader.b256()?
    } else {
        KECCAK256_EMPTY
    };
    let storage_root = if flags & HAS_STORAGE != 0 {
        reader.b256()?
    } else {
        EMPTY_ROOT_HASH
    };
    reader.end()?;
    Ok(TrieAccount {
        nonce,
        balance,
        storage_root,
        code_hash,
    })
}

/// An account of the past, which may not have existed: nothing then.
pub(crate) fn encode_account(account: Option<&Account>) -> Vec<u8> {
    account.map_or_else(Vec::new, |account| {
        encode_leaf(&leaf(account, EMPTY_ROOT_HASH))
    })
}

pub(crate) fn decode_account(bytes: &[u8]) -> Result<Option<Account>, Malformed> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let leaf = decode_leaf(bytes)?;
    Ok(Some(Account {
        nonce: leaf.nonce,
        balance: leaf.balance,
        code_hash: leaf.code_hash,
    }))
}

fn leaf(account: &Account, storage_root: B256) -> TrieAccount {
    TrieAccount {
        nonce: account.nonce,
        balance: account.balance,
        storage_root,
        code_hash: account.code_hash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn accounts_come_back(nonce: u64, shift in 0usize..64, balance: [u8; 32], code: bool, root: bool) {
            let account = TrieAccount {
                nonce: nonce >> shift,
                balance: U256::from_be_bytes(balance) >> (shift * 4),
                code_hash: if code { B256::repeat_byte(7) } else { KECCAK256_EMPTY },
                storage_root: if root { B256::repeat_byte(9) } else { EMPTY_ROOT_HASH },
            };
            let encoded = encode_leaf(&account);
            prop_assert_eq!(decode_leaf(&encoded), Ok(account));
            for len in 0..encoded.len() {
                prop_assert!(decode_leaf(&encoded[..len]).is_err());
            }
        }

        #[test]
        fn words_come_back(word: [u8; 32], shift in 0usize..257) {
            let word = U256::from_be_bytes(word).checked_shr(shift).unwrap_or_default();
            let mut out = Vec::new();
            encode_word(word, &mut out);
            prop_assert_eq!(decode_word(&out), Ok(word));
        }

        #[test]
        fn garbage_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = decode_leaf(&bytes);
            let _ = decode_account(&bytes);
            let _ = decode_word(&bytes);
        }
    }

    #[test]
    fn an_empty_account_takes_two_bytes() {
        assert_eq!(encode_account(Some(&Account::default())).len(), 2);
        assert_eq!(decode_account(&[]), Ok(None));
    }
}
