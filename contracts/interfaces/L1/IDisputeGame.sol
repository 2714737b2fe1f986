// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";

/// @title IDisputeGame
/// @notice A claim about the L2's state that can be disputed until it is resolved. One contract per claim, made by the
///         DisputeGameFactory. Everything here but `initialize` and `resolve` is what the portal and its clients read.
interface IDisputeGame is ISemver {
    /// @notice How a game stands. The numbers are those of the OP Stack.
    enum GameStatus {
        IN_PROGRESS,
        CHALLENGER_WINS,
        DEFENDER_WINS
    }

    /// @notice The game is over.
    event Resolved(GameStatus indexed status);

    /// @notice Starts the game. The value of the call is the bond. Only the factory, once.
    function initialize() external payable;

    /// @notice Ends the game in favour of whoever the rules say, as soon as they do.
    function resolve() external returns (GameStatus status_);

    /// @notice When the game was created, in seconds; zero before it was.
    function createdAt() external view returns (uint64);

    /// @notice When it was resolved, in seconds; zero before it was.
    function resolvedAt() external view returns (uint64);

    /// @notice How it stands.
    function status() external view returns (GameStatus);

    /// @notice Which rules it is played by.
    function gameType() external view returns (uint32);

    /// @notice Who created it through the factory.
    function gameCreator() external view returns (address);

    /// @notice The claim: an output root of the L2.
    function rootClaim() external view returns (bytes32);

    /// @notice Hash of the L1 block before the one that created the game. What the L2 is must follow from the L1 up to there.
    function l1Head() external view returns (bytes32);

    /// @notice What the claim is about: an ABI-encoded L2 block number.
    function extraData() external view returns (bytes memory);

    /// @notice What the game is known by to the factory.
    function gameData() external view returns (uint32 gameType_, bytes32 rootClaim_, bytes memory extraData_);

    /// @notice The L2 block whose output root is claimed.
    function l2SequenceNumber() external view returns (uint256);

    /// @notice Whether withdrawals were proven against games of this type when this one was created.
    function wasRespectedGameTypeWhenCreated() external view returns (bool);

    /// @notice The registry that judges this game's validity.
    function anchorStateRegistry() external view returns (IAnchorStateRegistry);
}
