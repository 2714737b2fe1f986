//! How output roots are proposed.

/// Which blocks' output roots are proposed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProposalSource {
    /// Blocks that finalized L1 blocks determine: no reorganisation can make their roots wrong.
    #[default]
    Finalized,
    /// Blocks that the L1 determines now. Sooner, and at the proposer's risk: a reorganisation of the L1 that takes back a
    /// batch makes a wrong claim of what was a right one, and its bond is lost.
    Safe,
}

/// How output roots are proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposerConfig {
    /// Which blocks' roots. Default finalized.
    pub source: ProposalSource,
    /// Seconds of the L1's time between two proposals, at least. Default 3,600. A proposal is made only when there is a
    /// block above the last one that was proposed.
    pub interval: u64,
}

impl Default for ProposerConfig {
    fn default() -> Self {
        Self {
            source: ProposalSource::default(),
            interval: 3_600,
        }
    }
}
