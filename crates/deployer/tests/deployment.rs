//! Deployments on a real L1.

mod support;

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_sol_types::SolCall;
use openledger_contracts::{
    IOPEN, IOptimismPortal, IProxyAdmin, ISuperchainConfig, ISystemConfig, ITestToken,
    ITimelockController, addresses, artifacts,
};
use openledger_deployer::{
    DeployConfig, DeployError, Outcome, Plan, Progress, RunOptions, Survey, TokenConfig,
    fund_roles, read_files, supply, write_files,
};
use openledger_genesis::SystemConfig;
use openledger_l1::L1Block;
use openledger_protocol::{ConfigUpdate, alias, decode_deposit};
use serde_json::json;
use std::collections::BTreeSet;
use support::{Anvil, BATCHER, config, ether, funded, logs};

async fn plan(anvil: &Anvil, config: &DeployConfig) -> Plan {
    let survey = Survey::of(&anvil.client, config).await.unwrap();
    Plan::new(config, &survey, funded(0).address()).unwrap()
}

/// Runs a plan to its end.
async fn complete(anvil: &Anvil, plan: &Plan, options: &RunOptions) -> L1Block {
    let outcome = plan
        .run(&anvil.client, &funded(0), options, |_| {})
        .await
        .unwrap();
    match outcome {
        Outcome::Complete(block) => *block,
        Outcome::Stopped { left } => panic!("{left} steps are left"),
    }
}

fn options(anvil: &Anvil) -> RunOptions {
    RunOptions {
        inclusion: anvil.waiting(),
        estimate: true,
        ..RunOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wave_shares_a_block_and_no_step_needs_more_gas_than_planned() {
    let anvil = Anvil::on_demand();
    let plan = plan(&anvil, &config()).await;
    let cost = plan.cost(&anvil.client).await.unwrap();
    assert_eq!((cost.steps, cost.total), (plan.steps().len(), cost.steps));
    assert!(cost.is_covered());
    assert_eq!(cost.tokens, plan.locked());
    let options = RunOptions {
        inclusion: anvil.demanding(),
        ..RunOptions::default()
    };
    let mut blocks = BTreeSet::new();
    let mut included = Vec::new();
    let outcome = plan
        .run(&anvil.client, &funded(0), &options, |progress| {
            if let Progress::Included {
                step,
                block,
                gas_used,
            } = progress
            {
                blocks.insert((step.wave, block));
                included.push((step.name.clone(), gas_used, step.gas));
            }
        })
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Complete(_)));
    let waves: BTreeSet<u32> = plan.steps().iter().map(|step| step.wave).collect();
    assert_eq!(blocks.len(), waves.len(), "{blocks:?}");
    assert_eq!(included.len(), plan.steps().len());
    for (name, used, planned) in included {
        assert!(used <= planned, "{name} used {used} of {planned} gas");
        assert!(
            used * 5 >= planned * 2,
            "{name} used only {used} of {planned} gas: the plan overstates the cost"
        );
    }
    assert!(plan.open(&anvil.client).await.unwrap().is_empty());
    let cost = plan.cost(&anvil.client).await.unwrap();
    assert_eq!((cost.steps, cost.gas, cost.tokens), (0, 0, U256::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contracts_are_configured_as_rollup_json_says() {
    let anvil = Anvil::start();
    let config = config();
    let plan = plan(&anvil, &config).await;
    let block = complete(&anvil, &plan, &options(&anvil)).await;
    let made = plan.l2_genesis(&block).unwrap();
    let rollup = &made.rollup;
    let contracts = *plan.contracts();
    let token = contracts.token.unwrap();

    // The system configuration, by its getters.
    let at = rollup.l1_system_config_address;
    assert_eq!(at, contracts.system_config);
    let scalar: U256 = anvil.view(at, ISystemConfig::scalarCall {}).await;
    let denominator = anvil
        .view(at, ISystemConfig::eip1559DenominatorCall {})
        .await;
    let elasticity = anvil
        .view(at, ISystemConfig::eip1559ElasticityCall {})
        .await;
    let operator_scalar = anvil
        .view(at, ISystemConfig::operatorFeeScalarCall {})
        .await;
    let operator_constant = anvil
        .view(at, ISystemConfig::operatorFeeConstantCall {})
        .await;
    let batcher: B256 = anvil.view(at, ISystemConfig::batcherHashCall {}).await;
    let overhead: U256 = anvil.view(at, ISystemConfig::overheadCall {}).await;
    let by_getters = SystemConfig {
        batcher_addr: Address::from_word(batcher),
        overhead: overhead.into(),
        scalar: scalar.into(),
        gas_limit: anvil.view(at, ISystemConfig::gasLimitCall {}).await,
        eip1559_params: (u64::from(denominator) << 32 | u64::from(elasticity))
            .to_be_bytes()
            .into(),
        operator_fee_params: SystemConfig::encode_operator_fee(operator_scalar, operator_constant),
        min_base_fee: anvil.view(at, ISystemConfig::minBaseFeeCall {}).await,
        da_footprint_gas_scalar: anvil
            .view(at, ISystemConfig::daFootprintGasScalarCall {})
            .await,
    };
    assert_eq!(by_getters, rollup.genesis.system_config);
    assert_eq!(by_getters, config.system_config());

    // And by the events of its initialization.
    let receipts = anvil
        .rpc(
            "eth_getLogs",
            json!([{"fromBlock": "0x0", "toBlock": "latest", "address": at}]),
        )
        .await;
    let mut by_events = SystemConfig {
        batcher_addr: Address::ZERO,
        scalar: B256::ZERO,
        gas_limit: 0,
        eip1559_params: Default::default(),
        operator_fee_params: B256::ZERO,
        min_base_fee: 0,
        ..by_getters.clone()
    };
    let updates: Vec<ConfigUpdate> = logs(&json!({"logs": receipts}))
        .iter()
        .filter_map(|(_, log)| ConfigUpdate::decode(log).ok())
        .collect();
    assert_eq!(updates.len(), 8);
    updates
        .iter()
        .for_each(|update| update.apply(&mut by_events));
    assert_eq!(by_events, by_getters);

    // The other facts of the rollup.
    assert_eq!(rollup.deposit_contract_address, contracts.optimism_portal);
    assert_eq!(rollup.genesis.l1, block.id());
    assert_eq!(rollup.genesis.l2_time, block.timestamp);
    assert_eq!(made.genesis.timestamp, block.timestamp);
    assert_eq!(rollup.channel_timeout, 300);
    let inbox: Address = anvil.view(at, ISystemConfig::batchInboxCall {}).await;
    assert_eq!(inbox, rollup.batch_inbox_address);
    let start: U256 = anvil.view(at, ISystemConfig::startBlockCall {}).await;
    assert!(start <= U256::from(block.number));

    // Who may do what.
    let timelock = contracts.timelock;
    assert_eq!(
        anvil
            .view(contracts.proxy_admin, IProxyAdmin::ownerCall {})
            .await,
        timelock
    );
    assert_eq!(
        anvil.view(at, ISystemConfig::ownerCall {}).await,
        config.owner
    );
    assert_eq!(
        anvil.view(at, ISystemConfig::feeUpdaterCall {}).await,
        config.fee_updater
    );
    assert_eq!(
        anvil
            .view(
                contracts.superchain_config,
                ISuperchainConfig::guardianCall {}
            )
            .await,
        config.owner
    );
    assert_eq!(
        anvil
            .view(timelock, ITimelockController::getMinDelayCall {})
            .await,
        U256::from(config.timelock_delay)
    );
    let role: B256 = anvil
        .view(timelock, ITimelockController::PROPOSER_ROLECall {})
        .await;
    assert!(
        anvil
            .view(
                timelock,
                ITimelockController::hasRoleCall {
                    role,
                    account: config.owner
                }
            )
            .await
    );
    for proxy in [
        contracts.optimism_portal,
        contracts.system_config,
        contracts.superchain_config,
    ] {
        let admin = anvil
            .view(
                contracts.proxy_admin,
                IProxyAdmin::getProxyAdminCall { proxy },
            )
            .await;
        assert_eq!(admin, contracts.proxy_admin);
    }

    // The money: 20,000 by allocation, 5 wei by another account of the genesis, all of it locked.
    let locked = ether(20_000) + U256::from(5);
    assert_eq!(supply(&made.genesis.alloc).unwrap(), locked);
    assert_eq!(plan.locked(), locked);
    assert_eq!(
        anvil
            .view(
                contracts.optimism_portal,
                IOptimismPortal::lockedBalanceCall {}
            )
            .await,
        locked
    );
    for (account, amount) in [
        (contracts.optimism_portal, locked),
        (funded(0).address(), U256::ZERO),
        (funded(1).address(), ether(500)),
        (config.owner, ether(1_000_000_000 - 1_000) - locked),
    ] {
        let balance: U256 = anvil.view(token, IOPEN::balanceOfCall { account }).await;
        assert_eq!(balance, amount, "{account}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_of_tokens_and_without_coins_are_decodable() {
    let anvil = Anvil::start();
    let plan = plan(&anvil, &config()).await;
    complete(&anvil, &plan, &options(&anvil)).await;
    let portal = plan.contracts().optimism_portal;
    let token = plan.contracts().token.unwrap();
    let user = funded(1).address();
    let target = address!("0x00000000000000000000000000000000000000aa");

    let approve = IOPEN::approveCall {
        spender: portal,
        value: ether(3),
    };
    anvil
        .send(user, token, U256::ZERO, approve.abi_encode().into())
        .await;
    let deposit = IOptimismPortal::depositERC20TransactionCall {
        to: target,
        mint: ether(3),
        value: ether(1),
        gasLimit: 100_000,
        isCreation: false,
        data: Bytes::from_static(b"hello"),
    };
    let receipt = anvil
        .send(user, portal, U256::ZERO, deposit.abi_encode().into())
        .await;
    let decoded = deposits(&receipt, portal);
    let [deposited] = &decoded[..] else {
        panic!("{decoded:?}")
    };
    assert_eq!(deposited.from, user);
    assert_eq!(deposited.to.into_to(), Some(target));
    assert_eq!(deposited.mint, 3_000_000_000_000_000_000);
    assert_eq!(deposited.value, ether(1));
    assert_eq!(deposited.gas_limit, 100_000);
    assert_eq!(deposited.input, Bytes::from_static(b"hello"));

    let forced = IOptimismPortal::depositTransactionCall {
        to: Address::ZERO,
        value: U256::ZERO,
        gasLimit: 200_000,
        isCreation: true,
        data: Bytes::from_static(&[0x60, 0, 0x60, 0, 0xf3]),
    };
    let receipt = anvil
        .send(user, portal, U256::ZERO, forced.abi_encode().into())
        .await;
    let decoded = deposits(&receipt, portal);
    assert_eq!(decoded.len(), 1);
    assert_eq!((decoded[0].mint, decoded[0].to.into_to()), (0, None));

    // A contract's deposit comes from its alias.
    let aggregate: Bytes = {
        alloy_sol_types::sol! {
            struct Call3 { address target; bool allowFailure; bytes callData; }
            function aggregate3(Call3[] calls) external payable;
        }
        let call = Call3 {
            target: portal,
            allowFailure: false,
            callData: forced.abi_encode().into(),
        };
        aggregate3Call { calls: vec![call] }.abi_encode().into()
    };
    let multicall = plan.contracts().multicall3;
    let receipt = anvil.send(user, multicall, U256::ZERO, aggregate).await;
    assert_eq!(deposits(&receipt, portal)[0].from, alias(multicall));

    let locked: U256 = anvil
        .view(portal, IOptimismPortal::lockedBalanceCall {})
        .await;
    assert_eq!(locked, plan.locked() + ether(3));
}

fn deposits(receipt: &serde_json::Value, portal: Address) -> Vec<op_alloy_consensus::TxDeposit> {
    let block: B256 = serde_json::from_value(receipt["blockHash"].clone()).unwrap();
    logs(receipt)
        .iter()
        .filter(|(_, log)| log.address == portal)
        .map(|(index, log)| decode_deposit(log, block, *index).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_after_any_step_changes_nothing_of_the_result() {
    let anvil = Anvil::start();
    let config = config();
    let first = plan(&anvil, &config).await;
    let total = first.steps().len();
    let options = RunOptions {
        limit: Some(1),
        ..options(&anvil)
    };
    let mut left = total;
    let block = loop {
        // As a new process would: nothing is kept but the configuration.
        let plan = plan(&anvil, &config).await;
        assert_eq!(plan.steps(), first.steps());
        assert_eq!(plan.open(&anvil.client).await.unwrap().len(), left);
        match plan
            .run(&anvil.client, &funded(0), &options, |_| {})
            .await
            .unwrap()
        {
            Outcome::Complete(block) => break *block,
            Outcome::Stopped { left: now } => {
                assert_eq!(now, left - 1);
                left = now;
            }
        }
    };
    assert_eq!(anvil.nonce(funded(0).address()).await, total as u64);
    assert!(first.open(&anvil.client).await.unwrap().is_empty());
    assert_eq!(
        first
            .l2_genesis(&block)
            .unwrap()
            .rollup
            .deposit_contract_address,
        first.contracts().optimism_portal
    );

    // Again, after tokens have been spent and a proxy would have been upgraded: there is nothing to do.
    let token = first.contracts().token.unwrap();
    let user = funded(1).address();
    let spend = IOPEN::transferCall {
        to: BATCHER,
        value: ether(500),
    };
    anvil
        .send(user, token, U256::ZERO, spend.abi_encode().into())
        .await;
    complete(&anvil, &first, &options).await;
    assert_eq!(anvil.nonce(funded(0).address()).await, total as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_a_run_that_was_killed_are_waited_for() {
    let anvil = Anvil::on_demand();
    let plan = plan(&anvil, &config()).await;
    let options = RunOptions {
        inclusion: anvil.waiting(),
        ..RunOptions::default()
    };
    // Killed with three transactions under way and no block made.
    let (killed, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let deployer = funded(0);
    let run = plan.run(&anvil.client, &deployer, &options, |progress| {
        if let Progress::Sent { .. } = progress {
            let _ = killed.send(());
        }
    });
    tokio::select! {
        result = run => panic!("no block was made, but the run ended: {result:?}"),
        () = async { for _ in 0..3 { sent.recv().await; } } => {}
    }
    let options = RunOptions {
        inclusion: anvil.demanding(),
        ..RunOptions::default()
    };
    complete(&anvil, &plan, &options).await;
    assert_eq!(
        anvil.nonce(funded(0).address()).await,
        plan.steps().len() as u64
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_that_somebody_else_created_are_taken() {
    let anvil = Anvil::start();
    let plan = plan(&anvil, &config()).await;
    let create = plan
        .steps()
        .iter()
        .filter(|step| step.name.starts_with("create"));
    for step in create.step_by(2) {
        anvil
            .send(funded(5).address(), step.to, step.value, step.data.clone())
            .await;
    }
    complete(&anvil, &plan, &options(&anvil)).await;
    assert!(anvil.nonce(funded(0).address()).await < plan.steps().len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_chains_share_an_l1() {
    let anvil = Anvil::start();
    let first = plan(&anvil, &config()).await;
    complete(&anvil, &first, &options(&anvil)).await;
    let other = DeployConfig {
        l2_chain_id: 902,
        ..config()
    };
    let second = plan(&anvil, &other).await;
    complete(&anvil, &second, &options(&anvil)).await;
    assert_ne!(
        first.contracts().optimism_portal,
        second.contracts().optimism_portal
    );
    for plan in [&first, &second] {
        let locked: U256 = anvil
            .view(
                plan.contracts().optimism_portal,
                IOptimismPortal::lockedBalanceCall {},
            )
            .await;
        assert_eq!(locked, plan.locked());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_ether_locks_and_deposits_ether() {
    let anvil = Anvil::start();
    let config = DeployConfig {
        token: TokenConfig::Ether,
        allocations: [(funded(1).address(), ether(7))].into(),
        grants: Default::default(),
        alloc: Default::default(),
        ..config()
    };
    let plan = plan(&anvil, &config).await;
    assert_eq!(plan.contracts().token, None);
    assert!(!plan.contracts().by_name().contains_key("OPEN"));
    let cost = plan.cost(&anvil.client).await.unwrap();
    assert_eq!((cost.value, cost.tokens), (ether(7), U256::ZERO));
    let block = complete(&anvil, &plan, &options(&anvil)).await;
    let portal = plan.contracts().optimism_portal;
    let locked: U256 = anvil
        .view(portal, IOptimismPortal::lockedBalanceCall {})
        .await;
    let made = plan.l2_genesis(&block).unwrap();
    assert_eq!(locked, ether(7));
    assert_eq!(supply(&made.genesis.alloc).unwrap(), locked);

    let deposit = IOptimismPortal::depositTransactionCall {
        to: BATCHER,
        value: ether(1),
        gasLimit: 100_000,
        isCreation: false,
        data: Bytes::new(),
    };
    let receipt = anvil
        .send(
            funded(1).address(),
            portal,
            ether(2),
            deposit.abi_encode().into(),
        )
        .await;
    let decoded = deposits(&receipt, portal);
    assert_eq!(decoded[0].mint, 2_000_000_000_000_000_000);
    assert_eq!(decoded[0].value, ether(1));
    let balance: U256 =
        serde_json::from_value(anvil.rpc("eth_getBalance", json!([portal, "latest"])).await)
            .unwrap();
    assert_eq!(balance, ether(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_token_becomes_the_coin() {
    let anvil = Anvil::start();
    let deployer = funded(0).address();
    let arguments = ITestToken::constructorCall {
        name: "Other coin".into(),
        symbol: "OTHER".into(),
    };
    use alloy_sol_types::SolConstructor;
    let code = artifacts::test_token().creation_code(&arguments.abi_encode());
    let hash = anvil
        .rpc(
            "eth_sendTransaction",
            json!([{"from": deployer, "input": code}]),
        )
        .await;
    let receipt = anvil.receipt(hash).await;
    let token: Address = serde_json::from_value(receipt["contractAddress"].clone()).unwrap();
    let mint = ITestToken::mintCall {
        to: deployer,
        amount: ether(1_000_000),
    };
    anvil
        .send(deployer, token, U256::ZERO, mint.abi_encode().into())
        .await;

    let config = DeployConfig {
        token: TokenConfig::Existing(token),
        grants: Default::default(),
        ..config()
    };
    let plan = plan(&anvil, &config).await;
    complete(&anvil, &plan, &options(&anvil)).await;
    let named: String = anvil
        .view(
            plan.contracts().system_config,
            ISystemConfig::gasPayingTokenSymbolCall {},
        )
        .await;
    assert_eq!(named, "OTHER");
    let balance: U256 = anvil
        .view(
            token,
            IOPEN::balanceOfCall {
                account: plan.contracts().optimism_portal,
            },
        )
        .await;
    assert_eq!(balance, plan.locked());

    // What is no token is refused before anything is sent.
    for not_a_token in [addresses::MULTICALL3, plan.contracts().optimism_portal] {
        let config = DeployConfig {
            token: TokenConfig::Existing(not_a_token),
            ..config.clone()
        };
        let error = Survey::of(&anvil.client, &config).await.unwrap_err();
        assert!(matches!(error, DeployError::Token { .. }), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_step_and_an_empty_account_are_told_before_anything_is_sent() {
    let anvil = Anvil::start();
    let poor = alloy_signer_local::PrivateKeySigner::random();
    let config = config();
    let survey = Survey::of(&anvil.client, &config).await.unwrap();
    let plan = Plan::new(&config, &survey, poor.address()).unwrap();
    assert!(!plan.cost(&anvil.client).await.unwrap().is_covered());
    let error = plan
        .run(&anvil.client, &poor, &options(&anvil), |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, DeployError::Funds { .. }), "{error}");

    // A token of which the deployer has nothing: the wave with the portal is refused by the estimate.
    let other = self::plan(
        &anvil,
        &DeployConfig {
            l2_chain_id: 5,
            ..config.clone()
        },
    )
    .await;
    complete(&anvil, &other, &options(&anvil)).await;
    let without = DeployConfig {
        token: TokenConfig::Existing(other.contracts().token.unwrap()),
        grants: Default::default(),
        ..config
    };
    let plan = self::plan(&anvil, &without).await;
    let error = plan
        .run(&anvil.client, &funded(0), &options(&anvil), |_| {})
        .await
        .unwrap_err();
    let DeployError::WouldFail { step, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(step, "configure OptimismPortal");

    let wrong_key = plan
        .run(&anvil.client, &funded(1), &options(&anvil), |_| {})
        .await
        .unwrap_err();
    assert!(matches!(wrong_key, DeployError::Config(_)), "{wrong_key}");
    let wrong_chain = DeployConfig {
        l1_chain_id: 1,
        ..without
    };
    let error = Survey::of(&anvil.client, &wrong_chain).await.unwrap_err();
    assert!(
        matches!(
            error,
            DeployError::ChainId {
                expected: 1,
                found: 900
            }
        ),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_without_ether_get_some_once() {
    let anvil = Anvil::start();
    let roles = [BATCHER, support::PROPOSER, funded(3).address()];
    let fund = async || {
        fund_roles(
            &anvil.client,
            &funded(0),
            &roles,
            ether(100),
            &anvil.waiting(),
        )
        .await
        .unwrap()
    };
    assert_eq!(fund().await, [BATCHER, support::PROPOSER]);
    assert_eq!(fund().await, [] as [Address; 0]);
    let balance: U256 = serde_json::from_value(
        anvil
            .rpc("eth_getBalance", json!([BATCHER, "latest"]))
            .await,
    )
    .unwrap();
    assert_eq!(balance, ether(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_read_back_as_they_were() {
    let anvil = Anvil::start();
    let plan = plan(&anvil, &config()).await;
    let options = RunOptions {
        confirmations: 2,
        ..options(&anvil)
    };
    let mining = async {
        // Blocks behind the last one, which anvil makes only when asked.
        loop {
            tokio::task::yield_now().await;
            if plan.open(&anvil.client).await.unwrap().is_empty() {
                anvil.rpc("evm_mine", json!([])).await;
            }
        }
    };
    let block = tokio::select! {
        block = complete(&anvil, &plan, &options) => block,
        () = mining => unreachable!(),
    };
    let mut made = plan.l2_genesis(&block).unwrap();
    let genesis = made.seal().unwrap();
    assert!(!genesis.hash.is_zero());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    assert!(read_files(&out).unwrap().is_none());
    write_files(&out, &plan.deployment_file(), &made).unwrap();
    let (deployment, read) = read_files(&out).unwrap().unwrap();
    assert_eq!(deployment, plan.deployment_file());
    assert_eq!(read.rollup, made.rollup);
    assert_eq!(read.genesis, made.genesis);
    assert_eq!(
        deployment.l1.contracts["SystemConfig"],
        made.rollup.l1_system_config_address
    );
    let rollup: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("rollup.json")).unwrap()).unwrap();
    for key in [
        "genesis",
        "block_time",
        "seq_window_size",
        "channel_timeout",
        "jovian_time",
        "chain_op_config",
    ] {
        assert!(!rollup[key].is_null(), "{key}");
    }
}
