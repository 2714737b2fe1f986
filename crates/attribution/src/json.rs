//! Leaves and proofs in JSON: the hex of their encodings, so that each is written in one way only and bytes that are none are refused.

use crate::{
    leaf::{
        Answer, AnswerRow, Batch, Chunk, DatanetVersion, Document, Earning, Leaf, ModelRow,
        PayoutRow, Tile, TrainRow,
    },
    tree::{Node, Proof},
};
use alloy_primitives::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

macro_rules! leaves {
    ($($leaf:ty),+ $(,)?) => {$(
        impl Serialize for $leaf {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Bytes::from(self.encode()).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $leaf {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = Bytes::deserialize(deserializer)?;
                let name = stringify!($leaf);
                Self::decode(&bytes).map_err(|error| D::Error::custom(format!("{name}: {error}")))
            }
        }
    )+};
}

leaves!(
    Answer,
    AnswerRow,
    Batch,
    Chunk,
    DatanetVersion,
    Document,
    Earning,
    ModelRow,
    PayoutRow,
    Tile,
    TrainRow,
);

impl<N: Node> Serialize for Proof<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes::from(self.encode()).serialize(serializer)
    }
}

impl<'de, N: Node> Deserialize<'de> for Proof<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Bytes::deserialize(deserializer)?;
        Self::decode(&bytes).map_err(D::Error::custom)
    }
}
