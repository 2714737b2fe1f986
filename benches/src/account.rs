//! Deterministic keys: the senders of the load, and the addresses that only fill the state.

use alloy_consensus::{
    SignableTransaction, TxEip1559,
    crypto::{RecoveryError, secp256k1},
};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, b256, keccak256};

/// The last of the ten accounts of the mnemonic `test test test test test test test test test test test junk`.
/// It pays for everything here, so that whoever plays with the first accounts meets no surprise nonce.
pub const DEV_FUNDER: B256 =
    b256!("2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6");

/// A key and its address.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    key: B256,
    /// The address of the key.
    pub address: Address,
}

/// A transaction ready to send.
#[derive(Clone, Debug)]
pub struct SignedTransaction {
    /// The EIP-2718 bytes.
    pub raw: Vec<u8>,
    /// Their hash.
    pub hash: B256,
}

/// The key is not one: zero or not below the order of the curve.
#[derive(Debug, thiserror::Error)]
#[error("not a secp256k1 key")]
pub struct KeyError;

impl From<RecoveryError> for KeyError {
    fn from(_: RecoveryError) -> Self {
        Self
    }
}

impl Account {
    /// The account of a private key.
    pub fn from_key(key: B256) -> Result<Self, KeyError> {
        // alloy's libsecp256k1 interface has no key-to-address function, and recovering costs the same once.
        let signature = secp256k1::sign_message(key, B256::ZERO).map_err(|_| KeyError)?;
        Ok(Self {
            key,
            address: secp256k1::recover_signer(&signature, B256::ZERO)?,
        })
    }

    /// The `index`th sender of the family `family` (probes and background load use different families, so that
    /// their nonces are independent).
    pub fn sender(family: &str, index: u64) -> Result<Self, KeyError> {
        Self::from_key(keccak256(format!("openledger bench {family} {index}")))
    }

    /// Signs `transaction` with libsecp256k1.
    pub fn sign(&self, transaction: TxEip1559) -> Result<SignedTransaction, KeyError> {
        let signature = secp256k1::sign_message(self.key, transaction.signature_hash())
            .map_err(|_| KeyError)?;
        let signed = transaction.into_signed(signature);
        let mut raw = Vec::with_capacity(200);
        signed.encode_2718(&mut raw);
        Ok(SignedTransaction {
            hash: keccak256(&raw),
            raw,
        })
    }
}

/// The `index`th address that a bench genesis holds. Nobody has its key.
pub fn state_address(index: u64) -> Address {
    let mut seed = *b"openledger bench state \0\0\0\0\0\0\0\0\0";
    seed[24..].copy_from_slice(&index.to_be_bytes());
    Address::from_slice(&keccak256(seed)[12..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_consensus::{TxEnvelope, transaction::SignerRecoverable};
    use alloy_eips::eip2718::Decodable2718;
    use alloy_primitives::{U256, address};

    #[test]
    fn the_funder_is_the_tenth_dev_account() {
        let funder = Account::from_key(DEV_FUNDER).expect("a key");
        assert_eq!(
            funder.address,
            address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720")
        );
    }

    #[test]
    fn a_signed_transaction_decodes_to_its_sender_and_hash() {
        let sender = Account::sender("test", 7).expect("a key");
        let transaction = TxEip1559 {
            chain_id: 901,
            nonce: 3,
            gas_limit: 21_000,
            value: U256::from(5),
            ..Default::default()
        };
        let signed = sender.sign(transaction).expect("a signature");
        let decoded = TxEnvelope::decode_2718(&mut signed.raw.as_slice()).expect("a transaction");
        assert_eq!(
            decoded.recover_signer().expect("a signature"),
            sender.address
        );
        assert_eq!(*decoded.tx_hash(), signed.hash);
    }

    #[test]
    fn addresses_of_the_state_differ() {
        assert_ne!(state_address(0), state_address(1));
        assert_ne!(state_address(1), state_address(1 << 56));
    }
}
