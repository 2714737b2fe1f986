//! The declarations against the compiled ABIs.

use super::*;
use crate::artifacts;
use alloy_primitives::{B256, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolInterface};
use serde_json::Value;
use std::collections::BTreeSet;

/// Canonical type of a parameter: a structure is the list of its fields.
fn canonical(parameter: &Value) -> String {
    let name = parameter["type"].as_str().expect("a type");
    match name.strip_prefix("tuple") {
        Some(array) => format!("{}{array}", types(&parameter["components"])),
        None => name.to_owned(),
    }
}

pub(super) fn types(parameters: &Value) -> String {
    let types: Vec<_> = parameters
        .as_array()
        .into_iter()
        .flatten()
        .map(canonical)
        .collect();
    format!("({})", types.join(","))
}

/// Hashes of all entries of `kind` in the compiled ABI of `contract`.
fn hashes(contract: &str, kind: &str) -> BTreeSet<B256> {
    let (_, json) = artifacts::JSON
        .iter()
        .find(|(name, _)| *name == contract)
        .expect("an artifact");
    let artifact: Value = serde_json::from_str(json).expect("valid JSON");
    artifact["abi"]
        .as_array()
        .expect("an ABI")
        .iter()
        .filter(|entry| entry["type"] == kind)
        .map(|entry| {
            let name = entry["name"].as_str().expect("a name");
            keccak256(format!("{name}{}", types(&entry["inputs"])))
        })
        .collect()
}

fn selectors(contract: &str, kind: &str) -> BTreeSet<[u8; 4]> {
    hashes(contract, kind)
        .iter()
        .map(|hash| [hash[0], hash[1], hash[2], hash[3]])
        .collect()
}

fn check(contract: &str, calls: impl Iterator<Item = [u8; 4]>, topics: &[[u8; 32]]) {
    let known = selectors(contract, "function");
    for selector in calls {
        assert!(
            known.contains(&selector),
            "{contract} has no function {selector:02x?}"
        );
    }
    let events = hashes(contract, "event");
    for topic in topics {
        assert!(
            events.contains(&B256::new(*topic)),
            "{contract} has no event {}",
            B256::new(*topic)
        );
    }
}

fn check_errors(contract: &str, errors: impl Iterator<Item = [u8; 4]>) {
    let known = selectors(contract, "error");
    for selector in errors {
        assert!(
            known.contains(&selector),
            "{contract} has no error {selector:02x?}"
        );
    }
}

#[test]
fn l2_bindings_are_part_of_the_compiled_abis() {
    check(
        "L1Block",
        IL1Block::IL1BlockCalls::selectors(),
        IL1Block::IL1BlockEvents::SELECTORS,
    );
    check(
        "GasPriceOracle",
        IGasPriceOracle::IGasPriceOracleCalls::selectors(),
        &[],
    );
    check(
        "L2ToL1MessagePasser",
        IL2ToL1MessagePasser::IL2ToL1MessagePasserCalls::selectors(),
        IL2ToL1MessagePasser::IL2ToL1MessagePasserEvents::SELECTORS,
    );
    for vault in [
        "BaseFeeVault",
        "L1FeeVault",
        "OperatorFeeVault",
        "SequencerFeeVault",
    ] {
        check(vault, IFeeVault::IFeeVaultCalls::selectors(), &[]);
    }
    check(
        "WOPEN",
        IWOPEN::IWOPENCalls::selectors(),
        IWOPEN::IWOPENEvents::SELECTORS,
    );
    check(
        "L2CrossDomainMessenger",
        IL2CrossDomainMessenger::IL2CrossDomainMessengerCalls::selectors(),
        &[],
    );
    check(
        "L2StandardBridge",
        IL2StandardBridge::IL2StandardBridgeCalls::selectors(),
        &[],
    );
}

#[test]
fn universal_bindings_are_part_of_the_compiled_abis() {
    check(
        "Proxy",
        IProxy::IProxyCalls::selectors(),
        IProxy::IProxyEvents::SELECTORS,
    );
    check(
        "ProxyAdmin",
        IProxyAdmin::IProxyAdminCalls::selectors(),
        &[],
    );
    check(
        "TestToken",
        ITestToken::ITestTokenCalls::selectors(),
        ITestToken::ITestTokenEvents::SELECTORS,
    );
}

#[test]
fn l1_bindings_are_part_of_the_compiled_abis() {
    check(
        "OPEN",
        IOPEN::IOPENCalls::selectors(),
        IOPEN::IOPENEvents::SELECTORS,
    );
    check(
        "SuperchainConfig",
        ISuperchainConfig::ISuperchainConfigCalls::selectors(),
        ISuperchainConfig::ISuperchainConfigEvents::SELECTORS,
    );
    check_errors(
        "SuperchainConfig",
        ISuperchainConfig::ISuperchainConfigErrors::selectors(),
    );
    check(
        "SystemConfig",
        ISystemConfig::ISystemConfigCalls::selectors(),
        ISystemConfig::ISystemConfigEvents::SELECTORS,
    );
    check_errors(
        "SystemConfig",
        ISystemConfig::ISystemConfigErrors::selectors(),
    );
    check(
        "OptimismPortal",
        IOptimismPortal::IOptimismPortalCalls::selectors(),
        IOptimismPortal::IOptimismPortalEvents::SELECTORS,
    );
    check_errors(
        "OptimismPortal",
        IOptimismPortal::IOptimismPortalErrors::selectors(),
    );
    check(
        "TimelockController",
        ITimelockController::ITimelockControllerCalls::selectors(),
        ITimelockController::ITimelockControllerEvents::SELECTORS,
    );
}

#[test]
fn settlement_bindings_are_part_of_the_compiled_abis() {
    check(
        "DisputeGameFactory",
        IDisputeGameFactory::IDisputeGameFactoryCalls::selectors(),
        IDisputeGameFactory::IDisputeGameFactoryEvents::SELECTORS,
    );
    check_errors(
        "DisputeGameFactory",
        IDisputeGameFactory::IDisputeGameFactoryErrors::selectors(),
    );
    check(
        "PermissionedDisputeGame",
        IPermissionedDisputeGame::IPermissionedDisputeGameCalls::selectors(),
        IPermissionedDisputeGame::IPermissionedDisputeGameEvents::SELECTORS,
    );
    check(
        "AnchorStateRegistry",
        IAnchorStateRegistry::IAnchorStateRegistryCalls::selectors(),
        IAnchorStateRegistry::IAnchorStateRegistryEvents::SELECTORS,
    );
    check(
        "L1CrossDomainMessenger",
        IL1CrossDomainMessenger::IL1CrossDomainMessengerCalls::selectors(),
        &[],
    );
    check(
        "L1StandardBridge",
        IL1StandardBridge::IL1StandardBridgeCalls::selectors(),
        &[],
    );
    check(
        "OptimismMintableERC20Factory",
        IOptimismMintableERC20Factory::IOptimismMintableERC20FactoryCalls::selectors(),
        &[],
    );
}

#[test]
fn attribute_setters_have_the_protocols_selectors() {
    assert_eq!(
        IL1Block::setL1BlockValuesEcotoneCall::SELECTOR,
        [0x44, 0x0a, 0x5e, 0x20]
    );
    assert_eq!(
        IL1Block::setL1BlockValuesIsthmusCall::SELECTOR,
        [0x09, 0x89, 0x99, 0xbe]
    );
    assert_eq!(
        IL1Block::setL1BlockValuesJovianCall::SELECTOR,
        [0x3d, 0xb6, 0xbe, 0x2b]
    );
}

/// The two events from which nodes derive the chain.
#[test]
fn derivation_events_have_the_protocols_topics() {
    assert_eq!(
        IOptimismPortal::TransactionDeposited::SIGNATURE_HASH,
        keccak256("TransactionDeposited(address,address,uint256,bytes)")
    );
    assert_eq!(
        ISystemConfig::ConfigUpdate::SIGNATURE_HASH,
        keccak256("ConfigUpdate(uint256,uint8,bytes)")
    );
}
