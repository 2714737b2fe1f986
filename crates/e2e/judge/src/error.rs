//! What can keep the judge from coming to a verdict. None of these says that the chain is wrong.

use kona_derive::{PipelineError, PipelineErrorKind};

/// An endpoint failed, or what it said contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The L1 has no such block, or the judge was told to stop before it. The ordinary end of a run.
    #[error("the L1 ends before block {0}")]
    EndOfL1(u64),
    /// kona is to read the L1 block before this one to its end first.
    #[error("the data before L1 block {0} is not read yet")]
    Unread(u64),
    /// No answer, or not one in HTTP.
    #[error("{url} does not answer: {cause}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// The transport's own words.
        cause: String,
    },
    /// An answer that refuses, or that cannot be read.
    #[error("{what}: {message}")]
    Answer {
        /// The method or path.
        what: String,
        /// What is wrong with its answer.
        message: String,
    },
    /// A hash or a root does not match what it stands for.
    #[error("inconsistent: {0}")]
    Inconsistent(String),
}

impl From<SourceError> for PipelineErrorKind {
    /// What an endpoint does is critical: the judge reads from endpoints next to it and does not try again.
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::EndOfL1(_) => PipelineError::EndOfSource.crit(),
            SourceError::Unread(_) => PipelineError::NotEnoughData.temp(),
            other => PipelineError::Provider(other.to_string()).crit(),
        }
    }
}

/// A `rollup.json` that kona cannot judge.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or not of the shape that kona reads.
    #[error("rollup.json: {0}")]
    Shape(#[from] serde_json::Error),
    /// A fork is scheduled of which kona 0.4.5 knows nothing.
    #[error("rollup.json schedules {0}; kona 0.4.5 derives up to Isthmus")]
    TooNew(String),
    /// Isthmus is not active from the L2 genesis on.
    #[error("rollup.json: isthmus_time must be set, and not later than the L2 genesis")]
    TooOld,
}

/// The judge could not finish.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// An endpoint failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// kona gave up: on input that it does not skip, or on a provider.
    #[error("kona stopped at L2 block {after} + 1, L1 block {l1}: {cause}")]
    Stopped {
        /// The last block that was judged.
        after: u64,
        /// Where kona stands on the L1.
        l1: u64,
        /// kona's words.
        cause: String,
    },
}
