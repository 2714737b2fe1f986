// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { LibZip } from "@solady/utils/LibZip.sol";

import { IGasPriceOracle } from "interfaces/L2/IGasPriceOracle.sol";
import { IL1Block } from "interfaces/L2/IL1Block.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";

/// @title GasPriceOracle
/// @notice Predeploy 0x420000000000000000000000000000000000000F. Computes the fees that the execution engine charges,
///         with the engine's own arithmetic: it saturates where the engine does, so that the two never differ.
contract GasPriceOracle is IGasPriceOracle {
    using Math for uint256;

    /// @inheritdoc IGasPriceOracle
    uint256 public constant DECIMALS = 6;

    /// @dev Estimated size = INTERCEPT + COEFFICIENT * FastLZ size, in millionths of a byte, and never below the minimum.
    uint256 internal constant SIZE_INTERCEPT = 42_585_600;
    uint256 internal constant SIZE_COEFFICIENT = 836_500;
    uint256 internal constant SIZE_MINIMUM = 100e6;

    /// @dev What a signature adds to an unsigned transaction, in bytes.
    uint256 internal constant SIGNATURE_SIZE = 68;

    /// @dev L1 gas of one byte of calldata.
    uint256 internal constant CALLDATA_BYTE_GAS = 16;

    // Slot 0, in this order: an upgrade deposit written for the OP Stack's oracle finds the flags where it expects them.
    /// @inheritdoc IGasPriceOracle
    bool public isEcotone;
    /// @inheritdoc IGasPriceOracle
    bool public isFjord;
    /// @inheritdoc IGasPriceOracle
    bool public isIsthmus;
    /// @inheritdoc IGasPriceOracle
    bool public isJovian;

    /// @dev Only the protocol's own deposits pass.
    modifier onlyDepositor() {
        if (msg.sender != Predeploys.DEPOSITOR_ACCOUNT) revert GasPriceOracle_NotDepositor();
        _;
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IGasPriceOracle
    function decimals() external pure returns (uint256) {
        return DECIMALS;
    }

    /// @inheritdoc IGasPriceOracle
    function setEcotone() external onlyDepositor {
        _checkActivation(true, isEcotone);
        isEcotone = true;
    }

    /// @inheritdoc IGasPriceOracle
    function setFjord() external onlyDepositor {
        _checkActivation(isEcotone, isFjord);
        isFjord = true;
    }

    /// @inheritdoc IGasPriceOracle
    function setIsthmus() external onlyDepositor {
        _checkActivation(isFjord, isIsthmus);
        isIsthmus = true;
    }

    /// @inheritdoc IGasPriceOracle
    function setJovian() external onlyDepositor {
        _checkActivation(isIsthmus, isJovian);
        isJovian = true;
    }

    /// @inheritdoc IGasPriceOracle
    function getL1Fee(bytes memory _data) external view returns (uint256) {
        return _l1Fee(LibZip.flzCompress(_data).length + SIGNATURE_SIZE);
    }

    /// @inheritdoc IGasPriceOracle
    function getL1FeeSigned(bytes memory _signed) external view returns (uint256) {
        // Nothing and deposits (type 0x7E) are free of charge.
        if (_signed.length == 0 || _signed[0] == 0x7E) return 0;
        return _l1Fee(LibZip.flzCompress(_signed).length);
    }

    /// @inheritdoc IGasPriceOracle
    function getL1FeeUpperBound(uint256 _unsignedTxSize) external view returns (uint256) {
        // FastLZ makes incompressible data longer by one byte in 32; transactions do not reach that, and the bound
        // that clients know is one in 255.
        uint256 size = _unsignedTxSize + SIGNATURE_SIZE;
        return _l1Fee(size + size / 255 + 16);
    }

    /// @inheritdoc IGasPriceOracle
    function getL1GasUsed(bytes memory _data) external pure returns (uint256) {
        return _estimatedSize(LibZip.flzCompress(_data).length + SIGNATURE_SIZE) * CALLDATA_BYTE_GAS / 1e6;
    }

    /// @inheritdoc IGasPriceOracle
    function getOperatorFee(uint256 _gasUsed) external view returns (uint256) {
        if (!isIsthmus) return 0;
        uint256 variableFee = _gasUsed.saturatingMul(_l1Block().operatorFeeScalar());
        variableFee = isJovian ? variableFee.saturatingMul(100) : variableFee / 1e6;
        return variableFee.saturatingAdd(_l1Block().operatorFeeConstant());
    }

    /// @inheritdoc IGasPriceOracle
    function gasPrice() external view returns (uint256) {
        return block.basefee;
    }

    /// @inheritdoc IGasPriceOracle
    function baseFee() external view returns (uint256) {
        return block.basefee;
    }

    /// @inheritdoc IGasPriceOracle
    function overhead() external pure returns (uint256) {
        revert GasPriceOracle_Deprecated();
    }

    /// @inheritdoc IGasPriceOracle
    function scalar() external pure returns (uint256) {
        revert GasPriceOracle_Deprecated();
    }

    /// @inheritdoc IGasPriceOracle
    function l1BaseFee() external view returns (uint256) {
        return _l1Block().basefee();
    }

    /// @inheritdoc IGasPriceOracle
    function blobBaseFee() external view returns (uint256) {
        return _l1Block().blobBaseFee();
    }

    /// @inheritdoc IGasPriceOracle
    function baseFeeScalar() external view returns (uint32) {
        return _l1Block().baseFeeScalar();
    }

    /// @inheritdoc IGasPriceOracle
    function blobBaseFeeScalar() external view returns (uint32) {
        return _l1Block().blobBaseFeeScalar();
    }

    /// @dev The L1 fee, in wei, of a transaction of this FastLZ size.
    function _l1Fee(uint256 _fastLzSize) internal view returns (uint256) {
        uint256 calldataPrice =
            _l1Block().basefee().saturatingMul(CALLDATA_BYTE_GAS).saturatingMul(_l1Block().baseFeeScalar());
        uint256 blobPrice = _l1Block().blobBaseFee().saturatingMul(_l1Block().blobBaseFeeScalar());
        // The scalars have six decimals, and so has the size.
        return _estimatedSize(_fastLzSize).saturatingMul(calldataPrice.saturatingAdd(blobPrice)) / 1e12;
    }

    /// @dev The size after compression in a channel, in millionths of a byte, estimated from the FastLZ size.
    function _estimatedSize(uint256 _fastLzSize) internal pure returns (uint256) {
        return (_fastLzSize * SIZE_COEFFICIENT).saturatingSub(SIZE_INTERCEPT).max(SIZE_MINIMUM);
    }

    /// @dev Forks become active once and in order.
    function _checkActivation(bool _predecessorIsActive, bool _isActive) internal pure {
        if (_isActive) revert GasPriceOracle_AlreadyActive();
        if (!_predecessorIsActive) revert GasPriceOracle_OutOfOrder();
    }

    /// @dev The source of all parameters.
    function _l1Block() internal pure returns (IL1Block) {
        return IL1Block(Predeploys.L1_BLOCK);
    }
}
