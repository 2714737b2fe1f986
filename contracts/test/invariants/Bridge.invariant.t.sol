// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Bridge_Actors } from "test/invariants/BridgeActors.sol";
import { Test } from "test/utils/Test.sol";

/// @notice The released messengers and standard bridges on this project's portal: invariants I4 and I9 of the bridge.
abstract contract Bridge_Invariant is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Bridge_Actors internal actors;

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev The end comes last.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded_) {
        excluded_ = new FuzzSelector[](1);
        excluded_[0].addr = address(actors);
        excluded_[0].selectors = new bytes4[](1);
        excluded_[0].selectors[0] = Bridge_Actors.settle.selector;
    }

    function _assertCovered() internal view {
        uint256 sum;
        for (uint256 i; i < 2; ++i) {
            (uint256 escrowed, uint256 supply) = actors.pairOf(i);
            vm.assertGe(escrowed, supply);
            vm.assertEq(escrowed, supply + actors.underWay(i));
            sum += escrowed;
        }
        vm.assertEq(actors.escrow(), sum);
    }

    /// @dev What the L2 has of a token lies on the L1, and what is missing there is under way.
    function invariant_I4_escrowCoversTheSupplyOnTheL2() external view {
        _assertCovered();
    }

    /// @dev A message that came through was relayed or can be replayed; no call is made twice, nor without its message.
    function invariant_I9_failedRelaysAreReplayableOnce() external view {
        vm.assertEq(actors.lost(), 0);
        vm.assertEq(actors.repeated(), 0);
        vm.assertEq(actors.wrongReplays(), 0);
        vm.assertTrue(actors.callsAreRight());
    }

    /// @dev Invariant 9: every message but the thief's is relayed in the end, once.
    function afterInvariant() external {
        actors.settle();
        vm.assertEq(actors.lost(), 0);
        vm.assertEq(actors.repeated(), 0);
        vm.assertEq(actors.wrongReplays(), 0);
        vm.assertTrue(actors.callsAreRight());
        for (uint256 i; i < 2; ++i) {
            vm.assertEq(actors.underWay(i), 0);
        }
        _assertCovered();
    }
}

/// forge-config: default.invariant.runs = 32
contract Bridge_Ether_Invariant is Bridge_Invariant {
    function setUp() external {
        actors = new Bridge_Actors(false);
    }
}

/// forge-config: default.invariant.runs = 16
contract Bridge_Token_Invariant is Bridge_Invariant {
    function setUp() external {
        actors = new Bridge_Actors(true);
    }
}
