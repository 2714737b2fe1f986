//! RLPTests: items encode to known bytes and back; malformed bytes are refused.

use alloy_primitives::{U512, hex};
use alloy_rlp::{Decodable, Encodable, Header};
use serde_json::Value;

#[derive(Debug, PartialEq)]
enum Item {
    Bytes(Vec<u8>),
    List(Vec<Item>),
}

impl Item {
    fn of_json(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('#') {
                Some(digits) => Self::number(
                    digits
                        .parse()
                        .map_err(|error| format!("{digits}: {error}"))?,
                ),
                None => Self::Bytes(text.as_bytes().to_vec()),
            },
            Value::Number(number) => {
                Self::number(U512::from(number.as_u64().ok_or("a negative number")?))
            }
            Value::Array(items) => {
                Self::List(items.iter().map(Self::of_json).collect::<Result<_, _>>()?)
            }
            other => return Err(format!("no RLP item: {other}")),
        })
    }

    fn number(value: U512) -> Self {
        Self::Bytes(value.to_be_bytes_trimmed_vec())
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => bytes.as_slice().encode(out),
            Self::List(items) => {
                let mut payload = Vec::new();
                items.iter().for_each(|item| item.encode(&mut payload));
                Header {
                    list: true,
                    payload_length: payload.len(),
                }
                .encode(out);
                out.extend_from_slice(&payload);
            }
        }
    }
}

impl Decodable for Item {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let mut ahead = *buf;
        if !Header::decode(&mut ahead)?.list {
            return Ok(Self::Bytes(Header::decode_bytes(buf, false)?.to_vec()));
        }
        let mut payload = Header::decode_bytes(buf, true)?;
        let mut items = Vec::new();
        while !payload.is_empty() {
            items.push(Self::decode(&mut payload)?);
        }
        Ok(Self::List(items))
    }
}

/// The whole of `bytes` as one item.
fn decode(mut bytes: &[u8]) -> Result<Item, String> {
    let item = Item::decode(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.is_empty() {
        Ok(item)
    } else {
        Err("bytes follow".into())
    }
}

pub fn check(_: &str, test: &Value) -> Result<(), String> {
    let encoded =
        hex::decode(test["out"].as_str().ok_or("no out")?).map_err(|error| error.to_string())?;
    match &test["in"] {
        Value::String(text) if text == "INVALID" => match decode(&encoded) {
            Ok(item) => Err(format!("malformed, but decodes to {item:?}")),
            Err(_) => Ok(()),
        },
        Value::String(text) if text == "VALID" => decode(&encoded).map(drop),
        value => {
            let item = Item::of_json(value)?;
            let mut ours = Vec::new();
            item.encode(&mut ours);
            if ours != encoded {
                return Err(format!("encodes to 0x{}", hex::encode(ours)));
            }
            (decode(&encoded)? == item)
                .then_some(())
                .ok_or_else(|| "decodes to something else".into())
        }
    }
}
