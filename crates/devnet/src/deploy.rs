//! The settlement contracts of a development chain.

use crate::{
    DevAccount, DevnetError, EmbeddedL1, Slot, dev_accounts_range,
    l2_genesis::{L2_CHAIN_ID, OPEN_BALANCE, balances},
};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, B256, U256, utils::Unit};
use openledger_deployer::{
    DeployConfig, Inclusion, Outcome, Plan, Progress, RunOptions, Survey, TokenConfig, fund_roles,
};
use openledger_genesis::{EconomyConfig, OpFork};
use openledger_l1::{L1Block, L1Client};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Index of the batcher's key under the development mnemonic; the proposer's, the owner's and the challenger's follow.
const ROLE_ACCOUNTS: u32 = 100;

/// Slots between the embedded L1's genesis and the present when it starts for the first time. The deployment takes one for
/// each wave of its steps; the rest is room, and stays empty.
const DEPLOYMENT_SLOTS: u64 = 16;

/// Seconds between the proposal of an upgrade and its execution.
const TIMELOCK_DELAY: u64 = 10;

/// Seconds after which a pause ends by itself: an hour.
const PAUSE_EXPIRY: u64 = 3_600;

/// Ether for a role that has none, on an L1 that is not ours.
const ROLE_ETHER: u64 = 100;

/// Ether that every account has on an L2 whose coin it is.
const ETHER_BALANCE: u64 = 10;

/// How often an L1 that is not ours is asked whether it has included something.
const POLL: Duration = Duration::from_millis(100);

/// The accounts that run a development chain.
#[derive(Debug, Clone)]
pub struct DevRoles {
    /// Sends batches.
    pub batcher: DevAccount,
    /// Proposes output roots.
    pub proposer: DevAccount,
    /// Deploys and owns the contracts, holds the OPEN that nobody else has, and is the treasury of the economy.
    pub owner: DevAccount,
    /// Challenges wrong output roots.
    pub challenger: DevAccount,
}

impl DevRoles {
    /// The addresses, to be funded on the L1.
    pub fn accounts(&self) -> [&DevAccount; 4] {
        [&self.batcher, &self.proposer, &self.owner, &self.challenger]
    }
}

/// The roles: accounts 100 to 103 of the development mnemonic.
pub fn dev_roles() -> Result<DevRoles, DevnetError> {
    match <[DevAccount; 4]>::try_from(dev_accounts_range(ROLE_ACCOUNTS, 4)?) {
        Ok([batcher, proposer, owner, challenger]) => Ok(DevRoles {
            batcher,
            proposer,
            owner,
            challenger,
        }),
        Err(_) => Err(DevnetError::Accounts("a role is missing".into())),
    }
}

/// Timestamp of a new embedded L1's genesis in seconds, for contracts that are deployed into its past.
pub fn l1_genesis_time(now: u64, l1_block_time: u64) -> u64 {
    now.saturating_sub(DEPLOYMENT_SLOTS.saturating_mul(l1_block_time))
}

/// What a development L2 is made of.
#[derive(Debug, Clone)]
pub struct DevChain {
    /// Chain id of the L1.
    pub l1_chain_id: u64,
    /// Makes the contracts' addresses different from those of an earlier chain on the same L1. Zero on an L1 of our own.
    pub salt: B256,
    /// Newest fork, active from genesis.
    pub fork: OpFork,
    /// Seconds between L2 blocks.
    pub block_time: u64,
    /// Gas limit of an L2 block, within [`openledger_deployer::GAS_LIMITS`].
    pub gas_limit: u64,
    /// EIP-1559 elasticity.
    pub elasticity: u32,
    /// L1 blocks in which a batch may land.
    pub seq_window: u64,
    /// What the L2's coin is on the L1.
    pub token: TokenConfig,
    /// Seconds that a withdrawal takes: its proof ages this long, while the output root can be challenged during the first half
    /// and rejected during the second. At least 2.
    pub withdrawal_delay: u64,
    /// Accounts that have OPEN on both layers.
    pub accounts: Vec<DevAccount>,
    /// Who runs the chain.
    pub roles: DevRoles,
    /// More accounts of the L2's genesis. What they have is locked too.
    pub alloc: BTreeMap<Address, GenesisAccount>,
}

impl DevChain {
    /// Whole coins that every account has on the L2.
    pub fn l2_balance(&self) -> u64 {
        match self.token {
            TokenConfig::New | TokenConfig::Existing(_) => OPEN_BALANCE,
            TokenConfig::Ether => ETHER_BALANCE,
        }
    }

    /// The deployment: with a new OPEN every account has 10,000 on each layer, and the owner the rest. In ether, of which the
    /// owner pays what the L2 starts with, every account has 10 on the L2.
    pub fn deploy_config(&self) -> DeployConfig {
        let roles = &self.roles;
        let clock = (self.withdrawal_delay / 2).max(1);
        DeployConfig {
            salt: self.salt,
            fork: self.fork,
            block_time: self.block_time,
            gas_limit: self.gas_limit,
            elasticity: self.elasticity,
            seq_window: self.seq_window,
            timelock_delay: TIMELOCK_DELAY,
            pause_expiry: PAUSE_EXPIRY,
            token: self.token,
            challenger: roles.challenger.address,
            proof_maturity_delay: self.withdrawal_delay,
            max_clock_duration: clock,
            dispute_game_finality_delay: self.withdrawal_delay.saturating_sub(clock),
            development: true,
            economy: EconomyConfig::dev(roles.owner.address),
            allocations: balances(&self.accounts, self.l2_balance()),
            grants: match self.token {
                TokenConfig::New => balances(&self.accounts, OPEN_BALANCE),
                TokenConfig::Existing(_) | TokenConfig::Ether => BTreeMap::new(),
            },
            alloc: self.alloc.clone(),
            ..DeployConfig::new(
                self.l1_chain_id,
                L2_CHAIN_ID,
                roles.owner.address,
                roles.batcher.address,
                roles.proposer.address,
            )
        }
    }
}

/// Contracts on the L1, and the block from which the L2 follows it.
#[derive(Debug, Clone)]
pub struct DevDeployment {
    /// What was deployed; makes the L2's genesis.
    pub plan: Plan,
    /// The L1 block at which the L2 begins.
    pub l1: L1Block,
}

/// Deploys the contracts of a development chain.
///
/// With an `embedded` L1, which must have been started on demand, blocks are made at once in the slots before the present,
/// and it is live afterwards. On any other L1, roles without ether get some from the first development account, and the
/// L1's own blocks are waited for. Either way what an interrupted deployment has left to do is done.
///
/// # Errors
/// [`DevnetError::Deploy`], and the errors of the embedded L1.
pub async fn deploy_dev(
    chain: &DevChain,
    client: &L1Client,
    embedded: Option<&Arc<EmbeddedL1>>,
    on_progress: impl FnMut(Progress<'_>),
) -> Result<DevDeployment, DevnetError> {
    let config = chain.deploy_config();
    let deployer = &chain.roles.owner;
    let inclusion = match embedded {
        Some(l1) => {
            let l1 = l1.clone();
            Inclusion::Demand(Arc::new(move || {
                l1.mine(Slot::Next)
                    .map(drop)
                    .map_err(|error| error.to_string())
            }))
        }
        None => Inclusion::Wait {
            poll: POLL,
            bump_after: Duration::from_secs(30),
            give_up_after: Duration::from_secs(300),
        },
    };
    if embedded.is_none() {
        let funder = dev_accounts_range(0, 1)?
            .pop()
            .ok_or_else(|| DevnetError::Accounts("there is none".into()))?;
        let amount = U256::from(ROLE_ETHER) * Unit::ETHER.wei();
        // Where the coin is ether, the deployer pays what the L2 starts with.
        let locked = match chain.token {
            TokenConfig::Ether => config.allocations.values().sum(),
            TokenConfig::New | TokenConfig::Existing(_) => U256::ZERO,
        };
        let owner = [deployer.address];
        fund_roles(client, &funder.signer, &owner, amount + locked, &inclusion).await?;
        let roles = chain.roles.accounts().map(|account| account.address);
        fund_roles(client, &funder.signer, &roles, amount, &inclusion).await?;
    }
    let survey = Survey::of(client, &config).await?;
    let plan = {
        let address = deployer.address;
        // Predeploys are made by running them.
        tokio::task::spawn_blocking(move || Plan::new(&config, &survey, address))
            .await
            .map_err(|error| DevnetError::Aborted(error.to_string()))??
    };
    let options = RunOptions {
        inclusion,
        estimate: embedded.is_none(),
        ..RunOptions::default()
    };
    let outcome = plan
        .run(client, &deployer.signer, &options, on_progress)
        .await?;
    let mut l1 = match outcome {
        Outcome::Complete(block) => *block,
        Outcome::Stopped { left } => return Err(DevnetError::Unfinished(left)),
    };
    if let Some(embedded) = embedded {
        // The L2 begins as close to the present as the L1's slots allow, or it would have blocks to catch up on.
        let (for_thread, client) = (embedded.clone(), client.clone());
        let newest = tokio::task::spawn_blocking(move || for_thread.mine(Slot::Latest))
            .await
            .map_err(|error| DevnetError::Aborted(error.to_string()))??;
        l1 = client
            .block_by_number(newest.number)
            .await
            .map_err(openledger_deployer::DeployError::from)?
            .ok_or_else(|| DevnetError::Stopped("its newest block is not served".into()))?;
        embedded.go_live();
    }
    Ok(DevDeployment { plan, l1 })
}
