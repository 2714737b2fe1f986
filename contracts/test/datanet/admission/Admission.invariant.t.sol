// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { AdmissionActors } from "test/utils/AdmissionActors.sol";
import { Test } from "test/utils/Test.sol";

/// @title Admission_Invariant_Test
/// @notice Whatever contributors and watchers do, in whatever order: every wei is somebody's, once, and no Datanet has what is contested.
/// forge-config: default.invariant.runs = 12
/// forge-config: default.invariant.depth = 100
contract Admission_Invariant_Test is Test {
    AdmissionActors internal actors;

    function setUp() external {
        actors = new AdmissionActors();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev That the actors get everywhere, on one long walk.
    function test_actors_everywhere_succeeds() external {
        for (uint256 step; step < 1_200; ++step) {
            _step(uint256(keccak256(abi.encode(step))));
        }
        vm.assertGt(actors.accepted(), 2);
        vm.assertGt(actors.withheld(), 2);
        vm.assertGt(actors.refuted(), 2);
        vm.assertGt(actors.outdated(), 1);
        vm.assertGt(actors.returned(), 2);
        vm.assertGt(actors.handedOver(), 0);
        _check();
    }

    function _step(uint256 _random) internal {
        (uint256 which, uint256 by) = (_random >> 128, _random >> 40);
        if (_random % 12 == 0) actors.contribute(which, _random & 256 == 0, _random & 512 == 0);
        if (_random % 12 == 1) actors.wait_((_random >> 16) % 6 hours);
        if (_random % 36 == 2) actors.restate(which, _random & 256 == 0);
        if (_random % 12 == 3) actors.demand(which, _random >> 16, by);
        if (_random % 24 == 4) actors.answer(which, by);
        if (_random % 12 == 5) actors.expelByDemand(which);
        if (_random % 12 == 6) actors.returnFee(which);
        if (_random % 12 == 7 || _random % 12 == 8) actors.prove(which, _random & 256 == 0, by);
        if (_random % 12 == 9) actors.accept(which);
        if (_random % 12 == 10) actors.returnBond(which);
        if (_random % 12 == 11) actors.withdraw(by);
    }

    function _check() internal view {
        (uint256 admission, uint256 contributions) = actors.balances();
        vm.assertEq(admission, actors.explained());
        vm.assertEq(contributions, actors.bonds());
        vm.assertTrue(actors.isSound());
    }

    /// @dev Admission holds fees of open demands, and what is credited; the register of contributions holds bonds. Nothing else, and no less.
    function invariant_balances_areExplained() external view {
        _check();
    }
}
