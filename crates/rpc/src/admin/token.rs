//! The operator's token.

use alloy_primitives::{B256, keccak256};
use axum::http::{HeaderMap, header};
use std::{fmt, hint::black_box};

/// Fewer characters can be guessed.
const LEAST: usize = 16;

/// What a request must carry as `Authorization: Bearer <token>`. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(B256);

/// Why something is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is too short.
    #[error("a token has at least {LEAST} characters")]
    Short,
    /// It can not be sent in a header.
    #[error("a token has neither spaces nor characters outside of ASCII")]
    Characters,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// Fails when it is too short or can not be sent in a header.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        if token.len() < LEAST {
            return Err(TokenError::Short);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Characters);
        }
        Ok(Self(keccak256(token)))
    }

    /// Whether a request carries it.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(7))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, token)| token);
        given.is_some_and(|given| self.is(given))
    }

    /// Takes the same time whatever is given, by its length alone: hashes are compared, and to their last byte.
    fn is(&self, given: &[u8]) -> bool {
        let different = keccak256(given)
            .iter()
            .zip(&self.0)
            .fold(0, |different, (a, b)| black_box(different | (a ^ b)));
        different == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_token_is_long_and_fits_into_a_header() {
        assert_eq!(Token::new("0123456789abcde"), Err(TokenError::Short));
        assert_eq!(Token::new(""), Err(TokenError::Short));
        assert_eq!(Token::new("0123456789 abcdef"), Err(TokenError::Characters));
        assert_eq!(Token::new("0123456789ä123456"), Err(TokenError::Characters));
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(!format!("{token:?}").contains("0123"));
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::new("0123456789abcdef").unwrap();
        let carries = |value: &str| {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_str(value).unwrap();
            headers.insert(header::AUTHORIZATION, value);
            token.is_in(&headers)
        };
        assert!(carries("Bearer 0123456789abcdef"));
        assert!(carries("bearer 0123456789abcdef"));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            "Bearer  0123456789abcdef",
            "Basic 0123456789abcdef",
            "0123456789abcdef",
        ] {
            assert!(!carries(wrong), "{wrong:?}");
        }
        assert!(!token.is_in(&HeaderMap::new()));
    }
}
