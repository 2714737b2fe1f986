// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { AnchorStateRegistry } from "src/L1/AnchorStateRegistry.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { Impersonator, Impostor } from "test/mocks/Games.sol";
import { GameTest } from "test/utils/GameTest.sol";

/// @notice What the tests of the registry share.
abstract contract AnchorStateRegistry_Base is GameTest {
    function setUp() external {
        _deployGames();
    }

    function _assertAnchor(bytes32 _root, uint256 _number) internal view {
        (bytes32 root, uint256 number) = registry.getAnchorRoot();
        vm.assertEq(root, _root);
        vm.assertEq(number, _number);
        (root, number) = registry.anchors(GAME_TYPE);
        vm.assertEq(root, _root);
        vm.assertEq(number, _number);
    }

    function _assertAnchor(PermissionedDisputeGame _game) internal view {
        vm.assertEq(address(registry.anchorGame()), address(_game));
        _assertAnchor(_game.rootClaim(), _game.l2SequenceNumber());
    }
}

contract AnchorStateRegistry_Roles_Test is AnchorStateRegistry_Base {
    function test_initialize_succeeds() external view {
        vm.assertEq(registry.version(), "1.0.0");
        vm.assertEq(address(registry.systemConfig()), address(systemConfig));
        vm.assertEq(address(registry.superchainConfig()), address(superchainConfig));
        vm.assertEq(address(registry.disputeGameFactory()), address(factory));
        vm.assertEq(registry.disputeGameFinalityDelaySeconds(), FINALITY_DELAY);
        vm.assertEq(registry.respectedGameType(), GAME_TYPE);
        vm.assertEq(registry.retirementTimestamp(), START - 1);
        vm.assertEq(address(registry.anchorGame()), address(0));
        (bytes32 root, uint256 number) = registry.startingAnchorRoot();
        vm.assertEq(root, GENESIS_ROOT);
        vm.assertEq(number, 0);
        _assertAnchor(GENESIS_ROOT, 0);
        vm.assertFalse(registry.paused());
        vm.assertEq(registry.proxyAdminOwner(), address(timelock));
    }

    /// @dev A chain need not start from its genesis.
    function test_initialize_emits_succeeds() external {
        _deployProxies();
        _initializeConfigs(address(0));
        address implementation = address(new AnchorStateRegistry(1));
        vm.startPrank(DEPLOYER);
        proxyAdmin.upgrade(payable(address(registry)), implementation);
        vm.expectEmit();
        emit IAnchorStateRegistry.RespectedGameTypeSet(7);
        vm.expectEmit();
        emit IAnchorStateRegistry.RetirementTimestampSet(START);
        registry.initialize(systemConfig, factory, IAnchorStateRegistry.Proposal(bytes32(uint256(1)), 100), 7);
        _assertAnchor(bytes32(uint256(1)), 100);
        vm.assertEq(registry.disputeGameFinalityDelaySeconds(), 1);
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(timelock));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        registry.initialize(systemConfig, factory, IAnchorStateRegistry.Proposal(0, 0), GAME_TYPE);
    }

    function test_initialize_onImplementation_reverts() external {
        AnchorStateRegistry implementation = new AnchorStateRegistry(0);
        vm.expectRevert();
        implementation.initialize(systemConfig, factory, IAnchorStateRegistry.Proposal(0, 0), GAME_TYPE);
    }

    function testFuzz_initialize_notAdmin_reverts(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(timelock));
        vm.prank(_caller);
        vm.expectRevert(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector);
        registry.initialize(systemConfig, factory, IAnchorStateRegistry.Proposal(0, 0), GAME_TYPE);
    }

    /// @dev Not even the owner of the code.
    function testFuzz_guardianFunctions_notGuardian_revert(address _caller) external {
        vm.assume(_caller != GUARDIAN && _caller != address(proxyAdmin));
        address[6] memory callers = [_caller, address(timelock), OPERATOR, PROPOSER, CHALLENGER, DEPLOYER];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i], GUARDIAN);
            vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_Unauthorized.selector);
            registry.setRespectedGameType(2);
            vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_Unauthorized.selector);
            registry.updateRetirementTimestamp();
            vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_Unauthorized.selector);
            registry.blacklistDisputeGame(ALICE);
            vm.stopPrank();
        }
    }

    function testFuzz_setRespectedGameType_succeeds(uint32 _gameType) external {
        vm.expectEmit();
        emit IAnchorStateRegistry.RespectedGameTypeSet(_gameType);
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(_gameType);
        vm.assertEq(registry.respectedGameType(), _gameType);
        vm.assertEq(portal.respectedGameType(), _gameType);
        vm.assertEq(registry.retirementTimestamp(), START - 1);
    }

    function testFuzz_updateRetirementTimestamp_succeeds(uint64 _time) external {
        vm.warp(_time);
        vm.expectEmit();
        emit IAnchorStateRegistry.RetirementTimestampSet(_time);
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        vm.assertEq(registry.retirementTimestamp(), _time);
        vm.assertEq(portal.respectedGameTypeUpdatedAt(), _time);
    }

    function testFuzz_blacklistDisputeGame_succeeds(address _game) external {
        vm.assertFalse(registry.isGameBlacklisted(_game));
        vm.expectEmit();
        emit IAnchorStateRegistry.DisputeGameBlacklisted(_game);
        vm.prank(GUARDIAN);
        registry.blacklistDisputeGame(_game);
        vm.assertTrue(registry.isGameBlacklisted(_game));
        vm.assertTrue(registry.disputeGameBlacklist(_game));
        vm.assertTrue(portal.disputeGameBlacklist(_game));
    }
}

contract AnchorStateRegistry_Games_Test is AnchorStateRegistry_Base {
    /// @dev Says no to everything about an address, and does not revert.
    function _assertNoGame(address _game) internal view {
        vm.assertFalse(registry.isGameRegistered(_game));
        vm.assertFalse(registry.isGameRespected(_game));
        vm.assertFalse(registry.isGameRetired(_game));
        vm.assertFalse(registry.isGameResolved(_game));
        vm.assertFalse(registry.isGameFinalized(_game));
        vm.assertFalse(registry.isGameProper(_game));
        vm.assertFalse(registry.isGameClaimValid(_game));
    }

    function test_newGame_succeeds() external {
        PermissionedDisputeGame game = _propose(1);
        vm.assertTrue(registry.isGameRegistered(address(game)));
        vm.assertTrue(registry.isGameRespected(address(game)));
        vm.assertTrue(registry.isGameProper(address(game)));
        vm.assertFalse(registry.isGameRetired(address(game)));
        vm.assertFalse(registry.isGameBlacklisted(address(game)));
        vm.assertFalse(registry.isGameResolved(address(game)));
        vm.assertFalse(registry.isGameFinalized(address(game)));
        vm.assertFalse(registry.isGameClaimValid(address(game)));
    }

    function test_defendedGame_succeeds() external {
        PermissionedDisputeGame game = _propose(1);
        _resolve(game);
        vm.assertTrue(registry.isGameResolved(address(game)));
        // More than the delay, by a second.
        vm.warp(game.resolvedAt() + FINALITY_DELAY);
        vm.assertFalse(registry.isGameFinalized(address(game)));
        vm.assertFalse(registry.isGameClaimValid(address(game)));
        vm.warp(game.resolvedAt() + FINALITY_DELAY + 1);
        vm.assertTrue(registry.isGameFinalized(address(game)));
        vm.assertTrue(registry.isGameClaimValid(address(game)));
    }

    function test_challengedGame_claimIsInvalid_succeeds() external {
        PermissionedDisputeGame game = _propose(1);
        _challenge(game);
        _passFinality(game);
        vm.assertTrue(registry.isGameResolved(address(game)));
        vm.assertTrue(registry.isGameFinalized(address(game)));
        vm.assertTrue(registry.isGameProper(address(game)));
        vm.assertFalse(registry.isGameClaimValid(address(game)));
    }

    function test_blacklistedGame_succeeds() external {
        PermissionedDisputeGame game = _proposeFinalized(1);
        _blacklist(game);
        vm.assertTrue(registry.isGameRegistered(address(game)));
        vm.assertTrue(registry.isGameFinalized(address(game)));
        vm.assertFalse(registry.isGameProper(address(game)));
        vm.assertFalse(registry.isGameClaimValid(address(game)));
    }

    /// @dev Games of the present block included; later ones are not.
    function test_retiredGame_succeeds() external {
        PermissionedDisputeGame old = _propose(1);
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        PermissionedDisputeGame sameBlock = _propose(2);
        vm.warp(START + 1);
        PermissionedDisputeGame next = _propose(3);
        vm.assertTrue(registry.isGameRetired(address(old)));
        vm.assertFalse(registry.isGameProper(address(old)));
        vm.assertTrue(registry.isGameRetired(address(sameBlock)));
        vm.assertFalse(registry.isGameRetired(address(next)));
        vm.assertTrue(registry.isGameProper(address(next)));
    }

    /// @dev As old as the registry itself.
    function test_retiredGame_atInitialization_succeeds() external {
        vm.warp(START - 1);
        vm.assertTrue(registry.isGameRetired(address(_propose(1))));
    }

    function test_pausedGame_isImproper_succeeds() external {
        PermissionedDisputeGame game = _proposeFinalized(1);
        _pause();
        vm.assertTrue(registry.paused());
        vm.assertFalse(registry.isGameProper(address(game)));
        vm.assertFalse(registry.isGameClaimValid(address(game)));
        vm.assertTrue(registry.isGameFinalized(address(game)));
        vm.warp(block.timestamp + PAUSE_DURATION);
        vm.assertTrue(registry.isGameClaimValid(address(game)));
    }

    /// @dev What counts is the type that was respected when the game was created.
    function test_respectedGame_laterChange_succeeds() external {
        PermissionedDisputeGame before = _propose(1);
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(2);
        PermissionedDisputeGame afterwards = _propose(2);
        _resolve(before);
        afterwards.resolve();
        _passFinality(before);
        vm.assertTrue(registry.isGameClaimValid(address(before)));
        vm.assertFalse(registry.isGameRespected(address(afterwards)));
        vm.assertTrue(registry.isGameProper(address(afterwards)));
        vm.assertFalse(registry.isGameClaimValid(address(afterwards)));
    }

    function testFuzz_noCode_isNoGame_succeeds(address _game) external view {
        vm.assume(_game.code.length == 0);
        _assertNoGame(_game);
    }

    /// @dev A contract may answer as a game does, or be one that the factory did not make.
    function test_impersonator_isNoGame_succeeds() external {
        PermissionedDisputeGame game = _proposeFinalized(1);
        vm.assertTrue(registry.isGameClaimValid(address(game)));
        address impersonator = address(new Impersonator(address(game)));
        _assertNoGame(impersonator);
        _assertNoGame(factory.gameImpls(GAME_TYPE));
        _assertNoGame(address(factory));
        _assertNoGame(address(registry));
        vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_InvalidAnchorGame.selector);
        registry.setAnchorState(impersonator);
    }

    function testFuzz_impostor_isNoGame_succeeds(bytes calldata _answer, bool _fails) external {
        _assertNoGame(address(new Impostor(_answer, _fails)));
    }

    /// @dev Each word of the answer out of its range, on its own.
    function testFuzz_impostor_malformed_isNoGame_succeeds(uint256 _type, uint256 _offset, uint256 _length) external {
        uint256 wide = _bound(_type, uint256(type(uint32).max) + 1, type(uint256).max);
        _assertNoGame(address(new Impostor(abi.encode(wide, GENESIS_ROOT, 96, 32, 1), false)));
        vm.assume(_offset != 96);
        _assertNoGame(address(new Impostor(abi.encode(GAME_TYPE, GENESIS_ROOT, _offset, 32, 1), false)));
        _length = _bound(_length, 33, type(uint256).max);
        _assertNoGame(address(new Impostor(abi.encode(GAME_TYPE, GENESIS_ROOT, 96, _length, 1), false)));
        _assertNoGame(address(new Impostor(abi.encode(GAME_TYPE, GENESIS_ROOT, 96, 32, 1), false)));
        _assertNoGame(address(new Impostor(abi.encode(GAME_TYPE, GENESIS_ROOT, 96), false)));
    }

    /// @dev A game that the factory made for another registry is none of this one's.
    function test_gameOfAnotherRegistry_isNoGame_succeeds() external {
        AnchorStateRegistry mine = registry;
        registry = AnchorStateRegistry(address(new Proxy(address(proxyAdmin))));
        address implementation = address(new AnchorStateRegistry(0));
        vm.startPrank(address(timelock));
        proxyAdmin.upgradeAndCall(
            payable(address(registry)),
            implementation,
            abi.encodeCall(
                AnchorStateRegistry.initialize,
                (systemConfig, factory, IAnchorStateRegistry.Proposal(GENESIS_ROOT, 0), GAME_TYPE)
            )
        );
        factory.setImplementation(GAME_TYPE, address(_newGame(GAME_TYPE)));
        vm.stopPrank();
        PermissionedDisputeGame game = _propose(1);
        vm.assertTrue(registry.isGameRegistered(address(game)));
        registry = mine;
        _assertNoGame(address(game));
    }
}

contract AnchorStateRegistry_Anchor_Test is AnchorStateRegistry_Base {
    function testFuzz_setAnchorState_succeeds(address _caller) external {
        vm.assume(_caller != address(proxyAdmin));
        PermissionedDisputeGame game = _proposeFinalized(5);
        vm.expectEmit();
        emit IAnchorStateRegistry.AnchorUpdated(address(game));
        vm.prank(_caller);
        registry.setAnchorState(address(game));
        _assertAnchor(game);
    }

    function test_setAnchorState_notNewer_reverts() external {
        PermissionedDisputeGame older = _propose(4);
        PermissionedDisputeGame same = _propose(keccak256("another claim"), 5);
        PermissionedDisputeGame game = _propose(5);
        PermissionedDisputeGame newer = _propose(6);
        _resolve(older);
        (same.resolve(), game.resolve(), newer.resolve());
        _passFinality(game);
        registry.setAnchorState(address(game));
        address[3] memory refused = [address(older), address(same), address(game)];
        for (uint256 i; i < refused.length; ++i) {
            vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_InvalidAnchorGame.selector);
            registry.setAnchorState(refused[i]);
        }
        registry.setAnchorState(address(newer));
        _assertAnchor(newer);
    }

    function _assertRefused(PermissionedDisputeGame _game) internal {
        vm.expectRevert(IAnchorStateRegistry.AnchorStateRegistry_InvalidAnchorGame.selector);
        registry.setAnchorState(address(_game));
        _assertAnchor(GENESIS_ROOT, 0);
    }

    function test_setAnchorState_invalidClaim_reverts() external {
        PermissionedDisputeGame game = _propose(1);
        _assertRefused(game);
        PermissionedDisputeGame challenged = _propose(2);
        _challenge(challenged);
        _resolve(game);
        _assertRefused(game);
        _passFinality(game);
        _assertRefused(challenged);
        _pause();
        _assertRefused(game);
        vm.prank(GUARDIAN);
        superchainConfig.unpause();
        _blacklist(game);
        _assertRefused(game);
    }

    /// @dev A retired anchor stays: what it has proven was valid.
    function test_anchor_retired_stays_succeeds() external {
        PermissionedDisputeGame game = _proposeFinalized(5);
        registry.setAnchorState(address(game));
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        _assertAnchor(game);
    }

    /// @dev An anchor that is set aside stops neither proposals nor the next anchor.
    function test_anchor_blacklisted_fallsBack_succeeds() external {
        PermissionedDisputeGame wrong = _proposeFinalized(1000);
        PermissionedDisputeGame right = _proposeFinalized(10);
        registry.setAnchorState(address(wrong));
        _blacklist(wrong);
        _assertAnchor(GENESIS_ROOT, 0);
        _propose(11);
        registry.setAnchorState(address(right));
        _assertAnchor(right);
    }
}
