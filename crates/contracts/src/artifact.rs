//! Compiled contracts, embedded and parsed at first use.

use alloy_primitives::Bytes;
use serde::Deserialize;

/// One compiled contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Name of the contract.
    pub name: String,
    /// Creation code, to be followed by the ABI-encoded arguments of the constructor.
    pub bytecode: Bytes,
    /// Runtime code with every immutable zero. Only equal to what stands on the chain where
    /// [`immutable_references`](Self::immutable_references) is empty.
    pub deployed_bytecode: Bytes,
    /// The places in the runtime code that the constructor fills in.
    pub immutable_references: Vec<ImmutableReference>,
    /// The storage variables, in the order of their slots.
    pub storage_layout: Vec<StorageVariable>,
}

/// A place in runtime code, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct ImmutableReference {
    /// Offset of the first byte.
    pub start: usize,
    /// Number of bytes.
    pub length: usize,
}

/// A storage variable of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StorageVariable {
    /// Name in the source.
    pub label: String,
    /// Number of the slot.
    pub slot: u64,
    /// Offset in the slot, in bytes from its low-order end.
    pub offset: usize,
    /// Size in bytes.
    pub bytes: usize,
    /// Solidity type.
    pub r#type: String,
}

impl Artifact {
    /// Creation code for these constructor arguments, given ABI-encoded (`().abi_encode_params()` where there are none).
    pub fn creation_code(&self, arguments: &[u8]) -> Bytes {
        [&self.bytecode, arguments].concat().into()
    }
}

/// Declares a function for each artifact, its JSON text, and the list of them all.
macro_rules! embed {
    ($($(#[$doc:meta])* $function:ident = $file:literal;)*) => {
        /// The compiled contracts, one function each. The first call of each parses it; later calls are free.
        pub mod artifacts {
            use super::Artifact;
            use std::sync::LazyLock;

            $(
                $(#[$doc])*
                pub fn $function() -> &'static Artifact {
                    static PARSED: LazyLock<Artifact> = LazyLock::new(|| {
                        serde_json::from_str(include_str!(concat!("../../../contracts/artifacts/", $file, ".json")))
                            .expect("the embedded artifact was written by contracts/script/artifacts.mjs")
                    });
                    &PARSED
                }
            )*

            /// Name and committed JSON text, with the ABI, of every artifact.
            pub const JSON: &[(&str, &str)] =
                &[$(($file, include_str!(concat!("../../../contracts/artifacts/", $file, ".json")))),*];

            /// Every artifact.
            pub fn all() -> Vec<&'static Artifact> {
                vec![$($function()),*]
            }
        }
    };
}

embed! {
    /// Judge of the documents of contributions; constructor: that of [`IAdmission`](crate::IAdmission).
    admission = "Admission";
    /// Implementation of the register of what is proven; constructor: `(uint256 disputeGameFinalityDelaySeconds)`.
    anchor_state_registry = "AnchorStateRegistry";
    /// The door to the verifiers of faults; constructor: `(address tilingVerifier, address epochVerifier)`.
    attribution_verifier = "AttributionVerifier";
    /// Vault of the base fees.
    base_fee_vault = "BaseFeeVault";
    /// Register of contributions; constructor: that of [`IContributionRegistry`](crate::IContributionRegistry).
    contribution_registry = "ContributionRegistry";
    /// Register of contributors; no constructor arguments.
    contributor_registry = "ContributorRegistry";
    /// Register of Datanets; constructor: that of [`IDatanetRegistry`](crate::IDatanetRegistry).
    datanet_registry = "DatanetRegistry";
    /// Verifier of what is demanded, F0; constructor: `(address paidAnswers, address models, address datanets)`.
    demand_verifier = "DemandVerifier";
    /// Implementation of the list of output roots; no constructor arguments.
    dispute_game_factory = "DisputeGameFactory";
    /// Verifier of F6 to F10; constructor: `(address paidAnswers, address models, address datanets)`.
    epoch_verifier = "EpochVerifier";
    /// Router of fees; constructor: that of [`IFeeRouter`](crate::IFeeRouter).
    fee_router = "FeeRouter";
    /// Fee oracle for clients.
    gas_price_oracle = "GasPriceOracle";
    /// Attributes of the L1 origin.
    l1_block = "L1Block";
    /// Implementation of the L1's side of messages; no constructor arguments.
    l1_cross_domain_messenger = "L1CrossDomainMessenger";
    /// Vault of the L1 data fees.
    l1_fee_vault = "L1FeeVault";
    /// Implementation of the L1's side of the ERC-20 bridge; no constructor arguments.
    l1_standard_bridge = "L1StandardBridge";
    /// Implementation of the L2's side of messages; no constructor arguments.
    l2_cross_domain_messenger = "L2CrossDomainMessenger";
    /// Implementation of the L2's side of the ERC-20 bridge; no constructor arguments.
    l2_standard_bridge = "L2StandardBridge";
    /// Register of the withdrawals.
    l2_to_l1_message_passer = "L2ToL1MessagePasser";
    /// Register of licences; no constructor arguments.
    license_registry = "LicenseRegistry";
    /// Register of models; constructor: that of [`IModelRegistry`](crate::IModelRegistry).
    model_registry = "ModelRegistry";
    /// The coin on the L1; constructor: `(address holder)`.
    open = "OPEN";
    /// Vault of the operator fees.
    operator_fee_vault = "OperatorFeeVault";
    /// Implementation of the factory of bridged tokens, for either layer; no constructor arguments.
    optimism_mintable_erc20_factory = "OptimismMintableERC20Factory";
    /// Implementation of the way into the L2 and out of it; constructor: `(uint256 proofMaturityDelaySeconds)`.
    optimism_portal = "OptimismPortal";
    /// Takes payments for answers; constructor: that of [`IPayableAI`](crate::IPayableAI).
    payable_ai = "PayableAI";
    /// Pays contributors; constructor: that of [`IPayoutVault`](crate::IPayoutVault).
    payout_vault = "PayoutVault";
    /// What every output root of a permissioned proposer is a clone of; constructor:
    /// `((uint32 gameType, uint64 maxClockDuration, address anchorStateRegistry, uint256 l2ChainId, address proposer, address challenger))`.
    permissioned_dispute_game = "PermissionedDisputeGame";
    /// ERC-1967 proxy; constructor: `(address admin)`.
    proxy = "Proxy";
    /// Administrator of proxies; constructor: `(address owner)`.
    proxy_admin = "ProxyAdmin";
    /// Vault of the priority fees.
    sequencer_fee_vault = "SequencerFeeVault";
    /// Settlement of attribution; constructor: that of [`ISettlement`](crate::ISettlement).
    settlement = "Settlement";
    /// Implementation of the pause; no constructor arguments.
    superchain_config = "SuperchainConfig";
    /// Implementation of the chain's configuration; no constructor arguments.
    system_config = "SystemConfig";
    /// ERC-20 that anyone may mint, for tests and benchmarks; constructor: `(string name, string symbol)`.
    test_token = "TestToken";
    /// Verifier of F1 to F5; constructor: `(address paidAnswers, address models, address datanets)`.
    tiling_verifier = "TilingVerifier";
    /// OpenZeppelin's timelock; constructor:
    /// `(uint256 minDelay, address[] proposers, address[] executors, address admin)`.
    timelock_controller = "TimelockController";
    /// Accumulator of training weights; constructor: that of [`ITrainingAccumulator`](crate::ITrainingAccumulator).
    training_accumulator = "TrainingAccumulator";
    /// Escrow of jobs of training; constructor: that of [`ITrainingJobs`](crate::ITrainingJobs).
    training_jobs = "TrainingJobs";
    /// ERC-20 wrapper of the native coin.
    wopen = "WOPEN";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_artifact_parses_and_has_code() {
        for artifact in artifacts::all() {
            assert!(
                artifact.bytecode.len() > artifact.deployed_bytecode.len(),
                "{}",
                artifact.name
            );
            assert!(!artifact.deployed_bytecode.is_empty(), "{}", artifact.name);
        }
        assert_eq!(artifacts::JSON.len(), artifacts::all().len());
    }

    #[test]
    fn immutables_are_zero_in_the_deployed_code() {
        for artifact in artifacts::all() {
            for place in &artifact.immutable_references {
                let bytes = &artifact.deployed_bytecode[place.start..place.start + place.length];
                assert!(bytes.iter().all(|byte| *byte == 0), "{}", artifact.name);
            }
        }
    }

    /// The slots from which the execution engine charges fees.
    #[test]
    fn l1_block_has_the_layout_that_the_engine_reads() {
        let expected = [
            ("number", 0, 0, 8),
            ("timestamp", 0, 8, 8),
            ("basefee", 1, 0, 32),
            ("hash", 2, 0, 32),
            ("sequenceNumber", 3, 0, 8),
            ("blobBaseFeeScalar", 3, 8, 4),
            ("baseFeeScalar", 3, 12, 4),
            ("batcherHash", 4, 0, 32),
            ("l1FeeOverhead", 5, 0, 32),
            ("l1FeeScalar", 6, 0, 32),
            ("blobBaseFee", 7, 0, 32),
            ("operatorFeeConstant", 8, 0, 8),
            ("operatorFeeScalar", 8, 8, 4),
            ("daFootprintGasScalar", 8, 12, 2),
        ];
        let layout: Vec<_> = artifacts::l1_block()
            .storage_layout
            .iter()
            .map(|variable| {
                (
                    variable.label.as_str(),
                    variable.slot,
                    variable.offset,
                    variable.bytes,
                )
            })
            .collect();
        assert_eq!(layout, expected);
    }

    #[test]
    fn withdrawals_are_registered_in_the_first_slot() {
        let first = &artifacts::l2_to_l1_message_passer().storage_layout[0];
        assert_eq!(
            (first.label.as_str(), first.slot, first.offset),
            ("sentMessages", 0, 0)
        );
    }

    /// EIP-170 and EIP-3860: what a chain accepts as code and as creation code.
    #[test]
    fn every_contract_fits_the_limits_of_a_chain() {
        for artifact in artifacts::all() {
            assert!(
                artifact.deployed_bytecode.len() <= 24_576,
                "{}",
                artifact.name
            );
            assert!(artifact.bytecode.len() <= 49_152, "{}", artifact.name);
        }
    }

    /// What stands behind a proxy: an upgrade may add variables, and move none.
    #[test]
    fn portal_keeps_the_order_of_its_variables() {
        let layout: Vec<_> = artifacts::optimism_portal()
            .storage_layout
            .iter()
            .map(|variable| (variable.label.as_str(), variable.slot, variable.offset))
            .collect();
        assert_eq!(
            layout,
            [
                ("params", 0, 0),
                ("__gap", 1, 0),
                ("systemConfig", 50, 0),
                ("token", 51, 0),
                ("lockedBalance", 52, 0),
                ("anchorStateRegistry", 53, 0),
                ("finalizedWithdrawals", 54, 0),
                ("provenWithdrawals", 55, 0),
                ("proofSubmitters", 56, 0),
            ]
        );
    }
}
