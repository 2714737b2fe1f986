//! The economy on a new chain: who knows whom, and by which parameters.

use crate::world::{CHAIN_ID, Chain, TREASURY, config};
use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
use openledger_contracts::{
    IAdmission, IContributionRegistry, IContributorRegistry, IDatanetRegistry, IERC721, IFeeRouter,
    IModelRegistry, IPayableAI, IPayoutVault, ISettlement, ITrainingAccumulator, ITrainingJobs,
    addresses, artifacts,
};
use openledger_genesis::{
    EconomyConfig, EconomyError, OpFork, PredeployConfig, PredeployError, l2_predeploys,
};

sol! {
    /// What the verifiers were told.
    interface IVerifiers {
        function TILING_VERIFIER() external view returns (address);
        function EPOCH_VERIFIER() external view returns (address);
        function PAID_ANSWERS() external view returns (address);
        function MODELS() external view returns (address);
        function CONTRIBUTIONS() external view returns (address);
    }
}

/// Wei of a coin.
const COIN: u128 = 1_000_000_000_000_000_000;

fn chain() -> Chain {
    Chain::new(&l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration"))
}

/// A list of getters of one contract, and what they answer.
macro_rules! answers {
    ($chain:ident, $address:expr, $interface:ident { $($call:ident => $expected:expr),* $(,)? }) => {
        $(
            assert_eq!($chain.call($address, $interface::$call {}), $expected, stringify!($call));
        )*
    };
}

#[test]
fn every_contract_stands_at_its_address_with_nobody_behind_it() {
    let alloc = l2_predeploys(&config(OpFork::Jovian)).expect("a valid configuration");
    for (name, address) in addresses::ECONOMY {
        let artifact = artifacts::all()
            .into_iter()
            .find(|artifact| artifact.name == name)
            .expect("an artifact of this name");
        let account = alloc.get(&address).unwrap_or_else(|| panic!("{name}"));
        let mut code = account.code.as_ref().expect("code").to_vec();
        // The contract itself, and no proxy of it: the compiled code but for what its constructor fixes.
        for place in &artifact.immutable_references {
            code[place.start..place.start + place.length].fill(0);
        }
        assert_eq!(code, artifact.deployed_bytecode, "{name}");
        assert_eq!(account.nonce, Some(1), "{name}");
        // Storage that a constructor wrote: the two names of a token.
        let is_token = name == "DatanetRegistry" || name == "ModelRegistry";
        let slots = account.storage.as_ref().map_or(0, |storage| storage.len());
        assert_eq!(slots, if is_token { 2 } else { 0 }, "{name}");
    }
    let economy = |address: &Address| address[..18] == addresses::economy(0)[..18];
    assert_eq!(
        alloc.keys().filter(|address| economy(address)).count(),
        addresses::ECONOMY.len()
    );
}

#[test]
fn registers_know_each_other() {
    let mut chain = chain();
    answers!(chain, addresses::CONTRIBUTION_REGISTRY, IContributionRegistry {
        CONTRIBUTORSCall => addresses::CONTRIBUTOR_REGISTRY,
        LICENCESCall => addresses::LICENSE_REGISTRY,
        DATANETSCall => addresses::DATANET_REGISTRY,
        ADMISSIONCall => addresses::ADMISSION,
        REVEAL_WINDOWCall => 129_600,
        ADMISSION_TIMECall => 201_600,
        BOND_TIMECall => 2_592_000,
        BOND_PER_BYTECall => 1_000_000_000_000,
    });
    answers!(chain, addresses::ADMISSION, IAdmission {
        CONTRIBUTIONSCall => addresses::CONTRIBUTION_REGISTRY,
        DATANETSCall => addresses::DATANET_REGISTRY,
        DEMAND_FEECall => COIN / 1_000,
    });
    answers!(chain, addresses::DATANET_REGISTRY, IDatanetRegistry {
        CONTRIBUTIONSCall => addresses::CONTRIBUTION_REGISTRY,
        LICENCESCall => addresses::LICENSE_REGISTRY,
        PUBLISH_DELAYCall => 3_600,
    });
    answers!(chain, addresses::MODEL_REGISTRY, IModelRegistry {
        DATANETSCall => addresses::DATANET_REGISTRY,
        LICENCESCall => addresses::LICENSE_REGISTRY,
        NOTICECall => 604_800,
        BOND_TIMECall => 2_592_000,
        BONDCall => 100 * COIN,
    });
    answers!(chain, addresses::TRAINING_JOBS, ITrainingJobs {
        MODELSCall => addresses::MODEL_REGISTRY,
        DATANETSCall => addresses::DATANET_REGISTRY,
        LICENCESCall => addresses::LICENSE_REGISTRY,
        CONTRIBUTIONSCall => addresses::CONTRIBUTION_REGISTRY,
        ACCUMULATORCall => addresses::TRAINING_ACCUMULATOR,
    });
    for (register, symbol) in [
        (addresses::DATANET_REGISTRY, "DATANET"),
        (addresses::MODEL_REGISTRY, "MODEL"),
    ] {
        assert_eq!(chain.call(register, IERC721::symbolCall {}), symbol);
    }
    let contributors = addresses::CONTRIBUTOR_REGISTRY;
    assert_eq!(
        chain.call(contributors, IContributorRegistry::countCall {}),
        0
    );
}

#[test]
fn payments_and_settlement_know_each_other() {
    let mut chain = chain();
    answers!(chain, addresses::PAYABLE_AI, IPayableAI {
        MODELSCall => addresses::MODEL_REGISTRY,
        SETTLEMENTCall => addresses::SETTLEMENT,
        FEE_ROUTERCall => addresses::FEE_ROUTER,
        WRAPPEDCall => addresses::WOPEN,
        PRICE_NOTICECall => 86_400,
        CLOSE_TIMECall => 259_200,
    });
    answers!(chain, addresses::FEE_ROUTER, IFeeRouter {
        PAYMENTSCall => addresses::PAYABLE_AI,
        MODELSCall => addresses::MODEL_REGISTRY,
        ACCUMULATORCall => addresses::TRAINING_ACCUMULATOR,
        TREASURYCall => TREASURY,
        BURN_BPSCall => 5_000,
        EMISSION_BPSCall => 2_500,
    });
    answers!(chain, addresses::SETTLEMENT, ISettlement {
        PAYMENTSCall => addresses::PAYABLE_AI,
        CONTRIBUTORSCall => addresses::CONTRIBUTOR_REGISTRY,
        VAULTCall => addresses::PAYOUT_VAULT,
        ACCUMULATORCall => addresses::TRAINING_ACCUMULATOR,
        VERIFIERCall => addresses::ATTRIBUTION_VERIFIER,
        DEMANDSCall => addresses::DEMAND_VERIFIER,
        CUT_INTERVALCall => 3_600,
        LEAST_POOLCall => 10 * COIN,
        WINDOWCall => 50_400,
        FALLBACK_TIMECall => 216_000,
        LEAST_BONDCall => 1_000 * COIN,
        DEMAND_FEECall => COIN,
    });
    answers!(chain, addresses::PAYOUT_VAULT, IPayoutVault {
        SETTLEMENTCall => addresses::SETTLEMENT,
        CONTRIBUTORSCall => addresses::CONTRIBUTOR_REGISTRY,
        ACCUMULATORCall => addresses::TRAINING_ACCUMULATOR,
    });
    answers!(chain, addresses::TRAINING_ACCUMULATOR, ITrainingAccumulator {
        MODELSCall => addresses::MODEL_REGISTRY,
        CONTRIBUTORSCall => addresses::CONTRIBUTOR_REGISTRY,
    });
    answers!(chain, addresses::ATTRIBUTION_VERIFIER, IVerifiers {
        TILING_VERIFIERCall => addresses::TILING_VERIFIER,
        EPOCH_VERIFIERCall => addresses::EPOCH_VERIFIER,
    });
    for verifier in [
        addresses::TILING_VERIFIER,
        addresses::EPOCH_VERIFIER,
        addresses::DEMAND_VERIFIER,
    ] {
        answers!(chain, verifier, IVerifiers {
            PAID_ANSWERSCall => addresses::PAYABLE_AI,
            MODELSCall => addresses::MODEL_REGISTRY,
        });
    }
    answers!(chain, addresses::EPOCH_VERIFIER, IVerifiers {
        CONTRIBUTIONSCall => addresses::CONTRIBUTION_REGISTRY,
    });
}

#[test]
fn answers_are_signed_for_this_chain() {
    let mut chain = chain();
    let domain = chain.call(addresses::PAYABLE_AI, IPayableAI::eip712DomainCall {});
    assert_eq!(
        (domain.chainId, domain.verifyingContract),
        (U256::from(CHAIN_ID), addresses::PAYABLE_AI)
    );
    let separator = keccak256(
        (
            keccak256(
                "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
            ),
            keccak256("OpenLedger PayableAI"),
            keccak256("1"),
            domain.chainId,
            domain.verifyingContract,
        )
            .abi_encode(),
    );
    let voucher = keccak256(
        (
            keccak256("Voucher(uint256 channel,uint128 spent,bytes32 head)"),
            U256::from(7),
            U256::from(8),
            separator,
        )
            .abi_encode(),
    );
    let expected = keccak256([&[0x19, 0x01], &separator[..], &voucher[..]].concat());
    let call = IPayableAI::voucherHashCall {
        channel: U256::from(7),
        spent: 8,
        head: separator,
    };
    assert_eq!(chain.call(addresses::PAYABLE_AI, call), expected);
}

#[test]
fn what_the_contracts_would_refuse_is_refused_in_words() {
    let standard = EconomyConfig::standard(12, TREASURY);
    let bad = [
        (
            "treasury",
            EconomyConfig {
                treasury: Address::ZERO,
                ..standard.clone()
            },
        ),
        (
            "burn",
            EconomyConfig {
                burn_bps: 4_999,
                ..standard.clone()
            },
        ),
        (
            "burn",
            EconomyConfig {
                burn_bps: 10_001,
                ..standard.clone()
            },
        ),
        (
            "emission",
            EconomyConfig {
                emission_bps: 10_000,
                ..standard.clone()
            },
        ),
        (
            "interval",
            EconomyConfig {
                cut_interval: 0,
                ..standard.clone()
            },
        ),
        (
            "window",
            EconomyConfig {
                challenge_window: 5,
                ..standard.clone()
            },
        ),
        (
            "fallback",
            EconomyConfig {
                fallback_time: standard.challenge_window - 1,
                ..standard.clone()
            },
        ),
        (
            "bond",
            EconomyConfig {
                least_settlement_bond: 0,
                ..standard
            },
        ),
    ];
    for (word, economy) in bad {
        let error = l2_predeploys(&PredeployConfig {
            economy,
            ..config(OpFork::Jovian)
        })
        .expect_err(word);
        assert!(matches!(error, PredeployError::Economy(_)), "{error}");
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

#[test]
fn forced_inclusion_fits_into_each_part_of_a_challenge_window() {
    let standard = EconomyConfig::standard(12, TREASURY);
    assert_eq!(standard.challenge_window, 7 * 86_400 / 12);
    assert_eq!(standard.validate_window(3_600), Ok(()));
    assert_eq!(standard.validate_window(8_400), Ok(()));
    let error = standard.validate_window(8_401).expect_err("one block less");
    assert_eq!(
        error,
        EconomyError::SequencerCouldCensor {
            window: 50_400,
            seq_window: 8_401
        }
    );
    assert!(
        error
            .to_string()
            .contains("less than 6 sequencing windows of 8401 L1 blocks"),
        "{error}"
    );
    let dev = EconomyConfig::dev(TREASURY);
    assert_eq!(dev.validate(), Ok(()));
    assert!(dev.validate_window(3_600).is_err());
}
