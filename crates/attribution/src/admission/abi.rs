//! Proofs against documents as a contract takes them: their kind, and the ABI encoding of the kind's struct.

use super::{Placed, PlacedContent, Refutation};
use crate::{
    Sketch,
    abi::{Coded, DecodeError, MAX_PROOF_LEN, strictly, unchanged},
    opening::WordsOpening,
};
use alloy_primitives::Bytes;
use alloy_sol_types::SolValue;

mod structs {
    alloy_sol_types::sol! {
        struct ChunkOpening { bytes chunk; bytes proof; }
        struct Placed { bytes document; bytes proof; }
        struct Content { bytes content; bytes proof; }
        struct BatchCountProof { uint64 count; bytes32 top; }
        struct BatchLeafProof { Placed document; }
        struct ContentProof { Placed document; Content content; }
        struct BatchSketchProof { Placed document; ChunkOpening[] chunks; }
        struct NearerProof { Placed document; bytes sketch; uint32 commitSeq; Content earlier; bytes earlierSketch; }
        struct GoneProof { Placed document; }
        struct ContainmentProof { Placed document; bytes sketch; Content parent; bytes parentSketch; }
        struct ParentRootProof { Placed document; Placed parent; }
    }
}

use structs::*;

impl Coded for Sketch {
    type Abi = Bytes;

    fn to_abi(&self) -> Bytes {
        self.encode().into()
    }

    fn of_abi(abi: Bytes) -> Result<Self, DecodeError> {
        Ok(Self::decode(&abi)?)
    }
}

impl Coded for Placed {
    type Abi = structs::Placed;

    fn to_abi(&self) -> Self::Abi {
        structs::Placed {
            document: self.document.to_abi(),
            proof: self.proof.to_abi(),
        }
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        Ok(Self {
            document: Coded::of_abi(abi.document)?,
            proof: Coded::of_abi(abi.proof)?,
        })
    }
}

impl Coded for PlacedContent {
    type Abi = Content;

    fn to_abi(&self) -> Self::Abi {
        Content {
            content: self.content.to_abi(),
            proof: self.proof.to_abi(),
        }
    }

    fn of_abi(abi: Self::Abi) -> Result<Self, DecodeError> {
        Ok(Self {
            content: Coded::of_abi(abi.content)?,
            proof: Coded::of_abi(abi.proof)?,
        })
    }
}

fn chunks_of(words: &WordsOpening) -> Vec<ChunkOpening> {
    let chunks = words.chunks.iter();
    let chunks = chunks.map(|(chunk, proof)| ChunkOpening {
        chunk: chunk.to_abi(),
        proof: proof.to_abi(),
    });
    chunks.collect()
}

fn words_of(chunks: Vec<ChunkOpening>) -> Result<WordsOpening, DecodeError> {
    let chunk = |abi: ChunkOpening| Ok((Coded::of_abi(abi.chunk)?, Coded::of_abi(abi.proof)?));
    let chunks = chunks.into_iter().map(chunk);
    Ok(WordsOpening {
        chunks: chunks.collect::<Result<_, DecodeError>>()?,
    })
}

impl Refutation {
    /// The first byte of its encoding.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Count { .. } => 1,
            Self::Leaf { .. } => 2,
            Self::Content { .. } => 3,
            Self::Sketch { .. } => 4,
            Self::Nearer { .. } => 5,
            Self::Gone { .. } => 6,
            Self::Containment { .. } => 7,
            Self::ParentRoot { .. } => 8,
        }
    }

    /// Its kind and the encoding of the kind's struct. One that nothing can be proven by, such as one with siblings of another number than they must
    /// have, is encoded all the same, and is not decoded.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.body();
        bytes.insert(0, self.kind());
        bytes
    }

    fn body(&self) -> Vec<u8> {
        match self {
            Self::Count { count, top } => BatchCountProof {
                count: *count,
                top: *top,
            }
            .abi_encode(),
            Self::Leaf { leaf, proof } => BatchLeafProof {
                document: structs::Placed {
                    document: leaf.to_abi(),
                    proof: proof.to_abi(),
                },
            }
            .abi_encode(),
            Self::Content {
                document,
                content,
                proof,
            } => ContentProof {
                document: document.to_abi(),
                content: Content {
                    content: content.to_abi(),
                    proof: proof.to_abi(),
                },
            }
            .abi_encode(),
            Self::Sketch { document, words } => BatchSketchProof {
                document: document.to_abi(),
                chunks: chunks_of(words),
            }
            .abi_encode(),
            Self::Nearer {
                document,
                sketch,
                commit_seq,
                earlier,
                earlier_sketch,
            } => NearerProof {
                document: document.to_abi(),
                sketch: sketch.to_abi(),
                commitSeq: *commit_seq,
                earlier: earlier.to_abi(),
                earlierSketch: earlier_sketch.to_abi(),
            }
            .abi_encode(),
            Self::Gone { document } => GoneProof {
                document: document.to_abi(),
            }
            .abi_encode(),
            Self::Containment {
                document,
                sketch,
                parent,
                parent_sketch,
            } => ContainmentProof {
                document: document.to_abi(),
                sketch: sketch.to_abi(),
                parent: parent.to_abi(),
                parentSketch: parent_sketch.to_abi(),
            }
            .abi_encode(),
            Self::ParentRoot { document, parent } => ParentRootProof {
                document: document.to_abi(),
                parent: parent.to_abi(),
            }
            .abi_encode(),
        }
    }

    /// The inverse of [`encode`](Self::encode): no other bytes are a proof.
    ///
    /// # Errors
    /// Why they are none. Nothing is proven by bytes that are one until they have verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_PROOF_LEN {
            return Err(DecodeError::Long(bytes.len()));
        }
        let (kind, body) = bytes.split_first().ok_or(DecodeError::Kind(None))?;
        let proof = Self::of_kind(*kind, body)?;
        unchanged(&proof.encode(), bytes)?;
        Ok(proof)
    }

    fn of_kind(kind: u8, body: &[u8]) -> Result<Self, DecodeError> {
        Ok(match kind {
            1 => {
                let BatchCountProof { count, top } = strictly(body)?;
                Self::Count { count, top }
            }
            2 => {
                let BatchLeafProof { document } = strictly(body)?;
                Self::Leaf {
                    leaf: Coded::of_abi(document.document)?,
                    proof: Coded::of_abi(document.proof)?,
                }
            }
            3 => {
                let ContentProof { document, content } = strictly(body)?;
                Self::Content {
                    document: Coded::of_abi(document)?,
                    content: Coded::of_abi(content.content)?,
                    proof: Coded::of_abi(content.proof)?,
                }
            }
            4 => {
                let BatchSketchProof { document, chunks } = strictly(body)?;
                Self::Sketch {
                    document: Coded::of_abi(document)?,
                    words: words_of(chunks)?,
                }
            }
            5 => {
                let abi: NearerProof = strictly(body)?;
                Self::Nearer {
                    document: Coded::of_abi(abi.document)?,
                    sketch: Coded::of_abi(abi.sketch)?,
                    commit_seq: abi.commitSeq,
                    earlier: Coded::of_abi(abi.earlier)?,
                    earlier_sketch: Coded::of_abi(abi.earlierSketch)?,
                }
            }
            6 => {
                let GoneProof { document } = strictly(body)?;
                Self::Gone {
                    document: Coded::of_abi(document)?,
                }
            }
            7 => {
                let abi: ContainmentProof = strictly(body)?;
                Self::Containment {
                    document: Coded::of_abi(abi.document)?,
                    sketch: Coded::of_abi(abi.sketch)?,
                    parent: Coded::of_abi(abi.parent)?,
                    parent_sketch: Coded::of_abi(abi.parentSketch)?,
                }
            }
            8 => {
                let ParentRootProof { document, parent } = strictly(body)?;
                Self::ParentRoot {
                    document: Coded::of_abi(document)?,
                    parent: Coded::of_abi(parent)?,
                }
            }
            _ => return Err(DecodeError::Kind(Some(kind))),
        })
    }
}

#[cfg(test)]
mod tests {
    /// What another implementer reads is what is encoded here.
    #[test]
    fn every_struct_is_in_the_specification() {
        let text = std::str::from_utf8(crate::method::SPECIFICATION).expect("a text");
        let structs = include_str!("abi.rs").lines().map(str::trim_start);
        let structs: Vec<_> = structs
            .filter(|line| line.starts_with("struct ") && line.ends_with("; }"))
            .collect();
        assert_eq!(structs.len(), 11);
        for written in structs {
            assert!(
                text.lines().any(|line| line.trim_start() == written),
                "{written}"
            );
        }
    }
}
