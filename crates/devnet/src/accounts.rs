//! The accounts that a development chain funds.

use crate::DevnetError;
use alloy_primitives::{Address, B256};
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};

/// The mnemonic that every Ethereum development tool uses. Its keys are public: never send anything of value to them.
pub const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// A funded account whose key is public.
#[derive(Clone)]
pub struct DevAccount {
    /// The address.
    pub address: Address,
    /// The secret key.
    pub key: B256,
    /// The same as a signer.
    pub signer: PrivateKeySigner,
}

impl std::fmt::Debug for DevAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevAccount")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The first `count` accounts of [`DEV_MNEMONIC`] under `m/44'/60'/0'/0/`.
pub fn dev_accounts(count: u32) -> Result<Vec<DevAccount>, DevnetError> {
    dev_accounts_range(0, count)
}

/// `count` accounts of [`DEV_MNEMONIC`] from index `first` on.
pub fn dev_accounts_range(first: u32, count: u32) -> Result<Vec<DevAccount>, DevnetError> {
    (first..first.saturating_add(count))
        .map(|index| {
            let signer = MnemonicBuilder::<English>::default()
                .phrase(DEV_MNEMONIC)
                .index(index)
                .and_then(|builder| builder.build())
                .map_err(|error| DevnetError::Accounts(error.to_string()))?;
            Ok(DevAccount {
                address: signer.address(),
                key: signer.to_bytes(),
                signer,
            })
        })
        .collect()
}
