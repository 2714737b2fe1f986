//! The rules of a chain as run-time data.

use alloy_eips::{eip7840::BlobParams, eip7892::BlobScheduleBlobParams};
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_genesis::Genesis;
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_op_hardforks::{OpHardfork, OpHardforks};
use alloy_primitives::{Address, U256};
use op_revm::OpSpecId;
use revm::primitives::hardfork::SpecId;
use serde::Deserialize;

/// Which family of rules a chain follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSet {
    /// Ethereum's, from the merge to Osaka.
    Ethereum,
    /// The OP Stack's: Isthmus or Jovian from genesis on.
    Op,
}

/// Base-fee parameters of EIP-1559.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeMarket {
    /// Bound of the base fee's change per block: 1 / denominator.
    pub denominator: u32,
    /// Gas limit / elasticity is the target.
    pub elasticity: u32,
    /// The base fee never falls below this, in wei (Jovian; zero before).
    pub min_base_fee: u64,
}

/// What an OP chain uses when a block's attributes leave the fee market to the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpDefaults {
    /// `eip1559Elasticity` of the chain's configuration.
    pub elasticity: u32,
    /// `eip1559DenominatorCanyon` of the chain's configuration.
    pub denominator: u32,
}

/// Why a genesis configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChainSpecError {
    /// A fork must not start before the one that precedes it.
    #[error("fork {later} is scheduled before {earlier}")]
    ForkOrder {
        /// The earlier fork.
        earlier: &'static str,
        /// The later fork.
        later: &'static str,
    },
    /// A fork that this node does not implement is scheduled.
    #[error("fork {0} is scheduled, but this node does not implement it")]
    UnsupportedFork(String),
    /// OP chains must have every fork up to Isthmus active at genesis.
    #[error("OP chains start at Isthmus or later: {0} must be 0 in the genesis configuration")]
    OpForkNotAtGenesis(&'static str),
    /// The `optimism` section is missing or malformed.
    #[error("the genesis configuration's optimism section is malformed: {0}")]
    OptimismSection(String),
    /// The chain starts before the merge.
    #[error(
        "chains that start before the merge are not implemented: terminalTotalDifficulty must be 0"
    )]
    BeforeMerge,
    /// Base-fee parameters of zero would divide by zero.
    #[error("EIP-1559 elasticity and denominator must not be zero")]
    ZeroFeeParameter,
}

const ETHEREUM_FORKS: usize = EthereumHardfork::Amsterdam as usize + 1;
const OP_FORKS: usize = OpHardfork::Interop as usize + 1;

/// The rule set, fork schedule and fee parameters of one chain.
///
/// Guarantees: forks are ordered, everything scheduled is implemented, and Paris is active at block 0 (so that no
/// executor pays block rewards).
#[derive(Debug, Clone)]
pub struct ChainSpec {
    chain_id: u64,
    rules: RuleSet,
    ethereum: [ForkCondition; ETHEREUM_FORKS],
    op: [ForkCondition; OP_FORKS],
    blobs: BlobScheduleBlobParams,
    op_defaults: OpDefaults,
    deposit_contract: Option<Address>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OptimismSection {
    eip1559_elasticity: u32,
    eip1559_denominator: u32,
    eip1559_denominator_canyon: Option<u32>,
}

impl ChainSpec {
    /// Reads the rules from a genesis in geth's (or, with an `optimism` section, op-geth's) shape.
    pub fn from_genesis(genesis: &Genesis) -> Result<Self, ChainSpecError> {
        let config = &genesis.config;
        let is_op = config.extra_fields.contains_key("optimism");
        if config.amsterdam_time.is_some() {
            return Err(ChainSpecError::UnsupportedFork("amsterdam".into()));
        }
        if config.bogota_time.is_some() {
            return Err(ChainSpecError::UnsupportedFork("bogota".into()));
        }
        if config
            .terminal_total_difficulty
            .is_some_and(|ttd| ttd != U256::ZERO)
            || genesis.difficulty != U256::ZERO && !config.terminal_total_difficulty_passed
        {
            return Err(ChainSpecError::BeforeMerge);
        }

        let mut ethereum = [ForkCondition::Never; ETHEREUM_FORKS];
        // Everything up to the merge is active from block 0: this node starts at the merge.
        for fork in ethereum.iter_mut().take(EthereumHardfork::Paris as usize) {
            *fork = ForkCondition::Block(0);
        }
        ethereum[EthereumHardfork::Dao as usize] = ForkCondition::Never;
        ethereum[EthereumHardfork::Paris as usize] = ForkCondition::TTD {
            activation_block_number: 0,
            fork_block: Some(0),
            total_difficulty: U256::ZERO,
        };
        let mut at = |fork: EthereumHardfork, time: Option<u64>| {
            if let Some(time) = time {
                ethereum[fork as usize] = ForkCondition::Timestamp(time);
            }
        };
        at(EthereumHardfork::Shanghai, config.shanghai_time);
        at(EthereumHardfork::Cancun, config.cancun_time);
        at(EthereumHardfork::Prague, config.prague_time);
        at(EthereumHardfork::Osaka, config.osaka_time);
        at(EthereumHardfork::Bpo1, config.bpo1_time);
        at(EthereumHardfork::Bpo2, config.bpo2_time);
        at(EthereumHardfork::Bpo3, config.bpo3_time);
        at(EthereumHardfork::Bpo4, config.bpo4_time);
        at(EthereumHardfork::Bpo5, config.bpo5_time);
        let order = [
            ("shanghai", config.shanghai_time),
            ("cancun", config.cancun_time),
            ("prague", config.prague_time),
            ("osaka", config.osaka_time),
        ];
        for pair in order.windows(2) {
            let ((earlier, first), (later, second)) = (pair[0], pair[1]);
            if second.is_some_and(|second| first.is_none_or(|first| first > second)) {
                return Err(ChainSpecError::ForkOrder { earlier, later });
            }
        }

        let mut op = [ForkCondition::Never; OP_FORKS];
        let mut op_defaults = OpDefaults {
            elasticity: 6,
            denominator: 250,
        };
        if is_op {
            (op, op_defaults) = op_rules(genesis)?;
            for (fork, op_fork) in [
                (EthereumHardfork::Shanghai, OpHardfork::Canyon),
                (EthereumHardfork::Cancun, OpHardfork::Ecotone),
                (EthereumHardfork::Prague, OpHardfork::Isthmus),
            ] {
                ethereum[fork as usize] = op[op_fork as usize];
            }
            if config.osaka_time.is_some() {
                return Err(ChainSpecError::UnsupportedFork(
                    "osaka (on an OP chain)".into(),
                ));
            }
        }
        Ok(Self {
            chain_id: config.chain_id,
            rules: if is_op {
                RuleSet::Op
            } else {
                RuleSet::Ethereum
            },
            ethereum,
            op,
            blobs: config.blob_schedule_blob_params(),
            op_defaults,
            deposit_contract: config.deposit_contract_address,
        })
    }

    /// EIP-155 chain id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The family of rules.
    pub const fn rules(&self) -> RuleSet {
        self.rules
    }

    /// True under OP rules.
    pub const fn is_op(&self) -> bool {
        matches!(self.rules, RuleSet::Op)
    }

    /// The chain's own fee parameters, used when OP attributes carry zeros.
    pub const fn op_defaults(&self) -> OpDefaults {
        self.op_defaults
    }

    /// Where validators' deposits are logged (EIP-6110), when the configuration says.
    pub const fn deposit_contract(&self) -> Option<Address> {
        self.deposit_contract
    }

    /// Blob parameters at a block's timestamp; `None` before Cancun and under OP rules, which have no blobs.
    pub fn blob_params(&self, timestamp: u64) -> Option<BlobParams> {
        if self.is_op() || !self.is_cancun_active_at_timestamp(timestamp) {
            return None;
        }
        if let Some(params) = self.blobs.active_scheduled_params_at_timestamp(timestamp) {
            return Some(*params);
        }
        Some(if self.is_osaka_active_at_timestamp(timestamp) {
            *self.blobs.osaka()
        } else if self.is_prague_active_at_timestamp(timestamp) {
            *self.blobs.prague()
        } else {
            *self.blobs.cancun()
        })
    }

    /// revm's name of the Ethereum rules at a timestamp. Under OP rules, the Ethereum rules underneath.
    pub fn ethereum_spec_id(&self, timestamp: u64) -> SpecId {
        if self.is_op() {
            return self.op_spec_id(timestamp).into_eth_spec();
        }
        if self.is_osaka_active_at_timestamp(timestamp) {
            SpecId::OSAKA
        } else if self.is_prague_active_at_timestamp(timestamp) {
            SpecId::PRAGUE
        } else if self.is_cancun_active_at_timestamp(timestamp) {
            SpecId::CANCUN
        } else if self.is_shanghai_active_at_timestamp(timestamp) {
            SpecId::SHANGHAI
        } else {
            SpecId::MERGE
        }
    }

    /// op-revm's name of the OP rules at a timestamp. Only meaningful under OP rules.
    pub fn op_spec_id(&self, timestamp: u64) -> OpSpecId {
        if self.is_jovian_active_at_timestamp(timestamp) {
            OpSpecId::JOVIAN
        } else {
            OpSpecId::ISTHMUS
        }
    }
}

fn op_rules(genesis: &Genesis) -> Result<([ForkCondition; OP_FORKS], OpDefaults), ChainSpecError> {
    let extra = &genesis.config.extra_fields;
    let section: OptimismSection = extra
        .get_deserialized("optimism")
        .ok_or_else(|| ChainSpecError::OptimismSection("missing".into()))?
        .map_err(|e| ChainSpecError::OptimismSection(e.to_string()))?;
    let time = |key: &str| -> Result<Option<u64>, ChainSpecError> {
        match extra.get(key) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(value) => value
                .as_u64()
                .map(Some)
                .ok_or_else(|| ChainSpecError::OptimismSection(format!("{key} is not a number"))),
        }
    };
    for key in ["karstTime", "interopTime"] {
        if time(key)?.is_some() {
            return Err(ChainSpecError::UnsupportedFork(
                key.trim_end_matches("Time").into(),
            ));
        }
    }
    let mut op = [ForkCondition::Never; OP_FORKS];
    op[OpHardfork::Bedrock as usize] = ForkCondition::Block(0);
    for (fork, key) in [
        (OpHardfork::Regolith, "regolithTime"),
        (OpHardfork::Canyon, "canyonTime"),
        (OpHardfork::Ecotone, "ecotoneTime"),
        (OpHardfork::Fjord, "fjordTime"),
        (OpHardfork::Granite, "graniteTime"),
        (OpHardfork::Holocene, "holoceneTime"),
        (OpHardfork::Isthmus, "isthmusTime"),
    ] {
        if time(key)?.is_none_or(|at| at > genesis.timestamp) {
            return Err(ChainSpecError::OpForkNotAtGenesis(key));
        }
        op[fork as usize] = ForkCondition::Timestamp(0);
    }
    match time("jovianTime")? {
        Some(at) if at <= genesis.timestamp => {
            op[OpHardfork::Jovian as usize] = ForkCondition::Timestamp(0);
        }
        // Activating later would need the network-upgrade transactions, which are not derived here.
        Some(_) => return Err(ChainSpecError::OpForkNotAtGenesis("jovianTime (or absent)")),
        None => {}
    }
    let defaults = OpDefaults {
        elasticity: section.eip1559_elasticity,
        denominator: section
            .eip1559_denominator_canyon
            .unwrap_or(section.eip1559_denominator),
    };
    if defaults.elasticity == 0 || defaults.denominator == 0 {
        return Err(ChainSpecError::ZeroFeeParameter);
    }
    Ok((op, defaults))
}

impl EthereumHardforks for ChainSpec {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        self.ethereum
            .get(fork as usize)
            .copied()
            .unwrap_or(ForkCondition::Never)
    }
}

impl OpHardforks for ChainSpec {
    fn op_fork_activation(&self, fork: OpHardfork) -> ForkCondition {
        self.op
            .get(fork as usize)
            .copied()
            .unwrap_or(ForkCondition::Never)
    }
}

impl EthExecutorSpec for ChainSpec {
    fn deposit_contract_address(&self) -> Option<Address> {
        self.deposit_contract
    }
}
