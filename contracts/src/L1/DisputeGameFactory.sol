// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title DisputeGameFactory
/// @notice Makes the games and lists them, behind a proxy.
/// @dev A game is a clone whose code ends with creator, claim and extra data. So its address commits to them: after a
///      reorganisation of the L1 a transaction to the address can only reach the game that it was meant for, or none.
///      What differs between the branches, such as the L1's head, must therefore not be among those bytes.
contract DisputeGameFactory is IDisputeGameFactory, ProxyAdminOwned, Initializable {
    /// @dev A game in one word: type (32 bits), creation time (64), address (160).
    struct Game {
        address proxy;
        uint64 timestamp;
        uint32 gameType;
    }

    /// @inheritdoc IDisputeGameFactory
    mapping(uint32 gameType => address) public gameImpls;

    /// @inheritdoc IDisputeGameFactory
    mapping(uint32 gameType => uint256) public initBonds;

    /// @dev The games by what they are known by.
    mapping(bytes32 uuid => Game) internal gameByUUID;

    /// @dev The games by age, oldest first.
    Game[] internal gameList;

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IDisputeGameFactory
    function initialize(
        uint32 _gameType,
        address _implementation,
        uint256 _initBond
    ) external onlyProxyAdminOrOwner initializer {
        _setImplementation(_gameType, _implementation);
        _setInitBond(_gameType, _initBond);
    }

    /// @inheritdoc IDisputeGameFactory
    function create(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) external payable returns (address proxy_) {
        address implementation = gameImpls[_gameType];
        if (implementation == address(0)) revert DisputeGameFactory_NoImplementation(_gameType);
        if (msg.value != initBonds[_gameType]) revert DisputeGameFactory_IncorrectBondAmount();
        bytes32 uuid = getGameUUID(_gameType, _rootClaim, _extraData);
        if (gameByUUID[uuid].proxy != address(0)) revert DisputeGameFactory_GameAlreadyExists(uuid);

        proxy_ = Clones.cloneDeterministicWithImmutableArgs(
            implementation, abi.encodePacked(msg.sender, _rootClaim, _extraData), uuid
        );
        Game memory game = Game({ proxy: proxy_, timestamp: uint64(block.timestamp), gameType: _gameType });
        gameByUUID[uuid] = game;
        gameList.push(game);
        IDisputeGame(proxy_).initialize{ value: msg.value }();
        emit DisputeGameCreated(proxy_, _gameType, _rootClaim);
    }

    /// @inheritdoc IDisputeGameFactory
    function setImplementation(uint32 _gameType, address _impl) external onlyProxyAdminOwner {
        _setImplementation(_gameType, _impl);
    }

    /// @inheritdoc IDisputeGameFactory
    function setInitBond(uint32 _gameType, uint256 _initBond) external onlyProxyAdminOwner {
        _setInitBond(_gameType, _initBond);
    }

    /// @inheritdoc IDisputeGameFactory
    function games(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) external view returns (address proxy_, uint64 timestamp_) {
        Game memory game = gameByUUID[getGameUUID(_gameType, _rootClaim, _extraData)];
        return (game.proxy, game.timestamp);
    }

    /// @inheritdoc IDisputeGameFactory
    function gameAtIndex(uint256 _index) external view returns (uint32 gameType_, uint64 timestamp_, address proxy_) {
        Game memory game = gameList[_index];
        return (game.gameType, game.timestamp, game.proxy);
    }

    /// @inheritdoc IDisputeGameFactory
    function gameCount() external view returns (uint256) {
        return gameList.length;
    }

    /// @inheritdoc IDisputeGameFactory
    function findLatestGames(
        uint32 _gameType,
        uint256 _start,
        uint256 _n
    ) external view returns (GameSearchResult[] memory games_) {
        if (_start >= gameList.length) return games_;
        games_ = new GameSearchResult[](Math.min(_n, _start + 1));
        uint256 found;
        for (uint256 next = _start + 1; next > 0 && found < games_.length; --next) {
            Game memory game = gameList[next - 1];
            if (game.gameType == _gameType) games_[found++] = _describe(next - 1, game);
        }
        // Fewer than there was room for.
        assembly ("memory-safe") {
            mstore(games_, found)
        }
    }

    /// @inheritdoc IDisputeGameFactory
    function owner() external view returns (address) {
        return proxyAdminOwner();
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IDisputeGameFactory
    function getGameUUID(
        uint32 _gameType,
        bytes32 _rootClaim,
        bytes calldata _extraData
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(_gameType, _rootClaim, _extraData));
    }

    /// @dev Stores the code of a type's games. A clone of an account without code would accept every call and keep the
    ///      bond, and a game that believes to be of another type would never be registered.
    function _setImplementation(uint32 _gameType, address _impl) internal {
        if (_impl != address(0) && (_impl.code.length == 0 || IDisputeGame(_impl).gameType() != _gameType)) {
            revert DisputeGameFactory_InvalidImplementation(_impl, _gameType);
        }
        gameImpls[_gameType] = _impl;
        emit ImplementationSet(_impl, _gameType);
    }

    /// @dev Stores the bond of a type's games.
    function _setInitBond(uint32 _gameType, uint256 _initBond) internal {
        initBonds[_gameType] = _initBond;
        emit InitBondUpdated(_gameType, _initBond);
    }

    /// @dev All about a game.
    function _describe(uint256 _index, Game memory _game) internal view returns (GameSearchResult memory) {
        return GameSearchResult({
            index: _index,
            metadata: bytes32(abi.encodePacked(_game.gameType, _game.timestamp, _game.proxy)),
            timestamp: _game.timestamp,
            rootClaim: IDisputeGame(_game.proxy).rootClaim(),
            extraData: IDisputeGame(_game.proxy).extraData()
        });
    }
}
