//! What a deployment is asked to make.

use crate::DeployError;
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, B64, B256, U256, utils::Unit};
use openledger_genesis::{EconomyConfig, OpFork, RollupConfig, SystemConfig};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Gas limits that SystemConfig accepts: at least what deposits can bring in one L1 block, at most what can be proven.
pub const GAS_LIMITS: std::ops::RangeInclusive<u64> = 21_000_000..=1_000_000_000;

/// Longest pause that SuperchainConfig accepts, in seconds: 90 days.
pub const MAX_PAUSE: u64 = 90 * 86_400;

/// Longest delay on the way out, in seconds: 90 days.
const MAX_EXIT_DELAY: u64 = 90 * 86_400;

/// Seconds between the blocks of an L1 of which nothing else is said: Ethereum's.
pub(crate) const L1_BLOCK_TIME: u64 = 12;

/// EIP-1559 change denominator of a new chain: that of the OP Stack since Canyon.
const DENOMINATOR: u32 = 250;

/// Scalars of the L1 fee: the cost of a blob byte, with one coin of the L2 to one ether.
const BASE_FEE_SCALAR: u32 = 5_227;
const BLOB_BASE_FEE_SCALAR: u32 = 1_014_213;

/// What the native coin of the L2 is on the L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenConfig {
    /// OPEN, which is deployed along: one billion, held by the owner.
    #[default]
    New,
    /// An ERC-20 that exists, of 18 decimals.
    Existing(Address),
    /// Ether.
    Ether,
}

impl fmt::Display for TokenConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Existing(address) => address.fmt(f),
            Self::Ether => f.write_str("none"),
        }
    }
}

impl FromStr for TokenConfig {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "new" => Ok(Self::New),
            "none" => Ok(Self::Ether),
            _ => text
                .parse()
                .map(Self::Existing)
                .map_err(|_| format!("{text:?} is neither \"new\" nor \"none\" nor an address")),
        }
    }
}

impl Serialize for TokenConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// How far the fee updater may go without the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeeLimits {
    /// Highest scalar of the L1's base fee.
    pub base_fee_scalar: u32,
    /// Highest scalar of the L1's blob base fee.
    pub blob_base_fee_scalar: u32,
    /// Highest scalar of the operator fee.
    pub operator_fee_scalar: u32,
    /// Highest constant of the operator fee, in wei of the L2's coin per transaction.
    pub operator_fee_constant: u64,
}

/// A whole deployment.
#[derive(Debug, Clone)]
pub struct DeployConfig {
    /// EIP-155 id of the L1.
    pub l1_chain_id: u64,
    /// EIP-155 id of the L2.
    pub l2_chain_id: u64,
    /// Makes the addresses of this deployment different from those of another one by the same deployer. Default zero.
    pub salt: B256,
    /// Proposes to the timelock that owns the contracts, owns SystemConfig and the L2's predeploys, receives the L2's
    /// fees, and what is left of a new token.
    pub owner: Address,
    /// The only sender whose batches count.
    pub batcher: Address,
    /// Who proposes output roots.
    pub proposer: Address,
    /// Who challenges wrong output roots. Default: the owner.
    pub challenger: Address,
    /// Who may pause withdrawals. Default: the owner.
    pub guardian: Address,
    /// Who may change the fees within `fee_limits`; zero: only the owner. Default zero.
    pub fee_updater: Address,
    /// How far the fee updater may go. Default: ten times the scalars, and no operator fee.
    pub fee_limits: FeeLimits,
    /// Who signs blocks that are not on the L1 yet. Default: the batcher.
    pub unsafe_block_signer: Address,
    /// The native coin. Default: a new OPEN.
    pub token: TokenConfig,
    /// Newest fork, active from genesis. Default Jovian.
    pub fork: OpFork,
    /// Seconds between L2 blocks. Default 1.
    pub block_time: u64,
    /// Gas limit of an L2 block, within [`GAS_LIMITS`]. Default 60,000,000.
    pub gas_limit: u64,
    /// EIP-1559 elasticity: gas limit / elasticity is the target. Default 6.
    pub elasticity: u32,
    /// L1 blocks in which a batch may land. Default 3,600.
    pub seq_window: u64,
    /// Scalar of the L1's base fee. Default 5,227.
    pub base_fee_scalar: u32,
    /// Scalar of the L1's blob base fee. Default 1,014,213.
    pub blob_base_fee_scalar: u32,
    /// Scalar of the operator fee. Default 0.
    pub operator_fee_scalar: u32,
    /// Constant of the operator fee, in wei of the L2's coin per transaction. Default 0.
    pub operator_fee_constant: u64,
    /// Lower bound of the L2's base fee in wei. Default 0.
    pub min_base_fee: u64,
    /// Seconds between the proposal of an upgrade and its execution. Default 604,800 (7 days).
    pub timelock_delay: u64,
    /// Seconds after which a pause ends by itself, at most [`MAX_PAUSE`]. Default 7,776,000 (90 days).
    pub pause_expiry: u64,
    /// Seconds between the proof of a withdrawal and its finalization. Default 604,800 (7 days).
    pub proof_maturity_delay: u64,
    /// Seconds in which an output root can be challenged. Default 302,400 (3.5 days).
    pub max_clock_duration: u64,
    /// Seconds between the end of that time and the moment when withdrawals may rely on the root: time for the guardian to
    /// reject what the challenger overlooked. Default 302,400 (3.5 days).
    pub dispute_game_finality_delay: u64,
    /// Wei of ether that a proposer stakes on an output root. Default 0.08 ether.
    pub proposal_bond: U256,
    /// Whether it is a chain for development, whose economy may have windows that a sequencer could keep challenges out of.
    /// Default false.
    pub development: bool,
    /// Times and prices of the economy. Default [`EconomyConfig::standard`] with 12 s between L1 blocks, and the owner's
    /// treasury.
    pub economy: EconomyConfig,
    /// Native coins that exist on the L2 from the start, in wei. The portal locks their sum.
    pub allocations: BTreeMap<Address, U256>,
    /// Tokens that the deployer gives away on the L1, in wei; only with a new token. Default none.
    pub grants: BTreeMap<Address, U256>,
    /// More accounts of the L2's genesis; their balances are locked too. Default none.
    pub alloc: BTreeMap<Address, GenesisAccount>,
}

impl DeployConfig {
    /// A deployment with the defaults.
    pub fn new(
        l1_chain_id: u64,
        l2_chain_id: u64,
        owner: Address,
        batcher: Address,
        proposer: Address,
    ) -> Self {
        Self {
            l1_chain_id,
            l2_chain_id,
            salt: B256::ZERO,
            owner,
            batcher,
            proposer,
            challenger: owner,
            guardian: owner,
            fee_updater: Address::ZERO,
            fee_limits: FeeLimits {
                base_fee_scalar: BASE_FEE_SCALAR * 10,
                blob_base_fee_scalar: BLOB_BASE_FEE_SCALAR * 10,
                operator_fee_scalar: 0,
                operator_fee_constant: 0,
            },
            unsafe_block_signer: batcher,
            token: TokenConfig::New,
            fork: OpFork::Jovian,
            block_time: 1,
            gas_limit: 60_000_000,
            elasticity: 6,
            seq_window: 3_600,
            base_fee_scalar: BASE_FEE_SCALAR,
            blob_base_fee_scalar: BLOB_BASE_FEE_SCALAR,
            operator_fee_scalar: 0,
            operator_fee_constant: 0,
            min_base_fee: 0,
            timelock_delay: 7 * 86_400,
            pause_expiry: MAX_PAUSE,
            proof_maturity_delay: 7 * 86_400,
            max_clock_duration: 302_400,
            dispute_game_finality_delay: 302_400,
            proposal_bond: Unit::ETHER.wei() * U256::from(8) / U256::from(100),
            development: false,
            economy: EconomyConfig::standard(L1_BLOCK_TIME, owner),
            allocations: BTreeMap::new(),
            grants: BTreeMap::new(),
            alloc: BTreeMap::new(),
        }
    }

    /// What the contracts would refuse, or the node would not run with, is refused here, before it costs anything.
    ///
    /// # Errors
    /// [`DeployError::Config`], in words for the person who wrote the configuration.
    pub fn validate(&self) -> Result<(), DeployError> {
        let refuse = |reason: String| Err(DeployError::Config(reason));
        for (name, address) in [
            ("owner", self.owner),
            ("batcher", self.batcher),
            ("proposer", self.proposer),
            ("challenger", self.challenger),
            ("guardian", self.guardian),
        ] {
            if address.is_zero() {
                return refuse(format!("{name} must not be the zero address"));
            }
        }
        if self.l2_chain_id == 0 || self.l2_chain_id == self.l1_chain_id {
            return refuse(format!(
                "the L2's chain id {} must be neither 0 nor the L1's",
                self.l2_chain_id
            ));
        }
        if !GAS_LIMITS.contains(&self.gas_limit) {
            return refuse(format!(
                "the gas limit {} is not within {} to {}",
                self.gas_limit,
                GAS_LIMITS.start(),
                GAS_LIMITS.end()
            ));
        }
        if self.block_time == 0 {
            return refuse("the block time must be at least 1 s".into());
        }
        if !(1..=1_000).contains(&self.elasticity) {
            return refuse(format!(
                "the elasticity {} is not within 1 to 1000",
                self.elasticity
            ));
        }
        if self.seq_window < 2 {
            return refuse("the sequencing window must be at least 2 L1 blocks".into());
        }
        if !(1..=MAX_PAUSE).contains(&self.pause_expiry) {
            return refuse(format!(
                "the pause's expiry {} is not within 1 to {MAX_PAUSE} seconds",
                self.pause_expiry
            ));
        }
        for (name, delay) in [
            ("proof maturity delay", self.proof_maturity_delay),
            ("maximum clock duration", self.max_clock_duration),
            (
                "dispute game finality delay",
                self.dispute_game_finality_delay,
            ),
        ] {
            if delay > MAX_EXIT_DELAY {
                return refuse(format!(
                    "the {name} {delay} is above {MAX_EXIT_DELAY} seconds: nobody would ever get out"
                ));
            }
        }
        if self.max_clock_duration == 0 {
            return refuse("the maximum clock duration must be at least 1 s".into());
        }
        if self.fork == OpFork::Isthmus && self.min_base_fee != 0 {
            return refuse("a minimum base fee needs Jovian".into());
        }
        if !self.grants.is_empty() && self.token != TokenConfig::New {
            return refuse("tokens can only be given away when the token is new".into());
        }
        self.economy
            .validate()
            .and_then(|()| match self.development {
                true => Ok(()),
                false => self.economy.validate_window(self.seq_window),
            })
            .or_else(|error| refuse(error.to_string()))
    }

    /// What SystemConfig will hold: the first system configuration of the rollup.
    pub fn system_config(&self) -> SystemConfig {
        let mut eip1559_params = B64::ZERO;
        eip1559_params[..4].copy_from_slice(&DENOMINATOR.to_be_bytes());
        eip1559_params[4..].copy_from_slice(&self.elasticity.to_be_bytes());
        SystemConfig {
            batcher_addr: self.batcher,
            overhead: B256::ZERO,
            scalar: SystemConfig::encode_scalars(self.base_fee_scalar, self.blob_base_fee_scalar),
            gas_limit: self.gas_limit,
            eip1559_params,
            operator_fee_params: SystemConfig::encode_operator_fee(
                self.operator_fee_scalar,
                self.operator_fee_constant,
            ),
            min_base_fee: self.min_base_fee,
            da_footprint_gas_scalar: 0,
        }
    }

    /// EIP-1559 change denominator.
    pub(crate) const fn denominator(&self) -> u32 {
        DENOMINATOR
    }

    /// Where batches go.
    pub fn batch_inbox(&self) -> Address {
        RollupConfig::conventional_inbox(self.l2_chain_id)
    }
}
