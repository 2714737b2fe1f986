//! Carrying a plan out.

use crate::{
    DeployError, Inclusion, Plan, Step,
    chain::{Call, L1},
    send::{Arrived, Event, Wallet},
    step::State,
};
use alloy_primitives::{B256, U256};
use alloy_signer_local::PrivateKeySigner;
use futures::future::try_join_all;
use openledger_l1::{L1Block, L1Client};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How often an effect that is not seen yet is looked for again: the endpoint may be several nodes, some of them behind.
const LOOKS: u32 = 10;

/// How a plan is carried out.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// How transactions get into blocks.
    pub inclusion: Inclusion,
    /// Ask `eth_estimateGas` before each step is sent, so that one that would fail costs nothing. Default false: the plan's
    /// own figures are limits that hold on any L1 with Ethereum's gas schedule.
    pub estimate: bool,
    /// L1 blocks that must follow the one that the L2 will begin at. Default 0.
    pub confirmations: u64,
    /// Steps that are carried out at most in this run. Default: all.
    pub limit: Option<usize>,
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// Once at the start.
    Found {
        /// Steps that the L1 shows as carried out.
        done: usize,
        /// All steps.
        total: usize,
    },
    /// A step's transaction is on its way.
    Sent {
        /// The step.
        step: &'a Step,
        /// Its transaction.
        hash: B256,
    },
    /// A step is in an L1 block.
    Included {
        /// The step.
        step: &'a Step,
        /// The block's number.
        block: u64,
        /// Gas that it used.
        gas_used: u64,
    },
    /// Everything is deployed; the last block is waited for.
    Confirming,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every step is carried out, and was so in this canonical L1 block.
    Complete(Box<L1Block>),
    /// The limit stopped it.
    Stopped {
        /// Steps that are left.
        left: usize,
    },
}

impl Plan {
    /// Carries out what the L1 does not show as carried out, wave by wave. Can be stopped at any point, and run again.
    ///
    /// # Errors
    /// As [`DeployError`] says. [`Funds`](DeployError::Funds) and [`WouldFail`](DeployError::WouldFail) come before
    /// anything of the wave has been sent.
    pub async fn run(
        &self,
        client: &L1Client,
        signer: &PrivateKeySigner,
        options: &RunOptions,
        mut on_progress: impl FnMut(Progress<'_>),
    ) -> Result<Outcome, DeployError> {
        if signer.address() != self.deployer() {
            return Err(DeployError::Config(format!(
                "the plan is for the deployer {}, the key is that of {}",
                self.deployer(),
                signer.address()
            )));
        }
        let l1 = L1::new(client);
        let chain_id = l1.chain_id().await?;
        if chain_id != self.config().l1_chain_id {
            return Err(DeployError::ChainId {
                expected: self.config().l1_chain_id,
                found: chain_id,
            });
        }
        let wallet = Wallet {
            l1: &l1,
            chain_id,
            signer,
        };
        wallet.settle(&options.inclusion).await?;
        let mut open = self.open_steps(&l1).await?;
        on_progress(Progress::Found {
            done: self.steps().len() - open.len(),
            total: self.steps().len(),
        });
        self.check_funds(&l1, &open).await?;
        let mut allowed = options.limit.unwrap_or(usize::MAX);
        while let Some(wave) = open.first().map(|step| step.wave) {
            if allowed == 0 {
                return Ok(Outcome::Stopped { left: open.len() });
            }
            let count = open.iter().take_while(|step| step.wave == wave).count();
            let rest = open.split_off(count.min(allowed));
            allowed -= open.len();
            self.carry_out(&wallet, &open, options, &mut on_progress)
                .await?;
            open = rest;
        }
        on_progress(Progress::Confirming);
        let block = self.confirmed_head(&l1, options).await?;
        Ok(Outcome::Complete(Box::new(block)))
    }

    /// The steps that the L1 does not show as carried out, in order.
    ///
    /// # Errors
    /// [`DeployError::Conflict`] when something else stands in their place, [`DeployError::L1`].
    pub async fn open(&self, client: &L1Client) -> Result<Vec<&Step>, DeployError> {
        self.open_steps(&L1::new(client)).await
    }

    pub(crate) async fn open_steps(&self, l1: &L1<'_>) -> Result<Vec<&Step>, DeployError> {
        let states = try_join_all(self.steps().iter().map(|step| step.done.state(l1))).await?;
        let reached = self
            .steps()
            .iter()
            .zip(&states)
            .filter(|(step, state)| step.conclusive && **state == State::Done)
            .map(|(step, _)| step.wave)
            .max();
        let mut open = Vec::new();
        for (step, state) in self.steps().iter().zip(states) {
            match state {
                // A proxy that was upgraded since is no conflict: the deployment had been finished before.
                _ if reached.is_some_and(|reached| step.wave < reached) => {}
                State::Done => {}
                State::Open => open.push(step),
                State::Conflict(reason) => {
                    return Err(DeployError::Conflict {
                        step: step.name.clone(),
                        reason,
                    });
                }
            }
        }
        Ok(open)
    }

    async fn check_funds(&self, l1: &L1<'_>, open: &[&Step]) -> Result<(), DeployError> {
        let (_, fees) = l1.fees().await?;
        let needed = open.iter().fold(U256::ZERO, |sum, step| {
            sum.saturating_add(
                U256::from(step.gas).saturating_mul(U256::from(fees.max_fee_per_gas)),
            )
            .saturating_add(step.value)
        });
        let account = self.deployer();
        let balance = l1.balance(account).await?;
        if balance < needed {
            return Err(DeployError::Funds {
                account,
                balance,
                needed,
            });
        }
        Ok(())
    }

    /// Sends the steps of one wave in one go, and makes sure that each had its effect.
    async fn carry_out(
        &self,
        wallet: &Wallet<'_>,
        steps: &[&Step],
        options: &RunOptions,
        on_progress: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), DeployError> {
        let gas = if options.estimate {
            try_join_all(steps.iter().map(|step| estimated(wallet, step))).await?
        } else {
            steps.iter().map(|step| step.gas).collect()
        };
        let calls = steps
            .iter()
            .zip(gas)
            .map(|(step, gas)| Call {
                to: step.to,
                value: step.value,
                data: step.data.clone(),
                gas,
            })
            .collect();
        let arrived = wallet
            .send(calls, &options.inclusion, |event| {
                let index = match event {
                    Event::Sent(index, _) | Event::Arrived(Arrived { index, .. }) => index,
                };
                let Some(step) = steps.get(index) else { return };
                on_progress(match event {
                    Event::Sent(_, hash) => Progress::Sent { step, hash },
                    Event::Arrived(one) => Progress::Included {
                        step,
                        block: one.receipt.block(),
                        gas_used: one.receipt.gas_used(),
                    },
                });
            })
            .await?;
        let reverted: BTreeMap<usize, B256> = arrived
            .iter()
            .filter(|one| !one.receipt.succeeded())
            .map(|one| (one.index, one.hash))
            .collect();
        for (index, step) in steps.iter().enumerate() {
            // Somebody else may have done the same (contracts can be created by anyone): what counts is the effect.
            let looks = if reverted.contains_key(&index) {
                1
            } else {
                LOOKS
            };
            if !self.shows(wallet.l1, step, looks, options).await? {
                let step = step.name.clone();
                return Err(match reverted.get(&index) {
                    Some(hash) => DeployError::Reverted { step, hash: *hash },
                    None => DeployError::NoEffect { step },
                });
            }
        }
        Ok(())
    }

    async fn shows(
        &self,
        l1: &L1<'_>,
        step: &Step,
        looks: u32,
        options: &RunOptions,
    ) -> Result<bool, DeployError> {
        for look in 0..looks {
            if step.done.state(l1).await? == State::Done {
                return Ok(true);
            }
            let (Inclusion::Wait { poll, .. }, true) = (&options.inclusion, look + 1 < looks)
            else {
                return Ok(false);
            };
            tokio::time::sleep(*poll).await;
        }
        Ok(false)
    }

    /// A canonical block with everything in it, and as many behind it as the options want.
    async fn confirmed_head(
        &self,
        l1: &L1<'_>,
        options: &RunOptions,
    ) -> Result<L1Block, DeployError> {
        let started = Instant::now();
        let (poll, give_up_after) = match &options.inclusion {
            Inclusion::Wait {
                poll,
                give_up_after,
                ..
            } => (Some(*poll), *give_up_after),
            // Nothing comes after the head that was asked for.
            Inclusion::Demand(_) => (None, Duration::MAX),
        };
        loop {
            let head = l1.client().head().await?;
            if let Some(poll) = poll {
                while l1.client().head().await?.number < head.number + options.confirmations {
                    if started.elapsed() > give_up_after {
                        return Err(DeployError::NotConfirmed {
                            block: head.number,
                            confirmations: options.confirmations,
                        });
                    }
                    tokio::time::sleep(poll).await;
                }
            }
            let canonical = l1.client().block_by_number(head.number).await?;
            if canonical.is_none_or(|block| block.hash != head.hash) {
                tokio::time::sleep(poll.unwrap_or_default()).await;
                continue;
            }
            return match self.open_steps(&l1.at(head.number)).await?.first() {
                None => Ok(head),
                // Reorganised away meanwhile, or an endpoint whose head is behind.
                Some(step) => Err(DeployError::NoEffect {
                    step: step.name.clone(),
                }),
            };
        }
    }
}

/// The plan's figure, or the L1's estimate and a quarter when that is higher.
async fn estimated(wallet: &Wallet<'_>, step: &Step) -> Result<u64, DeployError> {
    let estimate = wallet
        .l1
        .estimate(wallet.address(), step.to, step.value, &step.data)
        .await?;
    match estimate {
        Ok(gas) => Ok(step.gas.max(gas.saturating_add(gas / 4))),
        Err(reason) => Err(DeployError::WouldFail {
            step: step.name.clone(),
            reason,
        }),
    }
}
