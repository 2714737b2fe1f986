//! The contracts through which a rollup settles.

use alloy_primitives::{Address, B256};
use openledger_contracts::{IAnchorStateRegistry, IOptimismPortal};
use openledger_l1::{L1Client, L1Error, ViewError, Views};

/// Why a rollup can not be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// The L1 can not be read now.
    #[error(transparent)]
    L1(#[from] L1Error),
    /// The rollup's portal has no way out, or its contracts are not those of the OP Stack.
    #[error("the rollup's contracts on the L1 have no output roots: {0}")]
    Contracts(String),
}

impl From<ViewError> for SettlementError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::L1(error) => Self::L1(error),
            refused @ ViewError::Contract { .. } => Self::Contracts(refused.to_string()),
        }
    }
}

/// The contracts of a rollup's way out. A portal of the OP Stack leads to all of them (its version 4 and later).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// OptimismPortal.
    pub portal: Address,
    /// DisputeGameFactory.
    pub factory: Address,
    /// AnchorStateRegistry.
    pub registry: Address,
    /// Seconds between a game's resolution and the moment when withdrawals may rely on it.
    pub finality_delay: u64,
}

impl Settlement {
    /// Asks a rollup's portal, as of an L1 block.
    ///
    /// # Errors
    /// [`SettlementError::Contracts`] when it has no way out, [`SettlementError::L1`] when it can not be asked now.
    pub async fn of_portal(
        client: &L1Client,
        at: B256,
        portal: Address,
    ) -> Result<Self, SettlementError> {
        let client = client.without_retries();
        let views = Views::new(&client, at);
        let (factory, registry) = tokio::try_join!(
            views.call(portal, IOptimismPortal::disputeGameFactoryCall {}),
            views.call(portal, IOptimismPortal::anchorStateRegistryCall {})
        )?;
        let finality_delay = views
            .call(
                registry,
                IAnchorStateRegistry::disputeGameFinalityDelaySecondsCall {},
            )
            .await?;
        Ok(Self {
            portal,
            factory,
            registry,
            finality_delay: finality_delay.saturating_to(),
        })
    }
}
