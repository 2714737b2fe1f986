// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title IAnchorStateRegistry
/// @notice Judges games, and keeps the newest state of the L2 that a valid one has proven. Of an address that is not a
///         game of this chain, every `isGame...` but `isGameBlacklisted` says no.
interface IAnchorStateRegistry is ISemver, IProxyAdminOwned {
    /// @notice A state of the L2.
    /// @param root Its output root.
    /// @param l2SequenceNumber Its block number.
    struct Proposal {
        bytes32 root;
        uint256 l2SequenceNumber;
    }

    /// @notice There is a new anchor.
    event AnchorUpdated(address indexed game);

    /// @notice Withdrawals are proven against games of this type from now on.
    event RespectedGameTypeSet(uint32 gameType);

    /// @notice Games created until then are retired.
    event RetirementTimestampSet(uint256 timestamp);

    /// @notice The game is set aside for ever.
    event DisputeGameBlacklisted(address indexed game);

    /// @notice The caller is not the guardian.
    error AnchorStateRegistry_Unauthorized();

    /// @notice The game's claim is not valid, or not newer than the anchor.
    error AnchorStateRegistry_InvalidAnchorGame();

    /// @notice Connects the registry, once. Only the ProxyAdmin or its owner.
    /// @param _systemConfig The chain's configuration, which knows the guardian and the pause.
    /// @param _disputeGameFactory The factory of the chain's games.
    /// @param _startingAnchorRoot The state to start from: the L2's genesis.
    /// @param _startingRespectedGameType The type of game that withdrawals are proven against.
    function initialize(
        ISystemConfig _systemConfig,
        IDisputeGameFactory _disputeGameFactory,
        Proposal calldata _startingAnchorRoot,
        uint32 _startingRespectedGameType
    ) external;

    /// @notice Makes a game the anchor. Anyone; the claim must be valid and newer than the anchor.
    function setAnchorState(address _game) external;

    /// @notice Names the type of game that withdrawals are proven against. Only the guardian. Games that exist keep what
    ///         they were created as.
    function setRespectedGameType(uint32 _gameType) external;

    /// @notice Retires all games there are: nothing can be proven or finalized with them any more. Only the guardian.
    function updateRetirementTimestamp() external;

    /// @notice Sets a game aside for ever. Only the guardian.
    function blacklistDisputeGame(address _game) external;

    /// @notice The newest proven state. Without an anchor game, or with one that is set aside, the state that the registry
    ///         started from.
    function getAnchorRoot() external view returns (bytes32 root_, uint256 l2SequenceNumber_);

    /// @notice The same, whatever the type: there is one anchor.
    function anchors(uint32 _gameType) external view returns (bytes32 root_, uint256 l2SequenceNumber_);

    /// @notice The game that proved it; zero for none.
    function anchorGame() external view returns (IDisputeGame);

    /// @notice The state that the registry started from.
    function startingAnchorRoot() external view returns (bytes32 root, uint256 l2SequenceNumber);

    /// @notice The type of game that withdrawals are proven against.
    function respectedGameType() external view returns (uint32);

    /// @notice Games created until then are retired, in seconds.
    function retirementTimestamp() external view returns (uint64);

    /// @notice Whether the guardian set this game aside.
    function disputeGameBlacklist(address _game) external view returns (bool);

    /// @notice How long a game must have been resolved before its result counts, in seconds: time for the guardian.
    function disputeGameFinalityDelaySeconds() external view returns (uint256);

    /// @notice The factory of the chain's games.
    function disputeGameFactory() external view returns (IDisputeGameFactory);

    /// @notice The chain's configuration.
    function systemConfig() external view returns (ISystemConfig);

    /// @notice The pause.
    function superchainConfig() external view returns (ISuperchainConfig);

    /// @notice Whether withdrawals are paused.
    function paused() external view returns (bool);

    /// @notice Whether the factory made this game, and for this registry.
    function isGameRegistered(address _game) external view returns (bool);

    /// @notice Whether its type was respected when it was created.
    function isGameRespected(address _game) external view returns (bool);

    /// @notice Whether the guardian set it aside.
    function isGameBlacklisted(address _game) external view returns (bool);

    /// @notice Whether it was created no later than the retirement timestamp.
    function isGameRetired(address _game) external view returns (bool);

    /// @notice Whether it is over.
    function isGameResolved(address _game) external view returns (bool);

    /// @notice Whether it is registered, neither set aside nor retired, and withdrawals are not paused. It says nothing
    ///         about the claim.
    function isGameProper(address _game) external view returns (bool);

    /// @notice Whether it has been over for more than the finality delay.
    function isGameFinalized(address _game) external view returns (bool);

    /// @notice Whether its claim counts: proper, respected, finalized, and the defender won.
    function isGameClaimValid(address _game) external view returns (bool);
}
