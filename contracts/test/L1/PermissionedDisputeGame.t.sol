// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Caller } from "test/mocks/Targets.sol";
import { GameTest } from "test/utils/GameTest.sol";

/// @notice What the tests of games share.
abstract contract PermissionedDisputeGame_Base is GameTest {
    PermissionedDisputeGame internal game;

    function setUp() external {
        _deployGames();
        vm.roll(100);
        vm.setBlockhash(99, keccak256("head"));
        game = _propose(keccak256("root"), 42);
    }

    function _assertStatus(IDisputeGame.GameStatus _status) internal view {
        vm.assertEq(uint8(game.status()), uint8(_status));
    }

    function _assertMode(IPermissionedDisputeGame.BondDistributionMode _mode) internal view {
        vm.assertEq(uint8(game.bondDistributionMode()), uint8(_mode));
    }

    /// @dev A game between other parties, under a type of its own.
    function _between(address _proposer, address _challenger) internal returns (PermissionedDisputeGame) {
        PermissionedDisputeGame implementation = new PermissionedDisputeGame(
            PermissionedDisputeGame.Parameters(9, MAX_CLOCK_DURATION, registry, L2_CHAIN_ID, _proposer, _challenger)
        );
        vm.startPrank(address(timelock));
        factory.setImplementation(9, address(implementation));
        factory.setInitBond(9, BOND);
        vm.stopPrank();
        vm.deal(_proposer, BOND);
        vm.prank(_proposer);
        return PermissionedDisputeGame(factory.create{ value: BOND }(9, keccak256("root"), abi.encode(42)));
    }
}

contract PermissionedDisputeGame_Initialize_Test is PermissionedDisputeGame_Base {
    function test_initialize_succeeds() external view {
        vm.assertEq(game.version(), "1.0.0");
        vm.assertEq(game.createdAt(), START);
        vm.assertEq(game.resolvedAt(), 0);
        _assertStatus(IDisputeGame.GameStatus.IN_PROGRESS);
        vm.assertEq(game.gameType(), GAME_TYPE);
        vm.assertEq(game.gameCreator(), PROPOSER);
        vm.assertEq(game.rootClaim(), keccak256("root"));
        vm.assertEq(game.l1Head(), keccak256("head"));
        vm.assertEq(game.extraData(), abi.encode(42));
        (uint32 gameType, bytes32 rootClaim, bytes memory extraData) = game.gameData();
        vm.assertEq(gameType, GAME_TYPE);
        vm.assertEq(rootClaim, keccak256("root"));
        vm.assertEq(extraData, abi.encode(42));
        vm.assertEq(game.l2BlockNumber(), 42);
        vm.assertEq(game.l2SequenceNumber(), 42);
        vm.assertEq(game.maxClockDuration(), MAX_CLOCK_DURATION);
        vm.assertEq(game.expectedResolution(), START + MAX_CLOCK_DURATION);
        vm.assertTrue(game.wasRespectedGameTypeWhenCreated());
        vm.assertEq(address(game.anchorStateRegistry()), address(registry));
        vm.assertEq(game.l2ChainId(), L2_CHAIN_ID);
        vm.assertEq(game.proposer(), PROPOSER);
        vm.assertEq(game.challenger(), CHALLENGER);
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.UNDECIDED);
        vm.assertEq(game.credit(PROPOSER), 0);
        vm.assertEq(address(game).balance, BOND);
    }

    function test_initialize_notRespected_succeeds() external {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(GAME_TYPE + 1);
        vm.assertFalse(_propose(43).wasRespectedGameTypeWhenCreated());
        vm.assertTrue(game.wasRespectedGameTypeWhenCreated());
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(factory));
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyInitialized.selector);
        game.initialize();
    }

    /// @dev Nor can the code behind the games be made one.
    function testFuzz_initialize_notFactory_reverts(address _caller) external {
        vm.assume(_caller != address(factory));
        PermissionedDisputeGame implementation = PermissionedDisputeGame(factory.gameImpls(GAME_TYPE));
        vm.prank(_caller);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotFactory.selector);
        implementation.initialize();
    }

    function testFuzz_initialize_notProposer_reverts(address _caller) external {
        vm.assume(_caller != PROPOSER && _caller != address(proxyAdmin));
        vm.deal(_caller, BOND);
        vm.prank(_caller, PROPOSER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotProposer.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("root"), abi.encode(43));
    }

    /// @dev Longer data, whose first bytes are the same, would be a second game about the same claim.
    function testFuzz_initialize_extraDataLength_reverts(bytes calldata _extraData) external {
        vm.assume(_extraData.length != 32);
        vm.startPrank(PROPOSER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("root"), _extraData);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("root"), abi.encodePacked(abi.encode(42), uint8(0)));
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("root"), new bytes(31));
    }

    /// @dev A block that can never be reached would make every later claim one that is not beyond the anchor.
    function testFuzz_initialize_blockNumberTooLarge_reverts(uint256 _number) external {
        uint256 number = _bound(_number, uint256(type(uint64).max) + 1, type(uint256).max);
        vm.prank(PROPOSER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("root"), abi.encode(number));
        vm.assertEq(_propose(type(uint64).max).l2SequenceNumber(), type(uint64).max);
    }

    function testFuzz_initialize_notBeyondAnchor_reverts(uint256 _number) external {
        _resolve(game);
        _passFinality(game);
        registry.setAnchorState(address(game));
        uint256 number = _bound(_number, 0, 42);
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPermissionedDisputeGame.PermissionedDisputeGame_NotBeyondAnchor.selector, number, 42
            )
        );
        factory.create{ value: BOND }(GAME_TYPE, keccak256("another root"), abi.encode(number));
        _propose(43);
    }
}

contract PermissionedDisputeGame_Play_Test is PermissionedDisputeGame_Base {
    /// @dev To the last second of the clock.
    function testFuzz_challenge_succeeds(uint64 _after) external {
        uint256 time = START + _bound(_after, 0, MAX_CLOCK_DURATION - 1);
        vm.warp(time);
        vm.expectEmit();
        emit IPermissionedDisputeGame.Challenged(CHALLENGER);
        vm.expectEmit();
        emit IDisputeGame.Resolved(IDisputeGame.GameStatus.CHALLENGER_WINS);
        _challenge(game);
        _assertStatus(IDisputeGame.GameStatus.CHALLENGER_WINS);
        vm.assertEq(game.resolvedAt(), time);
    }

    function testFuzz_challenge_notChallenger_reverts(address _caller) external {
        vm.assume(_caller != CHALLENGER);
        vm.prank(_caller, CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotChallenger.selector);
        game.challenge();
    }

    function testFuzz_challenge_clockExpired_reverts(uint64 _after) external {
        vm.warp(START + _bound(_after, MAX_CLOCK_DURATION, type(uint64).max - START));
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_ClockExpired.selector);
        game.challenge();
    }

    function test_challenge_resolved_reverts() external {
        _challenge(game);
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyResolved.selector);
        game.challenge();
    }

    function testFuzz_resolve_succeeds(address _caller, uint64 _after) external {
        vm.assume(_caller != address(proxyAdmin));
        uint256 time = START + _bound(_after, MAX_CLOCK_DURATION, type(uint64).max - START);
        vm.warp(time);
        vm.expectEmit();
        emit IDisputeGame.Resolved(IDisputeGame.GameStatus.DEFENDER_WINS);
        vm.prank(_caller);
        IDisputeGame.GameStatus status = game.resolve();
        vm.assertEq(uint8(status), uint8(IDisputeGame.GameStatus.DEFENDER_WINS));
        _assertStatus(IDisputeGame.GameStatus.DEFENDER_WINS);
        vm.assertEq(game.resolvedAt(), time);
    }

    function testFuzz_resolve_clockRunning_reverts(uint64 _after) external {
        vm.warp(START + _bound(_after, 0, MAX_CLOCK_DURATION - 1));
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_ClockRunning.selector);
        game.resolve();
    }

    function test_resolve_resolved_reverts() external {
        _challenge(game);
        vm.warp(START + MAX_CLOCK_DURATION);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyResolved.selector);
        game.resolve();
    }

    /// @dev The code behind the games is no game.
    function test_implementation_cannotBePlayed_reverts() external {
        PermissionedDisputeGame implementation = PermissionedDisputeGame(factory.gameImpls(GAME_TYPE));
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotInitialized.selector);
        implementation.resolve();
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_ClockExpired.selector);
        implementation.challenge();
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotFinalized.selector);
        implementation.closeGame();
    }

    /// @dev Once the chain's owner has replaced a challenger, it has no say in new games.
    function test_challenge_replacedChallenger_reverts() external {
        PermissionedDisputeGame next = _between(PROPOSER, ALICE);
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotChallenger.selector);
        next.challenge();
        vm.prank(ALICE);
        next.challenge();
    }
}

contract PermissionedDisputeGame_Bond_Test is PermissionedDisputeGame_Base {
    function test_closeGame_normal_makesAnchor_succeeds() external {
        _resolve(game);
        _passFinality(game);
        vm.expectEmit();
        emit IAnchorStateRegistry.AnchorUpdated(address(game));
        vm.expectEmit();
        emit IPermissionedDisputeGame.GameClosed(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
        game.closeGame();
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
        vm.assertEq(address(registry.anchorGame()), address(game));
        vm.assertEq(game.credit(PROPOSER), BOND);
    }

    /// @dev Where the registry does not take the game as anchor, it is closed all the same.
    function test_closeGame_olderThanAnchor_succeeds() external {
        PermissionedDisputeGame newer = _proposeFinalized(43);
        newer.closeGame();
        _resolve(game);
        _passFinality(game);
        game.closeGame();
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
        vm.assertEq(address(registry.anchorGame()), address(newer));
    }

    function test_closeGame_challenged_isNoAnchor_succeeds() external {
        _challenge(game);
        _passFinality(game);
        game.closeGame();
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
        vm.assertEq(address(registry.anchorGame()), address(0));
        vm.assertEq(game.credit(CHALLENGER), BOND);
        vm.assertEq(game.credit(PROPOSER), 0);
    }

    function test_closeGame_again_doesNothing_succeeds() external {
        _resolve(game);
        _passFinality(game);
        game.closeGame();
        _blacklist(game);
        _pause();
        vm.recordLogs();
        game.closeGame();
        vm.assertEq(vm.getRecordedLogs().length, 0);
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
    }

    function test_closeGame_notFinalized_reverts() external {
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotFinalized.selector);
        game.closeGame();
        _resolve(game);
        vm.warp(game.resolvedAt() + FINALITY_DELAY);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotFinalized.selector);
        game.closeGame();
        vm.warp(game.resolvedAt() + FINALITY_DELAY + 1);
        game.closeGame();
    }

    /// @dev During a pause every game is improper, which must not turn into refunds.
    function test_closeGame_paused_reverts() external {
        _challenge(game);
        _passFinality(game);
        _pause();
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_Paused.selector);
        game.closeGame();
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_Paused.selector);
        game.claimCredit(CHALLENGER);
        vm.prank(GUARDIAN);
        superchainConfig.unpause();
        game.closeGame();
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
    }

    /// @dev A challenger's abuse costs the proposer nothing once the guardian has set the game aside.
    function test_closeGame_blacklisted_refunds_succeeds() external {
        _challenge(game);
        _blacklist(game);
        _passFinality(game);
        vm.expectEmit();
        emit IPermissionedDisputeGame.GameClosed(IPermissionedDisputeGame.BondDistributionMode.REFUND);
        game.closeGame();
        vm.assertEq(game.credit(CHALLENGER), 0);
        vm.assertEq(game.credit(PROPOSER), BOND);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NoCredit.selector);
        game.claimCredit(CHALLENGER);
        game.claimCredit(PROPOSER);
    }

    function test_closeGame_retired_refunds_succeeds() external {
        _challenge(game);
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        _passFinality(game);
        game.closeGame();
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.REFUND);
        vm.assertEq(game.credit(PROPOSER), BOND);
    }

    /// @dev Anybody may ask; the coins go to their owner. Coins that were forced upon the game stay out of it.
    function testFuzz_claimCredit_succeeds(address _caller, bool _challenged, uint96 _forced) external {
        vm.assume(_caller != address(proxyAdmin));
        if (_challenged) _challenge(game);
        else _resolve(game);
        _passFinality(game);
        vm.deal(address(game), address(game).balance + _forced);
        address winner = _challenged ? CHALLENGER : PROPOSER;
        uint256 before = winner.balance;
        vm.prank(_caller);
        game.claimCredit(winner);
        _assertMode(IPermissionedDisputeGame.BondDistributionMode.NORMAL);
        vm.assertEq(winner.balance, before + BOND);
        vm.assertEq(address(game).balance, _forced);
        vm.assertEq(game.credit(winner), 0);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NoCredit.selector);
        game.claimCredit(winner);
    }

    function testFuzz_claimCredit_notWinner_reverts(address _recipient) external {
        vm.assume(_recipient != PROPOSER);
        _resolve(game);
        _passFinality(game);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NoCredit.selector);
        game.claimCredit(_recipient);
    }

    function test_claimCredit_notFinalized_reverts() external {
        _resolve(game);
        vm.assertEq(game.credit(PROPOSER), BOND);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotFinalized.selector);
        game.claimCredit(PROPOSER);
    }

    function test_claimCredit_recipientRefuses_reverts() external {
        game = _between(address(new Refuser()), CHALLENGER);
        _resolve(game);
        _passFinality(game);
        address proposer = game.proposer();
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_TransferFailed.selector);
        game.claimCredit(proposer);
        vm.assertEq(game.credit(proposer), BOND);
    }

    /// @dev A winner that asks again while it is being paid gets nothing more.
    function test_claimCredit_reentrant_paysOnce_succeeds() external {
        Caller winner = new Caller();
        game = _between(PROPOSER, address(winner));
        vm.prank(address(winner));
        game.challenge();
        _passFinality(game);
        vm.deal(address(game), 10 * BOND);
        winner.arm(address(game), 0, abi.encodeCall(IPermissionedDisputeGame.claimCredit, (address(winner))));
        game.claimCredit(address(winner));
        vm.assertEq(address(winner).balance, BOND);
        vm.assertFalse(winner.success());
        vm.assertEq(
            bytes32(winner.answer()), bytes32(IPermissionedDisputeGame.PermissionedDisputeGame_NoCredit.selector)
        );
    }

    /// @dev Where a type asks for no bond, a game is closed without anything to claim.
    function test_closeGame_withoutBond_succeeds() external {
        vm.prank(address(timelock));
        factory.setInitBond(GAME_TYPE, 0);
        vm.prank(PROPOSER);
        game = PermissionedDisputeGame(factory.create(GAME_TYPE, keccak256("root"), abi.encode(43)));
        _resolve(game);
        _passFinality(game);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NoCredit.selector);
        game.claimCredit(PROPOSER);
        game.closeGame();
    }
}
