// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title ISystemConfig
/// @notice What the chain is configured to (OP Stack specification, "System Config"). Every change is an event, from
///         which each node takes it in the first L2 block whose L1 origin holds the event.
interface ISystemConfig is ISemver, IProxyAdminOwned {
    /// @notice What a `ConfigUpdate` changes. The numbers are consensus.
    enum UpdateType {
        BATCHER,
        FEE_SCALARS,
        GAS_LIMIT,
        UNSAFE_BLOCK_SIGNER,
        EIP_1559_PARAMS,
        OPERATOR_FEE_PARAMS,
        MIN_BASE_FEE,
        DA_FOOTPRINT_GAS_SCALAR
    }

    /// @notice How far the fee updater may go. The owner is not bound by it.
    /// @param basefeeScalar Highest scalar of the L1's base fee.
    /// @param blobbasefeeScalar Highest scalar of the L1's blob base fee.
    /// @param operatorFeeScalar Highest scalar of the operator fee.
    /// @param operatorFeeConstant Highest constant of the operator fee, in wei per transaction.
    struct FeeLimits {
        uint32 basefeeScalar;
        uint32 blobbasefeeScalar;
        uint32 operatorFeeScalar;
        uint64 operatorFeeConstant;
    }

    /// @notice What `initialize` takes.
    /// @param owner Owner of the configuration.
    /// @param feeUpdater The account that follows the L1's prices with the fees; zero for none.
    /// @param feeLimits How far it may go.
    /// @param batcherHash The batcher's address, left-padded with zeros.
    /// @param basefeeScalar Scalar of the L1's base fee.
    /// @param blobbasefeeScalar Scalar of the L1's blob base fee.
    /// @param gasLimit Gas limit of an L2 block.
    /// @param unsafeBlockSigner Signs blocks that are not on the L1 yet.
    /// @param batchInbox Where batches are sent.
    /// @param optimismPortal The portal's proxy.
    /// @param superchainConfig The pause's proxy.
    /// @param gasPayingToken The ERC-20 that is the L2's coin, with 18 decimals; zero for ether.
    /// @param l2ChainId Chain id of the L2.
    /// @param eip1559Denominator The L2's base fee changes by one part in this many per block, at most.
    /// @param eip1559Elasticity Gas limit / gas target of an L2 block.
    /// @param operatorFeeScalar Scalar of the operator fee.
    /// @param operatorFeeConstant Constant of the operator fee, in wei per transaction.
    /// @param minBaseFee Lower bound of the L2's base fee, in wei per gas; zero for none.
    /// @param daFootprintGasScalar Gas per byte that a transaction is estimated to need on the L1; zero stands for 400.
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
        ISuperchainConfig superchainConfig;
        address gasPayingToken;
        uint256 l2ChainId;
        uint32 eip1559Denominator;
        uint32 eip1559Elasticity;
        uint32 operatorFeeScalar;
        uint64 operatorFeeConstant;
        uint64 minBaseFee;
        uint16 daFootprintGasScalar;
    }

    /// @notice The configuration changes. Read by every node of the chain.
    event ConfigUpdate(uint256 indexed version, UpdateType indexed updateType, bytes data);

    /// @notice There is a new fee updater, or it has other limits. Read by `openledger check`.
    event FeeUpdaterSet(address indexed feeUpdater, FeeLimits limits);

    /// @notice The caller is neither the owner nor the fee updater.
    error SystemConfig_NotFeeUpdater();

    /// @notice The fee updater may not go that far.
    error SystemConfig_FeeBeyondLimit();

    /// @notice The gas limit is outside `minimumGasLimit` to `maximumGasLimit`.
    error SystemConfig_InvalidGasLimit();

    /// @notice The denominator is zero, or the elasticity is not within 1 to `MAX_EIP1559_ELASTICITY`.
    error SystemConfig_InvalidEIP1559Params();

    /// @notice The coin's token has not 18 decimals.
    error SystemConfig_InvalidGasPayingToken();

    /// @notice An address that the chain cannot do without is zero.
    error SystemConfig_ZeroAddress();

    /// @notice Sets everything, once, and emits all eight updates. Only the ProxyAdmin or its owner.
    function initialize(InitParams calldata _params) external;

    /// @notice Names the batcher. Only the owner.
    /// @param _batcherHash Its address, left-padded with zeros.
    function setBatcherHash(bytes32 _batcherHash) external;

    /// @notice Names the batcher. Only the owner.
    function setBatcherHash(address _batcher) external;

    /// @notice Sets the scalars of the L1 fee. Only the owner, and within its limits the fee updater.
    function setGasConfigEcotone(uint32 _basefeeScalar, uint32 _blobbasefeeScalar) external;

    /// @notice Sets the gas limit of L2 blocks. Only the owner.
    function setGasLimit(uint64 _gasLimit) external;

    /// @notice Names the signer of blocks that are not on the L1 yet. Only the owner.
    function setUnsafeBlockSigner(address _unsafeBlockSigner) external;

    /// @notice Sets the parameters of the L2's base fee. Only the owner.
    function setEIP1559Params(uint32 _denominator, uint32 _elasticity) external;

    /// @notice Sets the operator fee. Only the owner, and within its limits the fee updater.
    function setOperatorFeeScalars(uint32 _operatorFeeScalar, uint64 _operatorFeeConstant) external;

    /// @notice Sets the lower bound of the L2's base fee, in wei per gas. Only the owner.
    function setMinBaseFee(uint64 _minBaseFee) external;

    /// @notice Sets the gas per byte of data that a transaction is estimated to need on the L1. Only the owner.
    function setDAFootprintGasScalar(uint16 _daFootprintGasScalar) external;

    /// @notice Names the fee updater, zero for none, and its limits. Only the owner.
    function setFeeUpdater(address _feeUpdater, FeeLimits calldata _limits) external;

    /// @notice Version of the updates: 0.
    function VERSION() external view returns (uint256);

    /// @notice Where the unsafe block signer is stored, for nodes that read it with a storage proof.
    function UNSAFE_BLOCK_SIGNER_SLOT() external view returns (bytes32);

    /// @notice Elasticity is not higher than this: the gas target of an L2 block must never come to zero.
    function MAX_EIP1559_ELASTICITY() external view returns (uint32);

    /// @notice The batcher's address, left-padded with zeros.
    function batcherHash() external view returns (bytes32);

    /// @notice Zero: not used since Ecotone.
    function overhead() external view returns (uint256);

    /// @notice Both fee scalars in one word, version 1 of the encoding.
    function scalar() external view returns (uint256);

    /// @notice Scalar of the L1's base fee.
    function basefeeScalar() external view returns (uint32);

    /// @notice Scalar of the L1's blob base fee.
    function blobbasefeeScalar() external view returns (uint32);

    /// @notice Gas limit of an L2 block.
    function gasLimit() external view returns (uint64);

    /// @notice What an L2 block must hold in any case: all deposits of one L1 block, and the L1 attributes.
    function minimumGasLimit() external view returns (uint64);

    /// @notice The highest gas limit that can be set.
    function maximumGasLimit() external view returns (uint64);

    /// @notice Signs blocks that are not on the L1 yet.
    function unsafeBlockSigner() external view returns (address);

    /// @notice The L2's base fee changes by one part in this many per block, at most.
    function eip1559Denominator() external view returns (uint32);

    /// @notice Gas limit / gas target of an L2 block.
    function eip1559Elasticity() external view returns (uint32);

    /// @notice Scalar of the operator fee.
    function operatorFeeScalar() external view returns (uint32);

    /// @notice Constant of the operator fee, in wei per transaction.
    function operatorFeeConstant() external view returns (uint64);

    /// @notice Lower bound of the L2's base fee, in wei per gas; zero for none.
    function minBaseFee() external view returns (uint64);

    /// @notice Gas per byte of data that a transaction is estimated to need on the L1; zero stands for 400.
    function daFootprintGasScalar() external view returns (uint16);

    /// @notice The account that follows the L1's prices with the fees; zero for none.
    function feeUpdater() external view returns (address);

    /// @notice How far it may go.
    function feeLimits() external view returns (FeeLimits memory);

    /// @notice Where batches are sent.
    function batchInbox() external view returns (address);

    /// @notice The L1 block in which this contract was initialized. No event of the chain is older.
    function startBlock() external view returns (uint256);

    /// @notice The portal.
    function optimismPortal() external view returns (address);

    /// @notice Chain id of the L2.
    function l2ChainId() external view returns (uint256);

    /// @notice Parameters of the market for deposit gas.
    function resourceConfig() external view returns (IResourceMetering.ResourceConfig memory);

    /// @notice Whether the L2's coin is an ERC-20 of the L1.
    function isCustomGasToken() external view returns (bool);

    /// @notice The L2's coin: a token of the L1, or 0xEeee... for ether, and its decimals, which are 18.
    function gasPayingToken() external view returns (address token_, uint8 decimals_);

    /// @notice Name of the L2's coin.
    function gasPayingTokenName() external view returns (string memory);

    /// @notice Symbol of the L2's coin.
    function gasPayingTokenSymbol() external view returns (string memory);

    /// @notice The pause.
    function superchainConfig() external view returns (ISuperchainConfig);

    /// @notice Whether withdrawals are paused.
    function paused() external view returns (bool);

    /// @notice Who may pause.
    function guardian() external view returns (address);
}
