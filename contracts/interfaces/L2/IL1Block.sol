// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";

/// @title IL1Block
/// @notice What the L2 knows of its L1 origin. The first transaction of every L2 block refreshes it.
interface IL1Block is ISemver {
    /// @notice Read by bridges and explorers: the chain's native coin is an ERC-20 of the L1.
    event GasPayingTokenSet(address indexed token, uint8 indexed decimals, bytes32 name, bytes32 symbol);

    /// @notice The caller is not the depositor account.
    error L1Block_NotDepositor();

    /// @notice The only account that may write.
    function DEPOSITOR_ACCOUNT() external pure returns (address);

    /// @notice Number of the L1 origin.
    function number() external view returns (uint64);

    /// @notice Timestamp of the L1 origin, in seconds.
    function timestamp() external view returns (uint64);

    /// @notice Base fee of the L1 origin, in wei per gas.
    function basefee() external view returns (uint256);

    /// @notice Hash of the L1 origin.
    function hash() external view returns (bytes32);

    /// @notice How many L2 blocks with this L1 origin came before the current one.
    function sequenceNumber() external view returns (uint64);

    /// @notice Weight of the L1 blob base fee in the L1 fee, in millionths.
    function blobBaseFeeScalar() external view returns (uint32);

    /// @notice Weight of the L1 base fee in the L1 fee, in millionths.
    function baseFeeScalar() external view returns (uint32);

    /// @notice Versioned hash that authenticates the batcher.
    function batcherHash() external view returns (bytes32);

    /// @notice Overhead of the L1 fee before Ecotone; zero on this chain.
    function l1FeeOverhead() external view returns (uint256);

    /// @notice Scalar of the L1 fee before Ecotone; zero on this chain.
    function l1FeeScalar() external view returns (uint256);

    /// @notice Blob base fee of the L1 origin, in wei per blob gas.
    function blobBaseFee() external view returns (uint256);

    /// @notice Constant part of the operator fee, in wei per transaction.
    function operatorFeeConstant() external view returns (uint64);

    /// @notice Part of the operator fee per gas: in millionths of a wei under Isthmus, in hundreds of wei from Jovian on.
    function operatorFeeScalar() external view returns (uint32);

    /// @notice Gas that a byte of estimated data counts for in the block's data-availability footprint. Jovian.
    function daFootprintGasScalar() external view returns (uint16);

    /// @notice The L1 token that pays for gas and its decimals; (0xEeee...EEeE, 18) where ether does.
    function gasPayingToken() external view returns (address, uint8);

    /// @notice Name of the coin that pays for gas.
    function gasPayingTokenName() external view returns (string memory);

    /// @notice Symbol of the coin that pays for gas.
    function gasPayingTokenSymbol() external view returns (string memory);

    /// @notice Whether an ERC-20 of the L1 pays for gas.
    function isCustomGasToken() external view returns (bool);

    /// @notice Sets the L1 attributes from packed calldata of the Ecotone form (164 bytes).
    function setL1BlockValuesEcotone() external;

    /// @notice Sets the L1 attributes from packed calldata of the Isthmus form (176 bytes).
    function setL1BlockValuesIsthmus() external;

    /// @notice Sets the L1 attributes from packed calldata of the Jovian form (178 bytes).
    function setL1BlockValuesJovian() external;

    /// @notice Names the L1 token that pays for gas.
    /// @param _token Address of the token on the L1.
    /// @param _decimals Its decimals.
    /// @param _name Its name, left-aligned, zero-padded.
    /// @param _symbol Its symbol, left-aligned, zero-padded.
    function setGasPayingToken(address _token, uint8 _decimals, bytes32 _name, bytes32 _symbol) external;
}
