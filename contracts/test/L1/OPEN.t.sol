// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { OPEN } from "src/L1/OPEN.sol";
import { Test } from "test/utils/Test.sol";

contract OPEN_Test is Test {
    OPEN internal open = new OPEN(ALICE);

    function test_constructor_mintsTheSupply_succeeds() external view {
        vm.assertEq(open.name(), "OpenLedger");
        vm.assertEq(open.symbol(), "OPEN");
        vm.assertEq(open.decimals(), 18);
        vm.assertEq(open.totalSupply(), 1_000_000_000 * 10 ** 18);
        vm.assertEq(open.balanceOf(ALICE), open.INITIAL_SUPPLY());
    }

    /// @dev The supply can shrink and never grow.
    function testFuzz_burn_succeeds(uint256 _amount) external {
        _amount = _bound(_amount, 0, open.INITIAL_SUPPLY());
        vm.prank(ALICE);
        open.burn(_amount);
        vm.assertEq(open.totalSupply(), open.INITIAL_SUPPLY() - _amount);
    }

    function test_permit_succeeds() external {
        (address owner, uint256 key) = _accountAndKey("alice");
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 message = keccak256(abi.encode(typeHash, owner, BOB, 5 ether, 0, type(uint256).max));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked("\x19\x01", open.DOMAIN_SEPARATOR(), message)));
        open.permit(owner, BOB, 5 ether, type(uint256).max, v, r, s);
        vm.prank(BOB);
        open.transferFrom(owner, BOB, 5 ether);
        vm.assertEq(open.balanceOf(BOB), 5 ether);
    }
}
