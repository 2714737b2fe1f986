//! The parts of proofs.

use super::{Coded, DecodeError, Piece, structs};
use crate::{
    HashProof, Leaf, SumNode,
    demand::{CorpusOpening, PhraseOpening, PlaceOpening, RowOpening},
    fault::{ItemPart, LeafOpening, TilePart, TreeOpening},
    leaf::{Chunk, Context},
    opening::{
        AnswerOpening, DocumentOpening, EarningOpening, ModelOpening, PayoutOpening, SourceOpening,
        TileOpening, TrainOpening, WordsOpening,
    },
    tree::{Absence, Neighbour, Node, Proof, SortedLeaf, SumFault, SumTop},
};
use alloy_primitives::{B256, Bytes};

impl<L: Leaf> Coded for L {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        self.encode().into()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        Ok(L::decode(&abi)?)
    }
}

impl<N: Node> Coded for Proof<N> {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        self.encode().into()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        Ok(Self::decode(&abi)?)
    }
}

/// What is the same in a struct.
macro_rules! plain {
    ($($kind:ty),+) => {$(
        impl Coded for $kind {
            type Abi = Self;

            fn to_abi(&self) -> Self {
                *self
            }

            fn of_abi(abi: Self) -> Result<Self, DecodeError> {
                Ok(abi)
            }
        }
    )+};
}

plain!(u8, u16, u32, u64, u128, B256);

impl Coded for Context {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        self.bytes().clone()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        Ok(abi.into())
    }
}

/// Bytes that may be no leaf.
impl Coded for Vec<u8> {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        self.clone().into()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        Ok(abi.into())
    }
}

impl<T: Coded> Coded for Option<T> {
    type Abi = Vec<T::Abi>;

    fn to_abi(&self) -> Self::Abi {
        self.iter().map(Coded::to_abi).collect()
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        let mut all = abi.into_iter();
        match (all.next(), all.len()) {
            (one, 0) => one.map(T::of_abi).transpose(),
            (_, more) => Err(DecodeError::Many(more + 1)),
        }
    }
}

/// Several in a row.
macro_rules! rows {
    ($($of:ty),+) => {$(
        impl Coded for Vec<$of> {
            type Abi = Vec<<$of as Coded>::Abi>;

            fn to_abi(&self) -> Self::Abi {
                self.iter().map(Coded::to_abi).collect()
            }

            fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
                abi.into_iter().map(Coded::of_abi).collect()
            }
        }
    )+};
}

rows!(HashProof, TileOpening, (Chunk, HashProof));

/// Field by field; the second name is the struct's.
macro_rules! piece {
    ($piece:ident $(<$leaf:ident>)?, $abi:ident { $($field:ident: $name:ident),+ }) => {
        impl $(<$leaf: SortedLeaf + Leaf>)? Coded for $piece $(<$leaf>)? {
            type Abi = structs::$abi;

            fn to_abi(&self) -> Self::Abi {
                structs::$abi {
                    $($name: self.$field.to_abi()),+
                }
            }

            fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
                Ok(Self {
                    $($field: Coded::of_abi(abi.$name)?),+
                })
            }
        }
    };
}

piece!(
    AnswerOpening,
    AnswerOpening {
        answer: answer,
        row: row,
        proof: proof
    }
);
piece!(
    TileOpening,
    TileOpening {
        tile: tile,
        proof: proof
    }
);
piece!(
    DocumentOpening,
    DocumentOpening {
        document: document,
        in_batch: inBatch,
        batch: batch,
        in_version: inVersion,
        version: version
    }
);
piece!(
    SourceOpening,
    SourceOpening {
        opening: opening,
        in_corpus: inCorpus
    }
);
piece!(
    ModelOpening,
    RowOpening {
        row: row,
        proof: proof
    }
);
piece!(
    TrainOpening,
    RowOpening {
        row: row,
        proof: proof
    }
);
piece!(
    PayoutOpening,
    RowOpening {
        row: row,
        proof: proof
    }
);
piece!(
    EarningOpening,
    RowOpening {
        earning: row,
        proof: proof
    }
);
piece!(
    Neighbour<L>,
    RowOpening {
        leaf: row,
        proof: proof
    }
);
piece!(
    Absence<L>,
    Absence {
        left: left,
        right: right
    }
);
piece!(
    LeafOpening,
    LeafOpening {
        bytes: leaf,
        stated: stated,
        proof: proof
    }
);
piece!(
    ItemPart,
    ItemPart {
        answer: answer,
        context: context,
        item: item
    }
);
piece!(
    TilePart,
    TilePart {
        answer: answer,
        context: context,
        tile: tile,
        source: source,
        hop: hop
    }
);
piece!(
    SumFault,
    SumFault {
        level: level,
        index: index,
        count: count,
        stated: stated,
        left: left,
        right: right,
        siblings: siblings
    }
);
piece!(
    SumNode,
    SumNode {
        hash: hash,
        sum: sum
    }
);

piece!(WordsOpening, WordsOpening { chunks: chunks });
piece!(
    RowOpening,
    RowOpening {
        bytes: row,
        proof: proof
    }
);
piece!(
    PlaceOpening,
    PlaceOpening {
        leaf: leaf,
        top: top
    }
);
piece!(
    CorpusOpening,
    CorpusOpening {
        answer: answer,
        source: source
    }
);
piece!(
    PhraseOpening,
    PhraseOpening {
        answer: answer,
        output: output,
        phrase: phrase
    }
);

impl Coded for (Chunk, HashProof) {
    type Abi = structs::ChunkOpening;

    fn to_abi(&self) -> Self::Abi {
        structs::ChunkOpening {
            chunk: self.0.to_abi(),
            proof: self.1.to_abi(),
        }
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        Ok((Coded::of_abi(abi.chunk)?, Coded::of_abi(abi.proof)?))
    }
}

/// Zero where there are no leaves, as a root is made of it.
impl Coded for SumTop {
    type Abi = structs::SumTop;

    fn to_abi(&self) -> Self::Abi {
        structs::SumTop {
            count: self.count,
            top: self.top.unwrap_or_default().to_abi(),
        }
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        let (count, top) = (abi.count, SumNode::of_abi(abi.top)?);
        Ok(Self {
            count,
            top: top_of(count, top)?,
        })
    }
}

/// The top of so many leaves.
pub(super) fn top_of<N: Node + Default>(count: u64, top: N) -> Result<Option<N>, DecodeError> {
    match count {
        0 if top == N::default() => Ok(None),
        0 => Err(DecodeError::Top),
        _ => Ok(Some(top)),
    }
}

/// Siblings, as a proof of membership has them.
impl Coded for Vec<SumNode> {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.len() * SumNode::LEN);
        for node in self {
            node.encode(&mut out);
        }
        out.into()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        let nodes = abi.chunks(SumNode::LEN).map(SumNode::decode);
        let nodes: Option<_> = nodes.collect();
        nodes.ok_or(DecodeError::Nodes(abi.len()))
    }
}

impl Coded for TreeOpening {
    type Abi = structs::TreeOpening;

    fn to_abi(&self) -> Self::Abi {
        let (tree, opening) = match self {
            Self::Tiling(answer) => (0, answer.abi_encode()),
            Self::Models => (1, Vec::new()),
            Self::Train(model) => (2, model.abi_encode()),
            Self::Payouts => (3, Vec::new()),
            Self::Earnings(payout) => (4, payout.abi_encode()),
        };
        structs::TreeOpening {
            tree,
            opening: opening.into(),
        }
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        let opening = &abi.opening;
        Ok(match abi.tree {
            0 => Self::Tiling(Piece::abi_decode(opening)?),
            1 => Self::Models,
            2 => Self::Train(Piece::abi_decode(opening)?),
            3 => Self::Payouts,
            4 => Self::Earnings(Piece::abi_decode(opening)?),
            tree => return Err(DecodeError::Tree(tree)),
        })
    }
}
