//! How values are written: bytes as 0x-hex, numbers as decimal strings (a u128 is no JSON number), text in ASCII with escapes.

use alloy_primitives::hex;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

/// Indented, in ASCII: invisible characters are to be seen.
pub fn text(value: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(value).expect("serialises");
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("a string");
        }
    }
    out.push('\n');
    out
}

/// Bytes.
pub fn bytes(bytes: impl AsRef<[u8]>) -> String {
    hex::encode_prefixed(bytes)
}

/// An object with its keys in the order given.
#[derive(Debug, Clone)]
pub struct Object(pub Vec<(&'static str, String)>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
