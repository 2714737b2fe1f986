//! Names of raw files.

use super::LeafError;
use super::field::{Field, take_bytes};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// CIDv1, raw, SHA-256 with 32 bytes.
const RAW: [u8; 4] = [0x01, 0x55, 0x12, 0x20];

/// The CID of a raw file: binary CIDv1, `01 ‖ 55 or 70 ‖ 12 20 ‖ sha2-256`, or all zero where there is none.
///
/// Only the codecs raw and dag-pb, and only SHA-256: their CIDs have one width and are what IPFS makes of files. As a text it is the base32 of
/// the bytes in lower case after a `b` (multibase).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawCid([u8; 36]);

/// A text is not a CID that a document can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a CIDv1 in base32 with SHA-256 of a raw or dag-pb file")]
pub struct NotACid;

impl RawCid {
    /// No raw file is attached.
    pub const NONE: Self = Self([0; 36]);

    /// Checks the bytes of a CID.
    pub fn new(bytes: [u8; 36]) -> Result<Self, LeafError> {
        match bytes {
            [0x01, 0x55 | 0x70, 0x12, 0x20, ..] => Ok(Self(bytes)),
            none if none == [0; 36] => Ok(Self::NONE),
            _ => Err(LeafError::Range("rawCid")),
        }
    }

    /// The CID of a file as one raw block.
    pub fn of(file: &[u8]) -> Self {
        let mut bytes = [0; 36];
        let (head, hash) = bytes.split_at_mut(RAW.len());
        head.copy_from_slice(&RAW);
        hash.copy_from_slice(&Sha256::digest(file));
        Self(bytes)
    }

    /// Whether it names a file by its bytes alone, so that [`of`](Self::of) the file is to be the same. What dag-pb names depends on how the file was
    /// cut into blocks.
    pub fn is_raw(&self) -> bool {
        self.0.starts_with(&RAW)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 36] {
        &self.0
    }
}

impl fmt::Display for RawCid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", BASE32_NOPAD.encode(&self.0).to_lowercase())
    }
}

impl FromStr for RawCid {
    type Err = NotACid;

    fn from_str(text: &str) -> Result<Self, NotACid> {
        let encoded = text.strip_prefix('b').ok_or(NotACid)?;
        if encoded.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NotACid);
        }
        let bytes = BASE32_NOPAD.decode(encoded.to_ascii_uppercase().as_bytes());
        let bytes: [u8; 36] = bytes
            .map_err(|_| NotACid)?
            .try_into()
            .map_err(|_| NotACid)?;
        match Self::new(bytes) {
            Ok(cid) if cid != Self::NONE => Ok(cid),
            _ => Err(NotACid),
        }
    }
}

impl Field for RawCid {
    const LEN: usize = 36;

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn take(bytes: &mut &[u8]) -> Result<Self, LeafError> {
        Self::new(take_bytes(bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed apart from this, by Python's hashlib and base64.
    #[test]
    fn known_files_have_their_known_names() {
        for (file, cid) in [
            (
                "",
                "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
            ),
            (
                "hello world",
                "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
            ),
        ] {
            assert_eq!(RawCid::of(file.as_bytes()).to_string(), cid);
            assert_eq!(cid.parse(), Ok(RawCid::of(file.as_bytes())));
            assert!(RawCid::of(file.as_bytes()).is_raw());
        }
    }

    #[test]
    fn other_texts_are_no_cids() {
        let good = RawCid::of(b"a").to_string();
        let none = RawCid::NONE.to_string();
        let other_hash = RawCid([0x01; 36]).to_string();
        for text in [
            "",
            "b",
            "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}a"),
            &good.to_uppercase(),
            &good.replacen('a', "1", 1),
            &none,
            &other_hash,
            "bé",
        ] {
            assert_eq!(text.parse::<RawCid>(), Err(NotACid), "{text}");
        }
        let dag = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        let dag: RawCid = dag.parse().expect("a directory's");
        assert!(!dag.is_raw());
        assert_eq!(dag.to_string().parse(), Ok(dag));
    }
}
