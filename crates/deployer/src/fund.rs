//! Money for the roles of a development chain.

use crate::{
    DeployError, Inclusion,
    chain::{Call, L1},
    send::Wallet,
};
use alloy_primitives::{Address, Bytes, U256};
use alloy_signer_local::PrivateKeySigner;
use futures::future::try_join_all;
use openledger_l1::L1Client;

/// Public Ethereum networks, on which keys that everybody knows must not get money.
const PUBLIC_CHAINS: [u64; 5] = [1, 17_000, 560_048, 11_155_111, 100];

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;

/// Sends `amount` wei from `funder` to each of `accounts` whose balance is zero. Returns those that got it.
///
/// For development chains: on a public network it refuses.
///
/// # Errors
/// [`DeployError::Config`] on a public network; [`DeployError::Funds`] when the funder has too little;
/// [`DeployError::L1`].
pub async fn fund_roles(
    client: &L1Client,
    funder: &PrivateKeySigner,
    accounts: &[Address],
    amount: U256,
    inclusion: &Inclusion,
) -> Result<Vec<Address>, DeployError> {
    let l1 = L1::new(client);
    let chain_id = l1.chain_id().await?;
    if PUBLIC_CHAINS.contains(&chain_id) {
        return Err(DeployError::Config(format!(
            "chain {chain_id} is a public network, and the keys of a development chain are public"
        )));
    }
    let balances = try_join_all(accounts.iter().map(|account| l1.balance(*account))).await?;
    let poor: Vec<Address> = accounts
        .iter()
        .zip(balances)
        .filter(|(_, balance)| balance.is_zero())
        .map(|(account, _)| *account)
        .collect();
    if poor.is_empty() {
        return Ok(poor);
    }
    let wallet = Wallet {
        l1: &l1,
        chain_id,
        signer: funder,
    };
    wallet.settle(inclusion).await?;
    let (_, fees) = l1.fees().await?;
    let each = U256::from(TRANSFER_GAS)
        .saturating_mul(U256::from(fees.max_fee_per_gas))
        .saturating_add(amount);
    let needed = each.saturating_mul(U256::from(poor.len()));
    let balance = l1.balance(wallet.address()).await?;
    if balance < needed {
        return Err(DeployError::Funds {
            account: wallet.address(),
            balance,
            needed,
        });
    }
    let calls = poor
        .iter()
        .map(|to| Call {
            to: *to,
            value: amount,
            data: Bytes::new(),
            gas: TRANSFER_GAS,
        })
        .collect();
    wallet.send(calls, inclusion, |_| {}).await?;
    Ok(poor)
}
