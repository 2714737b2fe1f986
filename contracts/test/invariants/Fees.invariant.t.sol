// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Fee_Actors } from "test/invariants/FeeActors.sol";
import { Test } from "test/utils/Test.sol";

/// @notice I8 of the bridge, as far as contracts can break it: nothing is minted but by deposits, and fees are conserved. That
///         the execution engine charges what it credits is tested where the engine is.
contract Fees_Invariant is Test {
    Fee_Actors internal actors = new Fee_Actors();

    function setUp() external { }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    function invariant_I8_nothingIsMintedButByDeposits() external view {
        vm.assertEq(actors.supply(), actors.GENESIS() + actors.minted() - actors.destroyed());
    }

    /// @dev What the vaults got, they have or have paid, all of it and nothing twice.
    function invariant_I8_feesAreConserved() external view {
        vm.assertEq(actors.received(), actors.held() + actors.paid());
        vm.assertEq(actors.processed(), actors.paid());
        vm.assertEq(actors.wrongWithdrawals(), 0);
    }
}
