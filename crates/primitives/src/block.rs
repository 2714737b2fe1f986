//! Blocks and references to them.

use crate::{Tx, TxDecodeError, TxEnvelope};
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, Sealable, Sealed};
use alloy_eips::{eip2718::Encodable2718, eip4895::Withdrawals};
use alloy_primitives::{B256, Bytes};
use alloy_rlp::{Decodable, Encodable};
use serde::{Deserialize, Serialize};

/// A header with its hash.
pub type SealedHeader = Sealed<Header>;

/// Number and hash of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct BlockRef {
    /// The block's hash.
    pub hash: B256,
    /// The block's number.
    pub number: u64,
}

/// A sealed block with recovered senders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The header and its hash.
    pub header: SealedHeader,
    /// Transactions in order.
    pub transactions: Vec<Tx>,
    /// Ommers; always empty after the merge.
    pub ommers: Vec<Header>,
    /// Withdrawals; present since Shanghai (empty under OP rules).
    pub withdrawals: Option<Withdrawals>,
}

/// Why bytes are not a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockDecodeError {
    /// Not RLP of the block's shape.
    #[error("block does not decode: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// A transaction inside is malformed or its signature is invalid.
    #[error("transaction {index}: {error}")]
    Transaction {
        /// Position in the block.
        index: usize,
        /// What is wrong with it.
        error: TxDecodeError,
    },
}

#[derive(alloy_rlp::RlpDecodable, alloy_rlp::RlpEncodable)]
#[rlp(trailing)]
struct BlockRlp {
    header: Header,
    transactions: Vec<TxEnvelope>,
    ommers: Vec<Header>,
    withdrawals: Option<Withdrawals>,
}

impl Block {
    /// Seals a block without ommers.
    pub fn new(header: Header, transactions: Vec<Tx>, withdrawals: Option<Withdrawals>) -> Self {
        Self {
            header: header.seal_slow(),
            transactions,
            ommers: Vec::new(),
            withdrawals,
        }
    }

    /// The block's hash.
    pub fn hash(&self) -> B256 {
        self.header.seal()
    }

    /// The block's number.
    pub fn number(&self) -> u64 {
        self.header.number
    }

    /// Number and hash.
    pub fn block_ref(&self) -> BlockRef {
        BlockRef {
            hash: self.hash(),
            number: self.number(),
        }
    }

    /// Decodes the RLP of a block (as in a chain export) and recovers the senders.
    ///
    /// Fails on malformed RLP and on an invalid signature; advances `bytes` past the block on success.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, BlockDecodeError> {
        let raw = BlockRlp::decode(bytes)?;
        let transactions = raw
            .transactions
            .into_iter()
            .enumerate()
            .map(|(index, tx)| {
                Tx::recover(tx).map_err(|e| BlockDecodeError::Transaction {
                    index,
                    error: e.into(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            header: raw.header.seal_slow(),
            transactions,
            ommers: raw.ommers,
            withdrawals: raw.withdrawals,
        })
    }

    /// The RLP of the block.
    pub fn encode(&self) -> Bytes {
        let raw = BlockRlp {
            header: self.header.inner().clone(),
            transactions: self
                .transactions
                .iter()
                .map(|tx| tx.envelope().clone())
                .collect(),
            ommers: self.ommers.clone(),
            withdrawals: self.withdrawals.clone(),
        };
        alloy_rlp::encode(&raw).into()
    }

    /// Root of the transactions trie.
    pub fn transactions_root(transactions: &[Tx]) -> B256 {
        alloy_trie::root::ordered_trie_root_with_encoder(transactions, |tx, out| {
            out.extend_from_slice(tx.encoded());
        })
    }

    /// Hash of the list of ommers.
    pub fn ommers_hash(ommers: &[Header]) -> B256 {
        if ommers.is_empty() {
            EMPTY_OMMER_ROOT_HASH
        } else {
            let mut out = Vec::new();
            ommers.to_vec().encode(&mut out);
            alloy_primitives::keccak256(out)
        }
    }

    /// Size of the block's RLP in bytes, as `eth_getBlockByNumber` reports it.
    pub fn size(&self) -> usize {
        let transactions: usize = self
            .transactions
            .iter()
            .map(|tx| {
                let len = tx.envelope().encode_2718_len();
                if tx.encoded().first().is_some_and(|b| *b < 0xc0) {
                    alloy_rlp::length_of_length(len) + len
                } else {
                    len
                }
            })
            .sum();
        let body = self.header.inner().length()
            + alloy_rlp::length_of_length(transactions)
            + transactions
            + self.ommers.length()
            + self.withdrawals.as_ref().map_or(0, Encodable::length);
        alloy_rlp::length_of_length(body) + body
    }
}
