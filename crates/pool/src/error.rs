//! Why a transaction is refused, in the words that clients parse.

use alloy_primitives::{Address, U256};
use openledger_primitives::TxDecodeError;

/// A refused transaction.
///
/// The text begins exactly as geth's, because wallets and libraries match on it. Unless a variant says otherwise the
/// sender must change the transaction; sending it again unchanged gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The pool has this very transaction, or it is in the open block. Nothing to do.
    #[error("already known")]
    AlreadyKnown,
    /// The account's nonce has passed this one.
    #[error("nonce too low: next nonce {next}, tx nonce {got}")]
    NonceTooLow {
        /// The account's next nonce.
        next: u64,
        /// The transaction's.
        got: u64,
    },
    /// 2^64 - 1 can not be incremented.
    #[error("nonce has max value")]
    NonceMax,
    /// The transaction with this nonce has been handed to the sequencer and can not be replaced any more.
    #[error(
        "nonce too low: a transaction with nonce {nonce} is being executed and can not be replaced"
    )]
    ReplacementTooLate {
        /// The nonce in question.
        nonce: u64,
    },
    /// The nonce is taken and the new fees are not enough above the old ones.
    #[error(
        "replacement transaction underpriced: needs a fee cap of {fee_cap} and a tip cap of {tip_cap} wei or more"
    )]
    ReplacementUnderpriced {
        /// Smallest `maxFeePerGas` (or `gasPrice`) that would have done, in wei.
        fee_cap: u128,
        /// Smallest `maxPriorityFeePerGas` that would have done, in wei.
        tip_cap: u128,
    },
    /// The nonce is taken by a blob transaction and the new blob fee cap is not enough above the old one.
    #[error(
        "replacement transaction underpriced: needs a blob fee cap of {blob_fee_cap} wei or more"
    )]
    BlobReplacementUnderpriced {
        /// Smallest `maxFeePerBlobGas` that would have done, in wei.
        blob_fee_cap: u128,
    },
    /// A blob transaction's nonce can not be taken over by a transaction of another kind, nor the reverse.
    #[error(
        "replacement transaction underpriced: blob transactions and others do not replace each other"
    )]
    ReplacementKind,
    /// The balance does not cover the worst case of this transaction and of those before it.
    #[error(
        "insufficient funds for gas * price + value: balance {balance}, queued cost {queued}, tx cost {cost}, \
         overshot {}", queued.saturating_add(*cost).saturating_sub(*balance)
    )]
    InsufficientFunds {
        /// The sender's balance in wei.
        balance: U256,
        /// Worst-case cost of the sender's waiting transactions with lower nonces, in wei.
        queued: U256,
        /// Worst-case cost of this one in wei: gas, value, blobs, L1 fee and operator fee.
        cost: U256,
    },
    /// Less gas than the transaction costs before it runs.
    #[error("intrinsic gas too low: gas {gas}, minimum needed {needed}")]
    IntrinsicGas {
        /// The transaction's gas limit.
        gas: u64,
        /// What is needed.
        needed: u64,
    },
    /// Less gas than EIP-7623's floor for its calldata.
    #[error("insufficient gas for floor data gas cost: gas {gas}, minimum needed {needed}")]
    FloorDataGas {
        /// The transaction's gas limit.
        gas: u64,
        /// What is needed.
        needed: u64,
    },
    /// More gas than a block has.
    #[error("exceeds block gas limit: gas {gas}, limit {limit}")]
    ExceedsBlockGasLimit {
        /// The transaction's gas limit.
        gas: u64,
        /// The block's.
        limit: u64,
    },
    /// More estimated data than a block may post to the L1 (Jovian's DA footprint): it would never fit.
    #[error("exceeds block gas limit: DA footprint {footprint}, limit {limit}")]
    DaFootprint {
        /// The transaction's DA footprint in gas.
        footprint: u64,
        /// The block's gas limit.
        limit: u64,
    },
    /// More gas than one transaction may have (EIP-7825, or the operator's own limit).
    #[error("transaction gas limit too high (cap: {cap}, tx: {gas})")]
    GasLimitTooHigh {
        /// The transaction's gas limit.
        gas: u64,
        /// The limit.
        cap: u64,
    },
    /// The rule set does not have this type (blobs on the L2), or users can not send it (deposits).
    #[error("transaction type not supported: type {0:#x}")]
    TypeNotSupported(u8),
    /// The tip cap exceeds the fee cap.
    #[error(
        "max priority fee per gas higher than max fee per gas: tip cap {tip_cap}, fee cap {fee_cap}"
    )]
    TipAboveFeeCap {
        /// `maxPriorityFeePerGas` in wei.
        tip_cap: u128,
        /// `maxFeePerGas` in wei.
        fee_cap: u128,
    },
    /// The tip cap is below the operator's minimum.
    #[error("transaction gas price below minimum: gas tip cap {tip_cap}, minimum needed {minimum}")]
    TipTooLow {
        /// The transaction's tip cap in wei.
        tip_cap: u128,
        /// The configured minimum in wei.
        minimum: u128,
    },
    /// The fee cap is below any base fee that this chain can have.
    #[error("transaction underpriced: gas fee cap {fee_cap}, minimum needed {minimum}")]
    FeeCapTooLow {
        /// The transaction's fee cap in wei.
        fee_cap: u128,
        /// The configured minimum in wei.
        minimum: u128,
    },
    /// The pool is full of executable transactions that pay more. A higher fee gets in.
    #[error("transaction underpriced: the pool is full of better paying transactions")]
    Underpriced,
    /// The pool is full, and this transaction could not be executed yet anyway (a nonce is missing). Try again later.
    #[error("txpool is full")]
    PoolFull,
    /// The account has as many transactions waiting as it may. Try again when some are included.
    #[error("account limit exceeded: {0} transactions of this account are waiting")]
    AccountLimit(usize),
    /// The encoded transaction is too large.
    #[error("oversized data: transaction size {size}, limit {limit}")]
    Oversized {
        /// Bytes of the EIP-2718 encoding.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// EIP-3860.
    #[error("max initcode size exceeded: code size {size}, limit {limit}")]
    InitCodeSize {
        /// Bytes of init code.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {have} want {want}")]
    InvalidChainId {
        /// The transaction's chain id.
        have: u64,
        /// This chain's.
        want: u64,
    },
    /// The signature does not recover to an address.
    #[error("invalid sender: {0}")]
    InvalidSender(String),
    /// The bytes are not a transaction.
    #[error("{0}")]
    Malformed(String),
    /// The sender's account has code that is no delegation (EIP-3607).
    #[error("sender not an eoa: address {0}")]
    SenderNotEoa(Address),
    /// A set-code transaction without authorisations.
    #[error("set code tx must have at least one authorization tuple")]
    EmptyAuthorizationList,
    /// A delegated account has its transactions in flight. Try again when they are included.
    #[error("in-flight transaction limit reached for delegated accounts: {0} allowed")]
    DelegatedInFlight(usize),
    /// A delegated account may only send its next nonce.
    #[error("gapped-nonce tx from delegated accounts: next nonce {next}, tx nonce {got}")]
    DelegatedGap {
        /// The nonce that would be accepted.
        next: u64,
        /// The transaction's.
        got: u64,
    },
    /// The set-code transaction delegates an account that has transactions of its own waiting. Try again later.
    #[error("authority already reserved: {0}")]
    AuthorityReserved(Address),
    /// A blob transaction without blob hashes.
    #[error("blobless blob transaction")]
    NoBlobs,
    /// More blobs than one transaction may have.
    #[error("too many blobs in transaction: have {have}, permitted {permitted}")]
    TooManyBlobs {
        /// The transaction's.
        have: usize,
        /// The limit.
        permitted: u64,
    },
    /// A versioned hash of an unknown version.
    #[error("blob {0} has invalid hash version")]
    BlobHashVersion(usize),
    /// A blob transaction without sidecar.
    #[error("missing sidecar in blob transaction")]
    MissingSidecar,
    /// The sidecar has the other fork's proofs: one per blob before Osaka, one per cell since.
    #[error("unexpected sidecar version, want: {want}, got: {got}")]
    SidecarVersion {
        /// 0: EIP-4844, 1: EIP-7594.
        want: u8,
        /// The same for what came.
        got: u8,
    },
    /// Blobs, commitments, proofs and hashes do not belong together.
    #[error("KZG verification error: {0}")]
    Kzg(String),
    /// The blob fee cap is below the current blob base fee.
    #[error("max fee per blob gas less than block blob gas fee: cap {cap}, fee {fee}")]
    BlobFeeTooLow {
        /// `maxFeePerBlobGas` in wei.
        cap: u128,
        /// The block's blob base fee in wei.
        fee: u128,
    },
    /// The journal could not be written, so the transaction would not survive a crash: it is not accepted. The operator
    /// must act (a full disk, mostly); afterwards the same transaction can be sent again.
    #[error("transaction not accepted: the pool's journal can not be written: {0}")]
    Journal(String),
    /// The sender's account can not be read: the node's fault, not the transaction's.
    #[error("transaction can not be checked: {0}")]
    Unavailable(String),
}

impl From<TxDecodeError> for Rejected {
    fn from(error: TxDecodeError) -> Self {
        match error {
            TxDecodeError::Signature(e) => Self::InvalidSender(e.to_string()),
            TxDecodeError::Type(ty) => Self::TypeNotSupported(ty),
            TxDecodeError::MissingSidecar => Self::MissingSidecar,
            TxDecodeError::Malformed(alloy_eips::eip2718::Eip2718Error::UnexpectedType(ty)) => {
                Self::TypeNotSupported(ty)
            }
            other => Self::Malformed(other.to_string()),
        }
    }
}
