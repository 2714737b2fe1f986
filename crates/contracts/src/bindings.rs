//! Typed calls, events and errors of the contracts.
//!
//! They are declared here and not generated from the artifacts, so that the crate lists what the node relies on; a test
//! compares every selector and topic with the compiled ABIs.

use alloy_sol_types::sol;

sol! {
    /// Attributes of the L1 origin.
    #[derive(Debug, PartialEq, Eq)]
    interface IL1Block {
        event GasPayingTokenSet(address indexed token, uint8 indexed decimals, bytes32 name, bytes32 symbol);
        error L1Block_NotDepositor();
        function DEPOSITOR_ACCOUNT() external pure returns (address);
        function number() external view returns (uint64);
        function timestamp() external view returns (uint64);
        function basefee() external view returns (uint256);
        function hash() external view returns (bytes32);
        function sequenceNumber() external view returns (uint64);
        function blobBaseFeeScalar() external view returns (uint32);
        function baseFeeScalar() external view returns (uint32);
        function batcherHash() external view returns (bytes32);
        function l1FeeOverhead() external view returns (uint256);
        function l1FeeScalar() external view returns (uint256);
        function blobBaseFee() external view returns (uint256);
        function operatorFeeConstant() external view returns (uint64);
        function operatorFeeScalar() external view returns (uint32);
        function daFootprintGasScalar() external view returns (uint16);
        function gasPayingToken() external view returns (address token, uint8 decimals);
        function gasPayingTokenName() external view returns (string memory);
        function gasPayingTokenSymbol() external view returns (string memory);
        function isCustomGasToken() external view returns (bool);
        function setL1BlockValuesEcotone() external;
        function setL1BlockValuesIsthmus() external;
        function setL1BlockValuesJovian() external;
        function setGasPayingToken(address token, uint8 decimals, bytes32 name, bytes32 symbol) external;
        function version() external view returns (string memory);
    }

    /// Fee oracle for clients.
    #[derive(Debug, PartialEq, Eq)]
    interface IGasPriceOracle {
        error GasPriceOracle_NotDepositor();
        error GasPriceOracle_AlreadyActive();
        error GasPriceOracle_OutOfOrder();
        error GasPriceOracle_Deprecated();
        function isEcotone() external view returns (bool);
        function isFjord() external view returns (bool);
        function isIsthmus() external view returns (bool);
        function isJovian() external view returns (bool);
        function setEcotone() external;
        function setFjord() external;
        function setIsthmus() external;
        function setJovian() external;
        function getL1Fee(bytes memory data) external view returns (uint256);
        function getL1FeeSigned(bytes memory signed) external view returns (uint256);
        function getL1FeeUpperBound(uint256 unsignedTxSize) external view returns (uint256);
        function getL1GasUsed(bytes memory data) external view returns (uint256);
        function getOperatorFee(uint256 gasUsed) external view returns (uint256);
        function gasPrice() external view returns (uint256);
        function baseFee() external view returns (uint256);
        function l1BaseFee() external view returns (uint256);
        function blobBaseFee() external view returns (uint256);
        function baseFeeScalar() external view returns (uint32);
        function blobBaseFeeScalar() external view returns (uint32);
        function decimals() external pure returns (uint256);
        function version() external view returns (string memory);
    }

    /// Register of the withdrawals.
    #[derive(Debug, PartialEq, Eq)]
    interface IL2ToL1MessagePasser {
        event MessagePassed(
            uint256 indexed nonce,
            address indexed sender,
            address indexed target,
            uint256 value,
            uint256 gasLimit,
            bytes data,
            bytes32 withdrawalHash
        );
        event WithdrawerBalanceBurnt(uint256 indexed amount);
        function MESSAGE_VERSION() external view returns (uint16);
        function sentMessages(bytes32 withdrawalHash) external view returns (bool);
        function messageNonce() external view returns (uint256);
        function initiateWithdrawal(address target, uint256 gasLimit, bytes memory data) external payable;
        function burn() external;
    }

    /// One of the four fee vaults.
    #[derive(Debug, PartialEq, Eq)]
    interface IFeeVault {
        enum WithdrawalNetwork { L1, L2 }
        error FeeVault_BelowMinimum(uint256 balance, uint256 minimum);
        error FeeVault_PaymentFailed();
        error FeeVault_NotProxyAdminOwner();
        error FeeVault_ZeroRecipient();
        function initialize(address recipient, uint256 minWithdrawalAmount, WithdrawalNetwork withdrawalNetwork) external;
        function withdraw() external returns (uint256 value);
        function setMinWithdrawalAmount(uint256 newMinWithdrawalAmount) external;
        function setRecipient(address newRecipient) external;
        function setWithdrawalNetwork(WithdrawalNetwork newWithdrawalNetwork) external;
        function totalProcessed() external view returns (uint256);
        function recipient() external view returns (address);
        function minWithdrawalAmount() external view returns (uint256);
        function withdrawalNetwork() external view returns (WithdrawalNetwork);
    }

    /// ERC-20 wrapper of the native coin.
    #[derive(Debug, PartialEq, Eq)]
    interface IWOPEN {
        event Deposit(address indexed dst, uint256 wad);
        event Withdrawal(address indexed src, uint256 wad);
        event Transfer(address indexed from, address indexed to, uint256 value);
        function deposit() external payable;
        function withdraw(uint256 wad) external;
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 value) external returns (bool);
        function DOMAIN_SEPARATOR() external view returns (bytes32);
    }

    /// The administrator's side of an ERC-1967 proxy.
    #[derive(Debug, PartialEq, Eq)]
    interface IProxy {
        event Upgraded(address indexed implementation);
        event AdminChanged(address previousAdmin, address newAdmin);
        function upgradeTo(address newImplementation) external;
        function upgradeToAndCall(address newImplementation, bytes calldata data) external payable returns (bytes memory);
        function changeAdmin(address admin) external;
        function admin() external returns (address);
        function implementation() external returns (address);
    }

    /// Administrator of the proxies.
    #[derive(Debug, PartialEq, Eq)]
    interface IProxyAdmin {
        function initialize(address owner) external;
        function owner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function getProxyImplementation(address proxy) external view returns (address);
        function getProxyAdmin(address proxy) external view returns (address);
        function changeProxyAdmin(address proxy, address newAdmin) external;
        function upgrade(address proxy, address implementation) external;
        function upgradeAndCall(address proxy, address implementation, bytes memory data) external payable;
    }

    /// ERC-20 that anyone may mint, for tests and benchmarks.
    #[derive(Debug, PartialEq, Eq)]
    interface ITestToken {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        constructor(string memory name, string memory symbol);
        function mint(address to, uint256 amount) external;
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifacts;
    use alloy_primitives::{B256, keccak256};
    use alloy_sol_types::SolInterface;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// Canonical signature of an ABI entry. None of the contracts has a structure among its parameters.
    fn signature(entry: &Value) -> String {
        let types: Vec<_> = entry["inputs"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|input| input["type"].as_str().expect("a type").to_owned())
            .collect();
        format!(
            "{}({})",
            entry["name"].as_str().expect("a name"),
            types.join(",")
        )
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
            .map(|entry| keccak256(signature(entry)))
            .collect()
    }

    fn check(contract: &str, selectors: impl Iterator<Item = [u8; 4]>, topics: &[[u8; 32]]) {
        let known: BTreeSet<_> = hashes(contract, "function")
            .iter()
            .map(|hash| [hash[0], hash[1], hash[2], hash[3]])
            .collect();
        for selector in selectors {
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

    #[test]
    fn bindings_are_part_of_the_compiled_abis() {
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
    fn attribute_setters_have_the_protocols_selectors() {
        use alloy_sol_types::SolCall;
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
}
