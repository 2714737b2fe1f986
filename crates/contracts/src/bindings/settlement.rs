//! Contracts of the L1 on which output roots stand, and through which coins and tokens leave the L2.

use alloy_sol_types::sol;

sol! {
    /// The list of output roots, each of them a game.
    #[derive(Debug, PartialEq, Eq)]
    interface IDisputeGameFactory {
        /// A game as `findLatestGames` describes it.
        struct GameSearchResult {
            uint256 index;
            bytes32 metadata;
            uint64 timestamp;
            bytes32 rootClaim;
            bytes extraData;
        }
        event DisputeGameCreated(address indexed disputeProxy, uint32 indexed gameType, bytes32 indexed rootClaim);
        error DisputeGameFactory_NoImplementation(uint32 gameType);
        error DisputeGameFactory_IncorrectBondAmount();
        error DisputeGameFactory_GameAlreadyExists(bytes32 uuid);
        function initialize(uint32 gameType, address implementation, uint256 initBond) external;
        function create(uint32 gameType, bytes32 rootClaim, bytes calldata extraData) external payable returns (address proxy);
        function games(uint32 gameType, bytes32 rootClaim, bytes calldata extraData) external view returns (address proxy, uint64 timestamp);
        function gameAtIndex(uint256 index) external view returns (uint32 gameType, uint64 timestamp, address proxy);
        function gameCount() external view returns (uint256);
        function gameImpls(uint32 gameType) external view returns (address);
        function initBonds(uint32 gameType) external view returns (uint256);
        function findLatestGames(uint32 gameType, uint256 start, uint256 n) external view returns (GameSearchResult[] memory);
        function setImplementation(uint32 gameType, address implementation) external;
        function setInitBond(uint32 gameType, uint256 initBond) external;
    }

    /// An output root that somebody claims.
    #[derive(Debug, PartialEq, Eq)]
    interface IPermissionedDisputeGame {
        event Resolved(uint8 indexed status);
        event Challenged(address indexed challenger);
        event GameClosed(uint8 bondDistributionMode);
        function createdAt() external view returns (uint64);
        function resolvedAt() external view returns (uint64);
        function status() external view returns (uint8);
        function gameType() external view returns (uint32);
        function gameCreator() external view returns (address);
        function rootClaim() external view returns (bytes32);
        function l1Head() external view returns (bytes32);
        function extraData() external view returns (bytes memory);
        function l2SequenceNumber() external view returns (uint256);
        function maxClockDuration() external view returns (uint64);
        function anchorStateRegistry() external view returns (address);
        function proposer() external view returns (address);
        function challenger() external view returns (address);
        function bondDistributionMode() external view returns (uint8);
        function credit(address recipient) external view returns (uint256);
        function challenge() external;
        function resolve() external returns (uint8);
        function closeGame() external;
        function claimCredit(address recipient) external;
    }

    /// What is proven, and what must not be believed.
    #[derive(Debug, PartialEq, Eq)]
    interface IAnchorStateRegistry {
        /// An output root and its block's number.
        struct Proposal {
            bytes32 root;
            uint256 l2SequenceNumber;
        }
        event AnchorUpdated(address indexed game);
        event DisputeGameBlacklisted(address indexed game);
        function initialize(address systemConfig, address disputeGameFactory, Proposal calldata startingAnchorRoot, uint32 startingRespectedGameType) external;
        function getAnchorRoot() external view returns (bytes32 root, uint256 l2SequenceNumber);
        function anchorGame() external view returns (address);
        function respectedGameType() external view returns (uint32);
        function retirementTimestamp() external view returns (uint64);
        function disputeGameFinalityDelaySeconds() external view returns (uint256);
        function disputeGameFactory() external view returns (address);
        function disputeGameBlacklist(address game) external view returns (bool);
        function paused() external view returns (bool);
        function isGameProper(address game) external view returns (bool);
        function isGameFinalized(address game) external view returns (bool);
        function isGameClaimValid(address game) external view returns (bool);
        function setAnchorState(address game) external;
        function setRespectedGameType(uint32 gameType) external;
        function blacklistDisputeGame(address game) external;
        function updateRetirementTimestamp() external;
    }

    /// The L1's side of messages between the layers.
    #[derive(Debug, PartialEq, Eq)]
    interface IL1CrossDomainMessenger {
        function initialize(address superchainConfig, address portal, address systemConfig) external;
        function otherMessenger() external view returns (address);
        function portal() external view returns (address);
    }

    /// The L1's side of the ERC-20 bridge.
    #[derive(Debug, PartialEq, Eq)]
    interface IL1StandardBridge {
        function initialize(address messenger, address superchainConfig, address systemConfig) external;
        function deposits(address localToken, address remoteToken) external view returns (uint256);
    }

    /// The factory of bridged tokens, the same on both layers.
    #[derive(Debug, PartialEq, Eq)]
    interface IOptimismMintableERC20Factory {
        function initialize(address bridge) external;
        function bridge() external view returns (address);
    }
}
