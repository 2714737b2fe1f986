// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { Caller } from "test/mocks/Targets.sol";
import { GameTest } from "test/utils/GameTest.sol";

contract DisputeGameFactory_Test is GameTest {
    function setUp() external {
        _deployGames();
    }

    /// @dev Makes a second type available: the same rules under another number.
    function _addType(uint32 _gameType) internal returns (address implementation_) {
        implementation_ = address(_newGame(_gameType));
        vm.startPrank(address(timelock));
        factory.setImplementation(_gameType, implementation_);
        factory.setInitBond(_gameType, BOND);
        vm.stopPrank();
    }

    /// @dev Creates a game of any type as the proposer.
    function _create(uint32 _gameType, bytes32 _root, uint256 _number) internal returns (address) {
        vm.prank(PROPOSER);
        return factory.create{ value: BOND }(_gameType, _root, abi.encode(_number));
    }

    function test_initialize_succeeds() external view {
        vm.assertEq(factory.version(), "1.0.0");
        vm.assertEq(factory.owner(), address(timelock));
        vm.assertEq(factory.proxyAdmin(), address(proxyAdmin));
        vm.assertEq(factory.initBonds(GAME_TYPE), BOND);
        vm.assertEq(PermissionedDisputeGame(factory.gameImpls(GAME_TYPE)).gameType(), GAME_TYPE);
        vm.assertEq(factory.gameImpls(GAME_TYPE + 1), address(0));
        vm.assertEq(factory.gameCount(), 0);
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(timelock));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        factory.initialize(GAME_TYPE, address(0), 0);
    }

    function test_initialize_onImplementation_reverts() external {
        DisputeGameFactory implementation = new DisputeGameFactory();
        vm.expectRevert();
        implementation.initialize(GAME_TYPE, address(0), 0);
    }

    function testFuzz_initialize_notAdmin_reverts(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(timelock));
        vm.prank(_caller);
        vm.expectRevert(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector);
        factory.initialize(GAME_TYPE, address(0), 0);
    }

    function testFuzz_create_succeeds(bytes32 _root, uint64 _number) external {
        uint256 number = _bound(_number, 1, type(uint64).max);
        bytes memory extraData = abi.encode(number);
        bytes32 uuid = keccak256(abi.encode(GAME_TYPE, _root, extraData));
        vm.assertEq(factory.getGameUUID(GAME_TYPE, _root, extraData), uuid);
        address expected = Clones.predictDeterministicAddressWithImmutableArgs(
            factory.gameImpls(GAME_TYPE), abi.encodePacked(PROPOSER, _root, extraData), uuid, address(factory)
        );

        vm.expectEmit();
        emit IDisputeGameFactory.DisputeGameCreated(expected, GAME_TYPE, _root);
        address game = _create(GAME_TYPE, _root, number);
        vm.assertEq(game, expected);
        vm.assertEq(game.balance, BOND);
        vm.assertEq(factory.gameCount(), 1);
        (address proxy, uint64 timestamp) = factory.games(GAME_TYPE, _root, extraData);
        vm.assertEq(proxy, game);
        vm.assertEq(timestamp, START);
        uint32 gameType;
        (gameType, timestamp, proxy) = factory.gameAtIndex(0);
        vm.assertEq(gameType, GAME_TYPE);
        vm.assertEq(timestamp, START);
        vm.assertEq(proxy, game);
    }

    function test_create_gas_succeeds() external {
        _propose(1);
        vm.prank(PROPOSER);
        factory.create{ value: BOND }(GAME_TYPE, GENESIS_ROOT, abi.encode(2));
        vm.snapshotGasLastCall("DisputeGameFactory", "create");
    }

    function test_games_unknown_isZero_succeeds() external {
        _propose(1);
        (address proxy, uint64 timestamp) = factory.games(GAME_TYPE, bytes32(0), abi.encode(1));
        vm.assertEq(proxy, address(0));
        vm.assertEq(timestamp, 0);
        vm.expectRevert();
        factory.gameAtIndex(1);
    }

    function test_create_twice_reverts() external {
        _create(GAME_TYPE, GENESIS_ROOT, 1);
        bytes32 uuid = factory.getGameUUID(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
        vm.warp(START + 1);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGameFactory.DisputeGameFactory_GameAlreadyExists.selector, uuid));
        factory.create{ value: BOND }(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
        // Nor with another code of the same type.
        _addType(GAME_TYPE);
        vm.prank(PROPOSER);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGameFactory.DisputeGameFactory_GameAlreadyExists.selector, uuid));
        factory.create{ value: BOND }(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
    }

    /// @dev The same claim, to be played by other rules.
    function test_create_anotherType_succeeds() external {
        _addType(8);
        vm.assertTrue(_create(GAME_TYPE, GENESIS_ROOT, 1) != _create(8, GENESIS_ROOT, 1));
        vm.assertEq(factory.gameCount(), 2);
    }

    function testFuzz_create_noImplementation_reverts(uint32 _gameType) external {
        vm.assume(_gameType != GAME_TYPE);
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(IDisputeGameFactory.DisputeGameFactory_NoImplementation.selector, _gameType)
        );
        factory.create{ value: BOND }(_gameType, GENESIS_ROOT, abi.encode(1));
    }

    function testFuzz_create_incorrectBond_reverts(uint256 _bond) external {
        vm.assume(_bond != BOND);
        vm.deal(PROPOSER, _bond);
        vm.prank(PROPOSER);
        vm.expectRevert(IDisputeGameFactory.DisputeGameFactory_IncorrectBondAmount.selector);
        factory.create{ value: _bond }(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
    }

    /// @dev A game that refuses to begin leaves nothing behind.
    function test_create_refusedByGame_reverts() external {
        vm.prank(ALICE);
        vm.expectRevert(IPermissionedDisputeGame.PermissionedDisputeGame_NotProposer.selector);
        factory.create{ value: BOND }(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
        vm.assertEq(factory.gameCount(), 0);
        _create(GAME_TYPE, GENESIS_ROOT, 1);
    }

    /// @dev Who calls the factory has created the game, whoever signed: a proposer may be a contract.
    function test_create_bySmartWallet_succeeds() external {
        Caller wallet = new Caller();
        PermissionedDisputeGame implementation = new PermissionedDisputeGame(
            PermissionedDisputeGame.Parameters(
                9, MAX_CLOCK_DURATION, registry, L2_CHAIN_ID, address(wallet), CHALLENGER
            )
        );
        vm.startPrank(address(timelock));
        factory.setImplementation(9, address(implementation));
        factory.setInitBond(9, BOND);
        vm.stopPrank();
        wallet.arm(address(factory), BOND, abi.encodeCall(IDisputeGameFactory.create, (9, GENESIS_ROOT, abi.encode(1))));
        vm.prank(ALICE, ALICE);
        (bool success,) = address(wallet).call{ value: BOND }("");
        vm.assertTrue(success && wallet.success());
        PermissionedDisputeGame game = PermissionedDisputeGame(abi.decode(wallet.answer(), (address)));
        vm.assertEq(game.gameCreator(), address(wallet));

        _challenge(game);
        vm.assertEq(game.credit(CHALLENGER), BOND);
        vm.assertEq(game.credit(ALICE), 0);
    }

    /// @dev After a reorganisation of the L1, a transaction to a game's address reaches that claim or none at all.
    function test_create_afterReorg_otherClaimIsElsewhere_succeeds() external {
        vm.roll(100);
        uint256 fork = vm.snapshotState();
        PermissionedDisputeGame wrong = _propose(keccak256("wrong"), 1);
        bytes32 head = wrong.l1Head();
        vm.revertToState(fork);

        PermissionedDisputeGame right = _propose(keccak256("right"), 1);
        vm.assertTrue(address(right) != address(wrong));
        vm.assertEq(address(wrong).code.length, 0);
        // The same claim on the other branch is the same game, although the L1 has another history.
        vm.revertToState(fork);
        vm.setBlockhash(99, keccak256("another branch"));
        vm.warp(START + 12);
        PermissionedDisputeGame again = _propose(keccak256("wrong"), 1);
        vm.assertEq(address(again), address(wrong));
        vm.assertEq(again.l1Head(), keccak256("another branch"));
        vm.assertTrue(again.l1Head() != head);
    }

    function test_findLatestGames_succeeds() external {
        _addType(8);
        for (uint256 i; i < 10; ++i) {
            vm.warp(START + i);
            _create(i % 3 == 0 ? 8 : GAME_TYPE, keccak256(abi.encode(i)), i + 1);
        }
        // Of the type 8: 0, 3, 6, 9.
        IDisputeGameFactory.GameSearchResult[] memory found = factory.findLatestGames(8, 9, 10);
        vm.assertEq(found.length, 4);
        for (uint256 i; i < 4; ++i) {
            uint256 index = 9 - 3 * i;
            (, uint64 timestamp, address game) = factory.gameAtIndex(index);
            vm.assertEq(found[i].index, index);
            vm.assertEq(found[i].metadata, bytes32(abi.encodePacked(uint32(8), timestamp, game)));
            vm.assertEq(found[i].timestamp, START + index);
            vm.assertEq(found[i].rootClaim, keccak256(abi.encode(index)));
            vm.assertEq(found[i].extraData, abi.encode(index + 1));
        }
        // From the middle, not all, and none.
        found = factory.findLatestGames(GAME_TYPE, 6, 2);
        vm.assertEq(found.length, 2);
        vm.assertEq(found[0].index, 5);
        vm.assertEq(found[1].index, 4);
        found = factory.findLatestGames(GAME_TYPE, 0, 1);
        vm.assertEq(found.length, 0);
        vm.assertEq(factory.findLatestGames(8, 0, 1).length, 1);
        vm.assertEq(factory.findLatestGames(8, 9, 0).length, 0);
        vm.assertEq(factory.findLatestGames(99, 9, 10).length, 0);
    }

    /// @dev Beyond the end, as with the largest numbers.
    function testFuzz_findLatestGames_beyondEnd_isEmpty_succeeds(uint256 _start, uint256 _n) external {
        vm.assertEq(factory.findLatestGames(GAME_TYPE, 0, _n).length, 0);
        _propose(1);
        vm.assertEq(factory.findLatestGames(GAME_TYPE, _bound(_start, 1, type(uint256).max), _n).length, 0);
        vm.assertEq(factory.findLatestGames(GAME_TYPE, 0, type(uint256).max).length, 1);
    }

    /// @dev A type with all bits set disturbs nothing that it is packed with.
    function test_metadata_largestType_succeeds() external {
        uint32 gameType = type(uint32).max;
        _addType(gameType);
        address game = _create(gameType, GENESIS_ROOT, 1);
        IDisputeGameFactory.GameSearchResult[] memory found = factory.findLatestGames(gameType, 0, 1);
        vm.assertEq(found[0].metadata, bytes32(abi.encodePacked(gameType, uint64(START), game)));
        (uint32 listed, uint64 timestamp, address proxy) = factory.gameAtIndex(0);
        vm.assertEq(listed, gameType);
        vm.assertEq(timestamp, START);
        vm.assertEq(proxy, game);
    }

    function test_setImplementation_succeeds() external {
        PermissionedDisputeGame old = _propose(1);
        address next = address(_newGame(GAME_TYPE));
        vm.expectEmit();
        emit IDisputeGameFactory.ImplementationSet(next, GAME_TYPE);
        vm.prank(address(timelock));
        factory.setImplementation(GAME_TYPE, next);
        vm.assertEq(factory.gameImpls(GAME_TYPE), next);
        // Games that exist keep their code.
        vm.assertTrue(registry.isGameProper(address(old)));
        vm.assertTrue(registry.isGameProper(address(_propose(2))));
    }

    function test_setImplementation_zero_stopsCreation_succeeds() external {
        vm.prank(address(timelock));
        factory.setImplementation(GAME_TYPE, address(0));
        vm.prank(PROPOSER);
        vm.expectRevert(
            abi.encodeWithSelector(IDisputeGameFactory.DisputeGameFactory_NoImplementation.selector, GAME_TYPE)
        );
        factory.create{ value: BOND }(GAME_TYPE, GENESIS_ROOT, abi.encode(1));
    }

    /// @dev Neither an account without code, nor the code of another type, nor what is no game at all.
    function test_setImplementation_noSuchGame_reverts() external {
        address other = address(_newGame(2));
        vm.startPrank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(
                IDisputeGameFactory.DisputeGameFactory_InvalidImplementation.selector, ALICE, GAME_TYPE
            )
        );
        factory.setImplementation(GAME_TYPE, ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDisputeGameFactory.DisputeGameFactory_InvalidImplementation.selector, other, GAME_TYPE
            )
        );
        factory.setImplementation(GAME_TYPE, other);
        vm.expectRevert();
        factory.setImplementation(GAME_TYPE, address(registry));
    }

    function testFuzz_setInitBond_succeeds(uint256 _bond) external {
        vm.expectEmit();
        emit IDisputeGameFactory.InitBondUpdated(GAME_TYPE, _bond);
        vm.prank(address(timelock));
        factory.setInitBond(GAME_TYPE, _bond);
        vm.assertEq(factory.initBonds(GAME_TYPE), _bond);
    }

    /// @dev Not even the ProxyAdmin itself, nor any role of the chain.
    function testFuzz_setters_notOwner_revert(address _caller) external {
        vm.assume(_caller != address(timelock));
        address[8] memory callers =
            [_caller, address(proxyAdmin), DEPLOYER, OPERATOR, GUARDIAN, PROPOSER, CHALLENGER, COUNCIL];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOwner.selector);
            factory.setImplementation(GAME_TYPE, address(0));
            vm.expectRevert(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOwner.selector);
            factory.setInitBond(GAME_TYPE, 0);
            vm.stopPrank();
        }
    }
}
