// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { IPermissionedDisputeGame } from "interfaces/L1/IPermissionedDisputeGame.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { IProxy } from "interfaces/universal/IProxy.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { MuteToken, RecursiveGame, RevertBomb, Swarm } from "test/mocks/Hooks.sol";
import { Bomber } from "test/mocks/Targets.sol";
import { BridgeDeployment, IBridge, IMessenger } from "test/utils/BridgeDeployment.sol";

/// @notice Attacks that are on no list, on a chain whose coin is ether.
contract Attacks_Test is BridgeDeployment {
    bytes32 internal constant IMPLEMENTATION_SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 internal constant INITIALIZABLE_SLOT = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;

    function setUp() external {
        _deployBridges(address(0));
    }

    /// @dev A target that tries, while it is paid, whatever anybody could do.
    function test_attack_targetReentersEverything() external {
        Swarm swarm = new Swarm();
        Proven memory other = _proven(_withdrawal(ALICE, 7 ether, 21_000, ""));
        Proven memory fresh = _claimed(_withdrawal(ALICE, 9 ether, 21_000, ""));
        Proven memory proven = _proven(_withdrawal(address(swarm), 5 ether, 8_000_000, "!"));
        vm.warp(START + 30 days);
        other.game.resolve();
        proven.game.resolve();
        vm.warp(START + 60 days);

        bytes[10] memory calls = [
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (proven.tx, ALICE)),
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (other.tx, ALICE)),
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransaction, (proven.tx)),
            abi.encodeCall(IOptimismPortal.initialize, (systemConfig, registry, 0, address(swarm))),
            abi.encodeCall(
                IOptimismPortal.proveWithdrawalTransaction, (proven.tx, proven.index, proven.output, proven.proof)
            ),
            abi.encodeCall(IOptimismPortal.depositERC20Transaction, (ALICE, 1, 1, 21_000, false, "")),
            // From here on what is allowed.
            abi.encodeCall(
                IOptimismPortal.proveWithdrawalTransaction, (fresh.tx, fresh.index, fresh.output, fresh.proof)
            ),
            abi.encodeCall(IOptimismPortal.depositTransaction, (ALICE, 3 ether, 21_000, false, "")),
            bytes(""),
            abi.encodeCall(IOptimismPortal.donateETH, ())
        ];
        uint256[10] memory values = [uint256(0), 0, 0, 0, 0, 0, 0, 2 ether, 1 ether, 1 ether];
        for (uint256 i; i < calls.length; ++i) {
            swarm.arm(address(portal), values[i], calls[i]);
        }
        _finalize(proven);
        for (uint256 i; i < calls.length; ++i) {
            (,,, bool success) = swarm.calls(i);
            vm.assertEq(success, i >= 6);
        }
        vm.assertEq(portal.lockedBalance(), GENESIS - 5 ether + 3 ether);
        vm.assertEq(address(portal).balance, GENESIS - 5 ether + 4 ether);
        vm.assertEq(portal.l2Sender(), 0x000000000000000000000000000000000000dEaD);
        _finalize(other);
    }

    /// @dev The zero address is what stands for no sender. Nobody on the L2 has it; and if somebody had, nothing is paid twice.
    function test_attack_senderThatStandsForNone() external {
        Swarm swarm = new Swarm();
        IOptimismPortal.WithdrawalTransaction memory withdrawal = _withdrawal(address(swarm), 5 ether, 1_000_000, "!");
        withdrawal.sender = address(0);
        Proven memory proven = _finalizable(withdrawal);
        swarm.arm(
            address(portal),
            0,
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (proven.tx, ALICE))
        );
        _finalize(proven);
        (,,, bool success) = swarm.calls(0);
        vm.assertFalse(success);
        vm.assertEq(address(swarm).balance, 5 ether);
        vm.assertEq(portal.lockedBalance(), GENESIS - 5 ether);
    }

    /// @dev Neither an answer nor an error of a megabyte costs whoever finalizes more than the withdrawal's gas limit.
    function testFuzz_attack_returnBombs(bool _reverting, uint256 _gas) external {
        address bomb = _reverting ? address(new RevertBomb()) : address(new Bomber());
        Proven memory proven = _finalizable(_withdrawal(bomb, 1 ether, 3_000_000, "?"));
        portal.finalizeWithdrawalTransactionExternalProof{ gas: _bound(_gas, 3_400_000, 30_000_000) }(proven.tx, ALICE);
        vm.assertTrue(portal.finalizedWithdrawals(proven.hash));
    }

    /// @dev Nowhere is the portal anybody: a withdrawal can make it call whatever it likes.
    function test_attack_portalAsCaller() external {
        PermissionedDisputeGame game = _propose(1000);
        address me = L2_SENDER;
        address payable proxy = payable(address(systemConfig));
        address implementation = proxyAdmin.getProxyImplementation(proxy);
        address[14] memory targets = [
            address(superchainConfig),
            address(superchainConfig),
            address(systemConfig),
            address(systemConfig),
            address(registry),
            address(registry),
            address(factory),
            address(proxyAdmin),
            address(timelock),
            address(game),
            address(l1Bridge),
            address(l1Messenger),
            address(systemConfig),
            address(l1Bridge)
        ];
        bytes[14] memory calls = [
            abi.encodeCall(ISuperchainConfig.pause, ()),
            abi.encodeCall(ISuperchainConfig.setGuardian, (me)),
            abi.encodeWithSignature("setBatcherHash(address)", me),
            abi.encodeCall(ISystemConfig.setGasLimit, (30_000_000)),
            abi.encodeCall(IAnchorStateRegistry.blacklistDisputeGame, (address(game))),
            abi.encodeCall(IAnchorStateRegistry.setRespectedGameType, (9)),
            abi.encodeCall(IDisputeGameFactory.setImplementation, (GAME_TYPE, address(0))),
            abi.encodeCall(ProxyAdmin.upgrade, (proxy, me)),
            abi.encodeCall(TimelockController.updateDelay, (0)),
            abi.encodeCall(IPermissionedDisputeGame.challenge, ()),
            abi.encodeCall(IBridge.finalizeBridgeETH, (me, me, 1 ether, "")),
            abi.encodeCall(IMessenger.relayMessage, (1 << 240, L2_BRIDGE, address(l1Bridge), 0, 0, "")),
            abi.encodeCall(IProxy.upgradeTo, (address(factory))),
            abi.encodeCall(IProxy.changeAdmin, (me))
        ];
        for (uint256 i; i < calls.length; ++i) {
            Proven memory proven = _finalizable(_withdrawal(targets[i], 0, 500_000, calls[i]));
            vm.expectEmit();
            emit IOptimismPortal.WithdrawalFinalized(proven.hash, false);
            _finalize(proven);
        }
        vm.assertFalse(superchainConfig.paused());
        vm.assertEq(proxyAdmin.getProxyImplementation(proxy), implementation);
        vm.assertEq(proxyAdmin.getProxyAdmin(proxy), address(proxyAdmin));
        vm.assertEq(systemConfig.gasLimit(), 60_000_000);
        vm.assertEq(timelock.getMinDelay(), TIMELOCK_DELAY);
        vm.assertTrue(registry.isGameProper(address(game)));
    }

    /// @dev A message cannot make the messenger speak to the portal or to itself, nor speak as the other bridge.
    function testFuzz_attack_messengerAsCaller(uint8 _target, bytes calldata _data) external {
        address[3] memory targets = [address(portal), address(l1Messenger), address(l1Bridge)];
        bytes memory data =
            _target % 6 < 3 ? bytes(_data) : abi.encodeCall(IBridge.finalizeBridgeETH, (ALICE, ALICE, 0, ""));
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l2Messenger.sendMessage(targets[_target % 3], data, 300_000);
        Proven memory proven = _finalizable(_withdrawals(vm.getRecordedLogs())[0]);
        vm.recordLogs();
        _finalize(proven);
        vm.assertEq(_deposits(vm.getRecordedLogs()).length, 0);
        if (_target % 3 < 2 || _target % 6 >= 3) {
            vm.assertFalse(l1Messenger.successfulMessages(_messageHash(proven.tx.data)));
        }
    }

    /// @dev A proxy without code listens to its administrator alone: there is nothing to initialize first.
    function testFuzz_attack_frontRunningInitialize(address _caller, bytes calldata _data) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(0));
        address proxy = address(new Proxy(address(proxyAdmin)));
        bytes[4] memory calls = [
            bytes(_data),
            abi.encodeWithSignature("initialize(address,address,address)", _caller, _caller, _caller),
            abi.encodeCall(IProxy.upgradeTo, (address(portal))),
            abi.encodeCall(IProxy.changeAdmin, (_caller))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(_caller, _caller);
            (bool success,) = proxy.call(calls[i]);
            vm.assertFalse(success);
        }
        vm.assertEq(address(uint160(uint256(vm.load(proxy, ADMIN_SLOT)))), address(proxyAdmin));
    }

    /// @dev The released implementations cannot be initialized, and their proxies not once more.
    function testFuzz_attack_releasedContractsAreInitialized(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(0));
        address[4] memory proxies = [address(l1Messenger), address(l1Bridge), L2_MESSENGER, L2_BRIDGE];
        for (uint256 i; i < proxies.length; ++i) {
            bytes memory call_ = i < 2
                ? abi.encodeWithSignature("initialize(address,address,address)", _caller, _caller, _caller)
                : abi.encodeWithSignature("initialize(address)", _caller);
            address implementation = proxyAdmin.getProxyImplementation(proxies[i]);
            vm.startPrank(_caller);
            (bool success,) = proxies[i].call(call_);
            vm.assertFalse(success);
            (success,) = implementation.call(call_);
            vm.assertFalse(success);
            vm.stopPrank();
        }
    }

    /// @dev Nothing that a proxied contract stores in its ordinary life is where a proxy keeps who it is.
    function test_attack_storageCollisions() external {
        address[7] memory proxies = [
            address(superchainConfig),
            address(systemConfig),
            address(portal),
            address(factory),
            address(registry),
            address(l1Messenger),
            address(l1Bridge)
        ];
        bytes32[3] memory special = [ADMIN_SLOT, IMPLEMENTATION_SLOT, INITIALIZABLE_SLOT];
        bytes32[] memory before = new bytes32[](21);
        for (uint256 i; i < 21; ++i) {
            before[i] = vm.load(proxies[i / 3], special[i % 3]);
        }
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{ value: 1 ether }(BOB, 200_000, "");
        vm.startPrank(OPERATOR);
        systemConfig.setGasLimit(30_000_000);
        systemConfig.setUnsafeBlockSigner(ALICE);
        vm.stopPrank();
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        l2Bridge.bridgeETHTo{ value: 1 ether }(BOB, 200_000, "");
        Proven memory proven = _finalizable(_withdrawals(vm.getRecordedLogs())[0]);
        _finalize(proven);
        vm.assertTrue(l1Messenger.successfulMessages(_messageHash(proven.tx.data)));
        registry.setAnchorState(address(proven.game));
        _blacklist(proven.game);
        _pause();
        for (uint256 i; i < 21; ++i) {
            vm.assertEq(vm.load(proxies[i / 3], special[i % 3]), before[i]);
        }
    }

    /// @dev Games of a type whose code is hostile: they cannot be made within each other twice, nor pass for another type's.
    function test_attack_hostileGameImplementation() external {
        RecursiveGame code = new RecursiveGame(9, factory);
        vm.prank(address(timelock));
        factory.setImplementation(9, address(code));
        code.arm(keccak256("claim"), hex"01");
        vm.expectRevert();
        factory.create(9, keccak256("claim"), hex"01");
        vm.assertEq(factory.gameCount(), 0);

        code.arm(0, "");
        PermissionedDisputeGame honest = _propose(1);
        address hostile = factory.create(9, keccak256("claim"), hex"01");
        (uint32 gameType, bytes32 root, bytes memory data) = honest.gameData();
        RecursiveGame(hostile).pretend(abi.encode(gameType, root, data));
        vm.assertFalse(registry.isGameRegistered(hostile));
        vm.assertFalse(registry.isGameProper(hostile));
        vm.expectRevert(IOptimismPortal.OptimismPortal_ImproperDisputeGame.selector);
        this.proveAgainst(1);
    }

    /// @dev Separate, for the memory of a proof.
    function proveAgainst(uint256 _index) external {
        IOptimismPortal.WithdrawalTransaction memory withdrawal = _withdrawal(ALICE, GENESIS, 0, "");
        (IOptimismPortal.OutputRootProof memory output, bytes[] memory proof) = _stateWith(_hash(withdrawal));
        portal.proveWithdrawalTransaction(withdrawal, _index, output, proof);
    }
}

/// @notice Attacks that are on no list, on a chain whose coin is a token.
contract Attacks_Token_Test is BridgeDeployment {
    MuteToken internal token = new MuteToken();

    function setUp() external {
        token.mint(DEPLOYER, GENESIS);
        _deployBridges(address(token));
        token.mint(ALICE, 100 ether);
        vm.startPrank(ALICE);
        token.approve(address(portal), type(uint256).max);
        token.approve(address(l1Bridge), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev A token that answers nothing is deposited and paid like any other.
    function test_attack_tokenWithoutReturnValue() external {
        vm.prank(ALICE, ALICE);
        portal.depositERC20Transaction(BOB, 5 ether, 5 ether, 21_000, false, "");
        vm.assertEq(portal.lockedBalance(), GENESIS + 5 ether);
        Proven memory proven = _finalizable(_withdrawal(BOB, 3 ether, 0, ""));
        _finalize(proven);
        vm.assertEq(token.balanceOf(BOB), 3 ether);
        vm.assertEq(portal.lockedBalance(), GENESIS + 2 ether);
        vm.assertEq(token.balanceOf(address(portal)), GENESIS + 2 ether);
    }

    /// @dev The coins are the portal's, and the messenger is nobody to them.
    function test_attack_coinsThroughTheMessenger() external {
        bytes[3] memory calls = [
            abi.encodeCall(IERC20.transferFrom, (address(portal), ALICE, 1 ether)),
            abi.encodeCall(IERC20.transfer, (ALICE, 1 ether)),
            abi.encodeCall(IERC20.approve, (ALICE, type(uint256).max))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.recordLogs();
            vm.prank(ALICE, ALICE);
            l2Messenger.sendMessage(address(token), calls[i], 300_000);
            _finalize(_finalizable(_withdrawals(vm.getRecordedLogs())[0]));
        }
        vm.assertEq(token.balanceOf(address(portal)), GENESIS);
        vm.assertEq(token.allowance(address(portal), ALICE), 0);
        vm.assertEq(portal.lockedBalance(), GENESIS);
    }

    /// @dev Where the coin is a token, neither side's messenger nor bridge takes ether, so none can be stranded.
    function test_attack_etherOnATokenChain() external {
        vm.startPrank(ALICE, ALICE);
        vm.expectRevert("CrossDomainMessenger: cannot send value with custom gas token");
        l1Messenger.sendMessage{ value: 1 ether }(BOB, "", 100_000);
        vm.expectRevert("StandardBridge: cannot bridge ETH with custom gas token");
        l1Bridge.bridgeETHTo{ value: 1 ether }(BOB, 100_000, "");
        vm.expectRevert("CrossDomainMessenger: cannot send value with custom gas token");
        l2Messenger.sendMessage{ value: 1 ether }(BOB, "", 100_000);
        vm.expectRevert("StandardBridge: cannot bridge ETH with custom gas token");
        l2Bridge.bridgeETHTo{ value: 1 ether }(BOB, 100_000, "");
        vm.stopPrank();
    }
}
