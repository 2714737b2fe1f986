//! The steps that make the way out of the L2: output roots, messages, bridged tokens.

use crate::{
    DeployConfig,
    draft::{Draft, Proxied, gas, wave},
};
use alloy_primitives::{Address, B256, U256, b256};
use alloy_sol_types::SolValue;
use openledger_contracts::{
    IAnchorStateRegistry, IDisputeGameFactory, IL1CrossDomainMessenger, IL1StandardBridge,
    IOptimismMintableERC20Factory, artifacts,
};
use openledger_genesis::L1Peers;

/// The OP Stack's id of a game that one proposer plays with one challenger.
pub const PERMISSIONED_GAME_TYPE: u32 = 1;

/// Where the chain of proven output roots begins: the L2's genesis is not known when the contracts are made. The OP Stack's
/// deployer takes the same word, which is the root of nothing.
const STARTING_ANCHOR_ROOT: B256 =
    b256!("dead000000000000000000000000000000000000000000000000000000000000");

/// Contracts of the way out, created and not configured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exit {
    pub(crate) dispute_game_factory: Proxied,
    pub(crate) anchor_state_registry: Proxied,
    pub(crate) permissioned_dispute_game: Address,
    pub(crate) l1_cross_domain_messenger: Proxied,
    pub(crate) l1_standard_bridge: Proxied,
    pub(crate) optimism_mintable_erc20_factory: Proxied,
}

/// The proxies that the way out is built on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChainProxies {
    pub(crate) admin: Address,
    pub(crate) superchain_config: Address,
    pub(crate) system_config: Address,
    pub(crate) portal: Address,
}

impl Exit {
    pub(crate) fn create(draft: &mut Draft<'_>, config: &DeployConfig, admin: Address) -> Self {
        let dispute_game_factory = draft.proxied(
            "DisputeGameFactory",
            artifacts::dispute_game_factory(),
            &[],
            admin,
        );
        let anchor_state_registry = draft.proxied(
            "AnchorStateRegistry",
            artifacts::anchor_state_registry(),
            &(U256::from(config.dispute_game_finality_delay),).abi_encode_params(),
            admin,
        );
        let permissioned_dispute_game = draft.create(
            "PermissionedDisputeGame",
            artifacts::permissioned_dispute_game(),
            &(
                PERMISSIONED_GAME_TYPE,
                config.max_clock_duration,
                anchor_state_registry.proxy,
                U256::from(config.l2_chain_id),
                config.proposer,
                config.challenger,
            )
                .abi_encode_params(),
        );
        Self {
            dispute_game_factory,
            anchor_state_registry,
            permissioned_dispute_game,
            l1_cross_domain_messenger: draft.proxied(
                "L1CrossDomainMessenger",
                artifacts::l1_cross_domain_messenger(),
                &[],
                admin,
            ),
            l1_standard_bridge: draft.proxied(
                "L1StandardBridge",
                artifacts::l1_standard_bridge(),
                &[],
                admin,
            ),
            optimism_mintable_erc20_factory: draft.proxied(
                "OptimismMintableERC20Factory",
                artifacts::optimism_mintable_erc20_factory(),
                &[],
                admin,
            ),
        }
    }

    /// Whom the L2's contracts believe.
    pub(crate) fn l1_peers(&self) -> L1Peers {
        L1Peers {
            cross_domain_messenger: self.l1_cross_domain_messenger.proxy,
            standard_bridge: self.l1_standard_bridge.proxy,
        }
    }

    pub(crate) fn initialize(
        &self,
        draft: &mut Draft<'_>,
        config: &DeployConfig,
        chain: &ChainProxies,
    ) {
        draft.initialize(
            wave::CONFIGURE,
            gas::DISPUTE_GAME_FACTORY,
            chain.admin,
            self.dispute_game_factory,
            U256::ZERO,
            &IDisputeGameFactory::initializeCall {
                gameType: PERMISSIONED_GAME_TYPE,
                implementation: self.permissioned_dispute_game,
                initBond: config.proposal_bond,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::ANCHOR_STATE_REGISTRY,
            chain.admin,
            self.anchor_state_registry,
            U256::ZERO,
            &IAnchorStateRegistry::initializeCall {
                systemConfig: chain.system_config,
                disputeGameFactory: self.dispute_game_factory.proxy,
                startingAnchorRoot: IAnchorStateRegistry::Proposal {
                    root: STARTING_ANCHOR_ROOT,
                    l2SequenceNumber: U256::ZERO,
                },
                startingRespectedGameType: PERMISSIONED_GAME_TYPE,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::L1_CROSS_DOMAIN_MESSENGER,
            chain.admin,
            self.l1_cross_domain_messenger,
            U256::ZERO,
            &IL1CrossDomainMessenger::initializeCall {
                superchainConfig: chain.superchain_config,
                portal: chain.portal,
                systemConfig: chain.system_config,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::L1_STANDARD_BRIDGE,
            chain.admin,
            self.l1_standard_bridge,
            U256::ZERO,
            &IL1StandardBridge::initializeCall {
                messenger: self.l1_cross_domain_messenger.proxy,
                superchainConfig: chain.superchain_config,
                systemConfig: chain.system_config,
            },
        );
        draft.initialize(
            wave::CONFIGURE,
            gas::MINTABLE_ERC20_FACTORY,
            chain.admin,
            self.optimism_mintable_erc20_factory,
            U256::ZERO,
            &IOptimismMintableERC20Factory::initializeCall {
                bridge: self.l1_standard_bridge.proxy,
            },
        );
    }
}
