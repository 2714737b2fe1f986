//! What a deployment costs.

use crate::{DeployError, Plan, chain::L1};
use alloy_primitives::{U256, utils::format_ether};
use openledger_l1::L1Client;
use std::fmt;

/// What the steps that are left cost, at the L1's present fees.
///
/// The gas is what the steps use at most by the plan's own figures, which are some percent above what they do use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Steps that are left.
    pub steps: usize,
    /// All steps.
    pub total: usize,
    /// Gas of the steps that are left.
    pub gas: u64,
    /// Base fee of the L1's head in wei.
    pub base_fee: u64,
    /// Priority fee that will be offered, in wei.
    pub priority_fee: u128,
    /// Wei for the gas at these fees.
    pub fees: U256,
    /// Wei for the gas at the fees that will be offered at most: what the deployer must have beside `value`.
    pub most_fees: U256,
    /// Wei that the portal locks (chains whose coin is ether).
    pub value: U256,
    /// Tokens that the portal locks, in their smallest unit (chains whose coin is a token).
    pub tokens: U256,
    /// The deployer's balance in wei.
    pub balance: U256,
}

impl Cost {
    /// True when the deployer can pay it.
    pub fn is_covered(&self) -> bool {
        self.balance >= self.most_fees.saturating_add(self.value)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, wei: U256| {
            writeln!(f, "{what:<24}{:>28} ETH  ({wei} wei)", format_ether(wei))
        };
        line("gas at present fees", self.fees)?;
        line("gas at most", self.most_fees)?;
        if !self.value.is_zero() {
            line("locked in the portal", self.value)?;
        }
        line("deployer's balance", self.balance)?;
        if !self.tokens.is_zero() {
            writeln!(
                f,
                "{:<24}{:>28} tokens",
                "locked in the portal",
                format_ether(self.tokens)
            )?;
        }
        write!(
            f,
            "{} of {} steps are left: {} gas at {} wei base fee and {} wei priority fee",
            self.steps, self.total, self.gas, self.base_fee, self.priority_fee
        )
    }
}

impl Plan {
    /// What the rest of this deployment costs. Sends nothing.
    ///
    /// # Errors
    /// [`DeployError::Conflict`], [`DeployError::L1`].
    pub async fn cost(&self, client: &L1Client) -> Result<Cost, DeployError> {
        let l1 = L1::new(client);
        let open = self.open_steps(&l1).await?;
        let (base_fee, fees) = l1.fees().await?;
        let gas: u64 = open.iter().map(|step| step.gas).sum();
        let at = |price: u128| U256::from(gas).saturating_mul(U256::from(price));
        let takes_tokens = self.contracts().token.is_some()
            && open
                .iter()
                .any(|step| step.name == "configure OptimismPortal");
        Ok(Cost {
            steps: open.len(),
            total: self.steps().len(),
            gas,
            base_fee,
            priority_fee: fees.max_priority_fee_per_gas,
            fees: at(u128::from(base_fee) + fees.max_priority_fee_per_gas),
            most_fees: at(fees.max_fee_per_gas),
            value: open
                .iter()
                .fold(U256::ZERO, |sum, step| sum.saturating_add(step.value)),
            tokens: if takes_tokens {
                self.locked()
            } else {
                U256::ZERO
            },
            balance: l1.balance(self.deployer()).await?,
        })
    }
}
