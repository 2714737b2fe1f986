//! The superset transaction envelope and its recovered form.

use alloy_consensus::{
    EthereumTxEnvelope, Sealed, Signed, Transaction, TransactionEnvelope, TxEip1559, TxEip2930,
    TxEip4844, TxEip4844WithSidecar, TxEip7702, TxLegacy, crypto::RecoveryError,
    transaction::SignerRecoverable,
};
use alloy_eips::{Decodable2718, Encodable2718, Typed2718, eip7594::BlobTransactionSidecarVariant};
use alloy_primitives::{Address, B256, Bytes};
use op_alloy_consensus::TxDeposit;
use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

/// Blobs, commitments and proofs of a blob transaction (EIP-4844 or EIP-7594 form).
pub type BlobSidecar = BlobTransactionSidecarVariant;

/// Every transaction that a block of either rule set can hold, in consensus form (blob transactions without sidecar).
///
/// EIP-2718 types 0 to 4 and the OP Stack's deposit 0x7E.
#[derive(Debug, Clone, TransactionEnvelope)]
#[envelope(tx_type_name = TxType, typed = TypedTx)]
pub enum TxEnvelope {
    /// Legacy, with or without EIP-155 replay protection.
    #[envelope(ty = 0)]
    Legacy(Signed<TxLegacy>),
    /// EIP-2930: access list.
    #[envelope(ty = 1)]
    Eip2930(Signed<TxEip2930>),
    /// EIP-1559: priority fee.
    #[envelope(ty = 2)]
    Eip1559(Signed<TxEip1559>),
    /// EIP-4844: blobs. Ethereum rules only.
    #[envelope(ty = 3)]
    Eip4844(Signed<TxEip4844>),
    /// EIP-7702: set code.
    #[envelope(ty = 4)]
    Eip7702(Signed<TxEip7702>),
    /// OP Stack deposit. OP rules only, never sent by a user.
    #[envelope(ty = 126)]
    #[serde(serialize_with = "op_alloy_consensus::serde_deposit_tx_rpc")]
    Deposit(Sealed<TxDeposit>),
}

impl TxEnvelope {
    /// The keccak hash that identifies the transaction.
    pub fn tx_hash(&self) -> B256 {
        match self {
            Self::Legacy(tx) => *tx.hash(),
            Self::Eip2930(tx) => *tx.hash(),
            Self::Eip1559(tx) => *tx.hash(),
            Self::Eip4844(tx) => *tx.hash(),
            Self::Eip7702(tx) => *tx.hash(),
            Self::Deposit(tx) => tx.seal(),
        }
    }

    /// The deposit inside, when this is one.
    pub fn as_deposit_tx(&self) -> Option<&TxDeposit> {
        match self {
            Self::Deposit(tx) => Some(tx.inner()),
            _ => None,
        }
    }

    /// Recovers the sender from the signature; a deposit names its sender itself.
    ///
    /// Fails when the signature is no point of the curve, or when `s` is in the upper half and the transaction is
    /// not a pre-Homestead legacy one (EIP-2).
    pub fn recover_sender(&self) -> Result<Address, RecoveryError> {
        match self {
            Self::Legacy(tx) => SignerRecoverable::recover_signer(tx),
            Self::Eip2930(tx) => SignerRecoverable::recover_signer(tx),
            Self::Eip1559(tx) => SignerRecoverable::recover_signer(tx),
            Self::Eip4844(tx) => SignerRecoverable::recover_signer(tx),
            Self::Eip7702(tx) => SignerRecoverable::recover_signer(tx),
            Self::Deposit(tx) => Ok(tx.from),
        }
    }
}

/// Why bytes are not an acceptable transaction.
#[derive(Debug, thiserror::Error)]
pub enum TxDecodeError {
    /// The bytes are not the EIP-2718 encoding of a known transaction type.
    #[error("transaction does not decode: {0}")]
    Malformed(#[from] alloy_eips::eip2718::Eip2718Error),
    /// Bytes follow the transaction.
    #[error("{0} bytes follow the transaction")]
    TrailingBytes(usize),
    /// The signature does not recover to an address.
    #[error("invalid signature: {0}")]
    Signature(#[from] RecoveryError),
    /// A type that users can not send.
    #[error("transaction type {0:#x} can not be sent")]
    Type(u8),
    /// A blob transaction without its sidecar was sent.
    #[error("blob transaction without blobs, commitments and proofs")]
    MissingSidecar,
}

#[derive(Debug)]
struct Inner {
    envelope: TxEnvelope,
    signer: Address,
    encoded: Bytes,
    hash: B256,
    da_size: OnceLock<u64>,
}

/// A transaction with everything that is computed once: sender, EIP-2718 bytes, hash. Cheap to clone.
///
/// Guarantees: `encoded()` is the canonical encoding of the envelope, `hash()` its keccak, and `signer()` was
/// recovered from the signature (or is a deposit's `from`).
#[derive(Debug, Clone)]
pub struct Tx(Arc<Inner>);

impl Tx {
    /// Recovers the sender and encodes the transaction.
    pub fn recover(envelope: TxEnvelope) -> Result<Self, RecoveryError> {
        let signer = envelope.recover_sender()?;
        Ok(Self::with_signer(envelope, signer))
    }

    /// Trusts `signer`, for transactions whose sender was recovered before (or that are simulated).
    pub fn with_signer(envelope: TxEnvelope, signer: Address) -> Self {
        let encoded = Bytes::from(envelope.encoded_2718());
        let hash = envelope.tx_hash();
        Self(Arc::new(Inner {
            envelope,
            signer,
            encoded,
            hash,
            da_size: OnceLock::new(),
        }))
    }

    /// Decodes consensus bytes (no sidecar) and recovers the sender.
    pub fn decode(bytes: &[u8]) -> Result<Self, TxDecodeError> {
        let envelope = decode_exact::<TxEnvelope>(bytes)?;
        Ok(Self::recover(envelope)?)
    }

    /// Decodes consensus bytes whose sender is known, as the database stores them.
    pub fn decode_with_signer(bytes: &[u8], signer: Address) -> Result<Self, TxDecodeError> {
        Ok(Self::with_signer(
            decode_exact::<TxEnvelope>(bytes)?,
            signer,
        ))
    }

    /// The envelope.
    pub fn envelope(&self) -> &TxEnvelope {
        &self.0.envelope
    }

    /// The sender.
    pub fn signer(&self) -> Address {
        self.0.signer
    }

    pub(crate) fn signer_ref(&self) -> &Address {
        &self.0.signer
    }

    /// The canonical EIP-2718 encoding, without sidecar.
    pub fn encoded(&self) -> &Bytes {
        &self.0.encoded
    }

    /// The transaction's hash.
    pub fn hash(&self) -> B256 {
        self.0.hash
    }

    /// Estimated bytes that it takes in a batch (OP, Fjord), times 10^6: what the L1 fee and the DA footprint follow.
    ///
    /// Compressing for the estimate costs as much as a small transaction's execution, so it is done once.
    pub fn da_size(&self) -> u64 {
        *self
            .0
            .da_size
            .get_or_init(|| op_revm::estimate_tx_compressed_size(self.encoded()))
    }

    /// True for the OP Stack's deposit type.
    pub fn is_deposit(&self) -> bool {
        self.0.envelope.ty() == 0x7e
    }
}

impl Deref for Tx {
    type Target = TxEnvelope;

    fn deref(&self) -> &TxEnvelope {
        &self.0.envelope
    }
}

impl PartialEq for Tx {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash == other.0.hash && self.0.signer == other.0.signer
    }
}

impl Eq for Tx {}

/// A transaction as users send it: a blob transaction carries its sidecar.
#[derive(Debug, Clone)]
pub struct PooledTx {
    /// The transaction in consensus form.
    pub tx: Tx,
    /// Blobs, present exactly for type 3.
    pub sidecar: Option<Arc<BlobSidecar>>,
}

impl PooledTx {
    /// Decodes what `eth_sendRawTransaction` receives and recovers the sender.
    ///
    /// Refuses deposits, unknown types, trailing bytes and blob transactions without sidecar.
    pub fn decode(bytes: &[u8]) -> Result<Self, TxDecodeError> {
        type Wire = EthereumTxEnvelope<TxEip4844WithSidecar<BlobSidecar>>;
        if bytes.first() == Some(&0x7e) || bytes.first() == Some(&0x7d) {
            return Err(TxDecodeError::Type(bytes[0]));
        }
        let wire = match decode_exact::<Wire>(bytes) {
            Ok(wire) => wire,
            // A blob transaction in consensus form deserves the clearer sentence.
            Err(_) if bytes.first() == Some(&3) && decode_exact::<TxEnvelope>(bytes).is_ok() => {
                return Err(TxDecodeError::MissingSidecar);
            }
            Err(error) => return Err(error),
        };
        let (envelope, sidecar) = match wire {
            EthereumTxEnvelope::Legacy(tx) => (TxEnvelope::Legacy(tx), None),
            EthereumTxEnvelope::Eip2930(tx) => (TxEnvelope::Eip2930(tx), None),
            EthereumTxEnvelope::Eip1559(tx) => (TxEnvelope::Eip1559(tx), None),
            EthereumTxEnvelope::Eip7702(tx) => (TxEnvelope::Eip7702(tx), None),
            EthereumTxEnvelope::Eip4844(tx) => {
                let (tx, signature, hash) = tx.into_parts();
                let (tx, sidecar) = tx.into_parts();
                let signed = Signed::new_unchecked(tx, signature, hash);
                (TxEnvelope::Eip4844(signed), Some(Arc::new(sidecar)))
            }
        };
        Ok(Self {
            tx: Tx::recover(envelope)?,
            sidecar,
        })
    }

    /// The bytes that a user would send: with sidecar for type 3.
    pub fn encode(&self) -> Bytes {
        match (self.tx.envelope(), &self.sidecar) {
            (TxEnvelope::Eip4844(tx), Some(sidecar)) => {
                let with =
                    TxEip4844WithSidecar::from_tx_and_sidecar(tx.tx().clone(), (**sidecar).clone());
                Signed::new_unchecked(with, *tx.signature(), *tx.hash())
                    .encoded_2718()
                    .into()
            }
            _ => self.tx.encoded().clone(),
        }
    }

    /// Bytes held in memory by this transaction, blobs included.
    pub fn size(&self) -> usize {
        let blobs = self.sidecar.as_ref().map_or(0, |s| match &**s {
            BlobSidecar::Eip4844(s) => s.blobs.len() * 131_200,
            BlobSidecar::Eip7594(s) => s.blobs.len() * 137_300,
        });
        self.tx.encoded().len() + self.tx.input().len() + 512 + blobs
    }
}

fn decode_exact<T: Decodable2718>(bytes: &[u8]) -> Result<T, TxDecodeError> {
    let mut rest = bytes;
    let tx = T::decode_2718(&mut rest)?;
    if rest.is_empty() {
        Ok(tx)
    } else {
        Err(TxDecodeError::TrailingBytes(rest.len()))
    }
}
