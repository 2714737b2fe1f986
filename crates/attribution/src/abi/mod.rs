//! Proofs as a contract takes them: bytes, in the ABI of Solidity.
//!
//! A fault is one byte, its kind, and the ABI encoding of the kind's struct ([`structs`]). A contract branches on the byte and decodes
//! what is behind it where it stands in the call's data; an encoding of a kind and a `bytes` together would cost it three words and a copy.
//! The upper half of the byte is the number of the fault, the lower half says which of its proofs this is.
//!
//! No value has two encodings: a leaf and a proof of membership travel as the bytes that each has anyway, optional parts as arrays of none
//! or one, and what decodes must encode to the same bytes again. So whoever stakes on the hash of a proof stakes on what it says.

mod kinds;
mod pieces;
mod responses;
pub mod structs;

pub use kinds::KINDS;

use crate::{Fault, LeafError, sketch::SketchError, tree::DecodeProofError};
use alloy_sol_types::{SolStruct, SolType, SolValue, abi::AbiDecoderConfig};

/// Most bytes of a proof, its kind included. A transaction of more than 128 KiB is passed on by no node.
pub const MAX_PROOF_LEN: usize = 120_000;

/// Most bytes that the decoder takes beside those of a proof itself. Offsets of a strict encoding never overlap, so that it never takes
/// more than a few times what it reads.
const MAX_MEMORY: usize = 16 * MAX_PROOF_LEN;

/// Why bytes are no proof.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than any proof has.
    #[error("{0} bytes, more than {MAX_PROOF_LEN}")]
    Long(usize),
    /// No kind has this number; `None` for no bytes at all.
    #[error("no proof is of kind {0:?}")]
    Kind(Option<u8>),
    /// Nothing is demanded by this number.
    #[error("nothing is demanded by number {0}")]
    What(u8),
    /// They are not the struct.
    #[error(transparent)]
    Abi(#[from] alloy_sol_types::Error),
    /// What should be a leaf is none.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// What should be a proof of membership is none.
    #[error(transparent)]
    Proof(#[from] DecodeProofError),
    /// What should be a sketch is none.
    #[error(transparent)]
    Sketch(#[from] SketchError),
    /// No whole number of nodes.
    #[error("{0} bytes are no nodes")]
    Nodes(usize),
    /// More than one of what there is one of at most.
    #[error("{0} where there is one at most")]
    Many(usize),
    /// A top without leaves.
    #[error("a top above no leaves")]
    Top,
    /// An epoch has no such tree.
    #[error("no tree has number {0}")]
    Tree(u8),
    /// They say the same as another encoding.
    #[error("not the encoding of what they say")]
    OtherEncoding,
}

/// How a value travels inside of a struct.
pub(crate) trait Coded: Sized {
    /// What it is in the struct.
    type Abi;

    fn to_abi(&self) -> Self::Abi;

    /// The inverse of [`to_abi`](Self::to_abi).
    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError>;
}

/// What a proof is made of, by itself: parts that other proofs need as well, a payout's for one.
pub trait Piece: Sized {
    /// The ABI encoding of its struct. A piece that holds what nothing can be proven by, such as siblings of another number than
    /// the index and the count ask for, is encoded all the same, and is not decoded.
    fn abi_encode(&self) -> Vec<u8>;

    /// The inverse of [`abi_encode`](Self::abi_encode), for at most [`MAX_PROOF_LEN`] bytes.
    ///
    /// # Errors
    /// For all other bytes.
    fn abi_decode(bytes: &[u8]) -> Result<Self, DecodeError>;
}

impl<T> Piece for T
where
    T: Coded,
    T::Abi: SolStruct + SolValue<SolType = T::Abi>,
{
    fn abi_encode(&self) -> Vec<u8> {
        SolValue::abi_encode(&self.to_abi())
    }

    fn abi_decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let piece = Self::of_abi(strictly(bytes)?)?;
        unchanged(&piece.abi_encode(), bytes)?;
        Ok(piece)
    }
}

/// The struct with this encoding.
pub(crate) fn strictly<S: SolStruct>(bytes: &[u8]) -> Result<S, DecodeError> {
    if bytes.len() > MAX_PROOF_LEN {
        return Err(DecodeError::Long(bytes.len()));
    }
    let config = AbiDecoderConfig::new();
    let config = config.strict(true).memory_limit(MAX_MEMORY);
    Ok(<S as SolType>::abi_decode_with_config(bytes, config)?)
}

/// Passes when what was decoded is encoded like this.
pub(crate) fn unchanged(encoded: &[u8], bytes: &[u8]) -> Result<(), DecodeError> {
    (encoded == bytes)
        .then_some(())
        .ok_or(DecodeError::OtherEncoding)
}

impl Fault {
    /// Its kind and the encoding of the kind's struct. A fault that nothing can be proven by, such as one whose proofs of membership have
    /// another number of siblings than they must, is encoded all the same, and is not decoded.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, mut body) = self.kind_and_body();
        body.insert(0, kind);
        body
    }

    /// The inverse of [`encode`](Self::encode): no other bytes are a fault.
    ///
    /// # Errors
    /// Why they are none. Nothing is proven by bytes that are one until they have verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_PROOF_LEN {
            return Err(DecodeError::Long(bytes.len()));
        }
        let (kind, body) = bytes.split_first().ok_or(DecodeError::Kind(None))?;
        let fault = Self::of_kind(*kind, body)?;
        unchanged(&fault.encode(), bytes)?;
        Ok(fault)
    }

    /// The first byte of its encoding: its number in the upper half.
    pub fn kind(&self) -> u8 {
        self.kind_and_body().0
    }
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    /// What another implementer reads is what is encoded here.
    #[test]
    fn every_struct_and_kind_is_in_the_specification() {
        let text = std::str::from_utf8(crate::method::SPECIFICATION).expect("a text");
        let structs = include_str!("structs.rs").lines();
        let structs: Vec<_> = structs
            .filter(|line| line.starts_with("    struct "))
            .collect();
        assert!(structs.len() > 40);
        for written in structs {
            assert!(text.lines().any(|line| line == written), "{written}");
        }
        let kinds = include_str!("kinds.rs").lines().filter_map(|line| {
            let (kind, rest) = line.strip_prefix("    0x")?.split_once(", ")?;
            Some((kind, rest.split_once(' ')?.0))
        });
        let kinds: Vec<_> = kinds.chain([("a0", "RowCountProof")]).collect();
        assert_eq!(kinds.len(), KINDS.len());
        for (kind, name) in kinds {
            assert!(text.contains(&format!("| `{kind}` | {name} |")), "{kind}");
        }
    }
}
