//! The L1 contracts of a rollup: what a deployment costs, doing it, and the configuration files that follow from it.
//!
//! [`DeployConfig`] says what is wanted. [`Plan`] is the list of steps that make it, with the addresses known beforehand
//! (CREATE2): the same configuration gives the same plan. [`Plan::cost`] says what is left to pay, [`Plan::run`] carries
//! out what the L1 does not show as carried out, so it can be stopped at any point and run again. [`Plan::l2_genesis`] is
//! the L2 that belongs to it.
//!
//! What it does not do: keep a state of its own (the L1 is the state), or change contracts after the deployment (that is
//! for the owner, through the timelock).

mod chain;
mod config;
mod config_file;
mod cost;
mod draft;
mod economy_file;
mod error;
mod exit;
mod files;
mod fund;
mod l2_genesis;
mod plan;
mod run;
mod send;
mod step;
mod survey;

pub use config::{DeployConfig, FeeLimits, GAS_LIMITS, MAX_PAUSE, TokenConfig};
pub use config_file::DeployFile;
pub use cost::Cost;
pub use economy_file::EconomyFile;
pub use error::DeployError;
pub use exit::PERMISSIONED_GAME_TYPE;
pub use files::{DeployedLayer, DeploymentFile, l2_contracts, read_files, write_files};
pub use fund::fund_roles;
pub use l2_genesis::{AllocConfig, L2Genesis, L2Parameters, genesis_alloc, supply};
pub use plan::{L1Contracts, Plan};
pub use run::{Outcome, Progress, RunOptions};
pub use send::{Inclusion, Mine};
pub use step::{Condition, Expected, Step};
pub use survey::Survey;
