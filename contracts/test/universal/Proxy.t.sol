// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { IERC1967 } from "@openzeppelin/contracts/interfaces/IERC1967.sol";
import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";

import { IProxy } from "interfaces/universal/IProxy.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { Test } from "test/utils/Test.sol";

/// @title Counter
/// @notice An implementation with state, value and failures. It has a function that the proxy has too.
contract Counter {
    uint256 public count;

    error Counter_Stuck(uint256 count);

    receive() external payable { }

    function add(uint256 _by) external payable returns (uint256) {
        return count += _by;
    }

    function fail() external view {
        revert Counter_Stuck(count);
    }

    function admin() external pure returns (address) {
        return address(0xc0ffee);
    }
}

abstract contract Proxy_Base is Test {
    address internal immutable OWNER = _account("owner");
    Counter internal implementation = new Counter();
    ProxyAdmin internal proxyAdmin;
    Proxy internal proxy;
    Counter internal counter;

    bytes32 internal constant IMPLEMENTATION_SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 internal constant ADMIN_SLOT = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);

    function setUp() external {
        proxyAdmin = new ProxyAdmin(OWNER);
        proxy = new Proxy(address(proxyAdmin));
        counter = Counter(payable(address(proxy)));
        vm.prank(OWNER);
        proxyAdmin.upgrade(payable(address(proxy)), address(implementation));
    }
}

contract Proxy_Test is Proxy_Base {
    function test_slots_areErc1967_succeeds() external view {
        vm.assertEq(vm.load(address(proxy), IMPLEMENTATION_SLOT), bytes32(uint256(uint160(address(implementation)))));
        vm.assertEq(vm.load(address(proxy), ADMIN_SLOT), bytes32(uint256(uint160(address(proxyAdmin)))));
    }

    function testFuzz_fallback_succeeds(uint128 _by, uint96 _value) external {
        vm.deal(ALICE, _value);
        vm.prank(ALICE);
        vm.assertEq(counter.add{ value: _value }(_by), _by);
        vm.assertEq(counter.count(), _by);
        vm.assertEq(implementation.count(), 0);
        vm.assertEq(address(proxy).balance, _value);
    }

    function test_fallback_gas_succeeds() external {
        counter.add(1);
        vm.snapshotGasLastCall("Proxy", "call through the proxy");
    }

    function test_fallback_revertData_succeeds() external {
        counter.add(3);
        vm.expectRevert(abi.encodeWithSelector(Counter.Counter_Stuck.selector, 3));
        counter.fail();
    }

    function test_receive_succeeds() external {
        vm.prank(ALICE);
        (bool success,) = address(proxy).call{ value: 1 }("");
        vm.assertTrue(success);
    }

    function test_fallback_uninitialized_reverts() external {
        Proxy empty = new Proxy(address(proxyAdmin));
        vm.expectRevert(abi.encodeWithSelector(IProxy.Proxy_NotInitialized.selector));
        Counter(payable(address(empty))).count();
    }

    /// @dev For everyone but the administrator the proxy's own functions do not exist.
    function testFuzz_admin_notAdmin_reachesImplementation(address _caller) external {
        vm.assume(_caller != address(proxyAdmin) && _caller != address(0));
        vm.startPrank(_caller);
        vm.assertEq(proxy.admin(), address(0xc0ffee));
        // The counter has no such function.
        vm.expectRevert();
        proxy.upgradeTo(address(this));
        vm.expectRevert();
        proxy.changeAdmin(_caller);
    }

    /// @dev What `eth_call` without a sender sees, and what an upgrade deposit may do.
    function test_zeroAddress_isAdmin_succeeds() external {
        Counter next = new Counter();
        vm.startPrank(address(0));
        vm.assertEq(proxy.admin(), address(proxyAdmin));
        vm.assertEq(proxy.implementation(), address(implementation));
        vm.expectEmit();
        emit IERC1967.Upgraded(address(next));
        proxy.upgradeTo(address(next));
        vm.assertEq(proxy.implementation(), address(next));
    }

    function test_upgradeTo_noCode_reverts() external {
        vm.prank(address(proxyAdmin));
        vm.expectRevert(abi.encodeWithSelector(ERC1967Utils.ERC1967InvalidImplementation.selector, ALICE));
        proxy.upgradeTo(ALICE);
    }

    function test_upgradeToAndCall_succeeds() external {
        Counter next = new Counter();
        vm.deal(address(proxyAdmin), 1 ether);
        vm.prank(address(proxyAdmin));
        bytes memory answer = proxy.upgradeToAndCall{ value: 1 ether }(address(next), abi.encodeCall(Counter.add, (7)));
        vm.assertEq(abi.decode(answer, (uint256)), 7);
        vm.assertEq(counter.count(), 7);
        vm.assertEq(address(proxy).balance, 1 ether);
    }

    function test_upgradeToAndCall_callFails_reverts() external {
        Counter next = new Counter();
        vm.prank(address(proxyAdmin));
        vm.expectRevert(abi.encodeWithSelector(Counter.Counter_Stuck.selector, 0));
        proxy.upgradeToAndCall(address(next), abi.encodeCall(Counter.fail, ()));
    }
}

contract ProxyAdmin_Test is Proxy_Base {
    function test_getters_succeeds() external view {
        vm.assertEq(proxyAdmin.owner(), OWNER);
        vm.assertEq(proxyAdmin.getProxyAdmin(payable(address(proxy))), address(proxyAdmin));
        vm.assertEq(proxyAdmin.getProxyImplementation(address(proxy)), address(implementation));
    }

    function test_upgradeAndCall_succeeds() external {
        Counter next = new Counter();
        vm.prank(OWNER);
        proxyAdmin.upgradeAndCall{ value: 2 }(payable(address(proxy)), address(next), abi.encodeCall(Counter.add, (9)));
        vm.assertEq(counter.count(), 9);
        vm.assertEq(proxyAdmin.getProxyImplementation(address(proxy)), address(next));
    }

    function test_changeProxyAdmin_succeeds() external {
        vm.prank(OWNER);
        proxyAdmin.changeProxyAdmin(payable(address(proxy)), ALICE);
        vm.prank(ALICE);
        vm.assertEq(proxy.admin(), ALICE);
    }

    function testFuzz_changes_notOwner_reverts(address _caller) external {
        vm.assume(_caller != OWNER);
        bytes memory expected = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, _caller);
        vm.startPrank(_caller);
        vm.expectRevert(expected);
        proxyAdmin.upgrade(payable(address(proxy)), address(this));
        vm.expectRevert(expected);
        proxyAdmin.upgradeAndCall(payable(address(proxy)), address(this), "");
        vm.expectRevert(expected);
        proxyAdmin.changeProxyAdmin(payable(address(proxy)), _caller);
    }

    /// @dev As in the genesis: the administrator behind a proxy that it administers itself.
    function test_upgrade_itself_succeeds() external {
        address self = 0x4200000000000000000000000000000000000018;
        ProxyAdmin first = new ProxyAdmin(BOB);
        ProxyAdmin second = new ProxyAdmin(BOB);
        // The proxy's code has no immutables; its slots are written by an administrator that stands there.
        _place(self, address(new Proxy(self)));
        vm.prank(address(0));
        Proxy(payable(self)).changeAdmin(self);
        vm.prank(self);
        Proxy(payable(self)).upgradeTo(address(first));
        ProxyAdmin(self).initialize(OWNER);
        vm.assertEq(ProxyAdmin(self).owner(), OWNER);

        vm.prank(OWNER);
        ProxyAdmin(self).upgrade(payable(self), address(second));
        vm.assertEq(ProxyAdmin(self).getProxyImplementation(self), address(second));
        vm.assertEq(ProxyAdmin(self).owner(), OWNER);
    }

    function test_initialize_onImplementation_reverts() external {
        vm.expectRevert();
        proxyAdmin.initialize(ALICE);
    }
}
