//! Predeploys of the L2.

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

    /// The L2's side of messages between the layers.
    #[derive(Debug, PartialEq, Eq)]
    interface IL2CrossDomainMessenger {
        function initialize(address l1CrossDomainMessenger) external;
        function otherMessenger() external view returns (address);
    }

    /// The L2's side of the ERC-20 bridge.
    #[derive(Debug, PartialEq, Eq)]
    interface IL2StandardBridge {
        function initialize(address otherBridge) external;
        function otherBridge() external view returns (address);
        function messenger() external view returns (address);
    }
}
