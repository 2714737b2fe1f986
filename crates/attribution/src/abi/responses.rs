//! The struct of each response: the one list that they are encoded and decoded by.

use super::{Coded, DecodeError, strictly, structs::*, unchanged};
use crate::demand::Response;
use alloy_sol_types::SolType as _;

/// `what, struct { fields } = (the response, of these fields)`, which is a pattern when it is encoded and a value when it is decoded.
macro_rules! responses {
    ($($what:literal, $abi:ident { $($field:ident),+ } = ($($response:tt)+);)+) => {
        impl Response {
            /// What it answers, 0 to 8, as [`Demand::what`](crate::Demand::what).
            pub fn what(&self) -> u8 {
                match self {
                    $(Self::$($response)+ => {
                        $(let _ = $field;)+
                        $what
                    })+
                }
            }

            /// The encoding of its struct. What can answer nothing, such as a proof of membership with another number of siblings than it
            /// must have, is encoded all the same, and is not decoded.
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$($response)+ => {
                        let abi = $abi { $($field: $field.to_abi()),+ };
                        $abi::abi_encode(&abi)
                    })+
                }
            }

            /// The inverse of [`encode`](Self::encode), given what is demanded: no other bytes are a response to it.
            ///
            /// # Errors
            /// Why they are none. Nothing is answered by bytes that are one until they have verified.
            pub fn decode(what: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
                let response = match what {
                    $($what => {
                        let $abi { $($field),+ } = strictly(bytes)?;
                        $(let $field = Coded::of_abi($field)?;)+
                        Self::$($response)+
                    })+
                    _ => return Err(DecodeError::What(what)),
                };
                unchanged(&response.encode(), bytes)?;
                Ok(response)
            }
        }
    };
}

responses! {
    0, AnswerResponse { row } = (Answer(row));
    1, TileResponse { row, tile } = (Tile(row, tile));
    2, SourceResponse { row, tile, source } = (Source(row, tile, source));
    3, ChunkResponse { row, tile, source, chunk } = (Chunk(row, tile, source, chunk));
    4, PhraseResponse { row, tile, phrase } = (Phrase(row, tile, phrase));
    5, ModelResponse { model } = (Model(model));
    6, GiftResponse { model, gift } = (Gift(model, gift));
    7, PayoutResponse { payout } = (Payout(payout));
    8, EarningResponse { payout, earning } = (Earning(payout, earning));
}

#[cfg(test)]
mod tests {
    /// What another implementer reads is what is encoded here.
    #[test]
    fn every_response_is_in_the_specification() {
        let text = std::str::from_utf8(crate::method::SPECIFICATION).expect("a text");
        let responses = include_str!("responses.rs").lines().filter_map(|line| {
            let (what, rest) = line.strip_prefix("    ")?.split_once(", ")?;
            Some((what.parse::<u8>().ok()?, rest.split_once(' ')?.0))
        });
        let responses: Vec<_> = responses.collect();
        assert_eq!(responses.len(), 9);
        for (what, name) in responses {
            let is_row = |line: &str| {
                line.starts_with(&format!("| `{what}` ")) && line.contains(&format!("| {name} |"))
            };
            assert!(text.lines().any(is_row), "{what}");
        }
    }
}
