// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IL1Block } from "interfaces/L2/IL1Block.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { Test } from "test/utils/Test.sol";

abstract contract L1Block_Base is Test {
    struct Origin {
        uint32 baseFeeScalar;
        uint32 blobBaseFeeScalar;
        uint64 sequenceNumber;
        uint64 timestamp;
        uint64 number;
        uint256 basefee;
        uint256 blobBaseFee;
        bytes32 hash;
        bytes32 batcherHash;
    }

    L1Block internal l1Block = new L1Block();

    /// @dev The part of the calldata that all forks share.
    function _packed(bytes4 _selector, Origin memory _origin) internal pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(
                _selector,
                _origin.baseFeeScalar,
                _origin.blobBaseFeeScalar,
                _origin.sequenceNumber,
                _origin.timestamp,
                _origin.number
            ),
            abi.encodePacked(_origin.basefee, _origin.blobBaseFee, _origin.hash, _origin.batcherHash)
        );
    }

    function _deposit(bytes memory _calldata) internal {
        vm.prank(Predeploys.DEPOSITOR_ACCOUNT);
        (bool success,) = address(l1Block).call(_calldata);
        vm.assertTrue(success);
    }

    function _checkOrigin(Origin memory _origin) internal view {
        vm.assertEq(l1Block.baseFeeScalar(), _origin.baseFeeScalar);
        vm.assertEq(l1Block.blobBaseFeeScalar(), _origin.blobBaseFeeScalar);
        vm.assertEq(l1Block.sequenceNumber(), _origin.sequenceNumber);
        vm.assertEq(l1Block.timestamp(), _origin.timestamp);
        vm.assertEq(l1Block.number(), _origin.number);
        vm.assertEq(l1Block.basefee(), _origin.basefee);
        vm.assertEq(l1Block.blobBaseFee(), _origin.blobBaseFee);
        vm.assertEq(l1Block.hash(), _origin.hash);
        vm.assertEq(l1Block.batcherHash(), _origin.batcherHash);
    }

    function _slot(uint256 _number) internal view returns (uint256) {
        return uint256(vm.load(address(l1Block), bytes32(_number)));
    }
}

contract L1Block_Setters_Test is L1Block_Base {
    function testFuzz_setL1BlockValuesEcotone_succeeds(Origin memory _origin) external {
        bytes memory data = _packed(0x440a5e20, _origin);
        vm.assertEq(data.length, 164);
        _deposit(data);
        _checkOrigin(_origin);
    }

    function testFuzz_setL1BlockValuesIsthmus_succeeds(
        Origin memory _origin,
        uint32 _operatorFeeScalar,
        uint64 _operatorFeeConstant
    ) external {
        bytes memory data = abi.encodePacked(_packed(0x098999be, _origin), _operatorFeeScalar, _operatorFeeConstant);
        vm.assertEq(data.length, 176);
        _deposit(data);
        _checkOrigin(_origin);
        vm.assertEq(l1Block.operatorFeeScalar(), _operatorFeeScalar);
        vm.assertEq(l1Block.operatorFeeConstant(), _operatorFeeConstant);
        vm.assertEq(l1Block.daFootprintGasScalar(), 0);
    }

    function testFuzz_setL1BlockValuesJovian_succeeds(
        Origin memory _origin,
        uint32 _operatorFeeScalar,
        uint64 _operatorFeeConstant,
        uint16 _daFootprintGasScalar
    ) external {
        bytes memory data = abi.encodePacked(
            _packed(0x3db6be2b, _origin), _operatorFeeScalar, _operatorFeeConstant, _daFootprintGasScalar
        );
        vm.assertEq(data.length, 178);
        _deposit(data);
        _checkOrigin(_origin);
        vm.assertEq(l1Block.operatorFeeScalar(), _operatorFeeScalar);
        vm.assertEq(l1Block.operatorFeeConstant(), _operatorFeeConstant);
        vm.assertEq(l1Block.daFootprintGasScalar(), _daFootprintGasScalar);
    }

    /// @dev The exact bits from which the execution engine charges.
    function test_setL1BlockValuesJovian_layout_succeeds() external {
        Origin memory origin = Origin({
            baseFeeScalar: 0x11111111,
            blobBaseFeeScalar: 0x22222222,
            sequenceNumber: 0x3333333333333333,
            timestamp: 0x4444444444444444,
            number: 0x5555555555555555,
            basefee: 0x66,
            blobBaseFee: 0x77,
            hash: bytes32(uint256(0x88)),
            batcherHash: bytes32(uint256(0x99))
        });
        _deposit(
            abi.encodePacked(
                _packed(0x3db6be2b, origin), uint32(0xaaaaaaaa), uint64(0xbbbbbbbbbbbbbbbb), uint16(0xcccc)
            )
        );
        vm.snapshotGasLastCall("L1Block", "setL1BlockValuesJovian, all slots new");
        vm.assertEq(_slot(0), 0x44444444444444445555555555555555);
        vm.assertEq(_slot(1), 0x66);
        vm.assertEq(_slot(2), 0x88);
        vm.assertEq(_slot(3), 0x11111111222222223333333333333333);
        vm.assertEq(_slot(4), 0x99);
        vm.assertEq(_slot(5), 0);
        vm.assertEq(_slot(6), 0);
        vm.assertEq(_slot(7), 0x77);
        vm.assertEq(_slot(8), 0xccccaaaaaaaabbbbbbbbbbbbbbbb);
        vm.assertEq(_slot(9), 0);
    }

    function testFuzz_setters_notDepositor_reverts(address _caller, uint256 _index) external {
        vm.assume(_caller != Predeploys.DEPOSITOR_ACCOUNT);
        bytes[4] memory calls = [
            abi.encodeCall(IL1Block.setL1BlockValuesEcotone, ()),
            abi.encodeCall(IL1Block.setL1BlockValuesIsthmus, ()),
            abi.encodeCall(IL1Block.setL1BlockValuesJovian, ()),
            abi.encodeCall(IL1Block.setGasPayingToken, (address(1), 18, "a", "b"))
        ];
        vm.prank(_caller);
        (bool success, bytes memory answer) = address(l1Block).call(calls[_index % 4]);
        vm.assertFalse(success);
        vm.assertEq(answer, abi.encodeWithSelector(IL1Block.L1Block_NotDepositor.selector));
    }
}

contract L1Block_GasToken_Test is L1Block_Base {
    function test_gasPayingToken_unset_succeeds() external view {
        (address token, uint8 decimals) = l1Block.gasPayingToken();
        vm.assertEq(token, 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE);
        vm.assertEq(decimals, 18);
        vm.assertEq(l1Block.gasPayingTokenName(), "Ether");
        vm.assertEq(l1Block.gasPayingTokenSymbol(), "ETH");
        vm.assertFalse(l1Block.isCustomGasToken());
    }

    function test_gasPayingToken_set_succeeds() external {
        address open = address(0x09e17);
        vm.expectEmit();
        emit IL1Block.GasPayingTokenSet(open, 18, "OpenLedger", "OPEN");
        vm.prank(Predeploys.DEPOSITOR_ACCOUNT);
        l1Block.setGasPayingToken(open, 18, "OpenLedger", "OPEN");

        (address token, uint8 decimals) = l1Block.gasPayingToken();
        vm.assertEq(token, open);
        vm.assertEq(decimals, 18);
        vm.assertEq(l1Block.gasPayingTokenName(), "OpenLedger");
        vm.assertEq(l1Block.gasPayingTokenSymbol(), "OPEN");
        vm.assertTrue(l1Block.isCustomGasToken());
    }

    function test_gasPayingTokenName_fullWord_succeeds() external {
        vm.prank(Predeploys.DEPOSITOR_ACCOUNT);
        l1Block.setGasPayingToken(address(1), 18, "01234567890123456789012345678901", "OPEN");
        vm.assertEq(l1Block.gasPayingTokenName(), "01234567890123456789012345678901");
    }
}
