// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC3009, IERC3009Cancel } from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { Errors } from "@openzeppelin/contracts/utils/Errors.sol";

import { IWOPEN } from "interfaces/L2/IWOPEN.sol";
import { WOPEN } from "src/L2/WOPEN.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Wallet } from "test/mocks/Wallet.sol";
import { Test } from "test/utils/Test.sol";

abstract contract WOPEN_Base is Test {
    WOPEN internal wopen = new WOPEN();

    address internal holder;
    uint256 internal holderKey;

    bytes32 internal constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 internal constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    function setUp() external {
        (holder, holderKey) = _accountAndKey("holder");
        vm.prank(holder);
        wopen.deposit{ value: 100 ether }();
        vm.warp(1_000);
    }

    function _sign(bytes memory _struct) internal view returns (uint8 v_, bytes32 r_, bytes32 s_) {
        return vm.sign(holderKey, MessageHashUtils.toTypedDataHash(wopen.DOMAIN_SEPARATOR(), keccak256(_struct)));
    }
}

contract WOPEN_Wrapping_Test is WOPEN_Base {
    function test_metadata_succeeds() external view {
        vm.assertEq(wopen.name(), "Wrapped OPEN");
        vm.assertEq(wopen.symbol(), "WOPEN");
        vm.assertEq(wopen.decimals(), 18);
    }

    function testFuzz_deposit_succeeds(uint96 _value) external {
        vm.deal(ALICE, _value);
        vm.expectEmit();
        emit IERC20.Transfer(address(0), ALICE, _value);
        vm.expectEmit();
        emit IWOPEN.Deposit(ALICE, _value);
        vm.prank(ALICE);
        wopen.deposit{ value: _value }();
        vm.assertEq(wopen.balanceOf(ALICE), _value);
        vm.assertEq(wopen.totalSupply(), address(wopen).balance);
    }

    function test_deposit_byTransferOrUnknownCall_succeeds() external {
        vm.startPrank(ALICE);
        (bool byTransfer,) = address(wopen).call{ value: 1 ether }("");
        (bool byUnknownCall,) = address(wopen).call{ value: 2 ether }(hex"deadbeef");
        vm.assertTrue(byTransfer && byUnknownCall);
        vm.assertEq(wopen.balanceOf(ALICE), 3 ether);
    }

    function testFuzz_withdraw_succeeds(uint256 _value) external {
        uint256 value = _bound(_value, 0, 100 ether);
        uint256 before = holder.balance;
        vm.expectEmit();
        emit IERC20.Transfer(holder, address(0), value);
        vm.expectEmit();
        emit IWOPEN.Withdrawal(holder, value);
        vm.prank(holder);
        wopen.withdraw(value);
        vm.assertEq(holder.balance - before, value);
        vm.assertEq(wopen.balanceOf(holder), 100 ether - value);
        vm.assertEq(wopen.totalSupply(), address(wopen).balance);
    }

    function test_withdraw_tooMuch_reverts() external {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, 0, 1));
        wopen.withdraw(1);
    }

    function test_withdraw_receiverRefuses_reverts() external {
        address refuser = address(new Refuser());
        vm.prank(holder);
        wopen.transfer(refuser, 1 ether);
        vm.prank(refuser);
        vm.expectRevert(abi.encodeWithSelector(Refuser.Refuser_NoThanks.selector));
        wopen.withdraw(1 ether);
        vm.assertEq(wopen.balanceOf(refuser), 1 ether);
    }

    function test_gas_succeeds() external {
        vm.prank(ALICE);
        wopen.deposit{ value: 1 ether }();
        vm.snapshotGasLastCall("WOPEN", "deposit, first");
        vm.prank(ALICE);
        wopen.transfer(BOB, 0.5 ether);
        vm.snapshotGasLastCall("WOPEN", "transfer, new holder");
        vm.prank(ALICE);
        wopen.withdraw(0.5 ether);
        vm.snapshotGasLastCall("WOPEN", "withdraw, all");
    }
}

contract WOPEN_Permit_Test is WOPEN_Base {
    function testFuzz_permit_succeeds(address _spender, uint256 _value, uint64 _deadline) external {
        vm.assume(_spender != address(0));
        uint256 deadline = _bound(_deadline, block.timestamp, type(uint64).max);
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(PERMIT, holder, _spender, _value, 0, deadline));
        wopen.permit(holder, _spender, _value, deadline, v, r, s);
        vm.assertEq(wopen.allowance(holder, _spender), _value);
        vm.assertEq(wopen.nonces(holder), 1);
    }

    function test_permit_expired_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(PERMIT, holder, ALICE, 1, 0, 999));
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, 999));
        wopen.permit(holder, ALICE, 1, 999, v, r, s);
    }

    function test_permit_replayed_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(PERMIT, holder, ALICE, 1, 0, 2_000));
        wopen.permit(holder, ALICE, 1, 2_000, v, r, s);
        vm.expectRevert();
        wopen.permit(holder, ALICE, 1, 2_000, v, r, s);
    }

    function test_permit_afterChainSplit_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(PERMIT, holder, ALICE, 1, 0, 2_000));
        vm.chainId(999);
        vm.expectRevert();
        wopen.permit(holder, ALICE, 1, 2_000, v, r, s);
    }
}

contract WOPEN_Authorization_Test is WOPEN_Base {
    bytes32 internal constant NONCE = keccak256("nonce");

    function testFuzz_transferWithAuthorization_succeeds(uint256 _value, bytes32 _nonce, address _relayer) external {
        uint256 value = _bound(_value, 0, 100 ether);
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(TRANSFER, holder, BOB, value, 0, 2_000, _nonce));
        vm.expectEmit();
        emit IERC3009.AuthorizationUsed(holder, _nonce);
        vm.prank(_relayer);
        wopen.transferWithAuthorization(holder, BOB, value, 0, 2_000, _nonce, v, r, s);
        vm.assertEq(wopen.balanceOf(BOB), value);
        vm.assertTrue(wopen.authorizationState(holder, _nonce));

        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, holder, _nonce));
        wopen.transferWithAuthorization(holder, BOB, value, 0, 2_000, _nonce, v, r, s);
    }

    function testFuzz_transferWithAuthorization_outsideItsTime_reverts(uint256 _after, uint256 _before) external {
        vm.assume(_after >= block.timestamp || _before <= block.timestamp);
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(TRANSFER, holder, BOB, 1, _after, _before, NONCE));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, _after, _before));
        wopen.transferWithAuthorization(holder, BOB, 1, _after, _before, NONCE, v, r, s);
    }

    /// @dev Both times with the bit that the base contract takes as "these are block numbers".
    function test_transferWithAuthorization_blockNumberFlag_reverts() external {
        uint256 flag = 1 << 47;
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(TRANSFER, holder, BOB, 1, flag, flag | 1e9, NONCE));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, flag, flag | 1e9));
        wopen.transferWithAuthorization(holder, BOB, 1, flag, flag | 1e9, NONCE, v, r, s);
    }

    function testFuzz_transferWithAuthorization_altered_reverts(address _to, uint256 _value) external {
        vm.assume(_to != BOB || _value != 1);
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(TRANSFER, holder, BOB, 1, 0, 2_000, NONCE));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        wopen.transferWithAuthorization(holder, _to, _value, 0, 2_000, NONCE, v, r, s);
    }

    function test_receiveWithAuthorization_byReceiver_succeeds() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(RECEIVE, holder, BOB, 5, 0, 2_000, NONCE));
        vm.prank(BOB);
        wopen.receiveWithAuthorization(holder, BOB, 5, 0, 2_000, NONCE, v, r, s);
        vm.assertEq(wopen.balanceOf(BOB), 5);
    }

    function test_receiveWithAuthorization_byAnother_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(RECEIVE, holder, BOB, 5, 0, 2_000, NONCE));
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, BOB));
        wopen.receiveWithAuthorization(holder, BOB, 5, 0, 2_000, NONCE, v, r, s);
    }

    function test_cancelAuthorization_succeeds() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(CANCEL, holder, NONCE));
        vm.expectEmit();
        emit IERC3009Cancel.AuthorizationCanceled(holder, NONCE);
        wopen.cancelAuthorization(holder, NONCE, v, r, s);

        (v, r, s) = _sign(abi.encode(TRANSFER, holder, BOB, 1, 0, 2_000, NONCE));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, holder, NONCE));
        wopen.transferWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, v, r, s);
    }
}

/// @title WOPEN_Signature_Test
/// @notice Authorizations with the signature as bytes, of accounts with and without code.
contract WOPEN_Signature_Test is WOPEN_Base {
    bytes32 internal constant NONCE = keccak256("nonce");

    function _bytes(bytes memory _struct) internal view returns (bytes memory signature_) {
        (uint8 v, bytes32 r, bytes32 s) = _sign(_struct);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A contract with five coins, which signs what the holder signs.
    function _wallet() internal returns (Wallet wallet_) {
        wallet_ = new Wallet(holder);
        vm.prank(holder);
        wopen.transfer(address(wallet_), 5);
    }

    function testFuzz_transferWithAuthorization_succeeds(uint256 _value, bytes32 _nonce, address _relayer) external {
        uint256 value = _bound(_value, 0, 100 ether);
        bytes memory signature = _bytes(abi.encode(TRANSFER, holder, BOB, value, 0, 2_000, _nonce));
        vm.expectEmit();
        emit IERC3009.AuthorizationUsed(holder, _nonce);
        vm.expectEmit();
        emit IERC20.Transfer(holder, BOB, value);
        vm.prank(_relayer);
        wopen.transferWithAuthorization(holder, BOB, value, 0, 2_000, _nonce, signature);
        vm.assertEq(wopen.balanceOf(BOB), value);
        vm.assertEq(wopen.balanceOf(holder), 100 ether - value);
        vm.assertTrue(wopen.authorizationState(holder, _nonce));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, holder, _nonce));
        wopen.transferWithAuthorization(holder, BOB, value, 0, 2_000, _nonce, signature);
    }

    function testFuzz_transferWithAuthorization_outsideItsTime_reverts(uint256 _after, uint256 _before) external {
        vm.assume(_after >= block.timestamp || _before <= block.timestamp);
        bytes memory signature = _bytes(abi.encode(TRANSFER, holder, BOB, 1, _after, _before, NONCE));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, _after, _before));
        wopen.transferWithAuthorization(holder, BOB, 1, _after, _before, NONCE, signature);
    }

    /// @dev One second inside of its time at both ends, and one outside.
    function test_receiveWithAuthorization_boundaries_succeeds() external {
        bytes memory signature = _bytes(abi.encode(RECEIVE, holder, BOB, 1, 999, 1_001, NONCE));
        bytes memory error = abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, 999, 1_001);
        vm.startPrank(BOB);
        for (uint256 time = 999; time <= 1_001; time += 2) {
            vm.warp(time);
            vm.expectRevert(error);
            wopen.receiveWithAuthorization(holder, BOB, 1, 999, 1_001, NONCE, signature);
        }
        vm.warp(1_000);
        wopen.receiveWithAuthorization(holder, BOB, 1, 999, 1_001, NONCE, signature);
        vm.assertEq(wopen.balanceOf(BOB), 1);
    }

    function testFuzz_transferWithAuthorization_altered_reverts(address _to, uint256 _value, uint8 _byte) external {
        bytes memory signature = _bytes(abi.encode(TRANSFER, holder, BOB, 1, 0, 2_000, NONCE));
        if (_to == BOB && _value == 1) signature[_byte % 65] ^= 0x01;
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(holder, _to, _value, 0, 2_000, NONCE, signature);
    }

    /// @dev One kind of authorization is none of the other kind, and one of another chain or token is none here.
    function test_transferWithAuthorization_replayed_reverts() external {
        bytes memory signature = _bytes(abi.encode(RECEIVE, holder, BOB, 1, 0, 2_000, NONCE));
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, signature);
        signature = _bytes(abi.encode(TRANSFER, holder, BOB, 1, 0, 2_000, NONCE));
        vm.prank(BOB);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.receiveWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, signature);
        WOPEN other = new WOPEN();
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        other.transferWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, signature);
        vm.chainId(999);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, signature);
    }

    /// @dev The other signature that the same key and hash have, one byte more or less, and none at all.
    function test_transferWithAuthorization_malleable_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(abi.encode(TRANSFER, holder, BOB, 1, 0, 2_000, NONCE));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[5] memory wrong = [
            abi.encodePacked(r, order - uint256(s), v == 27 ? 28 : 27),
            abi.encodePacked(r, s, v, uint8(0)),
            abi.encodePacked(r, s),
            abi.encodePacked(r, s, uint8(29)),
            bytes("")
        ];
        for (uint256 k; k < wrong.length; ++k) {
            vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
            wopen.transferWithAuthorization(holder, BOB, 1, 0, 2_000, NONCE, wrong[k]);
        }
    }

    /// @dev What no key signed is not nobody's.
    function test_transferWithAuthorization_ofNobody_reverts() external {
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(address(0), BOB, 0, 0, 2_000, NONCE, "");
    }

    function test_receiveWithAuthorization_byAnother_reverts() external {
        bytes memory signature = _bytes(abi.encode(RECEIVE, holder, BOB, 5, 0, 2_000, NONCE));
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, BOB));
        wopen.receiveWithAuthorization(holder, BOB, 5, 0, 2_000, NONCE, signature);
    }

    function test_receiveWithAuthorization_ofContract_succeeds() external {
        address wallet = address(_wallet());
        bytes memory signature = _bytes(abi.encode(RECEIVE, wallet, BOB, 5, 0, 2_000, NONCE));
        vm.prank(BOB);
        wopen.receiveWithAuthorization(wallet, BOB, 5, 0, 2_000, NONCE, signature);
        vm.assertEq(wopen.balanceOf(BOB), 5);
        vm.assertEq(wopen.balanceOf(wallet), 0);
    }

    function test_transferWithAuthorization_ofContract_reverts() external {
        Wallet wallet = _wallet();
        bytes memory signature = _bytes(abi.encode(TRANSFER, wallet, BOB, 5, 0, 2_000, NONCE));
        wallet.mute();
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(address(wallet), BOB, 5, 0, 2_000, NONCE, signature);
        // Nor of one that has never heard of signatures.
        address refuser = address(new Refuser());
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.transferWithAuthorization(refuser, BOB, 0, 0, 2_000, NONCE, signature);
    }

    /// @dev What a key signed counts as it does in three parts, also when its account has the code of a contract that signs nothing.
    function test_transferWithAuthorization_delegated_succeeds() external {
        bytes memory signature = _bytes(abi.encode(TRANSFER, holder, BOB, 5, 0, 2_000, NONCE));
        vm.etch(holder, address(new Refuser()).code);
        wopen.transferWithAuthorization(holder, BOB, 5, 0, 2_000, NONCE, signature);
        vm.assertEq(wopen.balanceOf(BOB), 5);
    }

    function test_cancelAuthorization_succeeds() external {
        address wallet = address(_wallet());
        bytes memory signature = _bytes(abi.encode(CANCEL, wallet, NONCE));
        vm.expectEmit();
        emit IERC3009Cancel.AuthorizationCanceled(wallet, NONCE);
        wopen.cancelAuthorization(wallet, NONCE, signature);
        bytes memory used = abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, wallet, NONCE);
        vm.expectRevert(used);
        wopen.cancelAuthorization(wallet, NONCE, signature);
        signature = _bytes(abi.encode(TRANSFER, wallet, BOB, 5, 0, 2_000, NONCE));
        vm.expectRevert(used);
        wopen.transferWithAuthorization(wallet, BOB, 5, 0, 2_000, NONCE, signature);
    }

    function test_cancelAuthorization_byAnother_reverts() external {
        bytes memory signature = _bytes(abi.encode(CANCEL, ALICE, NONCE));
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        wopen.cancelAuthorization(ALICE, NONCE, signature);
    }
}

/// @title WOPEN_Actors
/// @notice Three holders that wrap, unwrap, pay each other and force coins in.
contract WOPEN_Actors is Test {
    WOPEN public immutable WRAPPED;

    constructor(WOPEN _wopen) {
        WRAPPED = _wopen;
    }

    function deposit(uint256 _actor, uint96 _value) external {
        address actor = actorAt(_actor);
        vm.deal(actor, _value);
        vm.prank(actor);
        WRAPPED.deposit{ value: _value }();
    }

    function withdraw(uint256 _actor, uint256 _value) external {
        address actor = actorAt(_actor);
        uint256 value = _bound(_value, 0, WRAPPED.balanceOf(actor));
        vm.prank(actor);
        WRAPPED.withdraw(value);
    }

    function transfer(uint256 _from, uint256 _to, uint256 _value) external {
        address from = actorAt(_from);
        uint256 value = _bound(_value, 0, WRAPPED.balanceOf(from));
        vm.prank(from);
        WRAPPED.transfer(actorAt(_to), value);
    }

    function force(uint64 _value) external {
        vm.deal(address(WRAPPED), address(WRAPPED).balance + _value);
    }

    function actorAt(uint256 _number) public pure returns (address) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(0xac7000 + _number % 3));
    }
}

contract WOPEN_Backing_Invariant is Test {
    WOPEN internal wopen = new WOPEN();
    WOPEN_Actors internal actors = new WOPEN_Actors(wopen);

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev Every wrapped coin can be unwrapped.
    function invariant_supplyIsBacked() external view {
        uint256 held;
        for (uint256 i; i < 3; ++i) {
            held += wopen.balanceOf(actors.actorAt(i));
        }
        vm.assertEq(held, wopen.totalSupply());
        vm.assertLe(held, address(wopen).balance);
    }
}
