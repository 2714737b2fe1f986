// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title IDisputeGameFactory
/// @notice Makes the games, and is the list of all there are. For one claim about one block there is one game of a type.
interface IDisputeGameFactory is ISemver, IProxyAdminOwned {
    /// @notice A game as `findLatestGames` describes it.
    /// @param index Its place in the list.
    /// @param metadata Type (4 bytes), creation time (8), address (20).
    /// @param timestamp Creation time, in seconds.
    /// @param rootClaim The claim.
    /// @param extraData What the claim is about.
    struct GameSearchResult {
        uint256 index;
        bytes32 metadata;
        uint64 timestamp;
        bytes32 rootClaim;
        bytes extraData;
    }

    /// @notice There is a new game.
    event DisputeGameCreated(address indexed disputeProxy, uint32 indexed gameType, bytes32 indexed rootClaim);

    /// @notice Games of the type run this code from now on; zero: none can be created.
    event ImplementationSet(address indexed impl, uint32 indexed gameType);

    /// @notice Creating a game of the type costs this bond from now on, in wei.
    event InitBondUpdated(uint32 indexed gameType, uint256 indexed newBond);

    /// @notice Games of this type cannot be created.
    error DisputeGameFactory_NoImplementation(uint32 gameType);

    /// @notice The address is not the code of a game of that type.
    error DisputeGameFactory_InvalidImplementation(address impl, uint32 gameType);

    /// @notice The value of the call is not the bond.
    error DisputeGameFactory_IncorrectBondAmount();

    /// @notice There is a game of this type for this claim.
    error DisputeGameFactory_GameAlreadyExists(bytes32 uuid);

    /// @notice Makes the factory ready for games of a first type, once. Only the ProxyAdmin or its owner.
    function initialize(uint32 _gameType, address _implementation, uint256 _initBond) external;

    /// @notice Creates a game. The value of the call must be the type's bond.
    /// @param _gameType Its type.
    /// @param _rootClaim The claim.
    /// @param _extraData What the claim is about; what that must be is up to the type.
    /// @return proxy_ The game. Its address follows from creator, type, claim and extra data: no other claim can come to
    ///         stand there, whatever becomes of the L1's newest blocks.
    function create(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) external payable returns (address proxy_);

    /// @notice Sets the code of future games of a type; zero for none. Existing games keep theirs. Only the owner of the
    ///         ProxyAdmin, since a game's code decides what leaves the portal.
    function setImplementation(uint32 _gameType, address _impl) external;

    /// @notice Sets the bond of future games of a type, in wei. Only the owner of the ProxyAdmin.
    function setInitBond(uint32 _gameType, uint256 _initBond) external;

    /// @notice The game of a type for a claim, and when it was created; zeros if there is none.
    function games(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) external view returns (address proxy_, uint64 timestamp_);

    /// @notice The game at a place in the list, oldest first.
    function gameAtIndex(uint256 _index) external view returns (uint32 gameType_, uint64 timestamp_, address proxy_);

    /// @notice How many games there are.
    function gameCount() external view returns (uint256);

    /// @notice The newest games of a type.
    /// @param _gameType The type.
    /// @param _start Where in the list to begin; the search goes towards the oldest game. Beyond the end nothing is found.
    /// @param _n How many to find, at most.
    function findLatestGames(
        uint32 _gameType,
        uint256 _start,
        uint256 _n
    ) external view returns (GameSearchResult[] memory games_);

    /// @notice The code of a type's games; zero if there is none.
    function gameImpls(uint32 _gameType) external view returns (address);

    /// @notice The bond of a type's games, in wei.
    function initBonds(uint32 _gameType) external view returns (uint256);

    /// @notice What a game is known by: the hash of its type, claim and extra data.
    function getGameUUID(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) external pure returns (bytes32);

    /// @notice Who sets implementations and bonds: the owner of the ProxyAdmin.
    function owner() external view returns (address);
}
