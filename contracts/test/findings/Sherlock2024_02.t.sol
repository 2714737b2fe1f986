// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { Impostor } from "test/mocks/Games.sol";
import { Caller } from "test/mocks/Targets.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @notice What the audit contest of February 2024 found in the OP Stack's fault proofs, on these contracts. Games here have no
///         subgames; what was found about those is about what they share with other games: when and how often they end.
contract Sherlock2024_02_Test is WithdrawalTest {
    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(0), GENESIS);
        vm.warp(START);
    }

    function _addType(uint32 _type) internal {
        address implementation = address(_newGame(_type));
        vm.startPrank(address(timelock));
        factory.setImplementation(_type, implementation);
        factory.setInitBond(_type, BOND);
        vm.stopPrank();
    }

    /// @dev A type has 32 bits everywhere: one that equals the respected type in its lower bits is another one.
    function testFuzz_2024_02_M_gameTypeUnsafeCast(uint8 _shift) external {
        uint32 other = GAME_TYPE | uint32(1) << uint32(_bound(_shift, 1, 31));
        _addType(other);
        Proven memory proven = _claimed(_withdrawal(BOB, 1 ether, 0, ""));
        proven.index = factory.gameCount();
        vm.prank(PROPOSER);
        address game = factory.create{ value: BOND }(other, _outputRoot(proven.output), abi.encode(nextBlock++));
        vm.warp(block.timestamp + 1);
        vm.assertFalse(IDisputeGame(game).wasRespectedGameTypeWhenCreated());
        vm.assertFalse(registry.isGameRespected(game));
        vm.expectRevert(IOptimismPortal.OptimismPortal_InvalidDisputeGame.selector);
        portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);
        (uint32 listed,,) = factory.gameAtIndex(proven.index);
        vm.assertEq(listed, other);
        vm.assertEq(factory.findLatestGames(GAME_TYPE, proven.index, 10).length, 1);
        vm.assertEq(factory.findLatestGames(other, proven.index, 10).length, 1);
    }

    /// @dev An address that answers with a type beyond 32 bits is not taken for the game whose type is left of it.
    function testFuzz_2024_02_M_gameTypeUnsafeCast_impostor(uint256 _high) external {
        PermissionedDisputeGame game = _propose(1);
        uint256 high = _bound(_high, 1, type(uint224).max);
        bytes memory answer =
            abi.encode(high << 32 | GAME_TYPE, game.rootClaim(), uint256(96), uint256(32), game.l2SequenceNumber());
        vm.assertFalse(registry.isGameRegistered(address(new Impostor(answer, false))));
        vm.assertTrue(registry.isGameRegistered(address(game)));
    }

    /// @dev A block number that no later one exceeds could stop all games. It is a lie, which the challenger rejects; if that
    ///      fails, the guardian's word sets it aside even after it has become the anchor.
    function test_2024_02_M_factoryDoSViaMaliciousL2BlockNumber() external {
        PermissionedDisputeGame lie = _proposeFinalized(type(uint64).max);
        registry.setAnchorState(address(lie));
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPermissionedDisputeGame.PermissionedDisputeGame_NotBeyondAnchor.selector, 5, type(uint64).max
            )
        );
        factory.create{ value: BOND }(GAME_TYPE, keccak256("truth"), abi.encode(uint256(5)));
        _blacklist(lie);
        PermissionedDisputeGame truth = _proposeFinalized(5);
        registry.setAnchorState(address(truth));
        (bytes32 root, uint256 number) = registry.getAnchorRoot();
        vm.assertEq(root, truth.rootClaim());
        vm.assertEq(number, 5);
    }

    /// @dev Beyond 64 bits there are no blocks, and no games about them.
    function testFuzz_2024_02_M_factoryDoSViaMaliciousL2BlockNumber_tooLarge(uint256 _number) external {
        uint256 number = _bound(_number, uint256(type(uint64).max) + 1, type(uint256).max);
        vm.prank(PROPOSER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, keccak256("lie"), abi.encode(number));
        vm.assertEq(factory.gameCount(), 0);
    }

    /// @dev A proposer with code, to which a payment of coins is a call that needs some gas, gets its bond back.
    function test_2024_02_M_initialBondsOfSmartWalletProposers() external {
        Caller wallet = new Caller();
        vm.deal(address(wallet), 1 ether);
        address implementation = address(
            new PermissionedDisputeGame(
                PermissionedDisputeGame.Parameters({
                    gameType: GAME_TYPE,
                    maxClockDuration: MAX_CLOCK_DURATION,
                    anchorStateRegistry: registry,
                    l2ChainId: L2_CHAIN_ID,
                    proposer: address(wallet),
                    challenger: CHALLENGER
                })
            )
        );
        vm.prank(address(timelock));
        factory.setImplementation(GAME_TYPE, implementation);
        bytes32 root = keccak256("claim");
        wallet.arm(
            address(factory),
            BOND,
            abi.encodeCall(IDisputeGameFactory.create, (GAME_TYPE, root, abi.encode(uint256(1))))
        );
        (bool success,) = address(wallet).call("");
        vm.assertTrue(success && wallet.success());
        (address proxy,) = factory.games(GAME_TYPE, root, abi.encode(uint256(1)));
        PermissionedDisputeGame game = PermissionedDisputeGame(proxy);
        vm.assertEq(game.gameCreator(), address(wallet));
        _resolve(game);
        _passFinality(game);
        // Receiving runs the wallet's code, storage and all.
        wallet.arm(BOB, 0, "");
        game.claimCredit(address(wallet));
        vm.assertEq(address(wallet).balance, 1 ether);
        vm.assertEq(address(game).balance, 0);
    }

    /// @dev After a reorganisation the same transaction makes the same game at the same address; any other claim, creator or
    ///      block is elsewhere, so that what was sent to a game reaches that game or none.
    function testFuzz_2024_02_M_bondLossOnReorg(
        bytes32 _root,
        uint64 _number,
        bytes32 _otherRoot,
        uint64 _otherNumber
    ) external {
        uint256 number = _bound(_number, 1, type(uint64).max);
        uint256 otherNumber = _bound(_otherNumber, 1, type(uint64).max);
        vm.assume(_otherRoot != _root || otherNumber != number);
        uint256 state = vm.snapshotState();
        address game = address(_propose(_root, number));
        vm.revertToState(state);
        vm.roll(block.number + 1);
        vm.warp(block.timestamp + 12);
        vm.setBlockhash(block.number - 1, keccak256("another branch"));
        vm.assertTrue(address(_propose(_otherRoot, otherNumber)) != game);
        vm.assertEq(address(_propose(_root, number)), game);
        vm.assertEq(game.balance, BOND);
    }

    /// @dev A game ends once, neither before its time nor a second time with another result.
    function testFuzz_2024_02_resolvedEarlyOrTwice(uint64 _at, bool _challenged) external {
        PermissionedDisputeGame game = _propose(1);
        uint256 created = game.createdAt();
        vm.warp(created + _bound(_at, 0, MAX_CLOCK_DURATION - 1));
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_ClockRunning.selector);
        game.resolve();
        if (_challenged) _challenge(game);
        else _resolve(game);
        (IDisputeGame.GameStatus status, uint256 resolvedAt) = (game.status(), game.resolvedAt());
        vm.warp(block.timestamp + MAX_CLOCK_DURATION);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyResolved.selector);
        game.resolve();
        vm.prank(CHALLENGER);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_AlreadyResolved.selector);
        game.challenge();
        vm.assertTrue(game.status() == status);
        vm.assertEq(game.resolvedAt(), resolvedAt);
    }

    /// @dev Bytes behind a claim's data do not make a second game about it, nor do some less.
    function testFuzz_2024_02_cwiaDoubleProposal(bytes calldata _trailing, uint8 _cut) external {
        PermissionedDisputeGame game = _propose(7);
        bytes32 root = game.rootClaim();
        bytes memory data = abi.encode(uint256(7));
        vm.startPrank(PROPOSER);
        bytes32 uuid = factory.getGameUUID(GAME_TYPE, root, data);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGameFactory.DisputeGameFactory_GameAlreadyExists.selector, uuid));
        factory.create{ value: BOND }(GAME_TYPE, root, data);
        if (_trailing.length > 0 && _trailing.length < 20_000) {
            vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
            factory.create{ value: BOND }(GAME_TYPE, root, abi.encodePacked(data, _trailing));
        }
        uint256 length = _cut % 32;
        assembly {
            mstore(data, length)
        }
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_InvalidExtraData.selector);
        factory.create{ value: BOND }(GAME_TYPE, root, data);
        vm.stopPrank();
        vm.assertEq(factory.gameCount(), 1);
    }
}
