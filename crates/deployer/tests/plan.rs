//! What needs no L1: configurations, plans, and the genesis that follows from them.

mod support;

use alloy_primitives::{Address, B256, U256, address};
use openledger_chain::{Chain, ChainConfig};
use openledger_contracts::addresses;
use openledger_deployer::{
    DeployConfig, DeployError, DeployFile, EconomyFile, Plan, Survey, TokenConfig, supply,
};
use openledger_genesis::{ChainSpec, EconomyConfig, OpFork, RollupConfig};
use openledger_l1::L1Block;
use openledger_storage::{Database, DatabaseOptions};
use std::collections::{BTreeMap, BTreeSet};
use support::{BATCHER, config, ether, funded};

const DEPLOYER: Address = address!("0x00000000000000000000000000000000000000d0");

fn survey() -> Survey {
    Survey {
        multicall3: true,
        token: None,
    }
}

fn plan(config: &DeployConfig) -> Plan {
    Plan::new(config, &survey(), DEPLOYER).unwrap()
}

fn l1_block() -> L1Block {
    L1Block {
        number: 17,
        hash: B256::repeat_byte(7),
        parent_hash: B256::ZERO,
        timestamp: 1_800_000_000,
        base_fee: 1,
        excess_blob_gas: Some(0),
        blob_base_fee: 1,
        prev_randao: B256::ZERO,
        parent_beacon_block_root: B256::ZERO,
        receipts_root: B256::ZERO,
        gas_limit: 30_000_000,
    }
}

#[test]
fn a_plan_is_the_same_for_the_same_configuration() {
    let (one, two) = (plan(&config()), plan(&config()));
    assert_eq!(one.steps(), two.steps());
    assert_eq!(one.contracts(), two.contracts());
    assert!(one.steps().is_sorted_by_key(|step| step.wave));
    let names: BTreeSet<_> = one.steps().iter().map(|step| &step.name).collect();
    assert_eq!(names.len(), one.steps().len());
}

#[test]
fn salt_chain_and_deployer_make_other_addresses_and_implementations_are_shared() {
    let first = plan(&config());
    let salted = DeployConfig {
        salt: B256::with_last_byte(1),
        ..config()
    };
    let other_chain = DeployConfig {
        l2_chain_id: 902,
        ..config()
    };
    let others = [
        plan(&salted),
        plan(&other_chain),
        Plan::new(&config(), &survey(), funded(0).address()).unwrap(),
    ];
    for other in others {
        let (ours, theirs) = (first.contracts().by_name(), other.contracts().by_name());
        for name in [
            "OptimismPortal",
            "SystemConfig",
            "SuperchainConfig",
            "ProxyAdmin",
            "DisputeGameFactory",
            "AnchorStateRegistry",
            "PermissionedDisputeGame",
            "L1CrossDomainMessenger",
            "L1StandardBridge",
        ] {
            assert_ne!(ours[name], theirs[name], "{name}");
        }
        let implementations = |plan: &Plan| -> Vec<_> {
            plan.steps()
                .iter()
                .filter(|step| step.name.contains("implementation"))
                .cloned()
                .collect()
        };
        assert_eq!(implementations(&first).len(), 8);
        assert_eq!(implementations(&first), implementations(&other));
    }
}

#[test]
fn what_the_genesis_holds_is_locked() {
    let plan = plan(&config());
    let made = plan.l2_genesis(&l1_block()).unwrap();
    assert_eq!(plan.locked(), supply(&made.genesis.alloc).unwrap());
    assert_eq!(plan.locked(), ether(20_000) + U256::from(5));

    let nothing = DeployConfig {
        allocations: BTreeMap::new(),
        grants: BTreeMap::new(),
        alloc: BTreeMap::new(),
        ..config()
    };
    let plan = self::plan(&nothing);
    assert_eq!(plan.locked(), U256::ZERO);
    assert!(
        plan.steps()
            .iter()
            .all(|step| !step.name.contains("transfer") && !step.name.contains("allow"))
    );
}

#[test]
fn more_open_than_there_is_can_not_be_given_away() {
    let config = DeployConfig {
        allocations: [(DEPLOYER, ether(600_000_000))].into(),
        grants: [(DEPLOYER, ether(400_000_001))].into(),
        alloc: BTreeMap::new(),
        ..config()
    };
    let error = Plan::new(&config, &survey(), DEPLOYER).unwrap_err();
    assert!(error.to_string().contains("OPEN"), "{error}");
    let overflowing = DeployConfig {
        allocations: [(DEPLOYER, U256::MAX), (Address::ZERO, U256::MAX)].into(),
        grants: BTreeMap::new(),
        ..config
    };
    let error = Plan::new(&overflowing, &survey(), DEPLOYER).unwrap_err();
    assert!(matches!(error, DeployError::SupplyOverflow), "{error}");
}

#[test]
fn what_the_contracts_would_refuse_is_refused_beforehand() {
    let base = config();
    let bad = [
        (
            "gas limit",
            DeployConfig {
                gas_limit: 20_999_999,
                ..base.clone()
            },
        ),
        (
            "gas limit",
            DeployConfig {
                gas_limit: 1_000_000_001,
                ..base.clone()
            },
        ),
        (
            "elasticity",
            DeployConfig {
                elasticity: 0,
                ..base.clone()
            },
        ),
        (
            "elasticity",
            DeployConfig {
                elasticity: 1_001,
                ..base.clone()
            },
        ),
        (
            "block time",
            DeployConfig {
                block_time: 0,
                ..base.clone()
            },
        ),
        (
            "window",
            DeployConfig {
                seq_window: 1,
                ..base.clone()
            },
        ),
        (
            "6 sequencing windows of 8401 L1 blocks",
            DeployConfig {
                seq_window: 8_401,
                ..base.clone()
            },
        ),
        (
            "treasury",
            DeployConfig {
                economy: EconomyConfig::standard(12, Address::ZERO),
                ..base.clone()
            },
        ),
        (
            "pause",
            DeployConfig {
                pause_expiry: 0,
                ..base.clone()
            },
        ),
        (
            "pause",
            DeployConfig {
                pause_expiry: 90 * 86_400 + 1,
                ..base.clone()
            },
        ),
        (
            "owner",
            DeployConfig {
                owner: Address::ZERO,
                ..base.clone()
            },
        ),
        (
            "batcher",
            DeployConfig {
                batcher: Address::ZERO,
                ..base.clone()
            },
        ),
        (
            "chain id",
            DeployConfig {
                l2_chain_id: 900,
                ..base.clone()
            },
        ),
        (
            "Jovian",
            DeployConfig {
                fork: OpFork::Isthmus,
                ..base.clone()
            },
        ),
        (
            "given away",
            DeployConfig {
                token: TokenConfig::Ether,
                ..base
            },
        ),
    ];
    for (word, config) in bad {
        let error = Plan::new(&config, &survey(), DEPLOYER).unwrap_err();
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

#[test]
fn both_files_are_accepted_by_our_own_parsers() {
    for fork in [OpFork::Isthmus, OpFork::Jovian] {
        let config = DeployConfig {
            fork,
            min_base_fee: 0,
            ..config()
        };
        let made = plan(&config).l2_genesis(&l1_block()).unwrap();
        let genesis: alloy_genesis::Genesis =
            serde_json::from_str(&serde_json::to_string(&made.genesis).unwrap()).unwrap();
        assert_eq!(genesis, made.genesis);
        let spec = ChainSpec::from_genesis(&genesis).unwrap();
        assert!(spec.is_op());
        let rollup: RollupConfig =
            serde_json::from_str(&serde_json::to_string(&made.rollup).unwrap()).unwrap();
        assert_eq!(rollup, made.rollup);
        assert_eq!(rollup.is_jovian(), fork == OpFork::Jovian);
        assert_eq!(spec.op_defaults().elasticity, config.elasticity);
    }
}

#[test]
fn the_genesis_hash_is_what_a_node_finds() {
    let mut made = plan(&config()).l2_genesis(&l1_block()).unwrap();
    let sealed = made.seal().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path(), &DatabaseOptions::default()).unwrap();
    let chain = Chain::open(db, &made.genesis, ChainConfig::default()).unwrap();
    assert_eq!(sealed, chain.genesis());
    assert_eq!(made.rollup.genesis.l2, sealed);
}

#[test]
fn flags_go_before_the_file_and_mistakes_have_a_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploy.json");
    std::fs::write(
        &path,
        r#"{"l2ChainId": 7, "token": "none", "gasLimit": 30000000, "owner": "0x00000000000000000000000000000000000000aa"}"#,
    )
    .unwrap();
    let flags = DeployFile {
        gas_limit: Some(40_000_000),
        ..DeployFile::default()
    };
    let config = DeployFile::read(&path)
        .unwrap()
        .overridden_by(flags)
        .config(1, DEPLOYER)
        .unwrap();
    assert_eq!((config.l2_chain_id, config.gas_limit), (7, 40_000_000));
    assert_eq!(config.token, TokenConfig::Ether);
    assert_eq!(config.guardian, config.owner);
    assert_eq!((config.batcher, config.proposer), (DEPLOYER, DEPLOYER));

    for (text, word) in [
        (r#"{"gaslimit": 1}"#, "gaslimit"),
        (r#"{"token": "gold"}"#, "gold"),
        ("{\n\"l2ChainId\": -1}", "line 2"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = DeployFile::read(&path).unwrap_err().to_string();
        assert!(
            error.contains(word) && error.contains("deploy.json"),
            "{error}"
        );
    }
    let error = DeployFile::default().config(1, DEPLOYER).unwrap_err();
    assert!(error.to_string().contains("chain id"), "{error}");
}

#[test]
fn the_economy_is_what_the_file_says_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploy.json");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        DeployFile::read(&path)?.config(1, DEPLOYER)
    };
    let config = read(
        r#"{"l2ChainId": 7, "l1BlockTime": 2, "economy": {"cutInterval": 60, "demandFee": "500", "burnBps": 6000}}"#,
    )
    .unwrap();
    let expected = EconomyConfig {
        cut_interval: 60,
        demand_fee: 500,
        burn_bps: 6_000,
        ..EconomyConfig::standard(2, DEPLOYER)
    };
    assert_eq!(config.economy, expected);
    assert_eq!(config.economy.challenge_window, 7 * 86_400 / 2);

    // What the deployment leaves says all of it, and can be read again.
    let file = plan(&config).deployment_file();
    let economy = file.economy.unwrap();
    assert_eq!(economy.clone().over(EconomyConfig::dev(BATCHER)), expected);
    let json = serde_json::to_string(&economy).unwrap();
    assert_eq!(serde_json::from_str::<EconomyFile>(&json).unwrap(), economy);
    for (name, address) in addresses::ECONOMY {
        assert_eq!(file.l2.contracts[name], address, "{name}");
    }
    assert_eq!(file.l2.contracts["WOPEN"], addresses::WOPEN);

    // Windows of seconds are for development alone.
    let short = r#""l2ChainId": 7, "economy": {"challengeWindow": 18, "fallbackTime": 60}"#;
    let error = read(&format!("{{{short}}}")).unwrap_err().to_string();
    assert!(error.contains("sequencing windows"), "{error}");
    let config = read(&format!(r#"{{"development": true, {short}}}"#)).unwrap();
    assert_eq!(config.economy, EconomyConfig::dev(DEPLOYER));
    let error = read(r#"{"l2ChainId": 7, "l1BlockTime": 0}"#)
        .unwrap_err()
        .to_string();
    assert!(error.contains("block time"), "{error}");
}

#[test]
fn token_names_are_read_as_they_are_written() {
    for token in [
        TokenConfig::New,
        TokenConfig::Ether,
        TokenConfig::Existing(DEPLOYER),
    ] {
        assert_eq!(token.to_string().parse(), Ok(token));
        let json = serde_json::to_string(&token).unwrap();
        assert_eq!(serde_json::from_str::<TokenConfig>(&json).unwrap(), token);
    }
}
