//! The predeploys as the execution engine and clients find them on a new chain.

mod economy;
mod world;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use op_revm::{L1BlockInfo, OpSpecId};
use openledger_contracts::{
    IFeeVault, IGasPriceOracle, IL1Block, IL2CrossDomainMessenger, IL2StandardBridge,
    IL2ToL1MessagePasser, IOptimismMintableERC20Factory, IProxyAdmin, IWOPEN, addresses,
    preinstalls,
};
use openledger_genesis::{
    FeeVaults, GasPayingToken, OpFork, PredeployConfig, PredeployError, VaultConfig,
    WithdrawalNetwork, l2_predeploys,
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::LazyLock};
use world::{Alloc, CHAIN_ID, Chain, L1_BRIDGE, L1_MESSENGER, OWNER, RECIPIENT, config};

/// Calldata of the L1 attributes deposit.
#[derive(Clone, Copy, Debug)]
struct Attributes {
    base_fee_scalar: u32,
    blob_base_fee_scalar: u32,
    sequence_number: u64,
    timestamp: u64,
    number: u64,
    base_fee: U256,
    blob_base_fee: U256,
    operator_fee_scalar: u32,
    operator_fee_constant: u64,
    da_footprint_gas_scalar: u16,
}

impl Attributes {
    const EXAMPLE: Self = Self {
        base_fee_scalar: 0xdead_beef,
        blob_base_fee_scalar: 0x0bad_cafe,
        sequence_number: 0x1122_3344_5566_7788,
        timestamp: 0x99aa_bbcc_ddee_ff00,
        number: 0x0102_0304_0506_0708,
        base_fee: U256::from_limbs([7, 1, 0, 0]),
        blob_base_fee: U256::from_limbs([9, 2, 0, 0]),
        operator_fee_scalar: 0xfeed_f00d,
        operator_fee_constant: 0xf1f2_f3f4_f5f6_f7f8,
        da_footprint_gas_scalar: 0xabcd,
    };

    fn encode(&self, fork: OpFork) -> Bytes {
        let selector = match fork {
            OpFork::Isthmus => IL1Block::setL1BlockValuesIsthmusCall::SELECTOR,
            OpFork::Jovian => IL1Block::setL1BlockValuesJovianCall::SELECTOR,
        };
        let mut data = selector.to_vec();
        data.extend(self.base_fee_scalar.to_be_bytes());
        data.extend(self.blob_base_fee_scalar.to_be_bytes());
        data.extend(self.sequence_number.to_be_bytes());
        data.extend(self.timestamp.to_be_bytes());
        data.extend(self.number.to_be_bytes());
        data.extend(self.base_fee.to_be_bytes::<32>());
        data.extend(self.blob_base_fee.to_be_bytes::<32>());
        data.extend(B256::repeat_byte(0x11));
        data.extend(B256::repeat_byte(0x22));
        data.extend(self.operator_fee_scalar.to_be_bytes());
        data.extend(self.operator_fee_constant.to_be_bytes());
        if fork == OpFork::Jovian {
            data.extend(self.da_footprint_gas_scalar.to_be_bytes());
        }
        data.into()
    }
}

const fn spec(fork: OpFork) -> OpSpecId {
    match fork {
        OpFork::Isthmus => OpSpecId::ISTHMUS,
        OpFork::Jovian => OpSpecId::JOVIAN,
    }
}

/// A chain of this fork whose L1 attributes are set.
fn chain_with(fork: OpFork, attributes: &Attributes) -> Chain {
    static GENESIS: LazyLock<[Alloc; 2]> = LazyLock::new(|| {
        [OpFork::Isthmus, OpFork::Jovian]
            .map(|fork| l2_predeploys(&config(fork)).expect("a valid configuration"))
    });
    let mut chain = Chain::new(&GENESIS[usize::from(fork == OpFork::Jovian)]);
    chain
        .send(
            addresses::DEPOSITOR_ACCOUNT,
            addresses::L1_BLOCK,
            attributes.encode(fork),
        )
        .expect("the depositor may set the attributes");
    chain
}

#[test]
fn engine_reads_back_what_the_attributes_deposit_wrote() {
    for fork in [OpFork::Isthmus, OpFork::Jovian] {
        let a = Attributes::EXAMPLE;
        let mut chain = chain_with(fork, &a);
        let read = L1BlockInfo::try_fetch(&mut chain.db, U256::ONE, spec(fork))
            .expect("no database behind");

        assert_eq!(read.l1_base_fee, a.base_fee);
        assert_eq!(read.l1_base_fee_scalar, U256::from(a.base_fee_scalar));
        assert_eq!(read.l1_blob_base_fee, Some(a.blob_base_fee));
        assert_eq!(
            read.l1_blob_base_fee_scalar,
            Some(U256::from(a.blob_base_fee_scalar))
        );
        assert_eq!(
            read.operator_fee_scalar,
            Some(U256::from(a.operator_fee_scalar))
        );
        assert_eq!(
            read.operator_fee_constant,
            Some(U256::from(a.operator_fee_constant))
        );
        let footprint = (fork == OpFork::Jovian).then_some(a.da_footprint_gas_scalar);
        assert_eq!(read.da_footprint_gas_scalar, footprint);

        // The getters agree.
        let l1_block = addresses::L1_BLOCK;
        assert_eq!(chain.call(l1_block, IL1Block::numberCall {}), a.number);
        assert_eq!(
            chain.call(l1_block, IL1Block::timestampCall {}),
            a.timestamp
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::sequenceNumberCall {}),
            a.sequence_number
        );
        assert_eq!(chain.call(l1_block, IL1Block::basefeeCall {}), a.base_fee);
        assert_eq!(
            chain.call(l1_block, IL1Block::blobBaseFeeCall {}),
            a.blob_base_fee
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::hashCall {}),
            B256::repeat_byte(0x11)
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::batcherHashCall {}),
            B256::repeat_byte(0x22)
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::operatorFeeScalarCall {}),
            a.operator_fee_scalar
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::operatorFeeConstantCall {}),
            a.operator_fee_constant
        );
        assert_eq!(
            chain.call(l1_block, IL1Block::daFootprintGasScalarCall {}),
            footprint.unwrap_or_default()
        );
    }
}

#[test]
fn only_the_depositor_sets_the_attributes() {
    let mut chain = chain_with(OpFork::Jovian, &Attributes::EXAMPLE);
    let data = Attributes::EXAMPLE.encode(OpFork::Jovian);
    let error = chain
        .send(OWNER, addresses::L1_BLOCK, data)
        .expect_err("the owner is not the depositor");
    assert_eq!(error[..], keccak256("L1Block_NotDepositor()")[..4]);
}

#[test]
fn oracle_names_the_forks_of_the_chain() {
    for (fork, jovian) in [(OpFork::Isthmus, false), (OpFork::Jovian, true)] {
        let mut chain = chain_with(fork, &Attributes::EXAMPLE);
        let oracle = addresses::GAS_PRICE_ORACLE;
        assert!(chain.call(oracle, IGasPriceOracle::isEcotoneCall {}));
        assert!(chain.call(oracle, IGasPriceOracle::isFjordCall {}));
        assert!(chain.call(oracle, IGasPriceOracle::isIsthmusCall {}));
        assert_eq!(chain.call(oracle, IGasPriceOracle::isJovianCall {}), jovian);
    }
}

/// Data as transactions have it: bytes that repeat, runs of zeros, and noise.
fn transaction_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(0..4u8, 0..300),
        (any::<u8>(), 0..700usize).prop_map(|(byte, length)| vec![byte; length]),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn attributes() -> impl Strategy<Value = Attributes> {
    // Mostly prices as they occur, at times words so large that the engine's arithmetic saturates.
    let price = || {
        prop_oneof![
            4 => any::<u64>().prop_map(U256::from),
            1 => any::<[u8; 32]>().prop_map(U256::from_be_bytes),
        ]
    };
    (any::<(u32, u32, u32, u64)>(), price(), price()).prop_map(
        |(
            (base_fee_scalar, blob_base_fee_scalar, operator_fee_scalar, operator_fee_constant),
            base_fee,
            blob_base_fee,
        )| {
            Attributes {
                base_fee_scalar,
                blob_base_fee_scalar,
                base_fee,
                blob_base_fee,
                operator_fee_scalar,
                operator_fee_constant,
                ..Attributes::EXAMPLE
            }
        },
    )
}

fn fork() -> impl Strategy<Value = OpFork> {
    prop_oneof![Just(OpFork::Isthmus), Just(OpFork::Jovian)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn oracle_charges_what_the_engine_charges(
        fork in fork(),
        attributes in attributes(),
        data in transaction_bytes(),
        gas in prop_oneof![any::<u64>().prop_map(U256::from), any::<[u8; 32]>().prop_map(U256::from_be_bytes)],
    ) {
        let mut chain = chain_with(fork, &attributes);
        let engine = L1BlockInfo::try_fetch(&mut chain.db, U256::ONE, spec(fork)).expect("no database behind");
        let oracle = addresses::GAS_PRICE_ORACLE;

        let l1_fee = engine.clone().calculate_tx_l1_cost(&data, spec(fork));
        let signed = Bytes::from(data.clone());
        prop_assert_eq!(chain.call(oracle, IGasPriceOracle::getL1FeeSignedCall { signed: signed.clone() }), l1_fee);

        let operator_fee = engine.operator_fee_charge(&[0x02], gas, spec(fork));
        prop_assert_eq!(chain.call(oracle, IGasPriceOracle::getOperatorFeeCall { gasUsed: gas }), operator_fee);

        // What wallets ask for, before they sign, is never less.
        if data.first() != Some(&0x7e) {
            let unsigned = chain.call(oracle, IGasPriceOracle::getL1FeeCall { data: signed });
            prop_assert!(unsigned >= l1_fee);
        }
    }
}

#[test]
fn every_proxy_belongs_to_the_admin_and_the_admin_to_the_owner() {
    let alloc = l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration");
    let mut chain = Chain::new(&alloc);
    assert_eq!(
        chain.call(addresses::PROXY_ADMIN, IProxyAdmin::ownerCall {}),
        OWNER
    );
    for proxy in [
        addresses::GAS_PRICE_ORACLE,
        addresses::L1_BLOCK,
        addresses::L2_TO_L1_MESSAGE_PASSER,
        addresses::PROXY_ADMIN,
        addresses::SEQUENCER_FEE_VAULT,
        addresses::BASE_FEE_VAULT,
        addresses::L1_FEE_VAULT,
        addresses::OPERATOR_FEE_VAULT,
        addresses::L2_CROSS_DOMAIN_MESSENGER,
        addresses::L2_STANDARD_BRIDGE,
        addresses::OPTIMISM_MINTABLE_ERC20_FACTORY,
    ] {
        let implementation = addresses::implementation_of(proxy);
        assert!(alloc.contains_key(&implementation), "{proxy}");
        assert_eq!(
            chain.call(
                addresses::PROXY_ADMIN,
                IProxyAdmin::getProxyImplementationCall { proxy }
            ),
            implementation
        );
        assert_eq!(
            chain.call(
                addresses::PROXY_ADMIN,
                IProxyAdmin::getProxyAdminCall { proxy }
            ),
            addresses::PROXY_ADMIN
        );
    }
}

#[test]
fn the_bridge_believes_the_l1s_contracts_and_nobody_else() {
    let alloc = l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration");
    let mut chain = Chain::new(&alloc);
    assert_eq!(
        chain.call(
            addresses::L2_CROSS_DOMAIN_MESSENGER,
            IL2CrossDomainMessenger::otherMessengerCall {}
        ),
        L1_MESSENGER
    );
    let bridge = addresses::L2_STANDARD_BRIDGE;
    assert_eq!(
        chain.call(bridge, IL2StandardBridge::otherBridgeCall {}),
        L1_BRIDGE
    );
    assert_eq!(
        chain.call(bridge, IL2StandardBridge::messengerCall {}),
        addresses::L2_CROSS_DOMAIN_MESSENGER
    );
    assert_eq!(
        chain.call(
            addresses::OPTIMISM_MINTABLE_ERC20_FACTORY,
            IOptimismMintableERC20Factory::bridgeCall {}
        ),
        bridge
    );
    // Nobody takes their place.
    let usurp = [
        (
            addresses::L2_CROSS_DOMAIN_MESSENGER,
            IL2CrossDomainMessenger::initializeCall {
                l1CrossDomainMessenger: OWNER,
            }
            .abi_encode(),
        ),
        (
            bridge,
            IL2StandardBridge::initializeCall { otherBridge: OWNER }.abi_encode(),
        ),
        (
            addresses::OPTIMISM_MINTABLE_ERC20_FACTORY,
            IOptimismMintableERC20Factory::initializeCall { bridge: OWNER }.abi_encode(),
        ),
    ];
    for (proxy, call) in usurp {
        for at in [proxy, addresses::implementation_of(proxy)] {
            chain
                .send(OWNER, at, call.clone().into())
                .expect_err("initialized already");
        }
    }
}

#[test]
fn initializers_cannot_run_again() {
    let alloc = l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration");
    let mut chain = Chain::new(&alloc);
    let take_over = IProxyAdmin::initializeCall { owner: RECIPIENT }.abi_encode();
    let redirect = IFeeVault::initializeCall {
        recipient: OWNER,
        minWithdrawalAmount: U256::ZERO,
        withdrawalNetwork: IFeeVault::WithdrawalNetwork::L2,
    }
    .abi_encode();
    for (target, data) in [
        (addresses::PROXY_ADMIN, &take_over),
        (
            addresses::implementation_of(addresses::PROXY_ADMIN),
            &take_over,
        ),
        (addresses::BASE_FEE_VAULT, &redirect),
        (
            addresses::implementation_of(addresses::BASE_FEE_VAULT),
            &redirect,
        ),
    ] {
        let error = chain
            .send(RECIPIENT, target, data.clone().into())
            .expect_err("initialized already");
        assert_eq!(
            error[..],
            keccak256("InvalidInitialization()")[..4],
            "{target}"
        );
    }
}

#[test]
fn fee_vaults_are_configured_one_by_one() {
    let mut config = config(OpFork::Jovian);
    config.fee_vaults.l1_fee = VaultConfig {
        recipient: OWNER,
        min_withdrawal: U256::from(12),
        network: WithdrawalNetwork::L1,
    };
    let mut chain = Chain::new(&l2_predeploys(&config).expect("a valid configuration"));
    let vault = addresses::L1_FEE_VAULT;
    assert_eq!(chain.call(vault, IFeeVault::recipientCall {}), OWNER);
    assert_eq!(
        chain.call(vault, IFeeVault::minWithdrawalAmountCall {}),
        U256::from(12)
    );
    assert!(
        chain.call(vault, IFeeVault::withdrawalNetworkCall {}) == IFeeVault::WithdrawalNetwork::L1
    );
    assert_eq!(
        chain.call(addresses::BASE_FEE_VAULT, IFeeVault::recipientCall {}),
        RECIPIENT
    );
}

#[test]
fn wopen_has_the_domain_of_its_address_and_chain() {
    let mut chain =
        Chain::new(&l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration"));
    let domain = keccak256(
        (
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
            keccak256("Wrapped OPEN"),
            keccak256("1"),
            U256::from(CHAIN_ID),
            addresses::WOPEN,
        )
            .abi_encode(),
    );
    assert_eq!(
        chain.call(addresses::WOPEN, IWOPEN::DOMAIN_SEPARATORCall {}),
        domain
    );
    assert_eq!(chain.call(addresses::WOPEN, IWOPEN::symbolCall {}), "WOPEN");
    assert_eq!(chain.call(addresses::WOPEN, IWOPEN::decimalsCall {}), 18);
}

#[test]
fn permit2_has_the_domain_of_the_chain() {
    sol! {
        function DOMAIN_SEPARATOR() external view returns (bytes32);
    }
    let mut chain =
        Chain::new(&l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration"));
    let domain = keccak256(
        (
            keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
            keccak256("Permit2"),
            U256::from(CHAIN_ID),
            addresses::PERMIT2,
        )
            .abi_encode(),
    );
    assert_eq!(
        chain.call(addresses::PERMIT2, DOMAIN_SEPARATORCall {}),
        domain
    );
}

#[test]
fn gas_token_is_named_where_one_is_configured() {
    let l1_block = addresses::L1_BLOCK;
    let mut ether =
        Chain::new(&l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration"));
    assert!(!ether.call(l1_block, IL1Block::isCustomGasTokenCall {}));
    assert_eq!(
        ether.call(l1_block, IL1Block::gasPayingTokenSymbolCall {}),
        "ETH"
    );

    let token = GasPayingToken {
        address: RECIPIENT,
        decimals: 18,
        name: "OpenLedger".into(),
        symbol: "OPEN".into(),
    };
    let with_token = PredeployConfig {
        gas_paying_token: Some(token.clone()),
        ..config(OpFork::Jovian)
    };
    let mut open = Chain::new(&l2_predeploys(&with_token).expect("a valid configuration"));
    assert!(open.call(l1_block, IL1Block::isCustomGasTokenCall {}));
    assert_eq!(
        open.call(l1_block, IL1Block::gasPayingTokenNameCall {}),
        "OpenLedger"
    );
    assert_eq!(
        open.call(l1_block, IL1Block::gasPayingTokenSymbolCall {}),
        "OPEN"
    );
    let answer = open.call(l1_block, IL1Block::gasPayingTokenCall {});
    assert_eq!((answer.token, answer.decimals), (RECIPIENT, 18));

    let long = GasPayingToken {
        name: "x".repeat(33),
        ..token
    };
    let result = l2_predeploys(&PredeployConfig {
        gas_paying_token: Some(long),
        ..config(OpFork::Jovian)
    });
    assert!(matches!(result, Err(PredeployError::TextTooLong(_))));
}

#[test]
fn a_zero_owner_or_recipient_is_refused() {
    let ownerless = PredeployConfig {
        proxy_admin_owner: Address::ZERO,
        ..config(OpFork::Jovian)
    };
    assert!(matches!(
        l2_predeploys(&ownerless),
        Err(PredeployError::Reverted { .. })
    ));
    let vaults = FeeVaults::all_to(Address::ZERO);
    let lost_fees = PredeployConfig {
        fee_vaults: vaults,
        ..config(OpFork::Jovian)
    };
    assert!(matches!(
        l2_predeploys(&lost_fees),
        Err(PredeployError::Reverted { .. })
    ));
}

#[test]
fn withdrawals_stand_where_proofs_look_for_them() {
    let mut chain =
        Chain::new(&l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration"));
    let passer = addresses::L2_TO_L1_MESSAGE_PASSER;
    let nonce = chain.call(passer, IL2ToL1MessagePasser::messageNonceCall {});
    assert_eq!(nonce, U256::ONE << 240);
    let (target, gas_limit, data) = (RECIPIENT, U256::from(100_000), Bytes::from_static(b"hello"));
    chain.call(
        passer,
        IL2ToL1MessagePasser::initiateWithdrawalCall {
            target,
            gasLimit: gas_limit,
            data: data.clone(),
        },
    );
    let hash = keccak256((nonce, OWNER, target, U256::ZERO, gas_limit, data).abi_encode_params());
    let slot = keccak256((hash, U256::ZERO).abi_encode());
    let account = &chain.db.cache.accounts[&passer];
    assert_eq!(account.storage.get(&slot.into()), Some(&U256::ONE));
    assert!(chain.call(
        passer,
        IL2ToL1MessagePasser::sentMessagesCall {
            withdrawalHash: hash
        }
    ));
}

#[test]
fn genesis_is_deterministic_and_holds_every_well_known_contract() {
    let alloc = l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration");
    assert_eq!(
        alloc,
        l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration")
    );
    let expected = preinstalls()
        .iter()
        .map(|preinstall| preinstall.address)
        .chain([
            addresses::BEACON_ROOTS,
            addresses::HISTORY_STORAGE,
            addresses::MULTICALL3,
            addresses::WOPEN,
        ]);
    for address in expected {
        let account = &alloc[&address];
        assert!(
            account.code.as_ref().is_some_and(|code| !code.is_empty()),
            "{address}"
        );
        assert_eq!(account.nonce, Some(1), "{address}");
    }
    // Callers leave no trace.
    assert!(!alloc.contains_key(&addresses::DEPOSITOR_ACCOUNT));
    assert!(alloc.values().all(|account| account.balance.is_zero()));
    // The passer's storage root is in the genesis header: only the proxy's two slots count.
    assert_eq!(
        alloc[&addresses::L2_TO_L1_MESSAGE_PASSER]
            .storage
            .as_ref()
            .map(BTreeMap::len),
        Some(2)
    );
}
