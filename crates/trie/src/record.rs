//! The persisted form of a branch node.

use crate::NodeRef;
use alloy_primitives::B256;
use nybbles::Nibbles;

/// The only version of the encoding so far.
const VERSION: u8 = 1;
/// Version, then the four masks: children, leaves, inline references, extensions.
const HEADER: usize = 1 + 4 * 2;

/// What a branch knows of one child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildRecord {
    /// The nibble of the child in its branch, below 16.
    pub nibble: u8,
    /// The reference of the node at that edge: a leaf, an extension or a branch.
    pub reference: NodeRef,
    /// What lies behind the edge.
    pub kind: ChildKind,
}

/// What lies behind a branch's edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// Exactly one leaf. It is in the table of leaves, the only one under the edge's path.
    Leaf,
    /// Two leaves or more: another branch record.
    Subtrie {
        /// The nibbles between the child's nibble and the next branch, empty when the branch is the
        /// node at the edge. The next record's path is the branch's path, the nibble and these.
        extension: Nibbles,
    },
}

/// A branch node as a database stores it, keyed by the path of nibbles from the root of the trie
/// (extensions included).
///
/// A record holds its own encoding, which is canonical: equal nodes have equal bytes. A trie that
/// is not empty also has a record at the empty path, which lists the children of the root by their
/// first nibble. It alone may have a single child (the root is then a leaf or an extension and not
/// a branch); that child's reference is, as everywhere, the one of the node *below* the nibble.
///
/// Layout: version (1 byte), then four big-endian 16-bit masks in which bit `n` stands for nibble
/// `n` (children present; children that are leaves; references that are inline; subtries with an
/// extension), then for each child in ascending order its reference (32 bytes, or a length byte and
/// the RLP when inline) and, if the last mask says so, the extension (length in nibbles, one byte,
/// then the nibbles packed high nibble first, padded with a zero nibble).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchRecord(Vec<u8>);

/// Why bytes are not a [`BranchRecord`]. The database that held them is corrupt or newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes end before the record does.
    #[error("branch record ends early")]
    Truncated,
    /// Bytes follow the record.
    #[error("branch record has trailing bytes")]
    Trailing,
    /// The first byte is no known version.
    #[error("branch record has unknown version {0}")]
    Version(u8),
    /// There is no child, or a mask names a child that is absent, or a leaf has an extension.
    #[error("branch record has contradicting masks")]
    Masks,
    /// An inline reference is not one short RLP list.
    #[error("branch record has a malformed inline reference")]
    Inline,
    /// An extension is empty, too long for a 32-byte key, or padded with a nibble other than zero.
    #[error("branch record has a malformed extension")]
    Extension,
}

impl BranchRecord {
    /// Encodes children, which come in ascending order of distinct nibbles below 16.
    ///
    /// Returns `None` when they do not, or when there is none.
    pub fn new(children: &[ChildRecord]) -> Option<Self> {
        let ascending = children
            .windows(2)
            .all(|pair| pair[0].nibble < pair[1].nibble);
        let last = children.last()?;
        if !ascending || last.nibble > 15 {
            return None;
        }
        let mut writer = RecordWriter::with_children(children.len());
        for child in children {
            match &child.kind {
                ChildKind::Leaf => writer.push(child.nibble, &child.reference, None),
                ChildKind::Subtrie { extension } => {
                    if extension.len() > 63 {
                        return None;
                    }
                    writer.push(child.nibble, &child.reference, Some(extension));
                }
            }
        }
        Some(writer.finish())
    }

    /// Checks and takes the bytes of a record.
    ///
    /// # Errors
    /// Any [`RecordError`]; accepted bytes are exactly those that [`Self::as_bytes`] can return.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        Cursor::new(bytes)?.try_for_each(|child| child.map(drop))?;
        Ok(Self(bytes.to_vec()))
    }

    /// The encoding, as it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The encoding, as it is stored.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The mask of children: bit `n` is set when there is one at nibble `n`.
    pub fn mask(&self) -> u16 {
        u16::from_be_bytes([self.0[1], self.0[2]])
    }

    /// The children in ascending order of their nibbles.
    pub fn children(&self) -> impl Iterator<Item = ChildRecord> + '_ {
        // A record's bytes were checked when it was made, so nothing is dropped here.
        Cursor::new(&self.0)
            .into_iter()
            .flatten()
            .map_while(Result::ok)
    }
}

/// Writes the encoding of a record child by child, in ascending order of nibbles.
pub(crate) struct RecordWriter {
    bytes: Vec<u8>,
    masks: [u16; 4],
}

impl RecordWriter {
    pub(crate) fn with_children(count: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEADER + count * 32);
        bytes.extend_from_slice(&[VERSION, 0, 0, 0, 0, 0, 0, 0, 0]);
        Self {
            bytes,
            masks: [0; 4],
        }
    }

    /// `extension` is `None` for a leaf.
    pub(crate) fn push(&mut self, nibble: u8, reference: &NodeRef, extension: Option<&Nibbles>) {
        let bit = 1 << nibble;
        self.masks[0] |= bit;
        if reference.is_inline() {
            self.masks[2] |= bit;
            self.bytes.push(reference.as_slice().len() as u8);
        }
        self.bytes.extend_from_slice(reference.as_slice());
        match extension {
            None => self.masks[1] |= bit,
            Some(nibbles) if nibbles.is_empty() => {}
            Some(nibbles) => {
                self.masks[3] |= bit;
                self.bytes.push(nibbles.len() as u8);
                self.bytes.extend_from_slice(&nibbles.pack());
            }
        }
    }

    pub(crate) fn finish(mut self) -> BranchRecord {
        for (slot, mask) in self.bytes[1..HEADER].chunks_exact_mut(2).zip(self.masks) {
            slot.copy_from_slice(&mask.to_be_bytes());
        }
        BranchRecord(self.bytes)
    }
}

/// Reads and checks a record child by child.
struct Cursor<'a> {
    rest: &'a [u8],
    /// Children not read yet.
    remaining: u16,
    leaves: u16,
    inline: u16,
    extended: u16,
    failed: bool,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let (header, rest) = bytes
            .split_at_checked(HEADER)
            .ok_or(RecordError::Truncated)?;
        if header[0] != VERSION {
            return Err(RecordError::Version(header[0]));
        }
        let mask = |i: usize| u16::from_be_bytes([header[1 + 2 * i], header[2 + 2 * i]]);
        let [all, leaves, inline, extended] = [mask(0), mask(1), mask(2), mask(3)];
        if all == 0 || (leaves | inline | extended) & !all != 0 || leaves & extended != 0 {
            return Err(RecordError::Masks);
        }
        Ok(Self {
            rest,
            remaining: all,
            leaves,
            inline,
            extended,
            failed: false,
        })
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        let (head, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(RecordError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn take_byte(&mut self) -> Result<usize, RecordError> {
        self.take(1).map(|byte| usize::from(byte[0]))
    }

    fn child(&mut self) -> Result<ChildRecord, RecordError> {
        let nibble = self.remaining.trailing_zeros() as u8;
        let bit = 1 << nibble;
        self.remaining &= !bit;
        let reference = if self.inline & bit == 0 {
            NodeRef::hash(B256::from_slice(self.take(32)?))
        } else {
            let len = self.take_byte()?;
            NodeRef::inline(self.take(len)?).ok_or(RecordError::Inline)?
        };
        let kind = if self.leaves & bit != 0 {
            ChildKind::Leaf
        } else if self.extended & bit == 0 {
            ChildKind::Subtrie {
                extension: Nibbles::new(),
            }
        } else {
            ChildKind::Subtrie {
                extension: self.extension()?,
            }
        };
        if self.remaining == 0 && !self.rest.is_empty() {
            return Err(RecordError::Trailing);
        }
        Ok(ChildRecord {
            nibble,
            reference,
            kind,
        })
    }

    fn extension(&mut self) -> Result<Nibbles, RecordError> {
        let len = self.take_byte()?;
        if len == 0 || len > 63 {
            return Err(RecordError::Extension);
        }
        let packed = self.take(len.div_ceil(2))?;
        if len % 2 == 1 && packed[len / 2] & 0x0f != 0 {
            return Err(RecordError::Extension);
        }
        let mut nibbles = Nibbles::unpack(packed);
        nibbles.truncate(len);
        Ok(nibbles)
    }
}

impl Iterator for Cursor<'_> {
    type Item = Result<ChildRecord, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.remaining == 0 || self.failed {
            return None;
        }
        let child = self.child();
        self.failed = child.is_err();
        Some(child)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference() -> impl Strategy<Value = NodeRef> {
        prop_oneof![
            any::<[u8; 32]>().prop_map(|hash| NodeRef::hash(hash.into())),
            prop::collection::vec(any::<u8>(), 0..31).prop_map(|payload| {
                let mut rlp = vec![0xc0 + payload.len() as u8];
                rlp.extend(payload);
                NodeRef::of_rlp(&rlp)
            }),
        ]
    }

    fn kind() -> impl Strategy<Value = ChildKind> {
        prop_oneof![
            Just(ChildKind::Leaf),
            Just(ChildKind::Subtrie {
                extension: Nibbles::new()
            }),
            prop::collection::vec(0u8..16, 1..=63).prop_map(|n| ChildKind::Subtrie {
                extension: Nibbles::from_nibbles(n)
            }),
        ]
    }

    fn children() -> impl Strategy<Value = Vec<ChildRecord>> {
        prop::collection::btree_map(0u8..16, (reference(), kind()), 1..=16).prop_map(|map| {
            map.into_iter()
                .map(|(nibble, (reference, kind))| ChildRecord {
                    nibble,
                    reference,
                    kind,
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn decoding_gives_back_the_children(children in children()) {
            let record = BranchRecord::new(&children).unwrap();
            let decoded = BranchRecord::decode(record.as_bytes()).unwrap();
            prop_assert_eq!(&decoded, &record);
            prop_assert_eq!(decoded.children().collect::<Vec<_>>(), children);
        }

        #[test]
        fn garbage_is_refused_or_canonical(mut bytes in prop::collection::vec(any::<u8>(), 0..200), version in any::<bool>()) {
            if version && !bytes.is_empty() {
                bytes[0] = VERSION;
            }
            if let Ok(record) = BranchRecord::decode(&bytes) {
                let children: Vec<_> = record.children().collect();
                prop_assert_eq!(BranchRecord::new(&children).unwrap().into_bytes(), bytes);
            }
        }

        #[test]
        fn a_damaged_record_is_refused_or_canonical(
            children in children(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()
        ) {
            let mut bytes = BranchRecord::new(&children).unwrap().into_bytes();
            let cut = cut.index(bytes.len());
            prop_assert!(BranchRecord::decode(&bytes[..cut]).is_err());
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(record) = BranchRecord::decode(&bytes) {
                let children: Vec<_> = record.children().collect();
                prop_assert_eq!(BranchRecord::new(&children).unwrap().into_bytes(), bytes);
            }
        }
    }

    #[test]
    fn children_out_of_order_are_refused() {
        let child = |nibble| ChildRecord {
            nibble,
            reference: NodeRef::hash(B256::ZERO),
            kind: ChildKind::Leaf,
        };
        assert_eq!(BranchRecord::new(&[]), None);
        assert_eq!(BranchRecord::new(&[child(2), child(1)]), None);
        assert_eq!(BranchRecord::new(&[child(2), child(2)]), None);
        assert_eq!(BranchRecord::new(&[child(16)]), None);
    }
}
