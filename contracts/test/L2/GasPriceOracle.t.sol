// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IGasPriceOracle } from "interfaces/L2/IGasPriceOracle.sol";
import { GasPriceOracle } from "src/L2/GasPriceOracle.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { Test } from "test/utils/Test.sol";

abstract contract GasPriceOracle_Base is Test {
    GasPriceOracle internal oracle = new GasPriceOracle();

    uint32 internal constant BASE_FEE_SCALAR = 5_227;
    uint32 internal constant BLOB_BASE_FEE_SCALAR = 1_014_213;
    uint256 internal constant BASE_FEE = 1_055_991_687;
    uint256 internal constant BLOB_BASE_FEE = 3_000_000;
    uint32 internal constant OPERATOR_FEE_SCALAR = 2_000;
    uint64 internal constant OPERATOR_FEE_CONSTANT = 5;

    function setUp() public virtual {
        _place(Predeploys.L1_BLOCK, address(new L1Block()));
        bytes memory data = bytes.concat(
            abi.encodePacked(
                bytes4(0x3db6be2b), BASE_FEE_SCALAR, BLOB_BASE_FEE_SCALAR, uint64(0), uint64(0), uint64(0)
            ),
            abi.encodePacked(BASE_FEE, BLOB_BASE_FEE, bytes32(0), bytes32(0)),
            abi.encodePacked(OPERATOR_FEE_SCALAR, OPERATOR_FEE_CONSTANT, uint16(400))
        );
        vm.startPrank(Predeploys.DEPOSITOR_ACCOUNT);
        (bool success,) = Predeploys.L1_BLOCK.call(data);
        vm.assertTrue(success);
        oracle.setEcotone();
        oracle.setFjord();
        oracle.setIsthmus();
        vm.stopPrank();
    }

    function _activateJovian() internal {
        vm.prank(Predeploys.DEPOSITOR_ACCOUNT);
        oracle.setJovian();
    }

    /// @dev The fee in wei for an estimated size in millionths of a byte.
    function _fee(uint256 _size) internal pure returns (uint256) {
        return _size * (uint256(BASE_FEE_SCALAR) * BASE_FEE * 16 + uint256(BLOB_BASE_FEE_SCALAR) * BLOB_BASE_FEE) / 1e12;
    }
}

contract GasPriceOracle_L1Fee_Test is GasPriceOracle_Base {
    function test_getL1Fee_smallTransaction_succeeds() external view {
        // Below the minimum of 100 bytes, signature included.
        vm.assertEq(oracle.getL1Fee(hex"FACADE"), _fee(100e6));
        vm.assertEq(oracle.getL1FeeSigned(hex"FACADE"), _fee(100e6));
        vm.assertEq(oracle.getL1GasUsed(hex"FACADE"), 1_600);
    }

    function test_getL1Fee_compressibleTransaction_succeeds() external {
        // A thousand equal bytes have a FastLZ size of 21.
        vm.assertEq(oracle.getL1FeeSigned(new bytes(1_000)), _fee(100e6));
        // 256 different bytes do not compress: eight literal runs of 32, each with a length byte.
        bytes memory data = new bytes(256);
        for (uint256 i; i < 256; ++i) {
            data[i] = bytes1(uint8(i));
        }
        vm.assertEq(oracle.getL1FeeSigned(data), _fee(264 * 836_500 - 42_585_600));
        vm.assertEq(oracle.getL1Fee(data), _fee((264 + 68) * 836_500 - 42_585_600));
        vm.snapshotGasLastCall("GasPriceOracle", "getL1Fee, 256 bytes");
        vm.assertEq(oracle.getL1GasUsed(data), uint256((264 + 68) * 836_500 - 42_585_600) * 16 / 1e6);
    }

    function test_getL1FeeSigned_deposit_succeeds() external view {
        vm.assertEq(oracle.getL1FeeSigned(hex"7e01020304"), 0);
        vm.assertEq(oracle.getL1FeeSigned(""), 0);
    }

    function testFuzz_getL1Fee_exceedsSigned_succeeds(bytes memory _data) external view {
        vm.assertGe(oracle.getL1Fee(_data), oracle.getL1FeeSigned(_data));
    }

    function testFuzz_getL1FeeUpperBound_shortData_succeeds(bytes memory _data) external view {
        // The bound allows 16 bytes of overhead and one in 255; literal runs take one in 32.
        vm.assume(_data.length < 400);
        vm.assertGe(oracle.getL1FeeUpperBound(_data.length), oracle.getL1Fee(_data));
    }
}

contract GasPriceOracle_OperatorFee_Test is GasPriceOracle_Base {
    function test_getOperatorFee_isthmus_succeeds() external view {
        vm.assertEq(oracle.getOperatorFee(1_000), 1_000 * uint256(OPERATOR_FEE_SCALAR) / 1e6 + OPERATOR_FEE_CONSTANT);
    }

    function test_getOperatorFee_jovian_succeeds() external {
        _activateJovian();
        vm.assertEq(oracle.getOperatorFee(1_000), 1_000 * uint256(OPERATOR_FEE_SCALAR) * 100 + OPERATOR_FEE_CONSTANT);
    }

    function test_getOperatorFee_overflow_saturates() external {
        _activateJovian();
        vm.assertEq(oracle.getOperatorFee(type(uint256).max), type(uint256).max);
    }

    function test_getOperatorFee_beforeIsthmus_succeeds() external {
        vm.assertEq(new GasPriceOracle().getOperatorFee(1_000), 0);
    }
}

contract GasPriceOracle_Forks_Test is GasPriceOracle_Base {
    function test_forks_inOrder_succeeds() external {
        vm.assertTrue(oracle.isEcotone());
        vm.assertTrue(oracle.isFjord());
        vm.assertTrue(oracle.isIsthmus());
        vm.assertFalse(oracle.isJovian());
        _activateJovian();
        vm.assertTrue(oracle.isJovian());
        // All four flags lie in the lowest bytes of the first slot.
        vm.assertEq(vm.load(address(oracle), 0), bytes32(uint256(0x01010101)));
    }

    function test_forks_outOfOrder_reverts() external {
        GasPriceOracle fresh = new GasPriceOracle();
        bytes memory expected = abi.encodeWithSelector(IGasPriceOracle.GasPriceOracle_OutOfOrder.selector);
        vm.startPrank(Predeploys.DEPOSITOR_ACCOUNT);
        vm.expectRevert(expected);
        fresh.setFjord();
        vm.expectRevert(expected);
        fresh.setIsthmus();
        vm.expectRevert(expected);
        fresh.setJovian();
    }

    function test_forks_twice_reverts() external {
        vm.startPrank(Predeploys.DEPOSITOR_ACCOUNT);
        vm.expectRevert(abi.encodeWithSelector(IGasPriceOracle.GasPriceOracle_AlreadyActive.selector));
        oracle.setIsthmus();
    }

    function testFuzz_forks_notDepositor_reverts(address _caller) external {
        vm.assume(_caller != Predeploys.DEPOSITOR_ACCOUNT);
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IGasPriceOracle.GasPriceOracle_NotDepositor.selector));
        oracle.setJovian();
    }
}

contract GasPriceOracle_Getters_Test is GasPriceOracle_Base {
    function testFuzz_gasPrice_succeeds(uint64 _baseFee) external {
        vm.fee(_baseFee);
        vm.assertEq(oracle.gasPrice(), _baseFee);
        vm.assertEq(oracle.baseFee(), _baseFee);
    }

    function test_parameters_succeeds() external view {
        vm.assertEq(oracle.l1BaseFee(), BASE_FEE);
        vm.assertEq(oracle.blobBaseFee(), BLOB_BASE_FEE);
        vm.assertEq(oracle.baseFeeScalar(), BASE_FEE_SCALAR);
        vm.assertEq(oracle.blobBaseFeeScalar(), BLOB_BASE_FEE_SCALAR);
        vm.assertEq(oracle.decimals(), 6);
        vm.assertEq(oracle.DECIMALS(), 6);
    }

    function test_legacyGetters_reverts() external {
        bytes memory expected = abi.encodeWithSelector(IGasPriceOracle.GasPriceOracle_Deprecated.selector);
        vm.expectRevert(expected);
        oracle.overhead();
        vm.expectRevert(expected);
        oracle.scalar();
    }
}
