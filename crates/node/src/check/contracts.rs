//! The rollup's contracts, and the delays between a user and the way out.

use super::finding::Findings;
use alloy_primitives::{Address, U256};
use openledger_contracts::{
    IAnchorStateRegistry, IDisputeGameFactory, IOptimismPortal, IPermissionedDisputeGame,
    ISystemConfig, ITimelockController,
};
use openledger_genesis::RollupConfig;
use openledger_l1::{ViewError, Views};

/// The permissioned game.
const GAME_TYPE: u32 = 1;

/// The OP Stack's delays on Ethereum, in seconds: of a proof, of a game's clock, and of its finality.
const STANDARD: (u64, u64, u64) = (604_800, 302_400, 302_400);

/// Ethereum Mainnet.
const MAINNET: u64 = 1;

/// What the contracts say.
#[derive(Debug, Clone)]
pub(super) struct Contracts {
    pub(super) batcher: Address,
    pub(super) proposer: Address,
    pub(super) challenger: Address,
    pub(super) guardian: Address,
    pub(super) unsafe_block_signer: Address,
    pub(super) config_owner: Address,
    pub(super) upgrader: Address,
    pub(super) custom_coin: bool,
    pub(super) scalars: (u32, u32),
    pub(super) bond: U256,
    /// Seconds; `None` where the upgrader is no timelock.
    upgrade_delay: Option<u64>,
    proof_maturity: u64,
    pub(super) clock: u64,
    pub(super) finality: u64,
    paused: bool,
    respected: u32,
    configured_batcher: Address,
}

impl Contracts {
    pub(super) async fn read(views: &Views<'_>, rollup: &RollupConfig) -> Result<Self, ViewError> {
        let portal = rollup.deposit_contract_address;
        let config = rollup.l1_system_config_address;
        let factory = views
            .call(portal, IOptimismPortal::disputeGameFactoryCall {})
            .await?;
        let registry = views
            .call(portal, IOptimismPortal::anchorStateRegistryCall {})
            .await?;
        let game_type = GAME_TYPE;
        let game = views
            .call(
                factory,
                IDisputeGameFactory::gameImplsCall {
                    gameType: game_type,
                },
            )
            .await?;
        let upgrader = views
            .call(portal, IOptimismPortal::proxyAdminOwnerCall {})
            .await?;
        let upgrade_delay = match views
            .call(upgrader, ITimelockController::getMinDelayCall {})
            .await
        {
            Ok(delay) => Some(delay.saturating_to()),
            Err(ViewError::Contract { .. }) => None,
            Err(error) => return Err(error),
        };
        let batcher_hash = views
            .call(config, ISystemConfig::batcherHashCall {})
            .await?;
        Ok(Self {
            batcher: Address::from_word(batcher_hash),
            proposer: views
                .call(game, IPermissionedDisputeGame::proposerCall {})
                .await?,
            challenger: views
                .call(game, IPermissionedDisputeGame::challengerCall {})
                .await?,
            guardian: views.call(config, ISystemConfig::guardianCall {}).await?,
            unsafe_block_signer: views
                .call(config, ISystemConfig::unsafeBlockSignerCall {})
                .await?,
            config_owner: views.call(config, ISystemConfig::ownerCall {}).await?,
            upgrader,
            custom_coin: views
                .call(config, ISystemConfig::isCustomGasTokenCall {})
                .await?,
            scalars: (
                views
                    .call(config, ISystemConfig::basefeeScalarCall {})
                    .await?,
                views
                    .call(config, ISystemConfig::blobbasefeeScalarCall {})
                    .await?,
            ),
            bond: views
                .call(
                    factory,
                    IDisputeGameFactory::initBondsCall {
                        gameType: game_type,
                    },
                )
                .await?,
            upgrade_delay,
            proof_maturity: views
                .call(portal, IOptimismPortal::proofMaturityDelaySecondsCall {})
                .await?
                .saturating_to(),
            clock: views
                .call(game, IPermissionedDisputeGame::maxClockDurationCall {})
                .await?,
            finality: views
                .call(
                    registry,
                    IAnchorStateRegistry::disputeGameFinalityDelaySecondsCall {},
                )
                .await?
                .saturating_to(),
            paused: views
                .call(registry, IAnchorStateRegistry::pausedCall {})
                .await?,
            respected: views
                .call(registry, IAnchorStateRegistry::respectedGameTypeCall {})
                .await?,
            configured_batcher: rollup.genesis.system_config.batcher_addr,
        })
    }

    /// Seconds that a withdrawal takes when everything goes its way.
    fn exit_time(&self) -> u64 {
        self.proof_maturity.max(self.clock + self.finality)
    }

    pub(super) fn judge(&self, l1_chain_id: u64, findings: &mut Findings) {
        findings.good("contracts", "the portal leads to all of them");
        if self.batcher != self.configured_batcher {
            findings.good(
                "contracts",
                format!(
                    "the batcher is {} by now, {} at genesis",
                    self.batcher, self.configured_batcher
                ),
            );
        }
        if self.paused {
            findings.warning(
                "pause",
                "withdrawals are paused",
                "it ends by itself; the guardian can end it sooner with SuperchainConfig.unpause",
            );
        }
        if self.respected != GAME_TYPE {
            findings.warning(
                "contracts",
                format!(
                    "games of type {} are respected; the proposer makes games of type {GAME_TYPE}",
                    self.respected
                ),
                "the guardian sets it with AnchorStateRegistry.setRespectedGameType",
            );
        }
        let delays = format!(
            "a proof ages {} s; a root can be challenged for {} s and rejected for {} s more; a withdrawal takes at least {} s",
            self.proof_maturity,
            self.clock,
            self.finality,
            self.exit_time()
        );
        let standard = self.proof_maturity >= STANDARD.0
            && self.clock >= STANDARD.1
            && self.finality >= STANDARD.2;
        if standard || l1_chain_id != MAINNET {
            findings.good("delays", delays);
        } else {
            findings.warning(
                "delays",
                delays,
                "the OP Stack's are 604800, 302400 and 302400 s: shorter ones leave no time to find a wrong root",
            );
        }
        self.judge_upgrades(findings);
    }

    fn judge_upgrades(&self, findings: &mut Findings) {
        match self.upgrade_delay {
            None => findings.error(
                "upgrades",
                format!(
                    "{} can replace any contract at once: it is no timelock",
                    self.upgrader
                ),
                "hand the ProxyAdmin over to a timelock",
            ),
            Some(delay) if delay < self.exit_time() => findings.warning(
                "upgrades",
                format!(
                    "an upgrade takes effect after {delay} s, a withdrawal takes {} s: nobody can leave before an upgrade that they do not want",
                    self.exit_time()
                ),
                "raise the timelock's delay with TimelockController.updateDelay",
            ),
            Some(delay) => findings.good(
                "upgrades",
                format!("they take {delay} s; whoever does not want one has time to leave"),
            ),
        }
    }
}
