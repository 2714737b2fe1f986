//! The contracts that an OP genesis holds from the start.
//!
//! Constructors and initializers run in the EVM, each contract at its final address and on the final chain id, so that
//! immutables, EIP-712 domains and initializer flags are what a deployment would have made them.

mod config;
mod constructor;
mod economy;

pub use config::{
    FeeVaults, GasPayingToken, L1Peers, PredeployConfig, PredeployError, VaultConfig,
    WithdrawalNetwork,
};
pub use economy::{EconomyConfig, EconomyError};

use crate::OpFork;
use alloy_eips::{eip2935::HISTORY_STORAGE_CODE, eip4788::BEACON_ROOTS_CODE};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolValue;
use constructor::Constructor;
use openledger_contracts::{
    Artifact, IFeeVault, IGasPriceOracle, IL1Block, IL2CrossDomainMessenger, IL2StandardBridge,
    IOptimismMintableERC20Factory, IProxy, IProxyAdmin, addresses, artifacts, permit2_code,
    preinstalls,
};
use std::collections::BTreeMap;

/// Builds the predeploys, the economy, the preinstalls and the system contracts of a chain, ready to be merged into
/// [`Genesis::alloc`](alloy_genesis::Genesis).
///
/// Nothing of it has a balance, except what the caller adds. The result is the same for the same configuration.
///
/// # Errors
///
/// [`PredeployError::TextTooLong`] where the name or the symbol of the gas token exceeds 32 bytes,
/// [`PredeployError::Economy`] where the economy is out of bounds, and [`PredeployError::Reverted`] where a contract refuses
/// its configuration (a zero owner or fee recipient).
pub fn l2_predeploys(
    config: &PredeployConfig,
) -> Result<BTreeMap<Address, GenesisAccount>, PredeployError> {
    let mut chain = Constructor::new(config.chain_id);

    chain.construct(artifacts::wopen(), addresses::WOPEN, &[])?;

    // The administrator first: all other proxies belong to it, itself included.
    let owner = config.proxy_admin_owner;
    proxied(
        &mut chain,
        artifacts::proxy_admin(),
        addresses::PROXY_ADMIN,
        &(owner,).abi_encode_params(),
    )?;
    chain.call(
        addresses::PROXY_ADMIN,
        IProxyAdmin::initializeCall { owner },
    )?;

    l1_block(&mut chain, config)?;
    gas_price_oracle(&mut chain, config.fork)?;
    proxied(
        &mut chain,
        artifacts::l2_to_l1_message_passer(),
        addresses::L2_TO_L1_MESSAGE_PASSER,
        &[],
    )?;
    for (artifact, address, vault) in [
        (
            artifacts::sequencer_fee_vault(),
            addresses::SEQUENCER_FEE_VAULT,
            &config.fee_vaults.sequencer,
        ),
        (
            artifacts::base_fee_vault(),
            addresses::BASE_FEE_VAULT,
            &config.fee_vaults.base_fee,
        ),
        (
            artifacts::l1_fee_vault(),
            addresses::L1_FEE_VAULT,
            &config.fee_vaults.l1_fee,
        ),
        (
            artifacts::operator_fee_vault(),
            addresses::OPERATOR_FEE_VAULT,
            &config.fee_vaults.operator_fee,
        ),
    ] {
        proxied(&mut chain, artifact, address, &[])?;
        chain.call(
            address,
            IFeeVault::initializeCall {
                recipient: vault.recipient,
                minWithdrawalAmount: vault.min_withdrawal,
                withdrawalNetwork: match vault.network {
                    WithdrawalNetwork::L1 => IFeeVault::WithdrawalNetwork::L1,
                    WithdrawalNetwork::L2 => IFeeVault::WithdrawalNetwork::L2,
                },
            },
        )?;
    }

    bridge(&mut chain, &config.l1_peers)?;
    economy::economy(&mut chain, &config.economy)?;

    let mut accounts = chain.into_accounts();
    accounts.extend(ready_made(config.chain_id));
    Ok(accounts)
}

/// A contract behind a proxy that [`addresses::PROXY_ADMIN`] administers.
fn proxied(
    chain: &mut Constructor,
    artifact: &Artifact,
    address: Address,
    arguments: &[u8],
) -> Result<(), PredeployError> {
    let implementation = addresses::implementation_of(address);
    chain.construct(artifact, implementation, arguments)?;
    chain.construct(
        artifacts::proxy(),
        address,
        &(addresses::PROXY_ADMIN,).abi_encode_params(),
    )?;
    chain.call_from(
        addresses::PROXY_ADMIN,
        address,
        IProxy::upgradeToCall {
            newImplementation: implementation,
        },
    )
}

/// Messages and tokens between the layers.
fn bridge(chain: &mut Constructor, peers: &L1Peers) -> Result<(), PredeployError> {
    let messenger = addresses::L2_CROSS_DOMAIN_MESSENGER;
    proxied(
        chain,
        artifacts::l2_cross_domain_messenger(),
        messenger,
        &[],
    )?;
    chain.call(
        messenger,
        IL2CrossDomainMessenger::initializeCall {
            l1CrossDomainMessenger: peers.cross_domain_messenger,
        },
    )?;
    let bridge = addresses::L2_STANDARD_BRIDGE;
    proxied(chain, artifacts::l2_standard_bridge(), bridge, &[])?;
    chain.call(
        bridge,
        IL2StandardBridge::initializeCall {
            otherBridge: peers.standard_bridge,
        },
    )?;
    let factory = addresses::OPTIMISM_MINTABLE_ERC20_FACTORY;
    proxied(
        chain,
        artifacts::optimism_mintable_erc20_factory(),
        factory,
        &[],
    )?;
    chain.call(
        factory,
        IOptimismMintableERC20Factory::initializeCall { bridge },
    )
}

/// The L1 attributes stay zero until the first block brings its own.
fn l1_block(chain: &mut Constructor, config: &PredeployConfig) -> Result<(), PredeployError> {
    proxied(chain, artifacts::l1_block(), addresses::L1_BLOCK, &[])?;
    let Some(token) = &config.gas_paying_token else {
        return Ok(());
    };
    chain.call(
        addresses::L1_BLOCK,
        IL1Block::setGasPayingTokenCall {
            token: token.address,
            decimals: token.decimals,
            name: config::short_text(&token.name)?,
            symbol: config::short_text(&token.symbol)?,
        },
    )
}

/// Marks the forks that are active from the start.
fn gas_price_oracle(chain: &mut Constructor, fork: OpFork) -> Result<(), PredeployError> {
    let oracle = addresses::GAS_PRICE_ORACLE;
    proxied(chain, artifacts::gas_price_oracle(), oracle, &[])?;
    chain.call(oracle, IGasPriceOracle::setEcotoneCall {})?;
    chain.call(oracle, IGasPriceOracle::setFjordCall {})?;
    chain.call(oracle, IGasPriceOracle::setIsthmusCall {})?;
    match fork {
        OpFork::Isthmus => Ok(()),
        OpFork::Jovian => chain.call(oracle, IGasPriceOracle::setJovianCall {}),
    }
}

/// Contracts whose runtime code is given and has no constructor to run.
fn ready_made(chain_id: u64) -> impl Iterator<Item = (Address, GenesisAccount)> {
    let system = [
        (addresses::BEACON_ROOTS, BEACON_ROOTS_CODE.clone()),
        (addresses::HISTORY_STORAGE, HISTORY_STORAGE_CODE.clone()),
    ];
    let foreign = preinstalls().iter().map(move |preinstall| {
        let code = match preinstall.immutables {
            Some(immutables) => permit2_code(&preinstall.code, immutables, chain_id),
            None => preinstall.code.clone(),
        };
        (preinstall.address, code)
    });
    system
        .into_iter()
        .chain(foreign)
        .map(|(address, code)| (address, contract(code)))
}

/// A contract account without storage; its nonce is 1, as after creation.
fn contract(code: Bytes) -> GenesisAccount {
    GenesisAccount {
        nonce: Some(1),
        code: Some(code),
        ..Default::default()
    }
}
