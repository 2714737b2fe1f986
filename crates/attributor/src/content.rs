//! What a contribution's content is, inline or behind its CID.

use alloy_primitives::Bytes;
use alloy_sol_types::{SolValue, sol};
use openledger_attribution::{
    archive::Contribution,
    leaf::{ContributionKind, RawCid},
    words,
};

/// By their numbers.
const KINDS: [ContributionKind; 8] = [
    ContributionKind::Data,
    ContributionKind::Label,
    ContributionKind::Prompt,
    ContributionKind::Eval,
    ContributionKind::Tuning,
    ContributionKind::Compute,
    ContributionKind::Code,
    ContributionKind::Governance,
];

sol! {
    /// A file of a contribution, in UTF-8. The content of a contribution is `abi.encode(File[])`.
    #[derive(Debug, PartialEq, Eq)]
    struct File {
        /// What it is: 0 DATA, 1 LABEL, 2 PROMPT, 3 EVAL, 4 TUNING, 5 COMPUTE, 6 CODE, 7 GOVERNANCE.
        uint8 kind;
        /// The raw file that the text was taken from: a binary CIDv1 of 36 bytes, or nothing.
        bytes cid;
        /// The text, which is cut into words by the method.
        string text;
    }
}

/// Why bytes are no content. Nothing can be contributed with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Not `abi.encode(File[])`.
    #[error("the content is not the encoding of files: {0}")]
    Encoding(String),
    /// A kind that there is not.
    #[error("file {0} is of no kind")]
    Kind(usize),
    /// A CID of another form.
    #[error("the CID of file {0} is none that a document can have")]
    Cid(usize),
    /// More documents than can be numbered.
    #[error("the content has too many documents")]
    TooMany,
    /// A text without a word.
    #[error("file {0} has no words")]
    NoWords(usize),
}

/// Encodes files.
pub fn content(files: &[File]) -> Bytes {
    files.to_vec().abi_encode().into()
}

/// The files of a content, as the archive takes them.
///
/// # Errors
/// See [`ContentError`].
pub fn files(content: &[u8], licence: u32) -> Result<Vec<Contribution>, ContentError> {
    let files = Vec::<File>::abi_decode_validate(content);
    let files = files.map_err(|error| ContentError::Encoding(error.to_string()))?;
    let file = |(at, file): (usize, &File)| {
        let kind = KINDS.get(usize::from(file.kind));
        let kind = *kind.ok_or(ContentError::Kind(at))?;
        let raw_cid = match file.cid.is_empty() {
            true => RawCid::NONE,
            false => {
                let bytes = file.cid.as_ref().try_into();
                let cid = bytes.ok().and_then(|bytes| RawCid::new(bytes).ok());
                cid.ok_or(ContentError::Cid(at))?
            }
        };
        let words: Vec<_> = words(&file.text).map(|word| word.id()).collect();
        if words.is_empty() {
            return Err(ContentError::NoWords(at));
        }
        Ok(Contribution {
            kind,
            licence,
            raw_cid,
            words,
        })
    };
    files.iter().enumerate().map(file).collect()
}
