// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Settlement_Gas
/// @notice What it costs to settle a range, as transactions: nothing of it grows with the number of contributors.
abstract contract Settlement_Gas is SettlementTest {
    uint64 internal immutable COUNT;
    string internal among;

    uint64 internal posted;
    uint256 internal bond;
    bytes internal posting;

    constructor(uint64 _count, string memory _among) {
        (COUNT, among) = (_count, _among);
    }

    /// @dev One range whose candidate can be final, one that was cut, and one that can be.
    function setUp() public override {
        super.setUp();
        // As many contributors.
        vm.store(address(contributors), 0, bytes32(uint256(COUNT)));
        posted = _post(ALICE, _cut(10 ether), 0, "first");
        _toL1(settlement.windowEndOf(posted));
        uint64 next = _cut(20 ether);
        posting = abi.encodeCall(ISettlement.post, (_posting(next, posted, "second"), DATA));
        bond = settlement.bondOf(next, posted);
        vm.assertEq(settlement.rangeOf(next).contributors, COUNT);
        vm.deal(address(this), 30 ether);
        payments.pay{ value: 30 ether }(MODEL, 3);
        vm.warp(block.timestamp + INTERVAL);
    }

    function _measure(bytes memory _data, uint256 _value, string memory _name, uint256 _most) internal {
        vm.prank(ALICE);
        (bool success,) = address(settlement).call{ value: _value }(_data);
        uint256 gas = _transactionGas(_data);
        vm.assertTrue(success);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("Settlement", string.concat(_name, ", of ", among, " contributors"), gas);
        vm.assertLe(gas, _most);
    }

    function test_cut_gas_succeeds() external {
        _measure(abi.encodeCall(ISettlement.cut, ()), 0, "cut", 140_000);
    }

    function test_post_gas_succeeds() external {
        _measure(posting, bond, "post", 310_000);
    }

    function test_finalise_gas_succeeds() external {
        _measure(abi.encodeCall(ISettlement.finalise, (posted)), 0, "finalise", 195_000);
        _is(posted, ISettlement.Status.FINAL);
    }
}

/// @title Settlement_TenGas_Test
/// @notice Of ten contributors.
contract Settlement_TenGas_Test is Settlement_Gas(10, "10") { }

/// @title Settlement_MillionGas_Test
/// @notice Of more than a million.
contract Settlement_MillionGas_Test is Settlement_Gas(1 << 20, "1,048,576") { }
