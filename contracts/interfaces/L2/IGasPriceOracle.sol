// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";

/// @title IGasPriceOracle
/// @notice What a transaction pays on top of its execution, for wallets that estimate it.
interface IGasPriceOracle is ISemver {
    /// @notice The caller is not the depositor account.
    error GasPriceOracle_NotDepositor();

    /// @notice The fork is active already.
    error GasPriceOracle_AlreadyActive();

    /// @notice The fork before it is not active yet.
    error GasPriceOracle_OutOfOrder();

    /// @notice The value has no meaning since Ecotone.
    error GasPriceOracle_Deprecated();

    /// @notice Decimals of the fee scalars.
    function DECIMALS() external view returns (uint256);

    /// @notice Decimals of the fee scalars.
    function decimals() external pure returns (uint256);

    /// @notice Whether Ecotone's fee rules apply.
    function isEcotone() external view returns (bool);

    /// @notice Whether Fjord's fee rules apply.
    function isFjord() external view returns (bool);

    /// @notice Whether Isthmus's fee rules apply.
    function isIsthmus() external view returns (bool);

    /// @notice Whether Jovian's fee rules apply.
    function isJovian() external view returns (bool);

    /// @notice Marks Ecotone as active.
    function setEcotone() external;

    /// @notice Marks Fjord as active.
    function setFjord() external;

    /// @notice Marks Isthmus as active.
    function setIsthmus() external;

    /// @notice Marks Jovian as active.
    function setJovian() external;

    /// @notice L1 fee of a transaction that is not signed yet: its size is taken with 68 bytes more for the signature.
    /// @param _data The unsigned transaction, in its EIP-2718 encoding.
    /// @return Fee in wei of the native coin.
    function getL1Fee(bytes memory _data) external view returns (uint256);

    /// @notice L1 fee that this very transaction is charged, to the wei, if it executes with the current L1 attributes.
    /// @param _signed The signed transaction, in its EIP-2718 encoding.
    /// @return Fee in wei of the native coin; zero for a deposit.
    function getL1FeeSigned(bytes memory _signed) external view returns (uint256);

    /// @notice An upper bound of the L1 fee from the size alone, far cheaper than the fee itself.
    /// @param _unsignedTxSize Size of the unsigned transaction, in bytes.
    /// @return Fee in wei of the native coin.
    function getL1FeeUpperBound(uint256 _unsignedTxSize) external view returns (uint256);

    /// @notice Estimated L1 gas of a transaction that is not signed yet: 16 gas for each byte of its estimated size.
    /// @param _data The unsigned transaction, in its EIP-2718 encoding.
    function getL1GasUsed(bytes memory _data) external view returns (uint256);

    /// @notice Operator fee of a transaction.
    /// @param _gasUsed Gas that the transaction uses; the gas limit for what is charged up front.
    /// @return Fee in wei of the native coin.
    function getOperatorFee(uint256 _gasUsed) external view returns (uint256);

    /// @notice Base fee of the current L2 block, in wei per gas.
    function gasPrice() external view returns (uint256);

    /// @notice Base fee of the current L2 block, in wei per gas.
    function baseFee() external view returns (uint256);

    /// @notice Reverts: replaced by the two scalars.
    function overhead() external view returns (uint256);

    /// @notice Reverts: replaced by the two scalars.
    function scalar() external view returns (uint256);

    /// @notice Base fee of the L1 origin, in wei per gas.
    function l1BaseFee() external view returns (uint256);

    /// @notice Blob base fee of the L1 origin, in wei per blob gas.
    function blobBaseFee() external view returns (uint256);

    /// @notice Weight of the L1 base fee, in millionths.
    function baseFeeScalar() external view returns (uint32);

    /// @notice Weight of the L1 blob base fee, in millionths.
    function blobBaseFeeScalar() external view returns (uint32);
}
