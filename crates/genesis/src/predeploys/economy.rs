//! What a chain chooses about its economy, and the contracts that follow from it.

use super::{PredeployError, constructor::Constructor};
use alloy_primitives::Address;
use alloy_sol_types::{SolConstructor, SolValue};
use openledger_contracts::{
    IAdmission, IContributionRegistry, IDatanetRegistry, IFeeRouter, IModelRegistry, IPayableAI,
    IPayoutVault, ISettlement, ITrainingAccumulator, ITrainingJobs, addresses, artifacts,
};

/// Sequencing windows that a challenge window has at least: in each of its sixths, in which a demand is answered, what the
/// sequencer leaves out is forced in.
const SEQUENCING_WINDOWS: u64 = 6;

/// Wei of a whole coin.
const COIN: u128 = 1_000_000_000_000_000_000;

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// What a chain chooses about its economy. None of it can be changed once the chain has begun: nobody owns these contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EconomyConfig {
    /// Seconds from the commit of a contribution to the end of its reveal.
    pub reveal_window: u64,
    /// Seconds in which the documents of a contribution are judged, before a Datanet can accept it. A third is for demands,
    /// another for their answers.
    pub admission_time: u64,
    /// Seconds from the reveal of a contribution to the end of its bond.
    pub contribution_bond_time: u64,
    /// Seconds from an acceptance to the version of the Datanet that has it.
    pub publish_delay: u64,
    /// Seconds from the publication of a model version until it answers.
    pub model_notice: u64,
    /// Seconds from the end of a model version until its bond goes back.
    pub model_bond_time: u64,
    /// Seconds from the announcement of other prices until they count.
    pub price_notice: u64,
    /// Seconds in which a gateway can redeem after its channel began to close.
    pub channel_close_time: u64,
    /// Seconds from a cut of the answers to the next one, at least.
    pub cut_interval: u64,
    /// Data pools that are worth a bond, in wei: with less a range waits for 24 intervals.
    pub least_pool: u128,
    /// L1 blocks from a posting until it can be final. Demands are made in the first half and answered within a sixth; the last
    /// third is for proofs.
    pub challenge_window: u64,
    /// L1 blocks from a cut until nobody settles the range any more.
    pub fallback_time: u64,
    /// Wei that a contribution is bonded with for each of its bytes.
    pub bond_per_byte: u128,
    /// Wei that a model version is bonded with.
    pub version_bond: u128,
    /// Wei that a posting is bonded with, at least.
    pub least_settlement_bond: u128,
    /// Wei that a demand of a settlement costs.
    pub demand_fee: u128,
    /// Wei that a demand of a contribution's document costs.
    pub admission_fee: u128,
    /// Who gets what is not destroyed of the platform's part of fees. Not zero.
    pub treasury: Address,
    /// Basis points of the platform's part that are destroyed, 5,000 to 10,000.
    pub burn_bps: u16,
    /// Basis points of what was destroyed that can be given to training weights of the reserve, below 10,000.
    pub emission_bps: u16,
}

/// Why a chain can not have such an economy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EconomyError {
    /// Nobody would get the platform's part.
    #[error("the economy's treasury must not be the zero address")]
    NoTreasury,
    /// The platform would keep more than the rules let it, or destroy more than it has.
    #[error(
        "the burn of {0} basis points is not within 5000 to 10000 of the platform's part of fees"
    )]
    Burn(u16),
    /// Who pays for their own answers would lose nothing.
    #[error("the emission of {0} basis points of what was destroyed is not below 10000")]
    Emission(u16),
    /// A challenge window has six parts.
    #[error("the challenge window of {0} L1 blocks is less than 6")]
    Window(u64),
    /// A range would be given up before anybody could have settled it.
    #[error(
        "the fallback after {fallback} L1 blocks comes before the challenge window of {window} L1 blocks is over"
    )]
    Fallback {
        /// L1 blocks until the fallback.
        fallback: u64,
        /// L1 blocks of the challenge window.
        window: u64,
    },
    /// With two cuts in a second, what was published between them would be later than both.
    #[error("the interval between two cuts must not be zero seconds")]
    NoInterval,
    /// Anybody could post anything for nothing.
    #[error("the least bond of a settlement must not be zero")]
    NoBond,
    /// The sequencer alone could keep challenges out.
    #[error(
        "the challenge window of {window} L1 blocks is less than {SEQUENCING_WINDOWS} sequencing windows of {seq_window} L1 blocks: \
         what a sequencer leaves out could be forced in too late; only a development chain may do this"
    )]
    SequencerCouldCensor {
        /// L1 blocks of the challenge window.
        window: u64,
        /// L1 blocks of the sequencing window.
        seq_window: u64,
    },
}

impl EconomyConfig {
    /// The parameters of a chain with real money, on an L1 with a block each `l1_block_time` seconds (at least 1).
    pub fn standard(l1_block_time: u64, treasury: Address) -> Self {
        let l1_blocks_of_a_day = DAY / l1_block_time.max(1);
        Self {
            reveal_window: 36 * HOUR,
            admission_time: 56 * HOUR,
            contribution_bond_time: 30 * DAY,
            // What a version holds was judged before it was accepted.
            publish_delay: HOUR,
            model_notice: 7 * DAY,
            model_bond_time: 30 * DAY,
            price_notice: DAY,
            channel_close_time: 3 * DAY,
            cut_interval: HOUR,
            least_pool: 10 * COIN,
            challenge_window: 7 * l1_blocks_of_a_day,
            fallback_time: 30 * l1_blocks_of_a_day,
            ..Self::dev(treasury)
        }
    }

    /// The parameters of a development chain: windows of seconds, and coins as in [`standard`](Self::standard).
    pub const fn dev(treasury: Address) -> Self {
        Self {
            reveal_window: 10,
            admission_time: 6,
            contribution_bond_time: 60,
            publish_delay: 2,
            model_notice: 2,
            model_bond_time: 60,
            price_notice: 5,
            channel_close_time: 10,
            cut_interval: 5,
            least_pool: 0,
            challenge_window: 18,
            fallback_time: 60,
            bond_per_byte: 1_000_000_000_000,
            version_bond: 100 * COIN,
            least_settlement_bond: 1_000 * COIN,
            demand_fee: COIN,
            admission_fee: COIN / 1_000,
            treasury,
            burn_bps: 5_000,
            emission_bps: 2_500,
        }
    }

    /// What the contracts would refuse, in words.
    ///
    /// # Errors
    /// All of [`EconomyError`] but [`EconomyError::SequencerCouldCensor`].
    pub fn validate(&self) -> Result<(), EconomyError> {
        if self.treasury.is_zero() {
            return Err(EconomyError::NoTreasury);
        }
        if self.burn_bps < 5_000 || self.burn_bps > 10_000 {
            return Err(EconomyError::Burn(self.burn_bps));
        }
        if self.emission_bps >= 10_000 {
            return Err(EconomyError::Emission(self.emission_bps));
        }
        if self.cut_interval == 0 {
            return Err(EconomyError::NoInterval);
        }
        if self.challenge_window < 6 {
            return Err(EconomyError::Window(self.challenge_window));
        }
        if self.fallback_time < self.challenge_window {
            return Err(EconomyError::Fallback {
                fallback: self.fallback_time,
                window: self.challenge_window,
            });
        }
        if self.least_settlement_bond == 0 {
            return Err(EconomyError::NoBond);
        }
        Ok(())
    }

    /// Whether a sequencer that leaves transactions out can not keep challenges out, with a sequencing window of so many L1
    /// blocks. For all chains but those of development.
    ///
    /// # Errors
    /// [`EconomyError::SequencerCouldCensor`].
    pub const fn validate_window(&self, seq_window: u64) -> Result<(), EconomyError> {
        if self.challenge_window < seq_window.saturating_mul(SEQUENCING_WINDOWS) {
            return Err(EconomyError::SequencerCouldCensor {
                window: self.challenge_window,
                seq_window,
            });
        }
        Ok(())
    }
}

/// All contracts of the economy. They know each other by address, so that their order does not matter.
pub(super) fn economy(
    chain: &mut Constructor,
    config: &EconomyConfig,
) -> Result<(), PredeployError> {
    config.validate()?;
    registers(chain, config)?;
    payments(chain, config)?;
    settlement(chain, config)
}

fn registers(chain: &mut Constructor, config: &EconomyConfig) -> Result<(), PredeployError> {
    chain.construct(
        artifacts::contributor_registry(),
        addresses::CONTRIBUTOR_REGISTRY,
        &[],
    )?;
    chain.construct(
        artifacts::license_registry(),
        addresses::LICENSE_REGISTRY,
        &[],
    )?;
    chain.construct(
        artifacts::contribution_registry(),
        addresses::CONTRIBUTION_REGISTRY,
        &IContributionRegistry::constructorCall {
            contributors: addresses::CONTRIBUTOR_REGISTRY,
            licences: addresses::LICENSE_REGISTRY,
            datanets: addresses::DATANET_REGISTRY,
            admission: addresses::ADMISSION,
            parameters: IContributionRegistry::Parameters {
                revealWindow: config.reveal_window,
                admissionTime: config.admission_time,
                bondTime: config.contribution_bond_time,
                bondPerByte: config.bond_per_byte,
            },
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::admission(),
        addresses::ADMISSION,
        &IAdmission::constructorCall {
            contributions: addresses::CONTRIBUTION_REGISTRY,
            datanets: addresses::DATANET_REGISTRY,
            demandFee: config.admission_fee,
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::datanet_registry(),
        addresses::DATANET_REGISTRY,
        &IDatanetRegistry::constructorCall {
            contributions: addresses::CONTRIBUTION_REGISTRY,
            licences: addresses::LICENSE_REGISTRY,
            publishDelay: config.publish_delay,
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::model_registry(),
        addresses::MODEL_REGISTRY,
        &IModelRegistry::constructorCall {
            datanets: addresses::DATANET_REGISTRY,
            licences: addresses::LICENSE_REGISTRY,
            notice: config.model_notice,
            bondTime: config.model_bond_time,
            bond: config.version_bond,
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::training_jobs(),
        addresses::TRAINING_JOBS,
        &ITrainingJobs::constructorCall {
            models: addresses::MODEL_REGISTRY,
            datanets: addresses::DATANET_REGISTRY,
            licences: addresses::LICENSE_REGISTRY,
            contributions: addresses::CONTRIBUTION_REGISTRY,
            accumulator: addresses::TRAINING_ACCUMULATOR,
        }
        .abi_encode(),
    )
}

fn payments(chain: &mut Constructor, config: &EconomyConfig) -> Result<(), PredeployError> {
    chain.construct(
        artifacts::payable_ai(),
        addresses::PAYABLE_AI,
        &IPayableAI::constructorCall {
            models: addresses::MODEL_REGISTRY,
            settlement: addresses::SETTLEMENT,
            feeRouter: addresses::FEE_ROUTER,
            wrapped: addresses::WOPEN,
            priceNotice: config.price_notice,
            closeTime: config.channel_close_time,
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::fee_router(),
        addresses::FEE_ROUTER,
        &IFeeRouter::constructorCall {
            payments: addresses::PAYABLE_AI,
            models: addresses::MODEL_REGISTRY,
            accumulator: addresses::TRAINING_ACCUMULATOR,
            treasury: config.treasury,
            burnBps: config.burn_bps,
            emissionBps: config.emission_bps,
        }
        .abi_encode(),
    )
}

fn settlement(chain: &mut Constructor, config: &EconomyConfig) -> Result<(), PredeployError> {
    let facts = (addresses::PAYABLE_AI, addresses::MODEL_REGISTRY).abi_encode_params();
    for (artifact, address) in [
        (artifacts::tiling_verifier(), addresses::TILING_VERIFIER),
        (artifacts::demand_verifier(), addresses::DEMAND_VERIFIER),
    ] {
        chain.construct(artifact, address, &facts)?;
    }
    chain.construct(
        artifacts::epoch_verifier(),
        addresses::EPOCH_VERIFIER,
        &(
            addresses::PAYABLE_AI,
            addresses::MODEL_REGISTRY,
            addresses::CONTRIBUTION_REGISTRY,
        )
            .abi_encode_params(),
    )?;
    chain.construct(
        artifacts::attribution_verifier(),
        addresses::ATTRIBUTION_VERIFIER,
        &(addresses::TILING_VERIFIER, addresses::EPOCH_VERIFIER).abi_encode_params(),
    )?;
    chain.construct(
        artifacts::settlement(),
        addresses::SETTLEMENT,
        &ISettlement::constructorCall {
            payments: addresses::PAYABLE_AI,
            contributors: addresses::CONTRIBUTOR_REGISTRY,
            vault: addresses::PAYOUT_VAULT,
            accumulator: addresses::TRAINING_ACCUMULATOR,
            verifier: addresses::ATTRIBUTION_VERIFIER,
            demandVerifier: addresses::DEMAND_VERIFIER,
            parameters: ISettlement::Parameters {
                cutInterval: config.cut_interval,
                leastPool: config.least_pool,
                window: config.challenge_window,
                fallbackTime: config.fallback_time,
                leastBond: config.least_settlement_bond,
                demandFee: config.demand_fee,
            },
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::payout_vault(),
        addresses::PAYOUT_VAULT,
        &IPayoutVault::constructorCall {
            settlement: addresses::SETTLEMENT,
            contributors: addresses::CONTRIBUTOR_REGISTRY,
            accumulator: addresses::TRAINING_ACCUMULATOR,
        }
        .abi_encode(),
    )?;
    chain.construct(
        artifacts::training_accumulator(),
        addresses::TRAINING_ACCUMULATOR,
        &ITrainingAccumulator::constructorCall {
            models: addresses::MODEL_REGISTRY,
            contributors: addresses::CONTRIBUTOR_REGISTRY,
        }
        .abi_encode(),
    )
}
