//! What can go wrong with the L1, sorted by what the caller should do.

use alloy_primitives::B256;

/// What the caller should do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Ask again later: the endpoint is away, overloaded, or behind.
    Temporary,
    /// Asking again can not help: the configuration or the endpoint is wrong.
    Critical,
}

/// Why the L1 could not be read.
#[derive(Debug, thiserror::Error)]
pub enum L1Error {
    /// The URL is not one.
    #[error("L1 URL {url:?} is invalid: {reason}")]
    Url {
        /// What was configured, without credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two URLs are the same.
    #[error("the L1 URL {0} is given twice")]
    SameUrl(String),
    /// No URL is given.
    #[error("no L1 URL is given")]
    NoUrl,
    /// The endpoint did not answer, or not with JSON-RPC.
    #[error("L1 does not answer {method} ({endpoint}): {reason}")]
    Transport {
        /// The method that was called.
        method: &'static str,
        /// The endpoint's host.
        endpoint: String,
        /// What happened, without what of a URL may be a key.
        reason: String,
    },
    /// One of several endpoints serves another chain than the others.
    #[error("L1 endpoint {endpoint} serves another chain: {reason}")]
    OtherChain {
        /// Its place in the list, and its host.
        endpoint: String,
        /// What is different.
        reason: String,
    },
    /// What the endpoint serves does not go on from the block that is known to be final.
    #[error("the L1 endpoint's chain does not have block {number} ({hash}), which is final")]
    Contradiction {
        /// The final block's number.
        number: u64,
        /// Its hash.
        hash: B256,
    },
    /// There are several endpoints, and none that answers agrees with what is known of the chain.
    #[error("no L1 endpoint agrees with what is known of the chain")]
    NoEndpoint,
    /// The endpoint refuses the call.
    #[error("L1 refuses {method}: {message} (code {code})")]
    Refused {
        /// The method that was called.
        method: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words.
        message: String,
    },
    /// The endpoint has no block for a label that every L1 has.
    #[error("L1 has no {0} block yet")]
    NoBlock(&'static str),
    /// The endpoint serves another chain than the configured one.
    #[error("L1 endpoint serves chain {found}, configured is {expected}")]
    ChainId {
        /// The configured chain id.
        expected: u64,
        /// The endpoint's chain id.
        found: u64,
    },
    /// The header does not hash to what the endpoint says.
    #[error(
        "L1 block {number}: the endpoint says its hash is {claimed}, its header hashes to {computed}"
    )]
    Hash {
        /// The block's number.
        number: u64,
        /// The hash in the answer.
        claimed: B256,
        /// The header's hash.
        computed: B256,
    },
    /// The answer is for another block than was asked for.
    #[error("L1 answered with block {found} when asked for block {asked}")]
    OtherBlock {
        /// Number or hash that was asked for.
        asked: String,
        /// Number and hash of the answer.
        found: String,
    },
    /// A block that the endpoint named as a parent is gone: it is in the middle of a reorganisation.
    #[error("L1 no longer knows block {0}")]
    Gone(B256),
    /// The header carries blob fields but the configured schedule has no parameters for its time.
    #[error(
        "the configured L1 blob schedule has no parameters at timestamp {timestamp} (L1 block {number})"
    )]
    NoBlobParams {
        /// The block's number.
        number: u64,
        /// The block's timestamp in seconds.
        timestamp: u64,
    },
    /// What the endpoint serves of a block is not what the block's header commits to.
    #[error(
        "L1 block {number} ({hash}): the endpoint's {what} have root {computed}, the header says {expected}"
    )]
    Root {
        /// Receipts or transactions.
        what: &'static str,
        /// The block's number.
        number: u64,
        /// The block's hash.
        hash: B256,
        /// The root in the header.
        expected: B256,
        /// The root of what was served.
        computed: B256,
    },
    /// An answer that makes no sense.
    #[error("L1 answers {what} with nonsense: {reason}")]
    Malformed {
        /// The method or path that was asked.
        what: &'static str,
        /// What is wrong with the answer.
        reason: String,
    },
    /// An answer that is larger than any right one.
    #[error("L1 answers {what} with more than {limit} bytes")]
    TooLarge {
        /// The path that was asked.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The beacon endpoint did not answer.
    #[error("L1 beacon endpoint does not answer {path}: {reason}")]
    BeaconTransport {
        /// The path.
        path: &'static str,
        /// What happened, without the URL.
        reason: String,
    },
    /// The beacon endpoint refuses.
    #[error("L1 beacon endpoint answers {path} with status {status}")]
    BeaconStatus {
        /// The path.
        path: &'static str,
        /// HTTP status.
        status: u16,
    },
    /// The beacon endpoint does not have a blob, or has another one in its place.
    #[error(
        "L1 block {number} (slot {slot}): the beacon endpoint does not serve blob {blob}; endpoints keep blobs for about 18 days"
    )]
    MissingBlob {
        /// The block's number.
        number: u64,
        /// The slot that was asked for.
        slot: u64,
        /// The blob's versioned hash.
        blob: B256,
    },
    /// A task of this process was aborted: it ends, or something panicked.
    #[error("the work on {0} was aborted")]
    Aborted(&'static str),
}

impl L1Error {
    /// What the caller should do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Transport { .. }
            | Self::Contradiction { .. }
            | Self::NoEndpoint
            | Self::NoBlock(_)
            | Self::OtherBlock { .. }
            | Self::Gone(_)
            // Endpoints that are still indexing a block serve parts of it.
            | Self::Root { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::BeaconTransport { .. }
            | Self::BeaconStatus { .. }
            | Self::MissingBlob { .. }
            | Self::Aborted(_) => ErrorKind::Temporary,
            // Method not found, invalid parameters, invalid request, unauthorized: nothing that time heals.
            Self::Refused {
                code: -32602..=-32600,
                ..
            } => ErrorKind::Critical,
            Self::Refused { .. } => ErrorKind::Temporary,
            Self::Url { .. }
            | Self::SameUrl(_)
            | Self::NoUrl
            | Self::OtherChain { .. }
            | Self::ChainId { .. }
            | Self::Hash { .. }
            | Self::NoBlobParams { .. } => ErrorKind::Critical,
        }
    }

    /// True when asking again later may succeed.
    pub fn is_temporary(&self) -> bool {
        self.kind() == ErrorKind::Temporary
    }
}
