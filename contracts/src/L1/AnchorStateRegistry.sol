// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title AnchorStateRegistry
/// @notice Judges games and keeps the anchor, behind a proxy.
/// @dev An address is a game because the factory says so, never because it says so itself. Only what is registered is
///      asked anything else: its code is the factory owner's choice.
contract AnchorStateRegistry is IAnchorStateRegistry, ProxyAdminOwned, Initializable {
    /// @inheritdoc IAnchorStateRegistry
    uint256 public immutable disputeGameFinalityDelaySeconds;

    /// @inheritdoc IAnchorStateRegistry
    ISystemConfig public systemConfig;

    /// @inheritdoc IAnchorStateRegistry
    uint64 public retirementTimestamp;

    /// @inheritdoc IAnchorStateRegistry
    uint32 public respectedGameType;

    /// @inheritdoc IAnchorStateRegistry
    IDisputeGameFactory public disputeGameFactory;

    /// @inheritdoc IAnchorStateRegistry
    IDisputeGame public anchorGame;

    /// @inheritdoc IAnchorStateRegistry
    Proposal public startingAnchorRoot;

    /// @inheritdoc IAnchorStateRegistry
    mapping(address game => bool) public disputeGameBlacklist;

    /// @dev Only the guardian.
    modifier onlyGuardian() {
        if (msg.sender != systemConfig.guardian()) revert AnchorStateRegistry_Unauthorized();
        _;
    }

    /// @param _disputeGameFinalityDelaySeconds How long a game must have been resolved before its result counts.
    constructor(uint256 _disputeGameFinalityDelaySeconds) {
        disputeGameFinalityDelaySeconds = _disputeGameFinalityDelaySeconds;
        _disableInitializers();
    }

    /// @inheritdoc IAnchorStateRegistry
    function initialize(
        ISystemConfig _systemConfig,
        IDisputeGameFactory _disputeGameFactory,
        Proposal calldata _startingAnchorRoot,
        uint32 _startingRespectedGameType
    ) external onlyProxyAdminOrOwner initializer {
        systemConfig = _systemConfig;
        disputeGameFactory = _disputeGameFactory;
        startingAnchorRoot = _startingAnchorRoot;
        _setRespectedGameType(_startingRespectedGameType);
        _setRetirementTimestamp();
    }

    /// @inheritdoc IAnchorStateRegistry
    function setAnchorState(address _game) external {
        if (!isGameClaimValid(_game)) revert AnchorStateRegistry_InvalidAnchorGame();
        (, uint256 anchorNumber) = getAnchorRoot();
        if (IDisputeGame(_game).l2SequenceNumber() <= anchorNumber) revert AnchorStateRegistry_InvalidAnchorGame();
        anchorGame = IDisputeGame(_game);
        emit AnchorUpdated(_game);
    }

    /// @inheritdoc IAnchorStateRegistry
    function setRespectedGameType(uint32 _gameType) external onlyGuardian {
        _setRespectedGameType(_gameType);
    }

    /// @inheritdoc IAnchorStateRegistry
    function updateRetirementTimestamp() external onlyGuardian {
        _setRetirementTimestamp();
    }

    /// @inheritdoc IAnchorStateRegistry
    function blacklistDisputeGame(address _game) external onlyGuardian {
        disputeGameBlacklist[_game] = true;
        emit DisputeGameBlacklisted(_game);
    }

    /// @inheritdoc IAnchorStateRegistry
    function anchors(uint32) external view returns (bytes32 root_, uint256 l2SequenceNumber_) {
        return getAnchorRoot();
    }

    /// @inheritdoc IAnchorStateRegistry
    function superchainConfig() external view returns (ISuperchainConfig) {
        return systemConfig.superchainConfig();
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameRespected(address _game) external view returns (bool) {
        return isGameRegistered(_game) && IDisputeGame(_game).wasRespectedGameTypeWhenCreated();
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameRetired(address _game) external view returns (bool) {
        return isGameRegistered(_game) && _isRetired(_game);
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameResolved(address _game) external view returns (bool) {
        return isGameRegistered(_game) && _resolvedAt(_game) != 0;
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameFinalized(address _game) external view returns (bool) {
        return isGameRegistered(_game) && _isFinalized(_game);
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IAnchorStateRegistry
    function paused() public view returns (bool) {
        return systemConfig.paused();
    }

    /// @inheritdoc IAnchorStateRegistry
    /// @dev A game that was set aside must not be the state that others build on. Nor may it stop them: every game asks
    ///      for the anchor when it is created.
    function getAnchorRoot() public view returns (bytes32 root_, uint256 l2SequenceNumber_) {
        IDisputeGame game = anchorGame;
        if (address(game) == address(0) || isGameBlacklisted(address(game))) {
            return (startingAnchorRoot.root, startingAnchorRoot.l2SequenceNumber);
        }
        return (game.rootClaim(), game.l2SequenceNumber());
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameRegistered(address _game) public view returns (bool) {
        (bool answered, uint32 gameType, bytes32 rootClaim, bytes memory extraData) = _gameData(_game);
        if (!answered) return false;
        (address registered,) = disputeGameFactory.games(gameType, rootClaim, extraData);
        return registered == _game && address(IDisputeGame(_game).anchorStateRegistry()) == address(this);
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameBlacklisted(address _game) public view returns (bool) {
        return disputeGameBlacklist[_game];
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameProper(address _game) public view returns (bool) {
        return isGameRegistered(_game) && !isGameBlacklisted(_game) && !_isRetired(_game) && !paused();
    }

    /// @inheritdoc IAnchorStateRegistry
    function isGameClaimValid(address _game) public view returns (bool) {
        return isGameProper(_game) && IDisputeGame(_game).wasRespectedGameTypeWhenCreated() && _isFinalized(_game)
            && IDisputeGame(_game).status() == IDisputeGame.GameStatus.DEFENDER_WINS;
    }

    /// @dev Stores the respected type.
    function _setRespectedGameType(uint32 _gameType) internal {
        respectedGameType = _gameType;
        emit RespectedGameTypeSet(_gameType);
    }

    /// @dev Retires all games until now, this block's included.
    function _setRetirementTimestamp() internal {
        retirementTimestamp = uint64(block.timestamp);
        emit RetirementTimestampSet(block.timestamp);
    }

    /// @dev Whether a registered game is retired.
    function _isRetired(address _game) internal view returns (bool) {
        return IDisputeGame(_game).createdAt() <= retirementTimestamp;
    }

    /// @dev Whether a registered game has been over for more than the delay.
    function _isFinalized(address _game) internal view returns (bool) {
        uint256 resolvedAt = _resolvedAt(_game);
        return resolvedAt != 0 && block.timestamp - resolvedAt > disputeGameFinalityDelaySeconds;
    }

    /// @dev When a registered game was resolved; zero where it has no result.
    function _resolvedAt(address _game) internal view returns (uint256) {
        if (IDisputeGame(_game).status() == IDisputeGame.GameStatus.IN_PROGRESS) return 0;
        return IDisputeGame(_game).resolvedAt();
    }

    /// @dev What an arbitrary address says that it is as a game. Anything but a well-formed answer is none: neither a
    ///      missing contract nor a hostile one can make this function revert, except by using up the gas.
    function _gameData(address _game)
        internal
        view
        returns (bool answered_, uint32 gameType_, bytes32 rootClaim_, bytes memory extraData_)
    {
        (bool success, bytes memory answer) = _game.staticcall(abi.encodeCall(IDisputeGame.gameData, ()));
        // Three words, of which the last is where the data is, the data's length, and the data.
        if (!success || answer.length < 128) return (false, 0, 0, "");
        (uint256 gameType, bytes32 rootClaim, uint256 offset, uint256 length) =
            abi.decode(answer, (uint256, bytes32, uint256, uint256));
        if (gameType > type(uint32).max || offset != 96 || length > answer.length - 128) return (false, 0, 0, "");
        (,, extraData_) = abi.decode(answer, (uint256, bytes32, bytes));
        return (true, uint32(gameType), rootClaim, extraData_);
    }
}
