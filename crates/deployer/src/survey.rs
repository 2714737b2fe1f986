//! What a plan has to know of the L1 beforehand.

use crate::{DeployConfig, DeployError, TokenConfig, chain::L1};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use openledger_contracts::{IOPEN, addresses};
use openledger_genesis::GasPayingToken;
use openledger_l1::L1Client;

/// Decimals of the L2's native coin.
const DECIMALS: u8 = 18;

/// What a plan has to know of the L1 beforehand. None of it is changed by the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Whether Multicall3 stands at its usual address, which clients need to look up games.
    pub multicall3: bool,
    /// The existing token that becomes the native coin, as it calls itself.
    pub token: Option<GasPayingToken>,
}

impl Survey {
    /// Looks at the L1.
    ///
    /// # Errors
    /// [`DeployError::ChainId`], [`DeployError::NoDeploymentProxy`], [`DeployError::Token`] or [`DeployError::L1`].
    pub async fn of(client: &L1Client, config: &DeployConfig) -> Result<Self, DeployError> {
        let l1 = L1::new(client);
        let found = l1.chain_id().await?;
        if found != config.l1_chain_id {
            return Err(DeployError::ChainId {
                expected: config.l1_chain_id,
                found,
            });
        }
        let proxy = addresses::DETERMINISTIC_DEPLOYMENT_PROXY;
        if !l1.has_code(proxy).await? {
            return Err(DeployError::NoDeploymentProxy(proxy));
        }
        let token = match config.token {
            TokenConfig::Existing(address) => Some(token(&l1, address).await?),
            TokenConfig::New | TokenConfig::Ether => None,
        };
        Ok(Self {
            multicall3: l1.has_code(addresses::MULTICALL3).await?,
            token,
        })
    }
}

async fn token(l1: &L1<'_>, address: Address) -> Result<GasPayingToken, DeployError> {
    let refuse = |reason: &str| DeployError::Token {
        address,
        reason: reason.into(),
    };
    let decimals: u8 = ask(l1, address, &IOPEN::decimalsCall {})
        .await?
        .ok_or_else(|| refuse("it does not answer decimals()"))?;
    if decimals != DECIMALS {
        return Err(refuse(&format!(
            "it has {decimals} decimals, and the L2 counts in {DECIMALS}"
        )));
    }
    let name: String = ask(l1, address, &IOPEN::nameCall {})
        .await?
        .ok_or_else(|| refuse("it does not answer name()"))?;
    let symbol: String = ask(l1, address, &IOPEN::symbolCall {})
        .await?
        .ok_or_else(|| refuse("it does not answer symbol()"))?;
    if name.len() > 32 || symbol.len() > 32 {
        return Err(refuse("its name or its symbol is longer than 32 bytes"));
    }
    Ok(GasPayingToken {
        address,
        decimals,
        name,
        symbol,
    })
}

/// A view's answer; `None` when there is none of that form.
async fn ask<C: SolCall>(
    l1: &L1<'_>,
    address: Address,
    call: &C,
) -> Result<Option<C::Return>, DeployError> {
    let answer = l1.view(address, &Bytes::from(call.abi_encode())).await?;
    Ok(answer.and_then(|bytes| C::abi_decode_returns(&bytes).ok()))
}
