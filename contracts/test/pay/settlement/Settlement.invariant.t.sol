// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { SettlementActors } from "test/utils/SettlementActors.sol";
import { Test } from "test/utils/Test.sol";

/// @title Settlement_Invariant_Test
/// @notice Whatever payers, posters, watchers and contributors do, in whatever order, failed epochs included: every wei is somebody's, once.
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 128
contract Settlement_Invariant_Test is Test {
    SettlementActors internal actors;

    function setUp() external {
        actors = new SettlementActors();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev That the actors get everywhere, on one long walk: settled and given up ranges, faulted candidates, contributors who are paid.
    function test_actors_everywhere_succeeds() external {
        for (uint256 step; step < 1_500; ++step) {
            _step(uint256(keccak256(abi.encode(step))));
        }
        vm.assertGt(actors.settled(), 3);
        vm.assertGt(actors.fellBack(), 1);
        vm.assertGt(actors.faulted(), 3);
        vm.assertGt(actors.paid(), 0);
        vm.assertGt(actors.handedOver(), 0);
        vm.assertEq(actors.settlementBalance(), actors.explained());
        vm.assertEq(actors.dataCoins(), actors.pools());
    }

    function _step(uint256 _random) internal {
        uint256 range = _random >> 128;
        if (_random % 14 == 0) actors.pay(uint96(_random >> 32) % 1 ether);
        if (_random % 14 == 1) actors.cut();
        if (_random % 14 == 2 || _random % 14 == 3) {
            actors.post(range, _random >> 8, uint128(_random >> 16), uint128(_random >> 24), _random >> 40);
        }
        if (_random % 14 == 4) actors.demand(range, _random >> 40);
        if (_random % 14 == 5) actors.answer(range, _random >> 40);
        if (_random % 14 == 6) actors.faultByDemand(range);
        if (_random % 14 == 7) actors.handOnFee(range);
        if (_random % 28 == 8) actors.prove(range, _random >> 40);
        if (_random % 14 == 9) actors.finalise(range);
        if (_random % 14 == 10) actors.reclaim(range);
        if (_random % 28 == 11) actors.fallBack(range);
        if (_random % 14 == 12) {
            actors.feed(range);
            actors.claimWeight();
        }
        if (_random % 14 == 13) {
            actors.claim(range, _random & 256 == 0);
            actors.withdraw(_random >> 40);
        }
    }

    /// @dev The settlement holds pools that are not settled, bonds of open candidates, fees of open demands, and what is credited. Nothing else, and no less.
    function invariant_settlement_isExplained() external view {
        vm.assertEq(actors.settlementBalance(), actors.explained());
    }

    /// @dev Data pools are with contributors, in the vault, with training weights, or wait to be settled.
    function invariant_dataPools_areConserved() external view {
        vm.assertEq(actors.dataCoins(), actors.pools());
    }
}
