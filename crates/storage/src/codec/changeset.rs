//! Which keys a block changed, so that unwinding and pruning find the history's entries.

use super::{BytesReader, Malformed, put_varint};
use alloy_primitives::B256;

const VERSION: u8 = 1;

/// The keys that one block changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChangeSet {
    /// Code that the block was the first to deploy.
    pub(crate) codes: Vec<B256>,
    /// Accounts ascending by hash.
    pub(crate) accounts: Vec<ChangedAccount>,
}

/// The changed keys of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedAccount {
    /// Keccak of the address.
    pub(crate) hashed_address: B256,
    /// Whether nonce, balance, code or existence changed, so that the account has an entry in its history.
    pub(crate) account: bool,
    /// Slots with an entry in the history, ascending by hash.
    pub(crate) slots: Vec<B256>,
}

impl ChangeSet {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let slots: usize = self
            .accounts
            .iter()
            .map(|account| account.slots.len())
            .sum();
        let mut out =
            Vec::with_capacity(8 + 32 * (self.codes.len() + slots) + 36 * self.accounts.len());
        out.push(VERSION);
        put_varint(&mut out, self.codes.len() as u64);
        self.codes
            .iter()
            .for_each(|code| out.extend_from_slice(code.as_slice()));
        put_varint(&mut out, self.accounts.len() as u64);
        for account in &self.accounts {
            out.extend_from_slice(account.hashed_address.as_slice());
            put_varint(
                &mut out,
                (account.slots.len() as u64) << 1 | u64::from(account.account),
            );
            account
                .slots
                .iter()
                .for_each(|slot| out.extend_from_slice(slot.as_slice()));
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = BytesReader::new(bytes);
        reader.version(VERSION)?;
        let codes = reader.count(32)?;
        let codes = (0..codes)
            .map(|_| reader.b256())
            .collect::<Result<_, _>>()?;
        let count = reader.count(33)?;
        let mut accounts = Vec::with_capacity(count);
        for _ in 0..count {
            let hashed_address = reader.b256()?;
            let head = reader.varint()?;
            let packed = usize::try_from(head >> 1)
                .ok()
                .and_then(|slots| slots.checked_mul(32))
                .ok_or("count is too large")?;
            let slots = reader
                .take(packed)?
                .chunks_exact(32)
                .map(B256::from_slice)
                .collect();
            accounts.push(ChangedAccount {
                hashed_address,
                account: head & 1 == 1,
                slots,
            });
        }
        reader.end()?;
        Ok(Self { codes, accounts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn change_sets_come_back(
            codes in prop::collection::vec(any::<[u8; 32]>().prop_map(B256::new), 0..3),
            accounts in prop::collection::vec((any::<[u8; 32]>(), any::<bool>(), prop::collection::vec(any::<[u8; 32]>().prop_map(B256::new), 0..4)), 0..5),
        ) {
            let accounts = accounts.into_iter().map(|(hash, account, slots)| ChangedAccount {
                hashed_address: B256::new(hash), account, slots,
            }).collect();
            let set = ChangeSet { codes, accounts };
            let encoded = set.encode();
            prop_assert_eq!(ChangeSet::decode(&encoded), Ok(set));
            for len in 0..encoded.len() {
                prop_assert!(ChangeSet::decode(&encoded[..len]).is_err());
            }
        }
    }
}
