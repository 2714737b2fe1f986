//! The steps of a deployment, and where its contracts will stand.

use crate::{
    DeployConfig, DeployError, L2Genesis, L2Parameters, Step, Survey,
    draft::{Draft, gas, sum, system_config_params, wave},
    exit::{ChainProxies, Exit},
    step::{Condition, Expected},
};
use alloy_genesis::GenesisAccount;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolValue};
use openledger_contracts::{
    IOptimismPortal, IProxyAdmin, ISuperchainConfig, ISystemConfig, addresses, artifacts,
};
use openledger_l1::L1Block;
use std::collections::BTreeMap;

/// Where the contracts stand on the L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Contracts {
    /// Emits deposits, holds the coins, and lets them out. A proxy.
    pub optimism_portal: Address,
    /// The list of output roots. A proxy.
    pub dispute_game_factory: Address,
    /// What is proven, and what must not be believed. A proxy.
    pub anchor_state_registry: Address,
    /// What every output root is a clone of.
    pub permissioned_dispute_game: Address,
    /// Messages between the layers. A proxy.
    pub l1_cross_domain_messenger: Address,
    /// ERC-20 tokens between the layers. A proxy.
    pub l1_standard_bridge: Address,
    /// Makes the L1's side of tokens that come from the L2. A proxy.
    pub optimism_mintable_erc20_factory: Address,
    /// The chain's configuration. A proxy.
    pub system_config: Address,
    /// The pause. A proxy.
    pub superchain_config: Address,
    /// Administrator of the proxies, owned by the timelock.
    pub proxy_admin: Address,
    /// Delays upgrades.
    pub timelock: Address,
    /// The token that is the L2's coin; `None` where ether is.
    pub token: Option<Address>,
    /// Calls in a batch.
    pub multicall3: Address,
}

impl L1Contracts {
    /// By the names that `deployment.json` uses.
    pub fn by_name(&self) -> BTreeMap<String, Address> {
        [
            ("OptimismPortal", Some(self.optimism_portal)),
            ("DisputeGameFactory", Some(self.dispute_game_factory)),
            ("AnchorStateRegistry", Some(self.anchor_state_registry)),
            (
                "PermissionedDisputeGame",
                Some(self.permissioned_dispute_game),
            ),
            (
                "L1CrossDomainMessenger",
                Some(self.l1_cross_domain_messenger),
            ),
            ("L1StandardBridge", Some(self.l1_standard_bridge)),
            (
                "OptimismMintableERC20Factory",
                Some(self.optimism_mintable_erc20_factory),
            ),
            ("SystemConfig", Some(self.system_config)),
            ("SuperchainConfig", Some(self.superchain_config)),
            ("ProxyAdmin", Some(self.proxy_admin)),
            ("Timelock", Some(self.timelock)),
            ("OPEN", self.token),
            ("Multicall3", Some(self.multicall3)),
        ]
        .into_iter()
        .filter_map(|(name, address)| Some((name.to_owned(), address?)))
        .collect()
    }
}

/// A deployment before it happens: the same inputs give the same steps and the same addresses.
#[derive(Debug, Clone)]
pub struct Plan {
    config: DeployConfig,
    deployer: Address,
    contracts: L1Contracts,
    steps: Vec<Step>,
    alloc: BTreeMap<Address, GenesisAccount>,
    locked: U256,
}

impl Plan {
    /// Plans a deployment that `deployer` sends and pays.
    ///
    /// # Errors
    /// [`DeployError::Config`] for a configuration that can not work, [`DeployError::Predeploys`] when a contract of the
    /// L2's genesis refuses it.
    pub fn new(
        config: &DeployConfig,
        survey: &Survey,
        deployer: Address,
    ) -> Result<Self, DeployError> {
        config.validate()?;
        let mut draft = Draft::new(config);
        let timelock = draft.create(
            "Timelock",
            artifacts::timelock_controller(),
            &(
                U256::from(config.timelock_delay),
                vec![config.owner],
                vec![config.owner],
                Address::ZERO,
            )
                .abi_encode_params(),
        );
        let proxy_admin = draft.create(
            "ProxyAdmin",
            artifacts::proxy_admin(),
            &(deployer,).abi_encode_params(),
        );
        let superchain_config = draft.proxied(
            "SuperchainConfig",
            artifacts::superchain_config(),
            &[],
            proxy_admin,
        );
        let system_config =
            draft.proxied("SystemConfig", artifacts::system_config(), &[], proxy_admin);
        let portal = draft.proxied(
            "OptimismPortal",
            artifacts::optimism_portal(),
            &(U256::from(config.proof_maturity_delay),).abi_encode_params(),
            proxy_admin,
        );
        let exit = Exit::create(&mut draft, config, proxy_admin);

        let granted = sum(config.grants.values())?;
        let coin = draft.coin(survey, deployer, granted, exit.l1_peers())?;
        let multicall3 = if survey.multicall3 {
            addresses::MULTICALL3
        } else {
            draft.multicall3()
        };

        draft.initialize(
            wave::CONFIGURE,
            gas::SUPERCHAIN_CONFIG,
            proxy_admin,
            superchain_config,
            U256::ZERO,
            &ISuperchainConfig::initializeCall {
                guardian: config.guardian,
                pauseDuration: config.pause_expiry,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::SYSTEM_CONFIG,
            proxy_admin,
            system_config,
            U256::ZERO,
            &ISystemConfig::initializeCall {
                params: system_config_params(
                    config,
                    portal.proxy,
                    superchain_config.proxy,
                    coin.token.unwrap_or_default(),
                ),
            },
        );
        exit.initialize(
            &mut draft,
            config,
            &ChainProxies {
                admin: proxy_admin,
                superchain_config: superchain_config.proxy,
                system_config: system_config.proxy,
                portal: portal.proxy,
            },
        );
        let ether = match coin.token {
            None => coin.locked,
            Some(token) => {
                draft.pay(token, &coin, deployer, portal.proxy, granted);
                U256::ZERO
            }
        };
        draft.initialize(
            wave::PORTAL,
            gas::PORTAL,
            proxy_admin,
            portal,
            ether,
            &IOptimismPortal::initializeCall {
                systemConfig: system_config.proxy,
                anchorStateRegistry: exit.anchor_state_registry.proxy,
                genesisLocked: coin.locked,
                funder: deployer,
            },
        );
        draft.steps.push(Step {
            name: "hand the ProxyAdmin over to the Timelock".into(),
            wave: wave::HAND_OVER,
            to: proxy_admin,
            value: U256::ZERO,
            data: IProxyAdmin::transferOwnershipCall { newOwner: timelock }
                .abi_encode()
                .into(),
            gas: gas::TRANSFER_OWNERSHIP,
            done: Condition::View {
                at: proxy_admin,
                data: IProxyAdmin::ownerCall {}.abi_encode().into(),
                word: Expected::Is(U256::from_be_bytes(timelock.into_word().0)),
            },
            conclusive: true,
        });
        draft.steps.sort_by_key(|step| step.wave);
        Ok(Self {
            config: config.clone(),
            deployer,
            contracts: L1Contracts {
                optimism_portal: portal.proxy,
                dispute_game_factory: exit.dispute_game_factory.proxy,
                anchor_state_registry: exit.anchor_state_registry.proxy,
                permissioned_dispute_game: exit.permissioned_dispute_game,
                l1_cross_domain_messenger: exit.l1_cross_domain_messenger.proxy,
                l1_standard_bridge: exit.l1_standard_bridge.proxy,
                optimism_mintable_erc20_factory: exit.optimism_mintable_erc20_factory.proxy,
                system_config: system_config.proxy,
                superchain_config: superchain_config.proxy,
                proxy_admin,
                timelock,
                token: coin.token,
                multicall3,
            },
            steps: draft.steps,
            alloc: coin.alloc,
            locked: coin.locked,
        })
    }

    /// What it was made from.
    pub fn config(&self) -> &DeployConfig {
        &self.config
    }

    /// Who sends the transactions.
    pub fn deployer(&self) -> Address {
        self.deployer
    }

    /// Where the contracts will stand.
    pub fn contracts(&self) -> &L1Contracts {
        &self.contracts
    }

    /// The steps, ascending by wave.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The accounts that the L2 begins with.
    pub(crate) fn alloc(&self) -> &BTreeMap<Address, GenesisAccount> {
        &self.alloc
    }

    /// Coins that the portal locks because the L2 starts with them, in wei.
    pub fn locked(&self) -> U256 {
        self.locked
    }

    /// The L2's genesis and rollup configuration when it begins at `l1`, a block at or after the one in which the
    /// deployment ended. The genesis' hash is still to be filled in, see [`L2Genesis`].
    ///
    /// # Errors
    /// [`DeployError::Genesis`].
    pub fn l2_genesis(&self, l1: &L1Block) -> Result<L2Genesis, DeployError> {
        let config = &self.config;
        L2Genesis::new(
            self.alloc.clone(),
            &L2Parameters {
                l1_chain_id: config.l1_chain_id,
                l2_chain_id: config.l2_chain_id,
                fork: config.fork,
                l1: l1.id(),
                l1_time: l1.timestamp,
                block_time: config.block_time,
                elasticity: config.elasticity,
                seq_window: config.seq_window,
                system_config: config.system_config(),
                batch_inbox: config.batch_inbox(),
                portal: self.contracts.optimism_portal,
                l1_system_config: self.contracts.system_config,
            },
        )
    }
}
