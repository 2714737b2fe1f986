// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Wallet } from "test/mocks/Wallet.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Signature_Test
/// @notice Whose signatures count, of accounts with and without code.
contract PayableAI_Signature_Test is PaymentTest {
    /// @dev A payer who delegates to code that signs nothing does not take back what they signed for, and gets no answers for nothing.
    function test_redeem_signerDelegates_succeeds() public {
        vm.prank(payer);
        uint256 channel = payments.openChannel{ value: 1 ether }(gateway, address(0));
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _sign(payerKey, _voucherHash(channel, answers));
        vm.etch(payer, address(new Refuser()).code);
        vm.prank(gateway);
        payments.redeem(channel, answers, voucher);
        vm.assertEq(payments.channelOf(channel).spent, FEE);
    }

    /// @dev Nor is an offer void because the gateway's account has code.
    function test_pay_gatewayDelegates_succeeds() public {
        vm.etch(gateway, address(new Refuser()).code);
        vm.assertEq(_pay(_answer()), 0);
    }

    /// @dev What a contract signs counts as long as it says so: a gateway that wants more asks for a key.
    function test_redeem_signerIsContract_succeeds() public {
        Wallet wallet = new Wallet(signer);
        vm.prank(payer);
        uint256 channel = payments.openChannel{ value: 2 ether }(gateway, address(wallet));
        _redeem(channel, _one(_answer(1)));
        wallet.mute();
        bytes memory voucher = _voucher(channel, _one(_answer(2)));
        vm.prank(gateway);
        vm.expectRevert(IPayableAI.PayableAI_Signature.selector);
        payments.redeem(channel, _one(_answer(2)), voucher);
    }
}

/// @title PayableAI_Channels_Test
/// @notice Prepaid answers, and vouchers for them.
contract PayableAI_Channels_Test is PaymentTest {
    /// @dev Redeems with some voucher, and finds it refused; nothing is paid.
    function _refused(
        uint256 _of,
        IPayableAI.Answer[] memory _answers,
        bytes memory _signature,
        bytes memory _error
    ) internal {
        uint64 before = payments.answers();
        bytes memory channel = abi.encode(payments.channelOf(_of));
        vm.prank(gateway);
        vm.expectRevert(_error);
        payments.redeem(_of, _answers, _signature);
        vm.assertEq(payments.answers(), before);
        vm.assertEq(abi.encode(payments.channelOf(_of)), channel);
    }

    function _badSignature() internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_Signature.selector);
    }

    function _unknown(uint256 _of) internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(IPayableAI.PayableAI_Unknown.selector, _of);
    }

    function test_openChannel_succeeds() public {
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.ChannelOpened(1, payer, gateway, signer);
        vm.expectEmit();
        emit IPayableAI.ChannelFunded(1, 3 ether);
        vm.assertEq(_channel(3 ether), 1);
        vm.assertEq(payer.balance, before - 3 ether);
        vm.assertEq(address(payments).balance, 3 ether);
        IPayableAI.Channel memory channel = payments.channelOf(1);
        IPayableAI.Channel memory expected = IPayableAI.Channel(payer, signer, gateway, 0, 3 ether, 0, 0);
        vm.assertEq(abi.encode(channel), abi.encode(expected));
        // Without a signer it is the payer, and without a deposit there is a channel too.
        vm.expectEmit();
        emit IPayableAI.ChannelOpened(2, payer, gateway, payer);
        vm.prank(payer);
        vm.assertEq(payments.openChannel(gateway, address(0)), 2);
        vm.assertEq(payments.channelOf(2).signer, payer);
        vm.assertEq(payments.channelOf(2).deposit, 0);
    }

    function test_openChannel_noGateway_reverts() public {
        vm.expectRevert(IPayableAI.PayableAI_Invalid.selector);
        payments.openChannel(address(0), signer);
    }

    function test_redeem_succeeds() public {
        _pay(_answer(99));
        uint256 channel = _channel(3 ether);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        bytes32 head = payments.headAfter(payments.headAfter(0, answers[0]), answers[1]);
        for (uint64 k; k < 2; ++k) {
            vm.expectEmit();
            emit IPayableAI.Paid(k + 1, version, payer, 0, _leafR(answers[k], k + 1, FEE));
        }
        vm.expectEmit();
        emit IPayableAI.Redeemed(channel, 1, 2, 2 * FEE, head);
        vm.assertEq(_redeem(channel, answers), 1);
        vm.assertEq(payments.answers(), 3);
        vm.assertEq(payments.paidOf(2), keccak256(bytes.concat(hex"00", _leafR(answers[1], 2, FEE))));
        IPayableAI.Channel memory expected = IPayableAI.Channel(payer, signer, gateway, 0, 3 ether, 2 * FEE, head);
        vm.assertEq(abi.encode(payments.channelOf(channel)), abi.encode(expected));
        // Where the coins are does not change, only whose they are.
        vm.assertEq(address(payments).balance, 3 ether + FEE);
        (uint128 data, uint128 rest) = payments.accruedOf(0, version);
        vm.assertEq(data, 3 * DATA);
        vm.assertEq(rest, 3 * (FEE - DATA));
        // It goes on where it was.
        _redeem(channel, _one(_answer(2)));
        vm.assertEq(payments.channelOf(channel).spent, 3 * FEE);
        vm.assertEq(payments.channelOf(channel).head, payments.headAfter(head, _answer(2)));
    }

    /// @dev Answers of several versions with one gateway, by sheets of now and of before, also of a version that was retired.
    function test_redeem_severalVersions_succeeds() public {
        uint64 other = _publish(_ours());
        vm.startPrank(ALICE);
        payments.setPrices(other, IPayableAI.Prices(0, 0, 7));
        payments.setPrices(version, IPayableAI.Prices(0, 0, 5));
        models.retire(other);
        vm.stopPrank();
        vm.warp(block.timestamp + PRICE_NOTICE);
        IPayableAI.Answer[] memory answers = _several(3, 0);
        (answers[1].modelVersion, answers[2].sheet) = (other, 1);
        uint256 channel = _channel(1 ether);
        _redeem(channel, answers);
        vm.assertEq(payments.channelOf(channel).spent, FEE + 7 + 5);
    }

    /// @dev A voucher is for the answers behind those that were redeemed, and is used up with them.
    function test_redeem_voucherDoubleSpending_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        bytes memory voucher = _voucher(channel, answers);
        bytes memory first = _voucher(channel, _one(answers[0]));
        vm.prank(gateway);
        payments.redeem(channel, answers, voucher);
        _refused(channel, answers, voucher, _badSignature());
        // An old voucher, for less, is none any more, neither is the last one with no answers or with another one.
        _refused(channel, _one(answers[0]), first, _badSignature());
        _refused(channel, _one(answers[1]), voucher, _badSignature());
        IPayableAI.Answer[] memory none = new IPayableAI.Answer[](0);
        _refused(channel, none, voucher, abi.encodeWithSelector(IPayableAI.PayableAI_Invalid.selector));
        vm.assertEq(payments.channelOf(channel).spent, 2 * FEE);
    }

    /// @dev The voucher before the last one is as good as the last one, for what it says.
    function test_redeem_inParts_succeeds() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        bytes memory last = _voucher(channel, answers);
        _redeem(channel, _one(answers[0]));
        vm.prank(gateway);
        payments.redeem(channel, _one(answers[1]), last);
        vm.assertEq(payments.channelOf(channel).spent, 2 * FEE);
    }

    function test_redeem_altered_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        bytes memory voucher = _voucher(channel, answers);
        // In another order, one of them left out, twice, or with another text for the same fee.
        IPayableAI.Answer[] memory wrong = _several(2, 0);
        (wrong[0], wrong[1]) = (answers[1], answers[0]);
        _refused(channel, wrong, voucher, _badSignature());
        _refused(channel, _one(answers[0]), voucher, _badSignature());
        (wrong[0], wrong[1]) = (answers[0], answers[0]);
        _refused(channel, wrong, voucher, _badSignature());
        wrong = _several(2, 0);
        wrong[1].outputRoot = "another";
        _refused(channel, wrong, voucher, _badSignature());
        // By nobody, by the payer who named another signer, by the gateway, and by the signer's other signature.
        bytes32 hash = _voucherHash(channel, answers);
        _refused(channel, answers, "", _badSignature());
        _refused(channel, answers, _sign(payerKey, hash), _badSignature());
        _refused(channel, answers, _sign(gatewayKey, hash), _badSignature());
        _refused(channel, answers, _twin(signerKey, hash), _badSignature());
    }

    function test_redeem_otherPayer_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        answers[0].payer = ALICE;
        _refused(
            channel, answers, _voucher(channel, answers), abi.encodeWithSelector(IPayableAI.PayableAI_NotPayer.selector)
        );
    }

    /// @dev Two channels with the same answers take two vouchers.
    function test_redeem_otherChannel_reverts() public {
        uint256[2] memory channels = [_channel(10 ether), _channel(10 ether)];
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _voucher(channels[0], answers);
        _refused(channels[1], answers, voucher, _badSignature());
        vm.prank(gateway);
        payments.redeem(channels[0], answers, voucher);
        _refused(channels[1], answers, voucher, _badSignature());
        vm.assertEq(payments.channelOf(channels[1]).spent, 0);
        _redeem(channels[1], answers);
        vm.assertEq(payments.channelOf(channels[1]).spent, FEE);
    }

    function test_redeem_signatureReplay_otherChain_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _voucher(channel, answers);
        vm.chainId(999);
        _refused(channel, answers, voucher, _badSignature());
    }

    function test_redeem_signatureReplay_otherContract_reverts() public {
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _voucher(_channel(10 ether), answers);
        (payments,) = _deploy(address(this));
        vm.prank(ALICE);
        payments.setPrices(version, _prices());
        // A channel of the same number with the same people.
        _refused(_channel(10 ether), answers, voucher, _badSignature());
    }

    /// @dev The number of a channel is not used again, so that neither are its vouchers.
    function test_redeem_afterSettlement_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _voucher(channel, answers);
        _settle(channel);
        vm.assertEq(_channel(10 ether), channel + 1);
        _refused(channel, answers, voucher, abi.encodeWithSelector(IPayableAI.PayableAI_NotGateway.selector));
        _refused(channel + 1, answers, voucher, _badSignature());
    }

    function test_redeem_overspent_reverts() public {
        uint256 channel = _channel(2 * FEE - 1);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        bytes memory error = abi.encodeWithSelector(IPayableAI.PayableAI_Overspent.selector, 2 * FEE - 1, 2 * FEE);
        _refused(channel, answers, _voucher(channel, answers), error);
        // What there is enough for can be had, and the rest with one wei more.
        _redeem(channel, _one(answers[0]));
        _refused(channel, _one(answers[1]), _voucher(channel, _one(answers[1])), error);
        vm.prank(payer);
        payments.fundChannel{ value: 1 }(channel);
        _redeem(channel, _one(answers[1]));
        vm.assertEq(payments.channelOf(channel).spent, payments.channelOf(channel).deposit);
        // Nothing comes back then.
        uint256 before = payer.balance;
        _settle(channel);
        vm.assertEq(payer.balance, before);
    }

    function test_redeem_byAnother_reverts() public {
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        bytes memory voucher = _voucher(channel, answers);
        address[3] memory others = [ALICE, payer, signer];
        for (uint256 k; k < 3; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(IPayableAI.PayableAI_NotGateway.selector);
            payments.redeem(channel, answers, voucher);
        }
        // Nor by anybody where there is no channel.
        vm.prank(address(0));
        vm.expectRevert(IPayableAI.PayableAI_NotPayer.selector);
        payments.redeem(77, answers, voucher);
    }

    /// @dev A gateway redeems what it answers for, and nothing else: neither another's, nor what it answered for before.
    function test_redeem_otherGateway_reverts() public {
        bytes memory error = abi.encodeWithSelector(IPayableAI.PayableAI_NotGateway.selector);
        IModelRegistry.Publication memory of_ = _ours();
        of_.gateway = BOB;
        uint64 other = _publish(of_);
        vm.prank(ALICE);
        payments.setPrices(other, _prices());
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _several(2, 0);
        answers[1].modelVersion = other;
        _refused(channel, answers, _voucher(channel, answers), error);
        bytes memory voucher = _voucher(channel, _one(answers[0]));
        vm.prank(ALICE);
        models.setGateway(version, BOB);
        _refused(channel, _one(answers[0]), voucher, error);
    }

    function test_redeem_notActive_reverts() public {
        vm.prank(ALICE);
        uint64 soon = models.publish{ value: BOND }(0, _ours());
        vm.prank(ALICE);
        payments.setPrices(soon, _prices());
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        answers[0].modelVersion = soon;
        bytes memory voucher = _voucher(channel, answers);
        vm.warp(block.timestamp + NOTICE - 1);
        _refused(channel, answers, voucher, abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, soon));
        vm.warp(block.timestamp + 1);
        _redeem(channel, answers);
    }

    /// @dev A sheet that does not count yet is no sheet, whoever signs for it; with one that never will it is the same.
    function test_redeem_otherSheet_reverts() public {
        vm.prank(ALICE);
        payments.setPrices(version, IPayableAI.Prices(0, 0, 0));
        uint256 channel = _channel(10 ether);
        IPayableAI.Answer[] memory answers = _one(_answer());
        for (uint32 sheet = 1; sheet < 3; ++sheet) {
            answers[0].sheet = sheet;
            bytes32 head = payments.headAfter(0, answers[0]);
            bytes memory voucher = _sign(signerKey, payments.voucherHash(channel, 0, head));
            bytes memory error = abi.encodeWithSelector(IPayableAI.PayableAI_Sheet.selector, version, sheet);
            _refused(channel, answers, voucher, error);
        }
    }

    /// @dev Free answers, of which the channel needs nothing.
    function test_redeem_nothing_succeeds() public {
        uint64 free = _publish(_ours());
        vm.prank(ALICE);
        payments.setPrices(free, IPayableAI.Prices(0, 0, 0));
        uint256 channel = _channel(0);
        IPayableAI.Answer[] memory answers = _one(_answer());
        answers[0].modelVersion = free;
        _redeem(channel, answers);
        vm.assertEq(payments.answers(), 1);
        // The head has changed, though the sum has not.
        _refused(channel, answers, _sign(signerKey, payments.voucherHash(channel, 0, 0)), _badSignature());
    }

    function test_fundChannel_succeeds() public {
        uint256 channel = _channel(1 ether);
        vm.expectEmit();
        emit IPayableAI.ChannelFunded(channel, 3 ether);
        vm.prank(payer);
        payments.fundChannel{ value: 2 ether }(channel);
        vm.assertEq(payments.channelOf(channel).deposit, 3 ether);
        vm.assertEq(address(payments).balance, 3 ether);
    }

    /// @dev With more it closes no more, and begins to from the beginning.
    function test_fundChannel_whileClosing_succeeds() public {
        uint256 channel = _channel(1 ether);
        vm.startPrank(payer);
        payments.closeChannel(channel);
        vm.warp(block.timestamp + CLOSE_TIME);
        payments.fundChannel{ value: 1 }(channel);
        vm.assertEq(payments.channelOf(channel).closesAt, 0);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, type(uint64).max));
        payments.settleChannel(channel);
        payments.closeChannel(channel);
        vm.assertEq(payments.channelOf(channel).closesAt, block.timestamp + CLOSE_TIME);
    }

    function test_channel_byAnother_reverts() public {
        uint256 channel = _channel(1 ether);
        address[2] memory others = [gateway, signer];
        for (uint256 k; k < 2; ++k) {
            vm.startPrank(others[k]);
            vm.expectRevert(IPayableAI.PayableAI_NotPayer.selector);
            payments.fundChannel{ value: 1 }(channel);
            vm.expectRevert(IPayableAI.PayableAI_NotPayer.selector);
            payments.closeChannel(channel);
            vm.stopPrank();
        }
    }

    function test_channel_unknown_reverts() public {
        vm.expectRevert(_unknown(9));
        payments.fundChannel{ value: 1 }(9);
        vm.expectRevert(_unknown(9));
        payments.closeChannel(9);
        vm.expectRevert(_unknown(9));
        payments.settleChannel(9);
    }

    function _settle(uint256 _of) internal {
        vm.prank(payer);
        payments.closeChannel(_of);
        vm.warp(block.timestamp + CLOSE_TIME);
        payments.settleChannel(_of);
    }

    function test_settleChannel_succeeds() public {
        uint256 channel = _channel(3 ether);
        _redeem(channel, _one(_answer()));
        uint64 from = uint64(block.timestamp) + CLOSE_TIME;
        vm.expectEmit();
        emit IPayableAI.ChannelClosing(channel, from);
        vm.prank(payer);
        payments.closeChannel(channel);
        // Once more changes nothing.
        vm.warp(from - 1);
        vm.prank(payer);
        payments.closeChannel(channel);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, from));
        payments.settleChannel(channel);
        vm.warp(from);
        uint256 before = payer.balance;
        vm.expectEmit();
        emit IPayableAI.ChannelClosed(channel, 3 ether - FEE);
        vm.prank(BOB);
        payments.settleChannel(channel);
        vm.assertEq(payer.balance, before + 3 ether - FEE);
        vm.assertEq(address(payments).balance, FEE);
        vm.assertEq(payments.channelOf(channel).payer, address(0));
        vm.expectRevert(_unknown(channel));
        payments.settleChannel(channel);
    }

    function test_settleChannel_open_reverts() public {
        uint256 channel = _channel(3 ether);
        vm.warp(block.timestamp + 1_000 days);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, type(uint64).max));
        payments.settleChannel(channel);
    }

    /// @dev A gateway that learns of it has time, and later too, until somebody settles.
    function test_redeem_whileClosing_succeeds() public {
        uint256 channel = _channel(3 ether);
        vm.prank(payer);
        payments.closeChannel(channel);
        vm.warp(block.timestamp + CLOSE_TIME - 1);
        _redeem(channel, _one(_answer(1)));
        vm.warp(block.timestamp + 100);
        _redeem(channel, _one(_answer(2)));
        uint256 before = payer.balance;
        payments.settleChannel(channel);
        vm.assertEq(payer.balance, before + 3 ether - 2 * FEE);
    }

    function test_settleChannel_payerRefuses_succeeds() public {
        uint256 channel = _channel(3 ether);
        vm.etch(payer, address(new Refuser()).code);
        vm.prank(payer);
        payments.closeChannel(channel);
        vm.warp(block.timestamp + CLOSE_TIME);
        vm.expectEmit();
        emit IPayableAI.ChannelClosed(channel, 3 ether);
        vm.expectEmit();
        emit IPayableAI.Credited(payer, 3 ether);
        payments.settleChannel(channel);
        vm.assertEq(payments.creditOf(payer), 3 ether);
        vm.assertEq(address(payments).balance, 3 ether);
    }

    /// @dev A payer that calls back while a channel is settled finds none.
    function test_settleChannel_reentered_succeeds() public {
        Reenterer reenterer = new Reenterer();
        vm.deal(address(reenterer), 10 ether);
        _channel(5 ether);
        vm.startPrank(address(reenterer));
        uint256 channel = payments.openChannel{ value: 2 ether }(gateway, address(0));
        payments.closeChannel(channel);
        vm.stopPrank();
        vm.warp(block.timestamp + CLOSE_TIME);
        reenterer.prepare(abi.encodeCall(IPayableAI.settleChannel, (channel)));
        payments.settleChannel(channel);
        vm.assertEq(payments.creditOf(address(reenterer)), 2 ether);
        vm.assertEq(reenterer.paid(), 0);
        vm.assertEq(address(payments).balance, 7 ether);
    }

    /// @dev In whatever pieces answers are redeemed, and whatever is put in, all of it is spent or comes back, to the wei.
    function testFuzz_channel_succeeds(uint8[4] memory _counts, uint96[4] memory _funds) public {
        vm.deal(payer, 10 ** 30);
        uint256 before = payer.balance;
        uint256 channel = _channel(0);
        (uint256 spent, uint256 answers) = (0, 0);
        for (uint256 k; k < 4; ++k) {
            vm.prank(payer);
            payments.fundChannel{ value: _funds[k] }(channel);
            uint256 count = _counts[k] % 5;
            if (count == 0) continue;
            IPayableAI.Answer[] memory of_ = _several(count, answers);
            IPayableAI.Channel memory channel_ = payments.channelOf(channel);
            bytes memory voucher = _voucher(channel, of_);
            bool isEnough = spent + count * FEE <= channel_.deposit;
            vm.prank(gateway);
            if (!isEnough) vm.expectRevert();
            payments.redeem(channel, of_, voucher);
            if (!isEnough) continue;
            (spent, answers) = (spent + count * FEE, answers + count);
        }
        _settle(channel);
        vm.assertEq(payer.balance, before - spent);
        vm.assertEq(address(payments).balance, spent);
        vm.assertEq(payments.answers(), answers);
    }
}
