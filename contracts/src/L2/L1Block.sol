// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { StorageSlot } from "@openzeppelin/contracts/utils/StorageSlot.sol";

import { IL1Block } from "interfaces/L2/IL1Block.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";

/// @title L1Block
/// @notice Predeploy 0x4200000000000000000000000000000000000015.
/// @dev The execution engine charges fees from these storage slots without calling the contract. The order and the
///      packing of the variables are therefore consensus; tests compare them with what the engine reads.
contract L1Block is IL1Block {
    /// @dev Stands for ether where a token's address is asked for.
    address internal constant ETHER = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE;

    /// @dev The token's address in the low 160 bits, its decimals in the 8 bits above.
    bytes32 internal constant GAS_PAYING_TOKEN_SLOT = bytes32(uint256(keccak256("opstack.gaspayingtoken")) - 1);
    bytes32 internal constant GAS_PAYING_TOKEN_NAME_SLOT =
        bytes32(uint256(keccak256("opstack.gaspayingtokenname")) - 1);
    bytes32 internal constant GAS_PAYING_TOKEN_SYMBOL_SLOT =
        bytes32(uint256(keccak256("opstack.gaspayingtokensymbol")) - 1);

    // Slot 0.
    /// @inheritdoc IL1Block
    uint64 public number;
    /// @inheritdoc IL1Block
    uint64 public timestamp;
    // Slot 1.
    /// @inheritdoc IL1Block
    uint256 public basefee;
    // Slot 2.
    /// @inheritdoc IL1Block
    bytes32 public hash;
    // Slot 3.
    /// @inheritdoc IL1Block
    uint64 public sequenceNumber;
    /// @inheritdoc IL1Block
    uint32 public blobBaseFeeScalar;
    /// @inheritdoc IL1Block
    uint32 public baseFeeScalar;
    // Slot 4.
    /// @inheritdoc IL1Block
    bytes32 public batcherHash;
    // Slots 5 and 6: never written on this chain, kept because what follows must stay in place.
    /// @inheritdoc IL1Block
    uint256 public l1FeeOverhead;
    /// @inheritdoc IL1Block
    uint256 public l1FeeScalar;
    // Slot 7.
    /// @inheritdoc IL1Block
    uint256 public blobBaseFee;
    // Slot 8.
    /// @inheritdoc IL1Block
    uint64 public operatorFeeConstant;
    /// @inheritdoc IL1Block
    uint32 public operatorFeeScalar;
    /// @inheritdoc IL1Block
    uint16 public daFootprintGasScalar;

    /// @dev Only the protocol's own deposits pass.
    modifier onlyDepositor() {
        if (msg.sender != Predeploys.DEPOSITOR_ACCOUNT) revert L1Block_NotDepositor();
        _;
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IL1Block
    function DEPOSITOR_ACCOUNT() external pure returns (address) {
        return Predeploys.DEPOSITOR_ACCOUNT;
    }

    /// @inheritdoc IL1Block
    function gasPayingToken() public view returns (address token_, uint8 decimals_) {
        uint256 word = StorageSlot.getUint256Slot(GAS_PAYING_TOKEN_SLOT).value;
        token_ = address(uint160(word));
        decimals_ = uint8(word >> 160);
        if (token_ == address(0)) (token_, decimals_) = (ETHER, 18);
    }

    /// @inheritdoc IL1Block
    function gasPayingTokenName() external view returns (string memory) {
        return isCustomGasToken() ? _smallString(GAS_PAYING_TOKEN_NAME_SLOT) : "Ether";
    }

    /// @inheritdoc IL1Block
    function gasPayingTokenSymbol() external view returns (string memory) {
        return isCustomGasToken() ? _smallString(GAS_PAYING_TOKEN_SYMBOL_SLOT) : "ETH";
    }

    /// @inheritdoc IL1Block
    function isCustomGasToken() public view returns (bool) {
        (address token,) = gasPayingToken();
        return token != ETHER;
    }

    /// @inheritdoc IL1Block
    function setL1BlockValuesEcotone() external onlyDepositor {
        _storeOrigin();
    }

    /// @inheritdoc IL1Block
    function setL1BlockValuesIsthmus() external onlyDepositor {
        _storeOrigin();
        assembly {
            // uint32 operatorFeeScalar, uint64 operatorFeeConstant; the footprint scalar does not exist yet.
            sstore(operatorFeeConstant.slot, shr(160, calldataload(164)))
        }
    }

    /// @inheritdoc IL1Block
    function setL1BlockValuesJovian() external onlyDepositor {
        _storeOrigin();
        assembly {
            // uint32 operatorFeeScalar, uint64 operatorFeeConstant, then uint16 daFootprintGasScalar, which is stored
            // above the two although it comes after them.
            let operatorFee := shr(160, calldataload(164))
            let footprint := shr(240, calldataload(176))
            sstore(operatorFeeConstant.slot, or(shl(96, footprint), operatorFee))
        }
    }

    /// @inheritdoc IL1Block
    function setGasPayingToken(address _token, uint8 _decimals, bytes32 _name, bytes32 _symbol) external onlyDepositor {
        StorageSlot.getUint256Slot(GAS_PAYING_TOKEN_SLOT).value = uint256(_decimals) << 160 | uint160(_token);
        StorageSlot.getBytes32Slot(GAS_PAYING_TOKEN_NAME_SLOT).value = _name;
        StorageSlot.getBytes32Slot(GAS_PAYING_TOKEN_SYMBOL_SLOT).value = _symbol;
        emit GasPayingTokenSet(_token, _decimals, _name, _symbol);
    }

    /// @dev Stores the part of the packed calldata that all forks since Ecotone share. Neighbouring fields are in the
    ///      calldata in the order of their slot, so each slot is one shift and one store.
    function _storeOrigin() internal {
        assembly {
            // uint32 baseFeeScalar, uint32 blobBaseFeeScalar, uint64 sequenceNumber
            sstore(sequenceNumber.slot, shr(128, calldataload(4)))
            // uint64 timestamp, uint64 number
            sstore(number.slot, shr(128, calldataload(20)))
            sstore(basefee.slot, calldataload(36))
            sstore(blobBaseFee.slot, calldataload(68))
            sstore(hash.slot, calldataload(100))
            sstore(batcherHash.slot, calldataload(132))
        }
    }

    /// @dev Reads a string of at most 32 bytes that ends at its first zero byte.
    function _smallString(bytes32 _slot) internal view returns (string memory) {
        bytes32 word = StorageSlot.getBytes32Slot(_slot).value;
        uint256 length;
        while (length < 32 && word[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i; i < length; ++i) {
            text[i] = word[i];
        }
        return string(text);
    }
}
