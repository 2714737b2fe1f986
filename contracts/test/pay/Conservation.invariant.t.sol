// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { EconomyActors } from "test/utils/EconomyActors.sol";
import { Test } from "test/utils/Test.sol";

/// @title Conservation_Invariant_Test
/// @notice From who pays to all who are paid, over any sequence of calls, failed and given up epochs included: payouts, shares, what is destroyed and what the
///         platform has are the fees, to the wei.
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 128
contract Conservation_Invariant_Test is Test {
    EconomyActors internal actors;

    function setUp() external {
        actors = new EconomyActors();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    function invariant_fees_areConserved() external view {
        vm.assertEq(actors.found(), actors.fees());
    }

    function invariant_balances_areExplained() external view {
        vm.assertEq(actors.settlementBalance(), actors.explained());
        vm.assertEq(actors.routerBalance(), actors.owed());
    }

    /// @dev One long walk on which everything happens.
    function test_actors_everywhere_succeeds() external {
        for (uint256 step; step < 1_500; ++step) {
            uint256 random = uint256(keccak256(abi.encode("economy", step)));
            uint256 range = random >> 128;
            uint256 choice = random % 16;
            if (choice == 0) actors.pay(uint96(random >> 32));
            if (choice == 1) actors.cut();
            if (choice == 2 || choice == 3) {
                actors.post(range, random >> 8, uint128(random >> 16), uint128(random >> 24), random >> 40);
            }
            if (choice == 4) actors.demand(range, random >> 40);
            if (choice == 5) actors.answer(range, random >> 40);
            if (choice == 6) actors.faultByDemand(range);
            if (choice == 7) actors.handOnFee(range);
            if (random % 32 == 8) actors.prove(range, random >> 40);
            if (choice == 9) actors.finalise(range);
            if (choice == 10) actors.reclaim(range);
            if (random % 32 == 11) actors.fallBack(range);
            if (choice == 12) actors.feed(range);
            if (choice == 13) actors.claim(range, random & 256 == 0);
            if (choice == 14) actors.distribute(range);
            if (choice == 15) actors.withdrawShares(random >> 40);
            if (choice == 12) actors.claimWeight();
            if (choice == 13) actors.withdraw(random >> 40);
        }
        vm.assertGt(actors.settled(), 3);
        vm.assertGt(actors.fellBack(), 0);
        vm.assertGt(actors.faulted(), 3);
        vm.assertGt(actors.paid(), 0);
        vm.assertGt(actors.sharesHandedOver(), 0);
        vm.assertEq(actors.found(), actors.fees());
        vm.assertEq(actors.settlementBalance(), actors.explained());
        vm.assertEq(actors.routerBalance(), actors.owed());
    }
}
