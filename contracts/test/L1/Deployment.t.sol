// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";

import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { AnchorStateRegistry } from "src/L1/AnchorStateRegistry.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { SystemConfig } from "src/L1/SystemConfig.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";

/// @notice Whoever takes part in a deployment, nobody but the deployer can influence it, and in the end nobody but the
///         timelock has a say.
contract Deployment_Test is L1Deployment {
    address internal constant FACTORY = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
    bytes32 internal constant SALT = keccak256("a chain");

    function setUp() external {
        vm.etch(
            FACTORY,
            hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
        );
    }

    /// @dev Creates through the deterministic deployment proxy, on behalf of someone unrelated.
    function _create(address _sender, bytes memory _code) internal returns (address created_) {
        created_ = Create2.computeAddress(SALT, keccak256(_code), FACTORY);
        vm.prank(_sender, _sender);
        (bool success,) = FACTORY.call(abi.encodePacked(SALT, _code));
        vm.assertTrue(success);
        vm.assertGt(created_.code.length, 0);
    }

    /// @dev No constructor depends on who calls it: the factory does.
    function testFuzz_create_byAnyone_givesTheSame_succeeds(address _sender) external {
        vm.assume(_sender != address(0));
        address admin = _create(_sender, abi.encodePacked(type(ProxyAdmin).creationCode, abi.encode(DEPLOYER)));
        vm.assertEq(ProxyAdmin(admin).owner(), DEPLOYER);
        address open = _create(_sender, abi.encodePacked(type(OPEN).creationCode, abi.encode(DEPLOYER)));
        vm.assertEq(OPEN(open).balanceOf(DEPLOYER), OPEN(open).totalSupply());
        address proxy = _create(_sender, abi.encodePacked(type(Proxy).creationCode, abi.encode(admin)));
        vm.assertEq(ProxyAdmin(admin).getProxyAdmin(payable(proxy)), admin);
        address system = _create(_sender, type(SystemConfig).creationCode);
        vm.assertEq(SystemConfig(system).owner(), address(0));
        address games = _create(_sender, type(DisputeGameFactory).creationCode);
        vm.assertEq(DisputeGameFactory(games).gameCount(), 0);
        address anchors =
            _create(_sender, abi.encodePacked(type(AnchorStateRegistry).creationCode, abi.encode(FINALITY_DELAY)));
        vm.assertEq(AnchorStateRegistry(anchors).disputeGameFinalityDelaySeconds(), FINALITY_DELAY);
        address way =
            _create(_sender, abi.encodePacked(type(OptimismPortal).creationCode, abi.encode(PROOF_MATURITY_DELAY)));
        vm.assertEq(OptimismPortal(payable(way)).proofMaturityDelaySeconds(), PROOF_MATURITY_DELAY);
    }

    /// @dev Games know the registry's proxy, which exists before it is initialized; the registry knows the factory's; and
    ///      the portal the registry's.
    function test_initialize_connectsTheContracts_succeeds() external {
        _deploy(address(0), 0);
        vm.assertEq(address(portal.anchorStateRegistry()), address(registry));
        vm.assertEq(address(portal.disputeGameFactory()), address(factory));
        PermissionedDisputeGame game = PermissionedDisputeGame(factory.gameImpls(GAME_TYPE));
        vm.assertEq(address(game.anchorStateRegistry()), address(registry));
        vm.assertEq(factory.owner(), address(timelock));
        vm.assertEq(registry.proxyAdminOwner(), address(timelock));
    }

    /// @dev Between creation and initialization a proxy obeys the deployer alone.
    function testFuzz_initialize_byAnotherOne_reverts(address _caller) external {
        vm.assume(_caller != DEPLOYER && _caller != address(0));
        _deployProxies();
        vm.assume(_caller != address(proxyAdmin));
        address implementation = address(new SuperchainConfig());
        bytes memory data = abi.encodeCall(SuperchainConfig.initialize, (_caller, 1));

        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, _caller));
        proxyAdmin.upgradeAndCall(payable(address(superchainConfig)), implementation, data);
        // The proxy's own functions do not exist for them, and there is no implementation yet.
        vm.prank(_caller);
        vm.expectRevert();
        Proxy(payable(address(superchainConfig))).upgradeToAndCall(implementation, data);
        // Not even where an implementation was set without being initialized.
        vm.prank(DEPLOYER);
        proxyAdmin.upgrade(payable(address(superchainConfig)), implementation);
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector));
        superchainConfig.initialize(_caller, 1);
    }

    /// @dev Implementations of their own can never be initialized.
    function test_initialize_onImplementation_reverts() external {
        _deploy(address(0), 0);
        SuperchainConfig superchain = new SuperchainConfig();
        OptimismPortal way = new OptimismPortal(PROOF_MATURITY_DELAY);
        vm.expectRevert();
        superchain.initialize(ALICE, 1);
        vm.expectRevert();
        way.initialize(systemConfig, registry, 0, ALICE);
    }

    /// @dev Not the deployer, nor any role of the chain.
    function test_upgrade_afterwards_isTheTimelocksAlone_succeeds() external {
        _deploy(address(0), 0);
        address next = address(new OptimismPortal(PROOF_MATURITY_DELAY));
        address[9] memory others =
            [DEPLOYER, OPERATOR, FEE_UPDATER, GUARDIAN, BATCHER, COUNCIL, PROPOSER, CHALLENGER, ALICE];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, others[i]));
            proxyAdmin.upgrade(payable(address(portal)), next);
        }

        bytes memory upgrade = abi.encodeCall(ProxyAdmin.upgrade, (payable(address(portal)), next));
        vm.startPrank(COUNCIL);
        timelock.schedule(address(proxyAdmin), 0, upgrade, bytes32(0), bytes32(0), TIMELOCK_DELAY);
        vm.warp(block.timestamp + TIMELOCK_DELAY - 1);
        vm.expectRevert();
        timelock.execute(address(proxyAdmin), 0, upgrade, bytes32(0), bytes32(0));
        vm.warp(block.timestamp + 1);
        timelock.execute(address(proxyAdmin), 0, upgrade, bytes32(0), bytes32(0));
        vm.stopPrank();
        vm.assertEq(proxyAdmin.getProxyImplementation(address(portal)), next);
        vm.assertEq(address(portal.systemConfig()), address(systemConfig));
    }
}
