// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";
import { Test } from "test/utils/Test.sol";

/// @title Payment_Actors
/// @notice Payers, of whom some take no coins now and then, two model versions, their gateway, a settlement and whoever divides what is there. What should be
///         possible is computed from what they did, and compared with what the contracts let them do.
contract Payment_Actors is PaymentTest {
    /// @dev What became of an order or a channel.
    struct Story {
        uint256 number;
        uint256 who;
        uint64 modelVersion;
        uint32 sheet;
        uint256 until;
        uint256 amount;
        uint256 spent;
        bool isOver;
    }

    uint256 internal constant PAYERS = 3;

    address[3] internal payers;
    uint256[3] internal keys;
    uint64[2] internal versions;

    Story[] internal orders;
    Story[] internal channels;

    /// @dev Of each answer the hash of its leaf.
    bytes32[] internal leaves;

    /// @dev Of each range that was cut its pool.
    uint256[] internal pools;

    uint256 internal salt;
    uint256 internal time;

    /// @notice Sums: of all fees, of the pools handed to the settlement, of coins that nobody is owed, of what payees had handed over, and of donations.
    uint256 public fees;
    uint256 public pooled;
    uint256 public gifts;
    uint256 public withdrawn;
    uint256 public donated;

    /// @notice All coins of those who take part, in the beginning.
    uint256 public start;

    /// @notice What should not have been possible, and what should have been.
    uint256 public wronglyAllowed;
    uint256 public wronglyRefused;

    /// @dev Goes on where the last call has left the clock.
    modifier now_() {
        vm.warp(time);
        _;
        time = block.timestamp;
    }

    constructor() {
        setUp();
        IModelRegistry.Publication memory of_ = _ours();
        // With a platform's part and shares that do not come out even, and with as little as may be for all but the data.
        of_.terms = IModelFacts.Terms(1_999, 0, IModelFacts.SplitTable(1, 2, 0, 4, 9_993));
        versions = [version, _publish(of_)];
        vm.prank(ALICE);
        payments.setPrices(versions[1], IPayableAI.Prices(3, 1_001, 0));
        for (uint256 k; k < PAYERS; ++k) {
            (payers[k], keys[k]) = _accountAndKey(string.concat("payer ", vm.toString(k)));
            vm.prank(payers[k]);
            wopen.deposit{ value: 1_000 ether }();
        }
        vm.deal(address(this), 1_000_000 ether);
        time = block.timestamp;
        start = _world();
    }

    function pass(uint256 _seconds) external {
        time += _bound(_seconds, 1, 1 days);
    }

    /// @notice A payer begins or ends to refuse coins.
    function turn(uint8 _who) external {
        address who = payers[_who % PAYERS];
        vm.etch(who, who.code.length == 0 ? address(new Refuser()).code : bytes(""));
    }

    function setPrices(bool _which, uint16 _input, uint72 _flat) external now_ {
        vm.prank(ALICE);
        payments.setPrices(versions[_which ? 1 : 0], IPayableAI.Prices(_input, _input, _flat % 1 ether));
    }

    function pay(uint8 _who, bool _which, uint32 _tokens) external now_ {
        IPayableAI.Answer memory of_ = _new(_who, versions[_which ? 1 : 0], _tokens);
        _pay(of_);
        _paid(of_);
    }

    function payInWOPEN(uint8 _who, bool _which, uint32 _tokens) external now_ {
        IPayableAI.Answer memory of_ = _new(_who, versions[_which ? 1 : 0], _tokens);
        bytes32 hash = _authorizationHash(of_.payer, payments.feeOf(of_), payments.answerHash(of_));
        vm.prank(gateway);
        payments.payWithAuthorization(of_, 0, block.timestamp + 1 hours, _sign(keys[_who % PAYERS], hash));
        _paid(of_);
    }

    function order(uint8 _who, bool _which, uint96 _most, uint32 _time) external now_ {
        uint64 modelVersion = versions[_which ? 1 : 0];
        (uint32 sheet,) = payments.pricesOf(modelVersion);
        uint64 until = uint64(block.timestamp + _bound(_time, 1, 3 days));
        uint256 most = _most % 2 ether;
        vm.prank(payers[_who % PAYERS]);
        uint256 number = payments.order{ value: most }(modelVersion, sheet, until, bytes32(++salt));
        orders.push(Story(number, _who % PAYERS, modelVersion, sheet, until, most, 0, false));
    }

    function deliver(uint256 _which, uint32 _tokens) external now_ {
        if (orders.length == 0) return;
        Story storage story = orders[_which % orders.length];
        IPayableAI.Answer memory of_ = _new(uint8(story.who), story.modelVersion, _tokens);
        of_.sheet = story.sheet;
        uint256 fee = payments.feeOf(of_);
        bool expected = !story.isOver && block.timestamp < story.until && fee <= story.amount;
        vm.prank(gateway);
        try payments.deliver(story.number, of_) {
            _allowed(expected);
            story.isOver = true;
            _paid(of_);
        } catch {
            _refused(expected);
        }
    }

    function refund(uint256 _which) external now_ {
        if (orders.length == 0) return;
        Story storage story = orders[_which % orders.length];
        bool expected = !story.isOver && block.timestamp >= story.until;
        try payments.refund(story.number) {
            _allowed(expected);
            story.isOver = true;
        } catch {
            _refused(expected);
        }
    }

    function openChannel(uint8 _who, uint96 _deposit) external now_ {
        uint256 deposit = _deposit % 10 ether;
        vm.prank(payers[_who % PAYERS]);
        uint256 number = payments.openChannel{ value: deposit }(gateway, address(0));
        channels.push(Story(number, _who % PAYERS, 0, 0, type(uint256).max, deposit, 0, false));
    }

    function fundChannel(uint256 _which, uint96 _amount) external now_ {
        if (channels.length == 0) return;
        Story storage story = channels[_which % channels.length];
        uint256 amount = _amount % 10 ether;
        vm.prank(payers[story.who]);
        try payments.fundChannel{ value: amount }(story.number) {
            _allowed(!story.isOver);
            (story.amount, story.until) = (story.amount + amount, type(uint256).max);
        } catch {
            _refused(!story.isOver);
        }
    }

    function closeChannel(uint256 _which) external now_ {
        if (channels.length == 0) return;
        Story storage story = channels[_which % channels.length];
        vm.prank(payers[story.who]);
        try payments.closeChannel(story.number) {
            _allowed(!story.isOver);
            if (story.until == type(uint256).max) story.until = block.timestamp + CLOSE_TIME;
        } catch {
            _refused(!story.isOver);
        }
    }

    /// @notice Redeems some answers; or, now and then, the same voucher once more.
    function redeem(uint256 _which, uint8 _count, uint32 _tokens, bool _again) external now_ {
        if (channels.length == 0) return;
        Story storage story = channels[_which % channels.length];
        IPayableAI.Answer[] memory of_ = new IPayableAI.Answer[](_count % 4 + 1);
        uint256 sum;
        for (uint256 k; k < of_.length; ++k) {
            of_[k] = _new(uint8(story.who), versions[_tokens >> k & 1], _tokens);
            sum += payments.feeOf(of_[k]);
        }
        bytes memory voucher = _sign(keys[story.who], _voucherHash(story.number, of_));
        bool expected = !story.isOver && story.spent + sum <= story.amount;
        vm.prank(gateway);
        try payments.redeem(story.number, of_, voucher) {
            _allowed(expected);
            story.spent += sum;
            for (uint256 k; k < of_.length; ++k) {
                _paid(of_[k]);
            }
        } catch {
            _refused(expected);
        }
        if (!_again || !expected) return;
        vm.prank(gateway);
        try payments.redeem(story.number, of_, voucher) {
            ++wronglyAllowed;
        } catch { }
    }

    function settleChannel(uint256 _which) external now_ {
        if (channels.length == 0) return;
        Story storage story = channels[_which % channels.length];
        bool expected = !story.isOver && block.timestamp >= story.until;
        try payments.settleChannel(story.number) {
            _allowed(expected);
            story.isOver = true;
        } catch {
            _refused(expected);
        }
    }

    function withdraw(uint8 _who) external now_ {
        address who = payers[_who % PAYERS];
        bool expected = who.code.length == 0 || payments.creditOf(who) == 0;
        try payments.withdraw(who) {
            _allowed(expected);
        } catch {
            _refused(expected);
        }
    }

    function cut() external now_ {
        (uint64 end, uint128 pool) = payments.cut();
        if (end != leaves.length) ++wronglyAllowed;
        pools.push(pool);
        pooled += pool;
    }

    function distribute(uint256 _k, bool _which) external now_ {
        uint64 k = uint64(_k % (pools.length + 1));
        try router.distribute(k, versions[_which ? 1 : 0]) {
            _allowed(k < pools.length);
        } catch {
            _refused(k < pools.length);
        }
    }

    function withdrawShares(uint8 _who) external now_ {
        withdrawn += router.withdraw(payees()[_who % 5]);
    }

    function donate(uint64 _amount) external now_ {
        router.donate{ value: _amount }();
        donated += _amount;
    }

    function emitTo(bool _which) external now_ {
        router.emitTo(versions[_which ? 1 : 0]);
    }

    /// @notice Coins that come without being asked for.
    function force(uint64 _amount, bool _wrapped) external now_ {
        gifts += _amount;
        if (_wrapped) {
            wopen.deposit{ value: _amount }();
            wopen.transfer(address(payments), _amount);
        } else {
            vm.deal(address(this), address(this).balance - _amount);
            vm.deal(address(payments), address(payments).balance + _amount);
        }
    }

    /// @notice Whatever has happened: all that is open comes to its end, and everybody has what they are owed.
    function finish() external now_ {
        for (uint256 k; k < PAYERS; ++k) {
            vm.etch(payers[k], "");
        }
        for (uint256 k; k < channels.length; ++k) {
            if (channels[k].isOver) continue;
            vm.prank(payers[channels[k].who]);
            payments.closeChannel(channels[k].number);
        }
        vm.warp(block.timestamp + 3 days);
        for (uint256 k; k < channels.length; ++k) {
            if (!channels[k].isOver) payments.settleChannel(channels[k].number);
            channels[k].isOver = true;
        }
        for (uint256 k; k < orders.length; ++k) {
            if (!orders[k].isOver) payments.refund(orders[k].number);
            orders[k].isOver = true;
        }
        (, uint128 pool) = payments.cut();
        pools.push(pool);
        pooled += pool;
        for (uint64 k; k < pools.length; ++k) {
            router.distribute(k, versions[0]);
            router.distribute(k, versions[1]);
        }
        for (uint256 k; k < PAYERS; ++k) {
            payments.withdraw(payers[k]);
        }
        for (uint256 k; k < 5; ++k) {
            withdrawn += router.withdraw(payees()[k]);
        }
    }

    function payees() public view returns (address[5] memory payees_) {
        return [TREASURY, LICENSOR, TUNER, COMPUTE, STAKERS];
    }

    /// @notice What all payees can have handed over.
    function shares() public view returns (uint256 sum_) {
        for (uint256 k; k < 5; ++k) {
            sum_ += router.creditOf(payees()[k]);
        }
    }

    /// @notice Of fees, what is in the contract that takes them: the pool of the range, and what of other shares was not handed over.
    function waiting() public view returns (uint256 sum_) {
        for (uint64 k; k <= pools.length; ++k) {
            for (uint256 which; which < 2; ++which) {
                (uint128 data, uint128 rest) = payments.accruedOf(k, versions[which]);
                sum_ += rest + (k == pools.length ? data : 0);
            }
        }
    }

    /// @notice What payers have there that is no fee yet.
    function deposits() public view returns (uint256 sum_) {
        for (uint256 k; k < orders.length; ++k) {
            if (!orders[k].isOver) sum_ += orders[k].amount;
        }
        for (uint256 k; k < channels.length; ++k) {
            if (!channels[k].isOver) sum_ += channels[k].amount - channels[k].spent;
        }
        for (uint256 k; k < PAYERS; ++k) {
            sum_ += payments.creditOf(payers[k]);
        }
    }

    /// @notice What is in the contract that takes fees, in both forms.
    function held() public view returns (uint256 sum_) {
        return address(payments).balance + wopen.balanceOf(address(payments));
    }

    function routed() external view returns (uint256 balance_, uint256 reserve_, uint256 burned_) {
        return (address(router).balance, router.reserve(), router.burned());
    }

    /// @notice Whether the contract has of all orders and channels what is written down here, and each answer that was paid.
    function agrees() external view returns (bool agrees_) {
        agrees_ = payments.answers() == leaves.length && payments.epoch() == pools.length
            && payments.paidOf(uint64(leaves.length)) == 0;
        for (uint64 k; k < leaves.length; ++k) {
            agrees_ = agrees_ && payments.paidOf(k) == leaves[k];
        }
        for (uint256 k; k < orders.length; ++k) {
            agrees_ = agrees_ && payments.orderOf(orders[k].number).most == (orders[k].isOver ? 0 : orders[k].amount);
        }
        for (uint256 k; k < channels.length; ++k) {
            IPayableAI.Channel memory channel = payments.channelOf(channels[k].number);
            bool isOver = channels[k].isOver;
            agrees_ = agrees_ && channel.deposit == (isOver ? 0 : channels[k].amount)
                && channel.spent == (isOver ? 0 : channels[k].spent);
        }
    }

    /// @notice Whether each range's pool is the sum of its model versions' pools.
    function poolsAgree() external view returns (bool agree_) {
        agree_ = true;
        for (uint64 k; k < pools.length; ++k) {
            (uint128 one,) = payments.accruedOf(k, versions[0]);
            (uint128 other,) = payments.accruedOf(k, versions[1]);
            agree_ = agree_ && pools[k] == uint256(one) + other;
        }
    }

    /// @notice Whether of each version, and of all, less was given than was destroyed, by the part that there is.
    function emissionIsBound() external view returns (bool isBound_) {
        isBound_ = router.emitted() * uint256(10_000) <= router.burned() * uint256(EMISSION_BPS);
        for (uint256 k; k < 2; ++k) {
            uint64 which = versions[k];
            isBound_ =
                isBound_ && router.emittedOf(which) * uint256(10_000) <= router.burnedOf(which) * uint256(EMISSION_BPS);
        }
    }

    /// @notice Whether there are as many coins as in the beginning, but for what was destroyed.
    function coinsAreConserved() external view returns (bool are_) {
        return _world() + router.burned() == start;
    }

    function _world() internal view returns (uint256 sum_) {
        sum_ = address(this).balance + address(wopen).balance + address(payments).balance + address(router).balance
            + address(accumulator).balance;
        for (uint256 k; k < PAYERS; ++k) {
            sum_ += payers[k].balance;
        }
        for (uint256 k; k < 5; ++k) {
            sum_ += payees()[k].balance;
        }
    }

    /// @dev An answer that there was not yet, by the prices of now.
    function _new(uint8 _who, uint64 _modelVersion, uint32 _tokens) internal returns (IPayableAI.Answer memory of_) {
        of_ = _answer(++salt);
        (of_.payer, of_.modelVersion) = (payers[_who % PAYERS], _modelVersion);
        (of_.tokensIn, of_.tokensOut, of_.isPublic) = (_tokens % 1_000, _tokens >> 16 & 0x1ff, _tokens & 1 == 1);
        (of_.sheet,) = payments.pricesOf(_modelVersion);
    }

    function _paid(IPayableAI.Answer memory _of) internal {
        uint128 fee = payments.feeOf(_of);
        fees += fee;
        leaves.push(keccak256(bytes.concat(hex"00", _leafR(_of, uint64(leaves.length), fee))));
    }

    function _allowed(bool _expected) internal {
        if (!_expected) ++wronglyAllowed;
    }

    function _refused(bool _expected) internal {
        if (_expected) ++wronglyRefused;
    }
}

/// @title Payments_Invariant
/// @notice Every fee is somebody's, to the wei, whatever comes in whatever order.
contract Payments_Invariant is Test {
    Payment_Actors internal actors = new Payment_Actors();

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev The actors' functions but what begins and ends it.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded_) {
        excluded_ = new FuzzSelector[](1);
        excluded_[0].addr = address(actors);
        excluded_[0].selectors = new bytes4[](2);
        excluded_[0].selectors[0] = actors.setUp.selector;
        excluded_[0].selectors[1] = actors.finish.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @dev A fee is a data pool, a share that waits or was handed over, destroyed, or not divided yet.
    function invariant_feesAreConserved() external view {
        (,, uint256 burned) = actors.routed();
        uint256 divided = actors.pooled() + actors.shares() + actors.withdrawn() + burned;
        vm.assertEq(actors.fees(), divided + actors.waiting());
    }

    /// @dev What is there is what payers have there, and fees that are not divided yet. There is no rest.
    function invariant_balanceIsExplained() external view {
        vm.assertEq(actors.held(), actors.deposits() + actors.waiting() + actors.gifts());
        (uint256 balance, uint256 reserve,) = actors.routed();
        vm.assertEq(balance, actors.shares() + reserve);
    }

    /// @dev Neither twice, nor before its time, nor with too little; and never refused without a reason.
    function invariant_exactlyWhatIsRightIsDone() external view {
        vm.assertEq(actors.wronglyAllowed(), 0);
        vm.assertEq(actors.wronglyRefused(), 0);
        vm.assertTrue(actors.agrees());
    }

    function invariant_poolsAreSums() external view {
        vm.assertTrue(actors.poolsAgree());
    }

    function invariant_emissionIsBound() external view {
        vm.assertTrue(actors.emissionIsBound());
    }

    function invariant_coinsAreConserved() external view {
        vm.assertTrue(actors.coinsAreConserved());
    }

    /// @dev In the end nothing is left where fees are taken and divided but what was given away.
    function afterInvariant() external {
        actors.finish();
        vm.assertEq(actors.held(), actors.gifts());
        (uint256 balance, uint256 reserve, uint256 burned) = actors.routed();
        vm.assertEq(balance, reserve);
        vm.assertEq(actors.fees(), actors.pooled() + actors.withdrawn() + burned);
    }
}
