//! The settlement contracts of a development chain on an L1 of somebody else.

#[path = "../../deployer/tests/support/mod.rs"]
mod support;

use alloy_primitives::B256;
use openledger_contracts::IOptimismPortal;
use openledger_deployer::TokenConfig;
use openledger_devnet::{DevChain, deploy_dev, dev_accounts, dev_roles};
use openledger_genesis::OpFork;
use support::{Anvil, L1_CHAIN_ID, ether};

#[tokio::test(flavor = "multi_thread")]
async fn each_new_chain_on_anvil_gets_contracts_of_its_own() {
    let anvil = Anvil::start();
    let roles = dev_roles().unwrap();
    let mut portals = Vec::new();
    for salt in [B256::with_last_byte(1), B256::with_last_byte(2)] {
        let chain = DevChain {
            l1_chain_id: L1_CHAIN_ID,
            salt,
            fork: OpFork::Jovian,
            block_time: 1,
            gas_limit: 60_000_000,
            elasticity: 6,
            seq_window: 3_600,
            token: TokenConfig::New,
            withdrawal_delay: 10,
            accounts: dev_accounts(3).unwrap(),
            roles: roles.clone(),
            alloc: Default::default(),
        };
        let deployed = deploy_dev(&chain, &anvil.client, None, |_| {})
            .await
            .unwrap();
        let contracts = deployed.plan.contracts();
        let locked = anvil
            .view(
                contracts.optimism_portal,
                IOptimismPortal::lockedBalanceCall {},
            )
            .await;
        assert_eq!(locked, ether(30_000));
        // anvil has no Multicall3 of its own; clients need one to look up games.
        assert!(anvil.has_code(contracts.multicall3).await);
        portals.push(contracts.optimism_portal);
    }
    assert_ne!(portals[0], portals[1]);
}
