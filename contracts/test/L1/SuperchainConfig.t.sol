// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { L1Deployment } from "test/utils/L1Deployment.sol";

contract SuperchainConfig_Test is L1Deployment {
    uint256 internal constant START = 1_800_000_000;

    function setUp() external {
        vm.warp(START);
        _deploy(address(0), 0);
    }

    function test_initialize_succeeds() external view {
        vm.assertEq(superchainConfig.guardian(), GUARDIAN);
        vm.assertEq(superchainConfig.pauseDuration(), PAUSE_DURATION);
        vm.assertFalse(superchainConfig.paused());
        vm.assertEq(superchainConfig.pausableAt(), 0);
        vm.assertEq(superchainConfig.version(), "1.0.0");
        vm.assertEq(superchainConfig.proxyAdmin(), address(proxyAdmin));
        vm.assertEq(superchainConfig.proxyAdminOwner(), address(timelock));
    }

    function test_initialize_again_reverts() external {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        superchainConfig.initialize(ALICE, 1);
    }

    function testFuzz_initialize_notAdmin_reverts(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(timelock));
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOrOwner.selector));
        superchainConfig.initialize(_caller, 1);
    }

    /// @dev The owner of the ProxyAdmin need not go through it.
    function test_initialize_byOwner_succeeds() external {
        _deployProxies();
        address implementation = address(new SuperchainConfig());
        vm.startPrank(DEPLOYER);
        proxyAdmin.upgrade(payable(address(superchainConfig)), implementation);
        superchainConfig.initialize(ALICE, 1);
        vm.assertEq(superchainConfig.guardian(), ALICE);
    }

    function test_initialize_duration_reverts() external {
        _deployProxies();
        address implementation = address(new SuperchainConfig());
        vm.startPrank(DEPLOYER);
        proxyAdmin.upgrade(payable(address(superchainConfig)), implementation);
        vm.expectRevert(abi.encodeWithSelector(ISuperchainConfig.SuperchainConfig_InvalidPauseDuration.selector));
        superchainConfig.initialize(ALICE, 0);
        vm.expectRevert(abi.encodeWithSelector(ISuperchainConfig.SuperchainConfig_InvalidPauseDuration.selector));
        superchainConfig.initialize(ALICE, 90 days + 1);
    }

    function test_pause_expiresByItself_succeeds() external {
        vm.expectEmit();
        emit ISuperchainConfig.Paused(START + PAUSE_DURATION);
        vm.prank(GUARDIAN);
        superchainConfig.pause();
        vm.assertEq(superchainConfig.pausedAt(), START);
        vm.assertEq(superchainConfig.expiration(), START + PAUSE_DURATION);

        vm.warp(START + PAUSE_DURATION - 1);
        vm.assertTrue(superchainConfig.paused());
        vm.assertTrue(portal.paused());
        vm.assertTrue(systemConfig.paused());
        vm.warp(START + PAUSE_DURATION);
        vm.assertFalse(superchainConfig.paused());
        vm.assertFalse(portal.paused());
    }

    /// @dev Neither during the pause, nor within a time of the same length after it.
    function test_pause_prolonged_reverts() external {
        vm.startPrank(GUARDIAN);
        superchainConfig.pause();
        uint256 next = START + 2 * PAUSE_DURATION;
        bytes memory expected =
            abi.encodeWithSelector(ISuperchainConfig.SuperchainConfig_NotPausableUntil.selector, next);
        vm.expectRevert(expected);
        superchainConfig.pause();
        vm.warp(START + PAUSE_DURATION);
        vm.expectRevert(expected);
        superchainConfig.pause();
        vm.warp(next - 1);
        vm.expectRevert(expected);
        superchainConfig.pause();
        vm.warp(next);
        superchainConfig.pause();
        vm.assertTrue(superchainConfig.paused());
    }

    /// @dev Whatever the guardian does, open times are as long as the pauses before them.
    function testFuzz_pause_isFollowedByAsLongAnOpenTime_succeeds(uint32[16] memory _steps) external {
        vm.startPrank(GUARDIAN);
        uint256 begun;
        uint256 ended;
        for (uint256 i; i < _steps.length; ++i) {
            vm.warp(block.timestamp + _steps[i] % 200 days);
            if (superchainConfig.paused()) {
                superchainConfig.unpause();
                ended = block.timestamp;
                continue;
            }
            if (ended == 0 && begun != 0) ended = begun + PAUSE_DURATION;
            try superchainConfig.pause() {
                if (begun != 0) vm.assertGe(block.timestamp - ended, ended - begun);
                begun = block.timestamp;
                ended = 0;
            } catch {
                vm.assertLt(block.timestamp - ended, ended - begun);
            }
        }
    }

    function test_unpause_succeeds() external {
        vm.startPrank(GUARDIAN);
        superchainConfig.pause();
        vm.warp(START + 1 hours);
        vm.expectEmit();
        emit ISuperchainConfig.Unpaused();
        superchainConfig.unpause();
        vm.assertFalse(superchainConfig.paused());
        vm.assertEq(superchainConfig.pausableAt(), START + 2 hours);
    }

    function test_unpause_notPaused_reverts() external {
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ISuperchainConfig.SuperchainConfig_NotPaused.selector));
        superchainConfig.unpause();
    }

    function testFuzz_pause_notGuardian_reverts(address _caller) external {
        vm.assume(_caller != GUARDIAN && _caller != address(proxyAdmin));
        bytes memory expected = abi.encodeWithSelector(ISuperchainConfig.SuperchainConfig_NotGuardian.selector);
        vm.startPrank(_caller);
        vm.expectRevert(expected);
        superchainConfig.pause();
        vm.expectRevert(expected);
        superchainConfig.unpause();
    }

    function test_setGuardian_succeeds() external {
        vm.expectEmit();
        emit ISuperchainConfig.GuardianSet(GUARDIAN, BOB);
        vm.prank(address(timelock));
        superchainConfig.setGuardian(BOB);
        vm.prank(BOB);
        superchainConfig.pause();
        vm.assertTrue(superchainConfig.paused());
    }

    function testFuzz_setGuardian_notTimelock_reverts(address _caller) external {
        vm.assume(_caller != address(timelock));
        vm.prank(_caller);
        vm.expectRevert(abi.encodeWithSelector(IProxyAdminOwned.ProxyAdminOwned_NotProxyAdminOwner.selector));
        superchainConfig.setGuardian(_caller);
    }
}
