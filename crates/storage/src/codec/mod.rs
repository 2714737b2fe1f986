//! How values are written. Every encoding is checked when it is read; lists begin with a version.

mod account;
mod body;
mod bytes;
mod changeset;
mod receipts;

pub(crate) use account::{
    decode_account, decode_leaf, decode_word, encode_account, encode_leaf, encode_word,
};
pub(crate) use body::{BodyView, encode_body};
pub(crate) use bytes::{BytesReader, Malformed, put_bytes, put_varint};
pub(crate) use changeset::{ChangeSet, ChangedAccount};
pub(crate) use receipts::{ReceiptsView, encode_receipts};
