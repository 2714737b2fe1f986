//! Runs kona's pipeline and judges block after block.

use crate::{
    Beacon, Difference, JudgeError, JudgedChain, L1, L2, SourceError, compare,
    paced::{PacedL1, PacedSource, paced},
};
use kona_derive::{
    ActivationSignal, ChainProvider, DerivationPipeline, EthereumDataSource, OriginProvider,
    Pipeline, PipelineBuilder, PipelineError, PipelineErrorKind, PolledAttributesQueueStage,
    ResetError, ResetSignal, SignalReceiver, StatefulAttributesBuilder, StepResult,
};
use kona_genesis::RollupConfig;
use kona_protocol::{BlockInfo, OpAttributesWithParent};
use serde::Serialize;
use std::sync::Arc;

type Builder = StatefulAttributesBuilder<L1, JudgedChain>;
type Source = PacedSource<EthereumDataSource<L1, Beacon>>;
type Kona = DerivationPipeline<
    PolledAttributesQueueStage<Source, PacedL1, JudgedChain, Builder>,
    JudgedChain,
>;

/// How many steps kona may take without progress. It takes a handful for each frame and batch; a chain cannot keep it
/// busy for this long within one L1 block.
const PATIENCE: u64 = 10_000_000;

/// What the judge found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Number of blocks that were derived and found equal.
    pub blocks: u64,
    /// The first of them.
    pub from: u64,
    /// The last of them; one below `from` when there is none.
    pub to: u64,
    /// Transactions in them, L1-info and deposits included.
    pub transactions: u64,
    /// The last L1 block that was read.
    pub l1: u64,
    /// No difference, and at least one block.
    pub equal: bool,
    /// The first difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// Derives from the genesis on and compares, until block `to_block` or else until the L1 is read to its head.
///
/// Ends at the first difference. A chain that is shorter than what was derived is a difference; so is an L1 from which
/// less than `to_block`, or nothing at all, can be derived.
///
/// # Errors
/// When an endpoint fails, or when kona meets input at which it stops.
pub async fn judge(
    rollup: Arc<RollupConfig>,
    l1: L1,
    beacon: Beacon,
    l2: L2,
    to_block: Option<u64>,
) -> Result<Verdict, JudgeError> {
    let chain = JudgedChain::start(l2, Arc::clone(&rollup)).await?;
    let mut bench = Bench {
        kona: pipeline(&rollup, l1, beacon, &chain).await?,
        verdict: Verdict {
            blocks: 0,
            from: rollup.genesis.l2.number + 1,
            to: rollup.genesis.l2.number,
            transactions: 0,
            l1: rollup.genesis.l1.number,
            equal: false,
            difference: None,
        },
        chain,
        rollup,
    };
    bench.sit(to_block).await?;
    let mut verdict = bench.verdict;
    verdict.equal = verdict.difference.is_none();
    Ok(verdict)
}

/// kona's pipeline at the L2 genesis.
///
/// The reset also hands the stages their first origin and the system configuration of the genesis: a pipeline that was
/// only built reads the whole L1 with a batcher address of zero.
async fn pipeline(
    rollup: &Arc<RollupConfig>,
    mut l1: L1,
    beacon: Beacon,
    chain: &JudgedChain,
) -> Result<Kona, JudgeError> {
    let id = rollup.genesis.l1;
    let origin = l1.block_info_by_number(id.number).await?;
    if origin.hash != id.hash {
        return Err(SourceError::Inconsistent(format!(
            "L1 block {} is {}, rollup.json says {}",
            id.number, origin.hash, id.hash
        ))
        .into());
    }
    let builder = StatefulAttributesBuilder::new(Arc::clone(rollup), chain.clone(), l1.clone());
    let source = EthereumDataSource::new_from_parts(l1.clone(), beacon, rollup);
    let (l1, source) = paced(l1, source);
    let mut kona: Kona = PipelineBuilder::new()
        .rollup_config(Arc::clone(rollup))
        .dap_source(source)
        .l2_chain_provider(chain.clone())
        .chain_provider(l1)
        .builder(builder)
        .origin(origin)
        .build_polled();
    let reset = ResetSignal {
        l2_safe_head: chain.head(),
        l1_origin: origin,
        system_config: None,
    };
    kona.signal(reset.signal())
        .await
        .map_err(|cause| stopped(chain, Some(origin), &cause))?;
    Ok(kona)
}

fn stopped(
    chain: &JudgedChain,
    origin: Option<BlockInfo>,
    cause: &PipelineErrorKind,
) -> JudgeError {
    JudgeError::Stopped {
        after: chain.head().block_info.number,
        l1: origin.map_or(0, |origin| origin.number),
        cause: cause.to_string(),
    }
}

/// A judgement in progress.
struct Bench {
    kona: Kona,
    chain: JudgedChain,
    rollup: Arc<RollupConfig>,
    verdict: Verdict,
}

impl Bench {
    async fn sit(&mut self, to_block: Option<u64>) -> Result<(), JudgeError> {
        let mut idle = 0;
        loop {
            if to_block.is_some_and(|last| self.verdict.to >= last) {
                return Ok(());
            }
            match self.kona.step(self.chain.head()).await {
                StepResult::PreparedAttributes => {
                    idle = 0;
                    while let Some(derived) = self.kona.next() {
                        self.weigh(&derived).await?;
                        if self.verdict.difference.is_some() {
                            return Ok(());
                        }
                    }
                }
                StepResult::AdvancedOrigin => {
                    idle = 0;
                    self.verdict.l1 = self.l1();
                }
                StepResult::OriginAdvanceErr(PipelineErrorKind::Critical(
                    PipelineError::EndOfSource,
                )) => {
                    self.verdict.difference = self.missing(to_block);
                    return Ok(());
                }
                // Where Holocene begins within the chain, and not before it, kona wants its stages exchanged.
                StepResult::OriginAdvanceErr(PipelineErrorKind::Reset(
                    ResetError::HoloceneActivation,
                ))
                | StepResult::StepFailed(PipelineErrorKind::Reset(
                    ResetError::HoloceneActivation,
                )) => self.activate().await?,
                // The pipeline's way of saying "call again", and `PacedL1`'s. An endpoint's failure comes as temporary
                // too when it happened within the blob source, but the judge does not try again.
                StepResult::StepFailed(PipelineErrorKind::Temporary(
                    PipelineError::Eof | PipelineError::NotEnoughData,
                ))
                | StepResult::OriginAdvanceErr(PipelineErrorKind::Temporary(
                    PipelineError::NotEnoughData,
                )) if idle < PATIENCE => idle += 1,
                StepResult::OriginAdvanceErr(cause) | StepResult::StepFailed(cause) => {
                    return Err(stopped(&self.chain, self.kona.origin(), &cause));
                }
            }
        }
    }

    fn l1(&self) -> u64 {
        self.kona.origin().map_or(0, |origin| origin.number)
    }

    async fn weigh(&mut self, derived: &OpAttributesWithParent) -> Result<(), JudgeError> {
        let Some(block) = self.chain.next().await? else {
            self.verdict.difference = Some(Difference {
                block: derived.block_number(),
                field: "block".into(),
                derived: format!(
                    "a block with {} transactions",
                    derived.inner.transactions.as_ref().map_or(0, Vec::len)
                ),
                chain: "ends before it".into(),
            });
            return Ok(());
        };
        self.verdict.difference = compare(derived, &block, &self.rollup);
        if self.verdict.difference.is_none() {
            self.chain.admit(&block)?;
            self.verdict.blocks += 1;
            self.verdict.to = block.header.number;
            self.verdict.transactions += block.transactions.len() as u64;
        }
        Ok(())
    }

    /// The L1 is read. Less than was asked for, or nothing, is no agreement.
    fn missing(&self, to_block: Option<u64>) -> Option<Difference> {
        let short = to_block.is_some() || self.verdict.blocks == 0;
        short.then(|| Difference {
            block: self.verdict.to + 1,
            field: "block".into(),
            derived: format!("nothing: no valid batch up to L1 block {}", self.l1()),
            chain: "was to be judged".into(),
        })
    }

    async fn activate(&mut self) -> Result<(), JudgeError> {
        let l1_origin = self.kona.origin().unwrap_or_default();
        let signal = ActivationSignal {
            l2_safe_head: self.chain.head(),
            l1_origin,
            system_config: None,
        };
        self.kona
            .signal(signal.signal())
            .await
            .map_err(|cause| stopped(&self.chain, Some(l1_origin), &cause))
    }
}
