// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";

/// @title GameTest
/// @notice A deployed chain whose proposer makes games.
abstract contract GameTest is L1Deployment {
    uint256 internal constant START = 1_800_000_000;

    /// @dev Deploys a chain without coins, and lets time pass: games as old as the chain are retired.
    function _deployGames() internal {
        vm.warp(START - 1);
        _deploy(address(0), 0);
        vm.warp(START);
    }

    /// @dev The proposer claims an output root for an L2 block.
    function _propose(bytes32 _root, uint256 _number) internal returns (PermissionedDisputeGame) {
        vm.prank(PROPOSER);
        return PermissionedDisputeGame(factory.create{ value: BOND }(GAME_TYPE, _root, abi.encode(_number)));
    }

    /// @dev A claim of which only the L2 block matters.
    function _propose(uint256 _number) internal returns (PermissionedDisputeGame) {
        return _propose(keccak256(abi.encode("claim", _number)), _number);
    }

    /// @dev Nobody challenges, and somebody resolves.
    function _resolve(PermissionedDisputeGame _game) internal {
        vm.warp(_game.expectedResolution());
        _game.resolve();
    }

    /// @dev Time passes until a resolved game's result counts.
    function _passFinality(PermissionedDisputeGame _game) internal {
        vm.warp(_game.resolvedAt() + FINALITY_DELAY + 1);
    }

    /// @dev A game that the defender has won, and whose result counts.
    function _proposeFinalized(uint256 _number) internal returns (PermissionedDisputeGame game_) {
        game_ = _propose(_number);
        _resolve(game_);
        _passFinality(game_);
    }

    function _challenge(PermissionedDisputeGame _game) internal {
        vm.prank(CHALLENGER);
        _game.challenge();
    }

    function _blacklist(PermissionedDisputeGame _game) internal {
        vm.prank(GUARDIAN);
        registry.blacklistDisputeGame(address(_game));
    }

    function _pause() internal {
        vm.prank(GUARDIAN);
        superchainConfig.pause();
    }
}
