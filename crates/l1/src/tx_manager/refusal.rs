//! What endpoints mean when they refuse a transaction.
//!
//! There are no codes for these: the words of geth, reth, Nethermind, Besu, Erigon and anvil are compared.

/// Why a transaction was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The pool has this very transaction.
    Known,
    /// The pool has another transaction with this nonce, and this one does not offer enough more.
    Replacement,
    /// The chain has a transaction with this nonce.
    NonceTooLow,
    /// A transaction with a lower nonce is not in the pool.
    Gapped,
    /// The balance does not cover what the pool has of this account and this one.
    Funds,
    /// The blobs come with proofs of the form of another fork.
    SidecarForm,
    /// Anything else: it offers too little, the pool is full or has the account's transactions of the other kind, it is invalid.
    Other(String),
    /// It is not known whether it arrived.
    Unanswered(String),
}

/// Words in lower case, the most specific first.
const WORDS: [(Refusal, &[&str]); 6] = [
    (
        Refusal::Known,
        &[
            "already known",
            "already imported",
            "known transaction",
            "alreadyknown",
            "already in mempool",
        ],
    ),
    (
        Refusal::Replacement,
        &[
            "replacement",
            "could not replace",
            "replace existing",
            "not enough to replace",
        ],
    ),
    (
        Refusal::NonceTooLow,
        &[
            "nonce too low",
            "old nonce",
            "oldnonce",
            "nonce is too low",
            "nonce_too_low",
        ],
    ),
    (
        Refusal::Gapped,
        &["nonce gap", "gapped", "nonce too high", "nonce_too_distant"],
    ),
    (
        Refusal::Funds,
        &[
            "insufficient funds",
            "insufficientfunds",
            "upfront cost exceeds",
            "not have enough funds",
        ],
    ),
    (
        Refusal::SidecarForm,
        &[
            "sidecar",
            "cell proof",
            "blob proof",
            "proof version",
            "wrapper version",
        ],
    ),
];

impl Refusal {
    /// The meaning of an endpoint's words.
    pub(super) fn of(message: &str) -> Self {
        let message_in_lower_case = message.to_lowercase();
        let says = |words: &&str| message_in_lower_case.contains(words);
        let known = WORDS.iter().find(|(_, any)| any.iter().any(says));
        known.map_or_else(
            || Self::Other(message.into()),
            |(refusal, _)| refusal.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_words_are_understood() {
        let cases = [
            ("already known", Refusal::Known),
            ("transaction already imported", Refusal::Known),
            ("ALREADY_EXISTS: already known", Refusal::Known),
            ("replacement transaction underpriced", Refusal::Replacement),
            (
                "replacement transaction underpriced: new tx gas fee cap 1 <= 2 queued",
                Refusal::Replacement,
            ),
            ("nonce too low", Refusal::NonceTooLow),
            (
                "nonce too low: next nonce 5, tx nonce 4",
                Refusal::NonceTooLow,
            ),
            (
                "nonce too high: tx nonce 9, gapped nonce 7",
                Refusal::Gapped,
            ),
            (
                "insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1",
                Refusal::Funds,
            ),
            (
                "insufficient funds for gas * price + value: balance 1, queued cost 1, tx cost 1, overshot 1",
                Refusal::Funds,
            ),
            (
                "unexpected blob sidecar in transaction at index 0",
                Refusal::SidecarForm,
            ),
            (
                "unexpected eip-4844 sidecar after osaka",
                Refusal::SidecarForm,
            ),
        ];
        for (words, expected) in cases {
            assert_eq!(Refusal::of(words), expected, "{words}");
        }
        for other in [
            "transaction underpriced: gas tip cap 0, minimum needed 1",
            "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1, baseFee: 7",
            "address already reserved",
            "txpool is full",
            "account limit exceeded: pooled 16 txs",
            "tx fee (2.10 ether) exceeds the configured cap (1.00 ether)",
            "intrinsic gas too low",
            "oversized data",
        ] {
            assert_eq!(Refusal::of(other), Refusal::Other(other.into()));
        }
    }
}
