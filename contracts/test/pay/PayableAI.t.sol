// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC3009 } from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { WOPEN } from "src/L2/WOPEN.sol";
import { PayableAI } from "src/pay/PayableAI.sol";
import { Wallet } from "test/mocks/Wallet.sol";
import { Wrapper } from "test/mocks/Wrapper.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Prices_Test
/// @notice What an answer costs, and from when on.
contract PayableAI_Prices_Test is PaymentTest {
    function _flat(uint72 _amount) internal pure returns (IPayableAI.Prices memory prices_) {
        prices_.flat = _amount;
    }

    function _set(uint64 _modelVersion, IPayableAI.Prices memory _to) internal returns (uint32 sheet_) {
        vm.prank(ALICE);
        return payments.setPrices(_modelVersion, _to);
    }

    function _noSheet(uint64 _modelVersion, uint32 _sheet) internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_Sheet.selector, _modelVersion, _sheet);
    }

    /// @dev That one sheet counts, for payments too, and another one does not.
    function _counts(uint32 _sheet, uint32 _not) internal {
        (uint32 sheet,) = payments.pricesOf(version);
        vm.assertEq(sheet, _sheet);
        IPayableAI.Answer memory of_ = _answer(block.timestamp);
        of_.sheet = _sheet;
        _pay(of_);
        of_.sheet = _not;
        bytes memory signature = _quote(of_, type(uint64).max);
        vm.prank(payer);
        vm.expectRevert(_noSheet(version, _not));
        payments.pay(of_, type(uint64).max, signature);
        vm.prank(payer);
        vm.expectRevert(_noSheet(version, _not));
        payments.order(version, _not, uint64(block.timestamp) + 1, 0);
        vm.prank(gateway);
        vm.expectRevert(_noSheet(version, _not));
        payments.payWithAuthorization(of_, 0, type(uint256).max, "");
    }

    function test_setPrices_first_succeeds() public {
        uint64 other = _publish(_ours());
        vm.expectEmit();
        emit IPayableAI.PricesSet(other, 0, _prices(), uint64(block.timestamp));
        vm.assertEq(_set(other, _prices()), 0);
        (uint32 sheet, IPayableAI.Prices memory prices) = payments.pricesOf(other);
        vm.assertEq(sheet, 0);
        vm.assertEq(abi.encode(prices), abi.encode(_prices()));
        (IPayableAI.Prices memory written, uint64 from) = payments.sheetOf(other, 0);
        vm.assertEq(from, block.timestamp);
        vm.assertEq(abi.encode(written), abi.encode(_prices()));
    }

    /// @dev The old sheet counts up to the last second of the notice, the new one from then on.
    function test_setPrices_notice_succeeds() public {
        uint64 from = uint64(block.timestamp) + PRICE_NOTICE;
        vm.expectEmit();
        emit IPayableAI.PricesSet(version, 1, _flat(5), from);
        vm.assertEq(_set(version, _flat(5)), 1);
        _counts(0, 1);
        vm.warp(from - 1);
        _counts(0, 1);
        vm.warp(from);
        _counts(1, 0);
        (, uint64 written) = payments.sheetOf(version, 1);
        vm.assertEq(written, from);
    }

    /// @dev Each of several that were announced counts until the next one does. Of two of the same second the later one counts at once.
    function test_setPrices_several_succeeds() public {
        uint256 time = block.timestamp;
        _set(version, _flat(1));
        vm.warp(time + 10);
        _set(version, _flat(2));
        _set(version, _flat(3));
        vm.warp(time + PRICE_NOTICE + 9);
        _counts(1, 2);
        vm.warp(time + PRICE_NOTICE + 10);
        _counts(3, 2);
        _counts(3, 1);
        vm.assertEq(_set(version, _flat(4)), 4);
        _counts(3, 4);
        _counts(3, 5);
    }

    function test_setPrices_notOwner_reverts() public {
        vm.prank(gateway);
        vm.expectRevert(IPayableAI.PayableAI_NotOwner.selector);
        payments.setPrices(version, _flat(0));
        // Whoever has the token sets the prices, and nobody else.
        vm.prank(ALICE);
        models.transferFrom(ALICE, BOB, 0);
        vm.prank(ALICE);
        vm.expectRevert(IPayableAI.PayableAI_NotOwner.selector);
        payments.setPrices(version, _flat(0));
        vm.prank(BOB);
        vm.assertEq(payments.setPrices(version, _flat(0)), 1);
    }

    function test_setPrices_unknownVersion_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 99));
        payments.setPrices(99, _flat(0));
    }

    /// @dev What another settlement settles is not paid here.
    function test_setPrices_otherSettlement_reverts() public {
        IModelRegistry.Publication memory of_ = _ours();
        of_.settlement = ALICE;
        uint64 other = _publish(of_);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, other));
        payments.setPrices(other, _prices());
    }

    function test_sheets_none_reverts() public {
        uint64 other = _publish(_ours());
        vm.expectRevert(_noSheet(other, 0));
        payments.pricesOf(other);
        vm.expectRevert(_noSheet(other, 0));
        payments.sheetOf(other, 0);
        vm.expectRevert(_noSheet(version, 1));
        payments.sheetOf(version, 1);
        IPayableAI.Answer memory of_ = _answer();
        of_.modelVersion = other;
        vm.expectRevert(_noSheet(other, 0));
        payments.feeOf(of_);
        of_.modelVersion = version;
        of_.sheet = type(uint32).max;
        vm.expectRevert(_noSheet(version, type(uint32).max));
        payments.feeOf(of_);
        vm.prank(payer);
        vm.expectRevert(_noSheet(version, type(uint32).max));
        payments.order(version, type(uint32).max, uint64(block.timestamp) + 1, 0);
    }

    /// @dev A sheet that was announced has no fees until it counts.
    function test_feeOf_notice_reverts() public {
        _set(version, _flat(5));
        IPayableAI.Answer memory of_ = _answer();
        of_.sheet = 1;
        vm.warp(block.timestamp + PRICE_NOTICE - 1);
        vm.expectRevert(_noSheet(version, 1));
        payments.feeOf(of_);
        vm.warp(block.timestamp + 1);
        vm.assertEq(payments.feeOf(of_), 5);
        // One that counted before still has: answers were asked for by it.
        of_.sheet = 0;
        vm.assertEq(payments.feeOf(of_), FEE);
    }

    function testFuzz_feeOf_succeeds(IPayableAI.Prices memory _of, uint32 _tokensIn, uint32 _tokensOut) public {
        uint64 other = _publish(_ours());
        _set(other, _of);
        IPayableAI.Answer memory of_ = _answer();
        (of_.modelVersion, of_.tokensIn, of_.tokensOut) = (other, _tokensIn, _tokensOut);
        uint256 fee = (uint256(_tokensIn) * _of.input + 999) / 1_000;
        fee += (uint256(_tokensOut) * _of.output + 999) / 1_000;
        vm.assertEq(payments.feeOf(of_), fee + _of.flat);
    }

    /// @dev Rounded up, each by itself.
    function test_feeOf_roundedUp_succeeds() public {
        uint64 other = _publish(_ours());
        _set(other, IPayableAI.Prices(1, 1, 0));
        IPayableAI.Answer memory of_ = _answer();
        of_.modelVersion = other;
        uint32[4] memory tokens = [uint32(0), 1, 1_000, 1_001];
        for (uint32 k; k < 4; ++k) {
            (of_.tokensIn, of_.tokensOut) = (tokens[k], tokens[k]);
            vm.assertEq(payments.feeOf(of_), [0, 2, 2, 4][k]);
        }
    }

    /// @dev The highest prices and counts that there are can be paid, by whoever has so much.
    function test_pay_most_succeeds() public {
        uint64 other = _publish(_ours());
        uint72 most = type(uint72).max;
        _set(other, IPayableAI.Prices(most, most, most));
        IPayableAI.Answer memory of_ = _answer();
        (of_.modelVersion, of_.tokensIn, of_.tokensOut) = (other, type(uint32).max, type(uint32).max);
        uint256 fee = 2 * ((uint256(type(uint32).max) * most + 999) / 1_000) + most;
        vm.assertEq(payments.feeOf(of_), fee);
        vm.deal(payer, fee);
        _pay(of_);
        (uint128 data, uint128 rest) = payments.accruedOf(0, other);
        vm.assertEq(uint256(data) + rest, fee);
    }
}

/// @title PayableAI_Pay_Test
/// @notice Answers that their gateways offer, in the native coin.
contract PayableAI_Pay_Test is PaymentTest {
    /// @dev Pays with some offer, and finds it refused.
    function _refused(IPayableAI.Answer memory _of, bytes memory _signature, bytes memory _error) internal {
        uint128 fee = payments.feeOf(_of);
        vm.prank(payer);
        vm.expectRevert(_error);
        payments.pay{ value: fee }(_of, uint64(block.timestamp) + 1 hours, _signature);
    }

    function _badSignature() internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_Signature.selector);
    }

    function _noModel(uint64 _modelVersion) internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, _modelVersion);
    }

    function test_pay_succeeds() public {
        IPayableAI.Answer memory of_ = _answer();
        uint256 before = payer.balance;
        bytes memory leaf = _leafR(of_, 0, FEE);
        vm.expectEmit();
        emit IPayableAI.Paid(0, version, payer, 0, leaf);
        vm.assertEq(_pay(of_), 0);
        vm.assertEq(payer.balance, before - FEE);
        vm.assertEq(address(payments).balance, FEE);
        vm.assertEq(payments.paidOf(0), keccak256(bytes.concat(hex"00", leaf)));
        vm.assertEq(payments.answers(), 1);
        vm.assertEq(payments.publishedAt(0), 0);
        (uint128 data, uint128 rest) = payments.accruedOf(0, version);
        vm.assertEq(data, DATA);
        vm.assertEq(rest, FEE - DATA);
        // The next one is behind it.
        vm.expectEmit();
        emit IPayableAI.Paid(1, version, payer, 0, _leafR(_answer(1), 1, FEE));
        vm.assertEq(_pay(_answer(1)), 1);
        vm.assertEq(payments.paidOf(2), 0);
    }

    /// @dev An offer is good for as many payments as its payer likes, and each is for an answer: there is nothing to gain by it.
    function test_pay_sameOfferTwice_succeeds() public {
        _pay(_answer());
        vm.assertEq(_pay(_answer()), 1);
        vm.assertEq(address(payments).balance, 2 * FEE);
        vm.assertTrue(payments.paidOf(0) != payments.paidOf(1));
    }

    function test_pay_byAnother_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, type(uint64).max);
        vm.prank(ALICE);
        vm.expectRevert(IPayableAI.PayableAI_NotPayer.selector);
        payments.pay{ value: FEE }(of_, type(uint64).max, signature);
    }

    function test_pay_expired_reverts() public {
        uint64 until = uint64(block.timestamp) + 100;
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, until);
        vm.startPrank(payer);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooLate.selector, until));
        payments.pay{ value: FEE }(of_, until, signature);
        // A longer time was not offered.
        vm.expectRevert(IPayableAI.PayableAI_Signature.selector);
        payments.pay{ value: FEE }(of_, until + 1, signature);
        vm.warp(until - 1);
        payments.pay{ value: FEE }(of_, until, signature);
    }

    function test_pay_otherValue_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, type(uint64).max);
        uint128[3] memory wrong = [0, FEE - 1, FEE + 1];
        for (uint256 k; k < 3; ++k) {
            vm.prank(payer);
            vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_Fee.selector, FEE, wrong[k]));
            payments.pay{ value: wrong[k] }(of_, type(uint64).max, signature);
        }
    }

    /// @dev The gateway offers this answer and no other one.
    function testFuzz_pay_altered_reverts(uint8 _field, uint32 _by) public {
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, uint64(block.timestamp) + 1 hours);
        uint32 by = uint32(_bound(_by, 1, 1_000));
        uint256 field = _field % 6;
        if (field == 0) of_.tokensIn += by;
        if (field == 1) of_.tokensOut += by;
        if (field == 2) of_.isPublic = true;
        if (field == 3) of_.contextRoot = bytes32(uint256(of_.contextRoot) ^ by);
        if (field == 4) of_.outputRoot = bytes32(uint256(of_.outputRoot) ^ by);
        if (field == 5) of_.words += by;
        _refused(of_, signature, _badSignature());
    }

    /// @dev Nor for another payer, by another sheet, or of another model version with the same gateway.
    function test_pay_altered_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        of_.payer = ALICE;
        bytes memory signature = _quote(of_, uint64(block.timestamp) + 1 hours);
        _refused(_answer(), signature, _badSignature());
        signature = _quote(_answer(), uint64(block.timestamp) + 1 hours);
        uint64 other = _publish(_ours());
        vm.prank(ALICE);
        payments.setPrices(other, _prices());
        of_ = _answer();
        of_.modelVersion = other;
        _refused(of_, signature, _badSignature());
    }

    function test_pay_ofAnotherKey_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes32 hash = payments.quoteHash(of_, uint64(block.timestamp) + 1 hours);
        _refused(of_, _sign(payerKey, hash), _badSignature());
        // Of nobody, and what is no signature at all.
        _refused(of_, "", _badSignature());
        _refused(of_, new bytes(65), _badSignature());
        // What the gateway signed is no offer.
        _refused(of_, _sign(gatewayKey, payments.answerHash(of_)), _badSignature());
    }

    function test_pay_malleable_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes32 hash = payments.quoteHash(of_, uint64(block.timestamp) + 1 hours);
        _refused(of_, _twin(gatewayKey, hash), _badSignature());
        _refused(of_, bytes.concat(_sign(gatewayKey, hash), hex"00"), _badSignature());
    }

    function test_pay_signatureReplay_otherChain_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, uint64(block.timestamp) + 1 hours);
        vm.chainId(999);
        _refused(of_, signature, _badSignature());
    }

    function test_pay_signatureReplay_otherContract_reverts() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes memory signature = _quote(of_, uint64(block.timestamp) + 1 hours);
        (payments,) = _deploy(address(this));
        vm.prank(ALICE);
        payments.setPrices(version, _prices());
        _refused(of_, signature, _badSignature());
    }

    function test_pay_notActive_reverts() public {
        vm.prank(ALICE);
        uint64 soon = models.publish{ value: BOND }(0, _ours());
        vm.prank(ALICE);
        payments.setPrices(soon, _prices());
        IPayableAI.Answer memory of_ = _answer();
        of_.modelVersion = soon;
        vm.warp(block.timestamp + NOTICE - 1);
        _refused(of_, _quote(of_, uint64(block.timestamp) + 1 hours), _noModel(soon));
        vm.warp(block.timestamp + 1);
        _pay(of_);
        vm.prank(ALICE);
        models.retire(soon);
        _refused(of_, _quote(of_, uint64(block.timestamp) + 1 hours), _noModel(soon));
    }

    /// @dev Who answers is who answers now.
    function test_pay_otherGateway_reverts() public {
        bytes memory signature = _quote(_answer(), uint64(block.timestamp) + 1 hours);
        (address fresh, uint256 key) = _accountAndKey("another gateway");
        vm.prank(ALICE);
        models.setGateway(version, fresh);
        _refused(_answer(), signature, _badSignature());
        gatewayKey = key;
        _pay(_answer());
    }

    function test_pay_gatewayIsContract_succeeds() public {
        Wallet wallet = new Wallet(gateway);
        vm.prank(ALICE);
        models.setGateway(version, address(wallet));
        _pay(_answer(1));
        wallet.mute();
        _refused(_answer(2), _quote(_answer(2), uint64(block.timestamp) + 1 hours), _badSignature());
    }

    /// @dev Nothing, and next to nothing: what is too little for the platform is for the data.
    function test_pay_dust_succeeds() public {
        uint128[4] memory fees = [uint128(0), 1, 19, 20];
        uint128[4] memory pools = [uint128(0), 1, 8, 8];
        uint256 sum;
        for (uint256 k; k < 4; ++k) {
            uint64 other = _publish(_ours());
            vm.prank(ALICE);
            payments.setPrices(other, IPayableAI.Prices(0, 0, uint72(fees[k])));
            IPayableAI.Answer memory of_ = _answer();
            of_.modelVersion = other;
            uint64 i = _pay(of_);
            vm.assertEq(payments.paidOf(i), keccak256(bytes.concat(hex"00", _leafR(of_, i, fees[k]))));
            (uint128 data, uint128 rest) = payments.accruedOf(0, other);
            vm.assertEq(data, pools[k]);
            vm.assertEq(rest, fees[k] - pools[k]);
            sum += pools[k];
        }
        (uint64 end, uint128 pool) = payments.cut();
        vm.assertEq(end, 4);
        vm.assertEq(pool, sum);
    }

    /// @dev What is signed, put together by hand.
    function test_hashes_succeeds() public view {
        string memory type_ = "Answer(uint64 modelVersion,address payer,uint32 sheet,uint32 tokensIn,uint32 tokensOut,"
            "bool isPublic,bytes32 contextRoot,bytes32 outputRoot,uint32 words)";
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("OpenLedger PayableAI"),
                keccak256("1"),
                block.chainid,
                payments
            )
        );
        IPayableAI.Answer memory of_ = _answer();
        bytes memory head = abi.encode(keccak256(bytes(type_)), of_.modelVersion, of_.payer, of_.sheet, of_.tokensIn);
        bytes memory tail = abi.encode(of_.tokensOut, of_.isPublic, of_.contextRoot, of_.outputRoot, of_.words);
        bytes32 answer = keccak256(bytes.concat(head, tail));
        vm.assertEq(payments.answerHash(of_), _typed(domain, answer));
        bytes32 quote = keccak256(bytes(string.concat("Quote(Answer answer,uint64 validBefore)", type_)));
        vm.assertEq(payments.quoteHash(of_, 7), _typed(domain, keccak256(abi.encode(quote, answer, 7))));
        bytes32 voucher = keccak256("Voucher(uint256 channel,uint128 spent,bytes32 head)");
        bytes32 after_ = keccak256(abi.encode(bytes32("head"), answer));
        vm.assertEq(payments.headAfter("head", of_), after_);
        vm.assertEq(payments.voucherHash(3, 4, after_), _typed(domain, keccak256(abi.encode(voucher, 3, 4, after_))));
    }

    function _typed(bytes32 _domain, bytes32 _struct) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(hex"1901", _domain, _struct));
    }

    /// @dev Nobody leaves coins here by mistake.
    function test_receive_reverts() public {
        vm.prank(ALICE);
        (bool success, bytes memory answer) = address(payments).call{ value: 1 }("");
        vm.assertFalse(success);
        vm.assertEq(answer, abi.encodeWithSelector(IPayableAI.PayableAI_NotAllowed.selector));
    }
}

/// @title PayableAI_Authorization_Test
/// @notice Answers that are paid in WOPEN, by a signature of the payer's.
contract PayableAI_Authorization_Test is PaymentTest {
    /// @dev Brings an authorization for an hour, and finds it refused; nothing is paid.
    function _refused(IPayableAI.Answer memory _of, bytes memory _signature, bytes memory _error) internal {
        uint64 before = payments.answers();
        vm.prank(gateway);
        vm.expectRevert(_error);
        payments.payWithAuthorization(_of, 0, block.timestamp + 1 hours, _signature);
        vm.assertEq(payments.answers(), before);
    }

    function _badSignature() internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector);
    }

    function test_payWithAuthorization_succeeds() public {
        IPayableAI.Answer memory of_ = _answer();
        bytes32 nonce = payments.answerHash(of_);
        bytes memory leaf = _leafR(of_, 0, FEE);
        vm.expectEmit();
        emit IPayableAI.Paid(0, version, payer, 0, leaf);
        vm.expectEmit();
        emit IERC3009.AuthorizationUsed(payer, nonce);
        vm.expectEmit();
        emit IERC20.Transfer(payer, address(payments), FEE);
        vm.assertEq(_payInWOPEN(of_), 0);
        vm.assertEq(wopen.balanceOf(payer), 1_000 ether - FEE);
        vm.assertEq(wopen.balanceOf(address(payments)), FEE);
        vm.assertEq(address(payments).balance, 0);
        vm.assertEq(payments.paidOf(0), keccak256(bytes.concat(hex"00", leaf)));
        (uint128 data, uint128 rest) = payments.accruedOf(0, version);
        vm.assertEq(data, DATA);
        vm.assertEq(rest, FEE - DATA);
        // The same answer is not paid twice.
        bytes memory signature = _authorization(of_, FEE);
        _refused(of_, signature, abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, nonce));
    }

    function test_payWithAuthorization_ofContract_succeeds() public {
        Wallet wallet = new Wallet(payer);
        vm.prank(payer);
        wopen.transfer(address(wallet), 2 ether);
        IPayableAI.Answer memory of_ = _answer();
        of_.payer = address(wallet);
        _payInWOPEN(of_);
        vm.assertEq(wopen.balanceOf(address(wallet)), 2 ether - FEE);
        wallet.mute();
        of_.words = 1;
        _refused(of_, _authorization(of_, FEE), _badSignature());
    }

    function test_payWithAuthorization_delegated_succeeds() public {
        bytes memory signature = _authorization(_answer(), FEE);
        vm.etch(payer, address(new Wallet(BOB)).code);
        vm.prank(gateway);
        payments.payWithAuthorization(_answer(), 0, block.timestamp + 1 hours, signature);
        vm.assertEq(wopen.balanceOf(payer), 1_000 ether - FEE);
    }

    /// @dev The payer's consent alone is no answer: the gateway says that it is.
    function test_payWithAuthorization_notGateway_reverts() public {
        bytes memory signature = _authorization(_answer(), FEE);
        vm.prank(payer);
        vm.expectRevert(IPayableAI.PayableAI_NotGateway.selector);
        payments.payWithAuthorization(_answer(), 0, block.timestamp + 1 hours, signature);
        // Nor does anybody but this contract get the coins for it.
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, payments));
        wopen.receiveWithAuthorization(
            payer, address(payments), FEE, 0, block.timestamp + 1 hours, keccak256("any"), signature
        );
        vm.prank(ALICE);
        models.setGateway(version, BOB);
        _refused(_answer(), signature, abi.encodeWithSelector(IPayableAI.PayableAI_NotGateway.selector));
    }

    function test_payWithAuthorization_altered_reverts() public {
        bytes memory signature = _authorization(_answer(), FEE);
        _refused(_answer(1), signature, _badSignature());
        IPayableAI.Answer memory of_ = _answer();
        ++of_.tokensOut;
        _refused(of_, signature, _badSignature());
        of_ = _answer();
        of_.payer = ALICE;
        _refused(of_, signature, _badSignature());
        // Over another amount than the fee, in both directions.
        _refused(_answer(), _authorization(_answer(), FEE + 1), _badSignature());
        _refused(_answer(), _authorization(_answer(), FEE - 1), _badSignature());
    }

    function test_payWithAuthorization_malleable_reverts() public {
        bytes32 hash = _authorizationHash(payer, FEE, payments.answerHash(_answer()));
        _refused(_answer(), _twin(payerKey, hash), _badSignature());
        _refused(_answer(), bytes.concat(_sign(payerKey, hash), hex"00"), _badSignature());
        _refused(_answer(), "", _badSignature());
    }

    function test_payWithAuthorization_outsideItsTime_reverts() public {
        bytes memory signature = _authorization(_answer(), FEE);
        uint256 until = block.timestamp + 1 hours;
        vm.warp(until);
        vm.prank(gateway);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, 0, until));
        payments.payWithAuthorization(_answer(), 0, until, signature);
        vm.warp(until - 1);
        vm.prank(gateway);
        payments.payWithAuthorization(_answer(), 0, until, signature);
    }

    function test_payWithAuthorization_signatureReplay_reverts() public {
        bytes memory signature = _authorization(_answer(), FEE);
        vm.chainId(999);
        _refused(_answer(), signature, _badSignature());
        vm.chainId(31_337);
        (payments,) = _deploy(address(this));
        vm.prank(ALICE);
        payments.setPrices(version, _prices());
        _refused(_answer(), signature, _badSignature());
    }

    function test_payWithAuthorization_tooLittle_reverts() public {
        vm.prank(payer);
        wopen.withdraw(1_000 ether - FEE + 1);
        bytes4 error = IERC20Errors.ERC20InsufficientBalance.selector;
        _refused(_answer(), _authorization(_answer(), FEE), abi.encodeWithSelector(error, payer, FEE - 1, FEE));
    }

    function test_payWithAuthorization_cancelled_reverts() public {
        bytes32 nonce = payments.answerHash(_answer());
        bytes32 typehash = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
        bytes32 hash = keccak256(abi.encode(typehash, payer, nonce));
        hash = keccak256(abi.encodePacked(hex"1901", wopen.DOMAIN_SEPARATOR(), hash));
        wopen.cancelAuthorization(payer, nonce, _sign(payerKey, hash));
        bytes memory used = abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, nonce);
        _refused(_answer(), _authorization(_answer(), FEE), used);
    }

    /// @dev A wrapper of before there were signatures as bytes takes a call that it does not know for a deposit, and says nothing against it.
    function test_constructor_otherToken_reverts() public {
        address wrapper = address(new Wrapper());
        vm.expectRevert(IPayableAI.PayableAI_Invalid.selector);
        new PayableAI(models, address(this), address(router), WOPEN(payable(wrapper)), PRICE_NOTICE, CLOSE_TIME);
    }

    function test_payWithAuthorization_retired_reverts() public {
        vm.prank(ALICE);
        models.retire(version);
        bytes memory signature = _authorization(_answer(), FEE);
        _refused(_answer(), signature, abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, version));
    }

    function test_payWithAuthorization_nothing_succeeds() public {
        uint64 free = _publish(_ours());
        vm.prank(ALICE);
        payments.setPrices(free, IPayableAI.Prices(0, 0, 0));
        IPayableAI.Answer memory of_ = _answer();
        of_.modelVersion = free;
        vm.assertEq(_payInWOPEN(of_), 0);
        vm.assertEq(wopen.balanceOf(payer), 1_000 ether);
    }
}

/// @title PayableAI_Ranges_Test
/// @notice Ranges of answers: what each hands over, to whom, and once.
contract PayableAI_Ranges_Test is PaymentTest {
    function test_cut_succeeds() public {
        _pay(_answer(1));
        _payInWOPEN(_answer(2));
        uint256 before = address(this).balance;
        (uint64 end, uint128 pool) = payments.cut();
        vm.assertEq(end, 2);
        vm.assertEq(pool, 2 * DATA);
        vm.assertEq(address(this).balance, before + 2 * DATA);
        vm.assertEq(payments.epoch(), 1);
        // What came as WOPEN is a coin as any other now.
        vm.assertEq(wopen.balanceOf(address(payments)), 0);
        vm.assertEq(address(payments).balance, 2 * (FEE - DATA));
        // The next answer is in the next range.
        vm.expectEmit();
        emit IPayableAI.Paid(2, version, payer, 1, _leafR(_answer(3), 2, FEE));
        _pay(_answer(3));
        (uint128 data, uint128 rest) = payments.accruedOf(0, version);
        vm.assertEq(data, 2 * DATA);
        vm.assertEq(rest, 2 * (FEE - DATA));
        (data, rest) = payments.accruedOf(1, version);
        vm.assertEq(data, DATA);
        vm.assertEq(rest, FEE - DATA);
        (end, pool) = payments.cut();
        vm.assertEq(end, 3);
        vm.assertEq(pool, DATA);
    }

    /// @dev A range without answers, which the settlement does not make, has nothing.
    function test_cut_nothing_succeeds() public {
        (uint64 end, uint128 pool) = payments.cut();
        vm.assertEq(end, 0);
        vm.assertEq(pool, 0);
        vm.assertEq(payments.epoch(), 1);
    }

    function test_cut_byAnother_reverts() public {
        address[3] memory others = [ALICE, gateway, address(router)];
        for (uint256 k; k < 3; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(IPayableAI.PayableAI_NotAllowed.selector);
            payments.cut();
        }
    }

    function test_takeRest_succeeds() public {
        _pay(_answer(1));
        _payInWOPEN(_answer(2));
        payments.cut();
        // Whatever came since stays.
        _payInWOPEN(_answer(3));
        uint256 before = address(router).balance;
        vm.prank(address(router));
        (uint128 data, uint128 rest) = payments.takeRest(0, version);
        vm.assertEq(data, 2 * DATA);
        vm.assertEq(rest, 2 * (FEE - DATA));
        vm.assertEq(address(router).balance, before + rest);
        vm.assertEq(address(payments).balance, FEE);
        (data, rest) = payments.accruedOf(0, version);
        vm.assertEq(data, 2 * DATA);
        vm.assertEq(rest, 0);
        // Nothing the second time.
        vm.prank(address(router));
        (data, rest) = payments.takeRest(0, version);
        vm.assertEq(data, 2 * DATA);
        vm.assertEq(rest, 0);
        vm.assertEq(address(payments).balance, FEE);
    }

    function test_takeRest_byAnother_reverts() public {
        _pay(_answer());
        payments.cut();
        vm.expectRevert(IPayableAI.PayableAI_NotAllowed.selector);
        payments.takeRest(0, version);
    }

    function test_takeRest_notCut_reverts() public {
        _pay(_answer());
        vm.startPrank(address(router));
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, 0));
        payments.takeRest(0, version);
        vm.stopPrank();
        payments.cut();
        vm.prank(address(router));
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, 1));
        payments.takeRest(1, version);
    }

    /// @dev Gifts of WOPEN are nobody's, and nobody is owed less or more by them.
    function test_cut_gift_succeeds() public {
        _pay(_answer());
        vm.prank(payer);
        wopen.transfer(address(payments), 5 ether);
        (, uint128 pool) = payments.cut();
        vm.assertEq(pool, DATA);
        router.distribute(0, version);
        vm.assertEq(address(payments).balance, 5 ether);
    }

    /// @dev The pool of a range is the sum of the data pools of its answers, which is that of its model versions; a fee is its pool and the rest.
    function testFuzz_cut_sums_succeeds(uint32[6] memory _tokens, uint8 _which, uint8 _cuts) public {
        uint64[2] memory versions = [version, _publish(_ours())];
        vm.prank(ALICE);
        payments.setPrices(versions[1], IPayableAI.Prices(7, 11, 13));
        vm.deal(payer, 10 ** 30);
        uint256[4][2] memory expected;
        uint256 k;
        for (uint256 n; n < 6; ++n) {
            IPayableAI.Answer memory of_ = _answer(n);
            uint256 which = _which >> n & 1;
            (of_.modelVersion, of_.tokensIn) = (versions[which], _tokens[n]);
            uint256 fee = payments.feeOf(of_);
            _pay(of_);
            uint256 net = fee - fee * 500 / 10_000;
            uint256 data = net - net * 6_000 / 10_000;
            expected[0][k] += data;
            if (which == 1) expected[1][k] += data;
            if (_cuts >> n & 1 == 0 || k == 3) continue;
            (, uint128 pool) = payments.cut();
            vm.assertEq(pool, expected[0][k++]);
        }
        for (uint64 n; n < 4; ++n) {
            (uint128 ours,) = payments.accruedOf(n, versions[0]);
            (uint128 other,) = payments.accruedOf(n, versions[1]);
            vm.assertEq(other, expected[1][n]);
            vm.assertEq(ours, expected[0][n] - other);
        }
    }
}
