// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { OPEN } from "src/L1/OPEN.sol";
import { Chain_Actors } from "test/invariants/ChainActors.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @notice The portal against a model of the L2: invariants I1 to I3, I6, I7 and I10 of the bridge.
abstract contract Chain_Invariant is WithdrawalTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Chain_Actors internal actors;

    function _start(IERC20 _token) internal {
        vm.warp(START - 1);
        _deploy(address(_token), GENESIS);
        vm.warp(START);
        actors = new Chain_Actors(portal, _token);
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev The end comes last.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded_) {
        excluded_ = new FuzzSelector[](1);
        excluded_[0].addr = address(actors);
        excluded_[0].selectors = new bytes4[](2);
        excluded_[0].selectors[0] = Chain_Actors.settle.selector;
        excluded_[0].selectors[1] = Chain_Actors.attemptDeposit.selector;
    }

    function _held() internal view virtual returns (uint256);

    function _assertBalanced() internal view {
        vm.assertEq(portal.lockedBalance(), actors.owed());
        vm.assertEq(_held(), portal.lockedBalance() + actors.gifts());
    }

    /// @dev The counter is what the L2 has, will have and has given up, whoever moved what there; and the coins are there.
    function invariant_I1_counterBalancesWithTheL2() external view {
        _assertBalanced();
    }

    /// @dev What the events mint is what was paid, and the L2 mints nothing else.
    function invariant_I2_mintedIsWhatDepositsSay() external view {
        vm.assertEq(actors.minted(), actors.paid());
        vm.assertEq(actors.derived() + actors.underWay(), actors.minted());
    }

    /// @dev Too early, twice, with somebody else's proof, with an altered proof, against the guardian: never.
    function invariant_I3_finalizedOnceAndOnlyWhenRipe() external view {
        vm.assertEq(actors.wronglyAllowed(), 0);
        vm.assertEq(actors.thefts(), 0);
    }

    function invariant_I6_gamesThatWereSetAsideNeverPay() external view {
        vm.assertEq(actors.paidBySetAsideGame(), 0);
        vm.assertEq(actors.thefts(), 0);
    }

    /// @dev Nothing is refused without a reason. That everything comes through in the end is checked after each run.
    function invariant_I7_nothingIsRefusedWithoutReason() external view {
        vm.assertEq(actors.wronglyRefused(), 0);
    }

    function invariant_I10_pauseNeverStopsDeposits() external view {
        vm.assertEq(actors.refusedDeposits(), 0);
        vm.assertEq(actors.unreported(), 0);
    }

    /// @dev Invariant 7: every withdrawal that the L2 registered is finalized, in a time with an upper bound.
    function afterInvariant() external {
        actors.settle();
        vm.assertEq(actors.wronglyRefused(), 0);
        vm.assertEq(actors.wronglyAllowed(), 0);
        vm.assertEq(actors.thefts(), 0);
        vm.assertEq(actors.withdrawn(), actors.finalized());
        _assertBalanced();
    }
}

/// forge-config: default.invariant.runs = 48
contract Chain_Ether_Invariant is Chain_Invariant {
    function setUp() external {
        _start(IERC20(address(0)));
    }

    function _held() internal view override returns (uint256) {
        return address(portal).balance;
    }
}

/// forge-config: default.invariant.runs = 32
contract Chain_Token_Invariant is Chain_Invariant {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        _start(open);
        vm.prank(DEPLOYER);
        open.transfer(ALICE, 20_000_000 ether);
        vm.prank(ALICE);
        open.transfer(BOB, 10_000_000 ether);
        address[2] memory depositors = [ALICE, BOB];
        for (uint256 i; i < depositors.length; ++i) {
            vm.prank(depositors[i]);
            open.approve(address(portal), type(uint256).max);
        }
    }

    function _held() internal view override returns (uint256) {
        return open.balanceOf(address(portal));
    }
}
