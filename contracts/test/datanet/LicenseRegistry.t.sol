// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";
import { LicenseRegistry } from "src/datanet/LicenseRegistry.sol";
import { Test } from "test/utils/Test.sol";

/// @title LicenseRegistry_Test
/// @notice What licences consent to, and what derivatives inherit.
contract LicenseRegistry_Test is Test {
    LicenseRegistry internal registry;

    function setUp() public {
        registry = new LicenseRegistry();
    }

    function test_add_succeeds() public {
        uint8 consent = registry.TRAIN() | registry.DERIVE();
        vm.expectEmit();
        emit ILicenseRegistry.LicenceAdded(1, "text", consent, "ipfs://text");
        vm.assertEq(registry.add("text", consent, "ipfs://text"), 1);
        vm.assertEq(registry.count(), 1);
        vm.assertEq(registry.textHashOf(1), "text");
        vm.assertEq(registry.consentOf(1), consent);
        vm.assertTrue(registry.permits(1, registry.TRAIN()));
        vm.assertFalse(registry.permits(1, registry.TRAIN() | registry.ANSWER()));
        // No licence consents to nothing.
        vm.assertEq(registry.consentOf(0), 0);
        vm.assertFalse(registry.permits(0, registry.TRAIN()));
    }

    function test_add_invalid_reverts() public {
        vm.expectRevert(ILicenseRegistry.LicenseRegistry_Invalid.selector);
        registry.add(0, 1, "");
        vm.expectRevert(ILicenseRegistry.LicenseRegistry_Invalid.selector);
        registry.add("text", 32, "");
    }

    function test_views_unknown_reverts() public {
        bytes memory unknown = abi.encodeWithSelector(ILicenseRegistry.LicenseRegistry_Unknown.selector, 1);
        vm.expectRevert(unknown);
        registry.textHashOf(1);
        vm.expectRevert(unknown);
        registry.consentOf(1);
        vm.expectRevert(unknown);
        registry.permits(1, 0);
        vm.expectRevert(unknown);
        registry.mayInherit(0, 1);
    }

    /// @dev A derivative consents to no more than the work does, unless the work lets it.
    function testFuzz_mayInherit_succeeds(uint8 _work, uint8 _derivative) public {
        (uint8 work, uint8 derivative) = (_work & 31, _derivative & 31);
        (uint32 one, uint32 other) = (registry.add("one", work, ""), registry.add("other", derivative, ""));
        bool expected = work & 8 != 0 && (work & 16 != 0 || derivative & work == derivative);
        vm.assertEq(registry.mayInherit(one, other), expected);
        vm.assertFalse(registry.mayInherit(0, other));
    }
}
