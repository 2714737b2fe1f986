// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";

/// @title PermissionedDisputeGame
/// @notice The proposer's claim about the L2, which the challenger may reject. The code behind the factory's clones.
/// @dev There is no execution on the L1 that could say who is right: the challenger's word decides. What the two can do to
///      users is bounded by others. A wrong claim that both let pass meets the guardian, who has the registry's finality
///      delay to set it aside; a challenger that rejects right claims is replaced by the factory's owner.
contract PermissionedDisputeGame is IPermissionedDisputeGame {
    /// @notice What all games with this code have in common.
    /// @param gameType Their type.
    /// @param maxClockDuration How long the challenger has, in seconds.
    /// @param anchorStateRegistry The registry that judges them.
    /// @param l2ChainId Chain id of the L2 that they are about.
    /// @param proposer Who may claim.
    /// @param challenger Who may reject.
    struct Parameters {
        uint32 gameType;
        uint64 maxClockDuration;
        IAnchorStateRegistry anchorStateRegistry;
        uint256 l2ChainId;
        address proposer;
        address challenger;
    }

    /// @dev Lengths of what the clone's code ends with: creator and claim, then the extra data.
    uint256 internal constant EXTRA_DATA_OFFSET = 20 + 32;
    uint256 internal constant ARGUMENTS_LENGTH = EXTRA_DATA_OFFSET + 32;

    /// @inheritdoc IDisputeGame
    uint32 public immutable gameType;

    /// @inheritdoc IPermissionedDisputeGame
    uint64 public immutable maxClockDuration;

    /// @inheritdoc IDisputeGame
    IAnchorStateRegistry public immutable anchorStateRegistry;

    /// @inheritdoc IPermissionedDisputeGame
    uint256 public immutable l2ChainId;

    /// @inheritdoc IPermissionedDisputeGame
    address public immutable proposer;

    /// @inheritdoc IPermissionedDisputeGame
    address public immutable challenger;

    /// @inheritdoc IDisputeGame
    uint64 public createdAt;

    /// @inheritdoc IDisputeGame
    uint64 public resolvedAt;

    /// @inheritdoc IDisputeGame
    GameStatus public status;

    /// @inheritdoc IPermissionedDisputeGame
    BondDistributionMode public bondDistributionMode;

    /// @inheritdoc IDisputeGame
    bool public wasRespectedGameTypeWhenCreated;

    /// @dev The bond, in wei; zero once it was paid out. A counter: the balance can be raised by anyone.
    uint96 internal bond;

    /// @inheritdoc IDisputeGame
    bytes32 public l1Head;

    /// @param _parameters What all games with this code have in common.
    constructor(Parameters memory _parameters) {
        gameType = _parameters.gameType;
        maxClockDuration = _parameters.maxClockDuration;
        anchorStateRegistry = _parameters.anchorStateRegistry;
        l2ChainId = _parameters.l2ChainId;
        proposer = _parameters.proposer;
        challenger = _parameters.challenger;
    }

    /// @inheritdoc IDisputeGame
    function initialize() external payable {
        if (createdAt != 0) revert PermissionedDisputeGame_AlreadyInitialized();
        if (msg.sender != address(anchorStateRegistry.disputeGameFactory())) {
            revert PermissionedDisputeGame_NotFactory();
        }
        // Longer data would make room for several games about one claim.
        if (_arguments().length != ARGUMENTS_LENGTH) revert PermissionedDisputeGame_InvalidExtraData();
        if (gameCreator() != proposer) revert PermissionedDisputeGame_NotProposer();
        uint256 number = l2SequenceNumber();
        if (number > type(uint64).max) revert PermissionedDisputeGame_InvalidExtraData();
        (, uint256 anchorNumber) = anchorStateRegistry.getAnchorRoot();
        if (number <= anchorNumber) revert PermissionedDisputeGame_NotBeyondAnchor(number, anchorNumber);

        createdAt = uint64(block.timestamp);
        bond = SafeCast.toUint96(msg.value);
        wasRespectedGameTypeWhenCreated = anchorStateRegistry.respectedGameType() == gameType;
        l1Head = blockhash(block.number - 1);
    }

    /// @inheritdoc IPermissionedDisputeGame
    function challenge() external {
        if (msg.sender != challenger) revert PermissionedDisputeGame_NotChallenger();
        if (status != GameStatus.IN_PROGRESS) revert PermissionedDisputeGame_AlreadyResolved();
        if (block.timestamp >= expectedResolution()) revert PermissionedDisputeGame_ClockExpired();
        emit Challenged(msg.sender);
        _resolve(GameStatus.CHALLENGER_WINS);
    }

    /// @inheritdoc IDisputeGame
    function resolve() external returns (GameStatus status_) {
        if (createdAt == 0) revert PermissionedDisputeGame_NotInitialized();
        if (status != GameStatus.IN_PROGRESS) revert PermissionedDisputeGame_AlreadyResolved();
        if (block.timestamp < expectedResolution()) revert PermissionedDisputeGame_ClockRunning();
        status_ = GameStatus.DEFENDER_WINS;
        _resolve(status_);
    }

    /// @inheritdoc IPermissionedDisputeGame
    function claimCredit(address _recipient) external {
        closeGame();
        uint256 amount = credit(_recipient);
        if (amount == 0) revert PermissionedDisputeGame_NoCredit();
        bond = 0;
        (bool success,) = _recipient.call{ value: amount }("");
        if (!success) revert PermissionedDisputeGame_TransferFailed();
    }

    /// @inheritdoc IDisputeGame
    function gameData() external view returns (uint32 gameType_, bytes32 rootClaim_, bytes memory extraData_) {
        return (gameType, rootClaim(), extraData());
    }

    /// @inheritdoc IPermissionedDisputeGame
    function l2BlockNumber() external view returns (uint256) {
        return l2SequenceNumber();
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc IPermissionedDisputeGame
    function closeGame() public {
        if (bondDistributionMode != BondDistributionMode.UNDECIDED) return;
        // A pause makes every game improper, which must not decide about bonds.
        if (anchorStateRegistry.paused()) revert PermissionedDisputeGame_Paused();
        if (!anchorStateRegistry.isGameFinalized(address(this))) revert PermissionedDisputeGame_NotFinalized();

        // Fails on purpose wherever this game cannot be the anchor; anyone can ask the registry again.
        try anchorStateRegistry.setAnchorState(address(this)) { } catch { }
        bondDistributionMode =
            anchorStateRegistry.isGameProper(address(this)) ? BondDistributionMode.NORMAL : BondDistributionMode.REFUND;
        emit GameClosed(bondDistributionMode);
    }

    /// @inheritdoc IPermissionedDisputeGame
    function credit(address _recipient) public view returns (uint256) {
        if (status == GameStatus.IN_PROGRESS) return 0;
        bool toChallenger = status == GameStatus.CHALLENGER_WINS && bondDistributionMode != BondDistributionMode.REFUND;
        return _recipient == (toChallenger ? challenger : gameCreator()) ? bond : 0;
    }

    /// @inheritdoc IPermissionedDisputeGame
    function expectedResolution() public view returns (uint64) {
        return createdAt + maxClockDuration;
    }

    /// @inheritdoc IDisputeGame
    function gameCreator() public view returns (address) {
        return address(bytes20(_arguments()));
    }

    /// @inheritdoc IDisputeGame
    function rootClaim() public view returns (bytes32) {
        return _word(20);
    }

    /// @inheritdoc IDisputeGame
    function extraData() public view returns (bytes memory) {
        return abi.encode(l2SequenceNumber());
    }

    /// @inheritdoc IDisputeGame
    function l2SequenceNumber() public view returns (uint256) {
        return uint256(_word(EXTRA_DATA_OFFSET));
    }

    /// @dev Ends the game.
    function _resolve(GameStatus _status) internal {
        status = _status;
        resolvedAt = uint64(block.timestamp);
        emit Resolved(_status);
    }

    /// @dev What the factory let this clone's code end with.
    function _arguments() internal view returns (bytes memory) {
        return Clones.fetchCloneArgs(address(this));
    }

    /// @dev A word of it.
    function _word(uint256 _offset) internal view returns (bytes32 word_) {
        bytes memory arguments = _arguments();
        assembly ("memory-safe") {
            word_ := mload(add(add(arguments, 0x20), _offset))
        }
    }
}
