//! Contracts of the L1.

use alloy_sol_types::sol;

sol! {
    /// The coin on the L1.
    #[derive(Debug, PartialEq, Eq)]
    interface IOPEN {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        constructor(address holder);
        function INITIAL_SUPPLY() external view returns (uint256);
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
        function burn(uint256 value) external;
    }

    /// The pause.
    #[derive(Debug, PartialEq, Eq)]
    interface ISuperchainConfig {
        event Paused(uint256 until);
        event Unpaused();
        event GuardianSet(address indexed previousGuardian, address indexed newGuardian);
        error SuperchainConfig_NotGuardian();
        error SuperchainConfig_NotPausableUntil(uint256 pausableAt);
        error SuperchainConfig_NotPaused();
        error SuperchainConfig_InvalidPauseDuration();
        function MAX_PAUSE_DURATION() external view returns (uint64);
        function initialize(address guardian, uint64 pauseDuration) external;
        function pause() external;
        function unpause() external;
        function setGuardian(address guardian) external;
        function paused() external view returns (bool);
        function guardian() external view returns (address);
        function pauseDuration() external view returns (uint64);
        function pausedAt() external view returns (uint64);
        function expiration() external view returns (uint64);
        function pausableAt() external view returns (uint256);
        function proxyAdmin() external view returns (address);
        function proxyAdminOwner() external view returns (address);
        function version() external view returns (string memory);
    }

    /// The chain's configuration.
    #[derive(Debug, PartialEq, Eq)]
    interface ISystemConfig {
        /// How far the fee updater may go.
        struct FeeLimits {
            uint32 basefeeScalar;
            uint32 blobbasefeeScalar;
            uint32 operatorFeeScalar;
            uint64 operatorFeeConstant;
        }
        /// What `initialize` takes.
        struct InitParams {
            address owner;
            address feeUpdater;
            FeeLimits feeLimits;
            bytes32 batcherHash;
            uint32 basefeeScalar;
            uint32 blobbasefeeScalar;
            uint64 gasLimit;
            address unsafeBlockSigner;
            address batchInbox;
            address optimismPortal;
            address superchainConfig;
            address gasPayingToken;
            uint256 l2ChainId;
            uint32 eip1559Denominator;
            uint32 eip1559Elasticity;
            uint32 operatorFeeScalar;
            uint64 operatorFeeConstant;
            uint64 minBaseFee;
            uint16 daFootprintGasScalar;
        }
        /// Parameters of the market for deposit gas.
        struct ResourceConfig {
            uint32 maxResourceLimit;
            uint8 elasticityMultiplier;
            uint8 baseFeeMaxChangeDenominator;
            uint32 minimumBaseFee;
            uint32 systemTxMaxGas;
            uint128 maximumBaseFee;
        }
        event ConfigUpdate(uint256 indexed version, uint8 indexed updateType, bytes data);
        event FeeUpdaterSet(address indexed feeUpdater, FeeLimits limits);
        error SystemConfig_NotFeeUpdater();
        error SystemConfig_FeeBeyondLimit();
        error SystemConfig_InvalidGasLimit();
        error SystemConfig_InvalidEIP1559Params();
        error SystemConfig_InvalidGasPayingToken();
        error SystemConfig_ZeroAddress();
        function initialize(InitParams calldata params) external;
        function setBatcherHash(bytes32 batcherHash) external;
        function setBatcherHash(address batcher) external;
        function setGasConfigEcotone(uint32 basefeeScalar, uint32 blobbasefeeScalar) external;
        function setGasLimit(uint64 gasLimit) external;
        function setUnsafeBlockSigner(address unsafeBlockSigner) external;
        function setEIP1559Params(uint32 denominator, uint32 elasticity) external;
        function setOperatorFeeScalars(uint32 operatorFeeScalar, uint64 operatorFeeConstant) external;
        function setMinBaseFee(uint64 minBaseFee) external;
        function setDAFootprintGasScalar(uint16 daFootprintGasScalar) external;
        function setFeeUpdater(address feeUpdater, FeeLimits calldata limits) external;
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
        function batcherHash() external view returns (bytes32);
        function overhead() external view returns (uint256);
        function scalar() external view returns (uint256);
        function basefeeScalar() external view returns (uint32);
        function blobbasefeeScalar() external view returns (uint32);
        function gasLimit() external view returns (uint64);
        function minimumGasLimit() external view returns (uint64);
        function maximumGasLimit() external view returns (uint64);
        function unsafeBlockSigner() external view returns (address);
        function eip1559Denominator() external view returns (uint32);
        function eip1559Elasticity() external view returns (uint32);
        function operatorFeeScalar() external view returns (uint32);
        function operatorFeeConstant() external view returns (uint64);
        function minBaseFee() external view returns (uint64);
        function daFootprintGasScalar() external view returns (uint16);
        function feeUpdater() external view returns (address);
        function feeLimits() external view returns (FeeLimits memory);
        function batchInbox() external view returns (address);
        function startBlock() external view returns (uint256);
        function optimismPortal() external view returns (address);
        function l2ChainId() external view returns (uint256);
        function resourceConfig() external view returns (ResourceConfig memory);
        function isCustomGasToken() external view returns (bool);
        function gasPayingToken() external view returns (address token, uint8 decimals);
        function gasPayingTokenName() external view returns (string memory);
        function gasPayingTokenSymbol() external view returns (string memory);
        function superchainConfig() external view returns (address);
        function paused() external view returns (bool);
        function guardian() external view returns (address);
        function proxyAdmin() external view returns (address);
        function proxyAdminOwner() external view returns (address);
        function version() external view returns (string memory);
    }

    /// The way into the L2.
    #[derive(Debug, PartialEq, Eq)]
    interface IOptimismPortal {
        event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData);
        error ResourceMetering_OutOfGas();
        error OptimismPortal_BadTarget();
        error OptimismPortal_GasLimitTooLow();
        error OptimismPortal_CalldataTooLarge();
        error OptimismPortal_EtherNotAccepted();
        error OptimismPortal_NoGasPayingToken();
        error OptimismPortal_TransferMismatch(uint256 announced, uint256 arrived);
        error OptimismPortal_TooManyCoins();
        function initialize(address systemConfig, address anchorStateRegistry, uint256 genesisLocked, address funder) external payable;
        function depositTransaction(address to, uint256 value, uint64 gasLimit, bool isCreation, bytes calldata data) external payable;
        function depositERC20Transaction(address to, uint256 mint, uint256 value, uint64 gasLimit, bool isCreation, bytes calldata data) external;
        function donateETH() external payable;
        function minimumGasLimit(uint64 byteCount) external pure returns (uint64);
        function lockedBalance() external view returns (uint256);
        function anchorStateRegistry() external view returns (address);
        function disputeGameFactory() external view returns (address);
        function proofMaturityDelaySeconds() external view returns (uint256);
        function disputeGameFinalityDelaySeconds() external view returns (uint256);
        function respectedGameType() external view returns (uint32);
        function finalizedWithdrawals(bytes32 withdrawalHash) external view returns (bool);
        function numProofSubmitters(bytes32 withdrawalHash) external view returns (uint256);
        function gasPayingToken() external view returns (address token, uint8 decimals);
        function systemConfig() external view returns (address);
        function superchainConfig() external view returns (address);
        function paused() external view returns (bool);
        function guardian() external view returns (address);
        function params() external view returns (uint128 prevBaseFee, uint64 prevBoughtGas, uint64 prevBlockNum);
        function proxyAdmin() external view returns (address);
        function proxyAdminOwner() external view returns (address);
        function version() external view returns (string memory);
    }

    /// OpenZeppelin's timelock, which owns the ProxyAdmin.
    #[derive(Debug, PartialEq, Eq)]
    interface ITimelockController {
        event CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay);
        event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data);
        event Cancelled(bytes32 indexed id);
        constructor(uint256 minDelay, address[] memory proposers, address[] memory executors, address admin);
        function getMinDelay() external view returns (uint256);
        function hasRole(bytes32 role, address account) external view returns (bool);
        function PROPOSER_ROLE() external view returns (bytes32);
        function EXECUTOR_ROLE() external view returns (bytes32);
        function CANCELLER_ROLE() external view returns (bytes32);
        function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
        function hashOperation(address target, uint256 value, bytes calldata data, bytes32 predecessor, bytes32 salt) external pure returns (bytes32);
        function isOperationReady(bytes32 id) external view returns (bool);
        function isOperationDone(bytes32 id) external view returns (bool);
        function schedule(address target, uint256 value, bytes calldata data, bytes32 predecessor, bytes32 salt, uint256 delay) external;
        function execute(address target, uint256 value, bytes calldata payload, bytes32 predecessor, bytes32 salt) external payable;
        function cancel(bytes32 id) external;
    }
}
