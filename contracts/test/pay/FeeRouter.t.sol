// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IFeeRouter } from "interfaces/pay/IFeeRouter.sol";
import { IModelGate, IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { IModelWeights } from "interfaces/pay/ITrainingAccumulator.sol";
import { FeeRouter } from "src/pay/FeeRouter.sol";
import { PayableAI } from "src/pay/PayableAI.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { Models } from "test/mocks/Models.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title FeeRouter_Test
/// @notice What becomes of the fees of the real register's model versions, besides the data pools.
contract FeeRouter_Test is PaymentTest {
    /// @dev Of one answer: 5 % of the fee are the platform's; of the rest 5, 25, 20 and 10 % are the others'.
    uint128 internal constant PLATFORM = 0.0441 ether;
    uint128 internal constant BURNED = 0.02205 ether;
    uint128 internal constant NET = 0.8379 ether;

    function _division() internal pure returns (IFeeRouter.Division memory division_) {
        division_.platform = PLATFORM;
        division_.burned = BURNED;
        division_.licensors = NET / 20;
        division_.tuner = NET / 4;
        division_.compute = NET / 5;
        division_.stakers = NET / 10;
    }

    function test_distribute_succeeds() public {
        _pay(_answer());
        payments.cut();
        IFeeRouter.Division memory division = _division();
        address[5] memory accounts = [TREASURY, TUNER, COMPUTE, STAKERS, LICENSOR];
        uint128[5] memory amounts = [PLATFORM - BURNED, NET / 4, NET / 5, NET / 10, NET / 20];
        for (uint256 k; k < 5; ++k) {
            vm.expectEmit();
            emit IFeeRouter.Credited(accounts[k], version, amounts[k]);
        }
        vm.expectEmit();
        emit IFeeRouter.Distributed(0, version, division);
        vm.prank(BOB);
        IFeeRouter.Division memory got = router.distribute(0, version);
        vm.assertEq(abi.encode(got), abi.encode(division));
        uint256 sum;
        for (uint256 k; k < 5; ++k) {
            vm.assertEq(router.creditOf(accounts[k]), amounts[k]);
            sum += amounts[k];
        }
        vm.assertEq(sum + BURNED + DATA, FEE);
        vm.assertEq(address(router).balance, sum);
        vm.assertEq(address(payments).balance, 0);
        vm.assertEq(router.burned(), BURNED);
        vm.assertEq(router.burnedOf(version), BURNED);
    }

    /// @dev A second time there is nothing to divide, and nothing of the next range yet.
    function test_distribute_twice_succeeds() public {
        _pay(_answer(1));
        payments.cut();
        _pay(_answer(2));
        router.distribute(0, version);
        uint256 before = address(router).balance;
        vm.recordLogs();
        IFeeRouter.Division memory none;
        vm.assertEq(abi.encode(router.distribute(0, version)), abi.encode(none));
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(address(router).balance, before);
        vm.assertEq(router.burned(), BURNED);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_TooEarly.selector, 1));
        router.distribute(1, version);
        payments.cut();
        router.distribute(1, version);
        vm.assertEq(router.burned(), 2 * BURNED);
        vm.assertEq(router.creditOf(TUNER), NET / 2);
    }

    /// @dev Of versions without answers, and of such as there are not.
    function test_distribute_noAnswers_succeeds() public {
        payments.cut();
        IFeeRouter.Division memory none;
        vm.assertEq(abi.encode(router.distribute(0, version)), abi.encode(none));
        vm.assertEq(abi.encode(router.distribute(0, 99)), abi.encode(none));
    }

    /// @dev Rounded by the totals of a range: as if it was one fee.
    function test_distribute_totals_succeeds() public {
        for (uint256 k; k < 3; ++k) {
            _pay(_answer(k));
        }
        _payInWOPEN(_answer(3));
        payments.cut();
        IFeeRouter.Division memory got = router.distribute(0, version);
        vm.assertEq(got.platform, 4 * PLATFORM);
        vm.assertEq(got.tuner, NET);
        vm.assertEq(address(payments).balance, 0);
    }

    /// @dev Whom a version owes the licensor's share to get the same, but for a wei.
    function test_distribute_licensors_succeeds() public {
        uint64 base = _publish(_ours());
        IModelRegistry.Publication memory of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(base), second);
        (of_.payees, of_.gateway) = (IModelRegistry.Payees(address(0), CAROL, COMPUTE, STAKERS), gateway);
        uint64 adapter = _publish(of_);
        of_ = _publication(IModelRegistry.Kind.MERGE, _parents(base, adapter), first);
        (of_.payees, of_.gateway) = (IModelRegistry.Payees(address(0), BOB, COMPUTE, STAKERS), gateway);
        uint64 merge = _publish(of_);
        vm.assertEq(models.licensorsOf(merge).length, 3);
        vm.prank(ALICE);
        payments.setPrices(merge, IPayableAI.Prices(0, 0, 1_000_001));
        IPayableAI.Answer memory answer = _answer();
        answer.modelVersion = merge;
        _pay(answer);
        payments.cut();
        uint256 licensors = router.distribute(0, merge).licensors;
        vm.assertEq(licensors, 47_500);
        vm.assertEq(router.creditOf(LICENSOR), 15_833);
        vm.assertEq(router.creditOf(TUNER), 15_833);
        vm.assertEq(router.creditOf(CAROL), 15_834);
        vm.assertEq(router.creditOf(BOB), 237_500);
    }

    function test_receive_byAnother_reverts() public {
        vm.prank(ALICE);
        (bool success, bytes memory answer) = address(router).call{ value: 1 }("");
        vm.assertFalse(success);
        vm.assertEq(answer, abi.encodeWithSelector(IFeeRouter.FeeRouter_NotAllowed.selector));
    }

    function test_constructor_bounds_reverts() public {
        address treasury = TREASURY;
        for (uint256 k; k < 4; ++k) {
            address to = k == 0 ? address(0) : treasury;
            uint16 burn = k == 1 ? 4_999 : k == 2 ? 10_001 : 5_000;
            uint16 emission = k == 3 ? 10_000 : 9_999;
            vm.expectRevert(IFeeRouter.FeeRouter_Bounds.selector);
            new FeeRouter(payments, models, accumulator, to, burn, emission);
        }
        new FeeRouter(payments, models, accumulator, treasury, 10_000, 0);
        new FeeRouter(payments, models, accumulator, treasury, 5_000, 9_999);
    }

    function test_withdraw_succeeds() public {
        _pay(_answer());
        payments.cut();
        router.distribute(0, version);
        uint256 before = TUNER.balance;
        vm.expectEmit();
        emit IFeeRouter.Withdrawn(TUNER, NET / 4);
        vm.prank(BOB);
        vm.assertEq(router.withdraw(TUNER), NET / 4);
        vm.assertEq(TUNER.balance, before + NET / 4);
        vm.assertEq(router.creditOf(TUNER), 0);
        vm.assertEq(router.withdraw(TUNER), 0);
        vm.assertEq(TUNER.balance, before + NET / 4);
    }

    /// @dev Who takes no coins keeps nobody waiting.
    function test_withdraw_refused_reverts() public {
        vm.etch(TUNER, address(new Refuser()).code);
        _pay(_answer());
        payments.cut();
        router.distribute(0, version);
        vm.expectRevert(Refuser.Refuser_NoThanks.selector);
        router.withdraw(TUNER);
        vm.assertEq(router.creditOf(TUNER), NET / 4);
        vm.assertEq(router.withdraw(COMPUTE), NET / 5);
        vm.etch(TUNER, "");
        vm.assertEq(router.withdraw(TUNER), NET / 4);
    }

    /// @dev A payee that calls back while it is paid gets nothing twice, whatever it calls.
    function test_withdraw_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        IModelRegistry.Publication memory of_ = _ours();
        (of_.payees.tuner, of_.payees.compute) = (address(payee), address(payee));
        uint64 other = _publish(of_);
        vm.prank(ALICE);
        payments.setPrices(other, _prices());
        IPayableAI.Answer memory answer = _answer();
        answer.modelVersion = other;
        _pay(answer);
        payments.cut();
        router.distribute(0, other);
        uint256 due = NET / 4 + NET / 5;
        uint256 before = address(router).balance;
        bytes[3] memory calls = [
            abi.encodeCall(IFeeRouter.withdraw, (address(payee))),
            abi.encodeCall(IFeeRouter.distribute, (0, other)),
            abi.encodeCall(IFeeRouter.emitTo, (other))
        ];
        for (uint256 k; k < 3; ++k) {
            uint256 state = vm.snapshotState();
            payee.prepare(calls[k]);
            vm.assertEq(router.withdraw(address(payee)), due);
            vm.assertEq(payee.paid(), due);
            vm.assertEq(address(router).balance, before - due);
            vm.revertToState(state);
        }
    }

    function test_donate_succeeds() public {
        vm.expectEmit();
        emit IFeeRouter.Donated(ALICE, 3 ether);
        vm.prank(ALICE);
        router.donate{ value: 3 ether }();
        router.donate{ value: 1 ether }();
        vm.assertEq(router.reserve(), 4 ether);
        vm.assertEq(address(router).balance, 4 ether);
    }

    /// @dev Nine tenths of what was destroyed, of a reserve that has more.
    function test_emitTo_succeeds() public {
        router.donate{ value: 1 ether }();
        _pay(_answer(1));
        payments.cut();
        // Nothing was destroyed yet.
        vm.assertEq(router.emitTo(version), 0);
        router.distribute(0, version);
        uint256 amount = BURNED * 9 / 10;
        vm.expectEmit();
        emit IFeeRouter.Emitted(version, amount);
        vm.prank(BOB);
        vm.assertEq(router.emitTo(version), amount);
        vm.assertEq(address(accumulator).balance, amount);
        vm.assertEq(router.reserve(), 1 ether - amount);
        vm.assertEq(router.emitted(), amount);
        vm.assertEq(router.emittedOf(version), amount);
        (uint128 perWeight, uint128 carry) = accumulator.accumulatorOf(version);
        vm.assertEq(uint256(perWeight) * 19 + carry, amount);
        vm.assertEq(router.emitTo(version), 0);
        // Others have theirs, which is nothing.
        vm.assertEq(router.emitTo(99), 0);
        _pay(_answer(2));
        payments.cut();
        router.distribute(1, version);
        vm.assertEq(router.emitTo(version), amount);
        vm.assertEq(router.emittedOf(version), 2 * amount);
    }

    /// @dev What the reserve has not it gives later, when it has.
    function test_emitTo_smallReserve_succeeds() public {
        _pay(_answer());
        payments.cut();
        router.distribute(0, version);
        vm.assertEq(router.emitTo(version), 0);
        router.donate{ value: 5 }();
        vm.assertEq(router.emitTo(version), 5);
        vm.assertEq(router.reserve(), 0);
        router.donate{ value: 1 ether }();
        vm.assertEq(router.emitTo(version), BURNED * 9 / 10 - 5);
        // Shares are no reserve.
        vm.assertEq(address(router).balance, FEE - DATA - BURNED + 1 ether + 5 - BURNED * 9 / 10);
    }
}

/// @title FeeRouter_Burn_Test
/// @notice That what is destroyed is gone, which shows when the transaction is over.
contract FeeRouter_Burn_Test is PaymentTest {
    uint256 internal before;
    address internal furnace;

    function setUp() public override {
        super.setUp();
        _pay(_answer());
        payments.cut();
        before = address(router).balance + address(payments).balance;
        furnace = vm.computeCreateAddress(address(router), vm.getNonce(address(router)));
        router.distribute(0, version);
    }

    function test_distribute_burn_succeeds() public view {
        vm.assertEq(furnace.balance, 0);
        vm.assertEq(furnace.code.length, 0);
        vm.assertEq(before - address(router).balance - address(payments).balance, router.burned());
        vm.assertEq(router.burned(), 0.02205 ether);
    }
}

/// @title FeeRouter_Gas_Base
/// @notice What a division, what a payment and what a gift cost.
abstract contract FeeRouter_Gas_Base is PaymentTest {
    function setUp() public virtual override {
        super.setUp();
        router.donate{ value: 1 ether }();
        for (uint256 k; k < 2; ++k) {
            _pay(_answer(k));
            payments.cut();
        }
    }

    /// @dev What clearing storage gives back is taken off, a fifth at most (EIP-3529).
    function _snapshot(string memory _name, bytes memory _data, uint256 _most) internal {
        uint256 gas = _transactionGas(_data);
        uint256 back = uint256(int256(vm.lastCallGas().gasRefunded));
        gas -= back < gas / 5 ? back : gas / 5;
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("FeeRouter", _name, gas);
        vm.assertLe(gas, _most);
    }
}

/// @title FeeRouter_Gas_First_Test
/// @notice Of a model version whose payees have nothing yet.
contract FeeRouter_Gas_First_Test is FeeRouter_Gas_Base {
    function test_distribute_gas_first_succeeds() public {
        router.distribute(0, version);
        _snapshot("distribute, first", abi.encodeCall(IFeeRouter.distribute, (0, version)), 400_000);
    }
}

/// @title FeeRouter_Gas_Test
/// @notice Of one whose payees have something.
contract FeeRouter_Gas_Test is FeeRouter_Gas_Base {
    function setUp() public override {
        super.setUp();
        router.distribute(0, version);
        router.emitTo(version);
    }

    function test_distribute_gas_succeeds() public {
        router.distribute(1, version);
        _snapshot("distribute", abi.encodeCall(IFeeRouter.distribute, (1, version)), 250_000);
    }

    function test_withdraw_gas_succeeds() public {
        router.withdraw(TUNER);
        _snapshot("withdraw", abi.encodeCall(IFeeRouter.withdraw, (TUNER)), 60_000);
    }
}

/// @title FeeRouter_Terms_Test
/// @notice Divisions by all kinds of terms, beside what the formulas say.
contract FeeRouter_Terms_Test is PaymentTest {
    Models internal register;

    /// @dev Model versions 1 and 2.
    uint64 internal constant ONE = 1;

    function setUp() public override {
        super.setUp();
        register = new Models();
        accumulator = new TrainingAccumulator(IModelWeights(address(register)), contributors);
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        IModelGate gate = IModelGate(address(register));
        payments = new PayableAI(gate, address(this), next, wopen, 0, CLOSE_TIME);
        router = new FeeRouter(payments, gate, accumulator, TREASURY, BURN_BPS, EMISSION_BPS);
        vm.deal(payer, 10 ** 30);
    }

    /// @dev A model version with some terms, whose licensor's share so many accounts get.
    function _set(uint64 _modelVersion, IModelFacts.Terms memory _terms, uint256 _licensors) internal {
        Models.Version memory of_;
        (of_.isThere, of_.owner, of_.terms, of_.weights) = (true, ALICE, _terms, 19);
        (of_.gateway, of_.settlement) = (gateway, address(this));
        of_.payees = IModelRegistry.Payees(address(0), TUNER, COMPUTE, STAKERS);
        of_.licensors = new address[](_terms.split.licensor == 0 ? 0 : _licensors);
        for (uint256 k; k < of_.licensors.length; ++k) {
            of_.licensors[k] = _licensor(k);
        }
        register.set(_modelVersion, of_);
    }

    function _licensor(uint256 _k) internal pure returns (address account_) {
        return address(uint160(0x11ce0000 + _k));
    }

    /// @dev Pays some fee for an answer.
    function _payFee(uint64 _modelVersion, uint72 _fee) internal {
        IPayableAI.Answer memory of_ = _answer();
        of_.modelVersion = _modelVersion;
        vm.prank(ALICE);
        of_.sheet = payments.setPrices(_modelVersion, IPayableAI.Prices(0, 0, _fee));
        _pay(of_);
    }

    /// @dev Terms of which the data's share has the whole range that the register allows; any of the others may be nothing.
    function _terms(uint256 _random) internal pure returns (IModelFacts.Terms memory terms_) {
        uint256 data = 3_000 + uint32(_random) % 7_001;
        if (_random >> 224 & 7 == 0) data = 10_000;
        uint256 left = 10_000 - data;
        uint256[3] memory parts;
        for (uint256 k; k < 3; ++k) {
            parts[k] = _random >> (32 + k) & 1 == 0 ? 0 : uint32(_random >> (64 + 32 * k)) % (left + 1);
            left -= parts[k];
        }
        terms_.platformBps = uint16(1 + uint32(_random >> 192) % 10_000);
        terms_.split =
            IModelFacts.SplitTable(uint16(parts[0]), uint16(parts[1]), uint16(parts[2]), uint16(left), uint16(data));
    }

    /// @dev The share of one of the four, by the weights before it.
    function _share(uint256 _amount, uint256 _before, uint256 _weight, uint256 _all) internal pure returns (uint256) {
        return _all == 0 ? 0 : _amount * (_before + _weight) / _all - _amount * _before / _all;
    }

    function testFuzz_distribute_succeeds(uint256 _random, uint64[4] memory _fees, uint8 _licensors) public {
        IModelFacts.Terms memory terms = _terms(_random);
        uint256 licensors = _licensors % 16 + 1;
        _set(ONE, terms, licensors);
        (uint256 all, uint256 data) = (0, 0);
        for (uint256 k; k < 4; ++k) {
            // Some of them next to nothing.
            uint72 fee = _random >> (240 + k) & 1 == 0 ? _fees[k] : _fees[k] % 100;
            _payFee(ONE, fee);
            uint256 net = fee - uint256(fee) * terms.platformBps / 10_000;
            (all, data) = (all + fee, data + net - net * (10_000 - terms.split.data) / 10_000);
        }
        (, uint128 pool) = payments.cut();
        vm.assertEq(pool, data);
        IFeeRouter.Division memory got = router.distribute(0, ONE);
        _check(terms, all, all - data, got);
        _checkCredits(terms, got, licensors);
        vm.assertEq(address(payments).balance, 0);
    }

    function _check(
        IModelFacts.Terms memory _by,
        uint256 _all,
        uint256 _rest,
        IFeeRouter.Division memory _got
    ) internal pure {
        uint256 weights = 10_000 - _by.split.data;
        uint256 platform = _all * _by.platformBps / 10_000;
        if (platform > _rest || weights == 0) platform = _rest;
        vm.assertEq(_got.platform, platform);
        uint256 left = _rest - platform;
        uint256 before;
        vm.assertEq(_got.licensors, _share(left, before, _by.split.licensor, weights));
        before += _by.split.licensor;
        vm.assertEq(_got.tuner, _share(left, before, _by.split.tuner, weights));
        before += _by.split.tuner;
        vm.assertEq(_got.compute, _share(left, before, _by.split.compute, weights));
        before += _by.split.compute;
        vm.assertEq(_got.stakers, _share(left, before, _by.split.stakers, weights));
        // To the wei, and half of the platform's or a wei more is gone.
        vm.assertEq(uint256(_got.platform) + _got.licensors + _got.tuner + _got.compute + _got.stakers, _rest);
        vm.assertEq(_got.burned, (platform + 1) / 2);
    }

    function _checkCredits(
        IModelFacts.Terms memory _by,
        IFeeRouter.Division memory _got,
        uint256 _licensors
    ) internal view {
        vm.assertEq(router.creditOf(TREASURY), _got.platform - _got.burned);
        vm.assertEq(router.creditOf(TUNER), _got.tuner);
        vm.assertEq(router.creditOf(COMPUTE), _got.compute);
        vm.assertEq(router.creditOf(STAKERS), _got.stakers);
        vm.assertEq(router.creditOf(address(0)), 0);
        uint256 sum;
        for (uint256 k; k < _licensors; ++k) {
            uint256 credit = router.creditOf(_licensor(k));
            sum += credit;
            // Equal, but for a wei.
            vm.assertLe(credit, (_got.licensors + _licensors - 1) / _licensors);
            if (_by.split.licensor != 0) vm.assertGe(credit, _got.licensors / _licensors);
        }
        vm.assertEq(sum, _got.licensors);
        uint256 shares = uint256(_got.licensors) + _got.tuner + _got.compute + _got.stakers;
        vm.assertEq(address(router).balance, shares + _got.platform - _got.burned);
    }

    /// @dev Where all else is for the data the platform has what was left for it, answer by answer.
    function test_distribute_allForData_succeeds() public {
        _set(ONE, IModelFacts.Terms(500, 0, IModelFacts.SplitTable(0, 0, 0, 0, 10_000)), 0);
        for (uint256 k; k < 4; ++k) {
            _payFee(ONE, 39);
        }
        (, uint128 pool) = payments.cut();
        vm.assertEq(pool, 4 * 38);
        IFeeRouter.Division memory got = router.distribute(0, ONE);
        // Of all together it would be 7.
        vm.assertEq(got.platform, 4);
        vm.assertEq(got.burned, 2);
        vm.assertEq(got.tuner, 0);
    }

    /// @dev What is left is less than the platform's part of all: nothing is for the others, who have 1 of 10,000.
    function test_distribute_roundedAway_succeeds() public {
        _set(ONE, IModelFacts.Terms(500, 0, IModelFacts.SplitTable(0, 1, 0, 0, 9_999)), 0);
        for (uint256 k; k < 4; ++k) {
            _payFee(ONE, 39);
        }
        payments.cut();
        IFeeRouter.Division memory got = router.distribute(0, ONE);
        vm.assertEq(got.platform, 4);
        vm.assertEq(got.tuner, 0);
    }

    /// @dev Nothing, a wei, and as much as has no platform's part: what is too little for anybody else is for the data.
    function test_distribute_dust_succeeds() public {
        IFeeRouter.Division memory got;
        uint72[3] memory fees = [uint72(0), 1, 19];
        uint128[3] memory pools = [uint128(0), 1, 8];
        for (uint64 k; k < 3; ++k) {
            _set(k + 1, models.termsOfOL2025(), 1);
            _payFee(k + 1, fees[k]);
            (, uint128 pool) = payments.cut();
            vm.assertEq(pool, pools[k]);
            got = router.distribute(k, k + 1);
            vm.assertEq(got.burned, 0);
            vm.assertEq(address(payments).balance, 0);
        }
        // 5, 25, 20 and 10 of 60 parts of 11.
        vm.assertEq(abi.encode(got), abi.encode(IFeeRouter.Division(0, 0, 0, 5, 4, 2)));
    }

    /// @dev All but a wei of the platform's part goes, and none of it is given by way of emission, where the deployer says so.
    function test_distribute_otherBounds_succeeds() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        IModelGate gate = IModelGate(address(register));
        payments = new PayableAI(gate, address(this), next, wopen, 0, CLOSE_TIME);
        router = new FeeRouter(payments, gate, accumulator, TREASURY, 10_000, 0);
        _set(ONE, models.termsOfOL2025(), 1);
        _payFee(ONE, 1 ether);
        payments.cut();
        router.donate{ value: 1 ether }();
        vm.assertEq(router.distribute(0, ONE).burned, 0.05 ether);
        vm.assertEq(router.creditOf(TREASURY), 0);
        vm.assertEq(router.emitTo(ONE), 0);
        vm.assertEq(router.reserve(), 1 ether);
    }

    /// @dev Whatever comes in whatever order: what was given of the reserve is never more than a part of what was destroyed, of a version and of all; the
    ///      reserve is what was donated and not given.
    function testFuzz_emitTo_bound_succeeds(uint256[24] memory _steps) public {
        vm.deal(address(this), 10 ** 30);
        for (uint64 k = 1; k < 4; ++k) {
            _set(k, _terms(_steps[k]), 1);
        }
        uint256 donated;
        for (uint256 n; n < 24; ++n) {
            uint64 which = uint64(_steps[n] >> 8) % 3 + 1;
            uint256 what = _steps[n] & 7;
            if (what < 3) {
                _payFee(which, uint64(_steps[n] >> 128));
                payments.cut();
                router.distribute(payments.epoch() - 1, which);
            } else if (what < 5) {
                uint256 amount = uint64(_steps[n] >> 128) >> uint8(_steps[n] >> 200) % 64;
                router.donate{ value: amount }();
                donated += amount;
            } else {
                router.emitTo(which);
            }
            _checkEmission(donated);
        }
    }

    function _checkEmission(uint256 _donated) internal view {
        (uint256 burned, uint256 emitted) = (0, 0);
        for (uint64 k = 1; k < 4; ++k) {
            vm.assertLe(router.emittedOf(k), router.burnedOf(k) * uint256(EMISSION_BPS) / 10_000);
            (burned, emitted) = (burned + router.burnedOf(k), emitted + router.emittedOf(k));
        }
        vm.assertEq(burned, router.burned());
        vm.assertEq(emitted, router.emitted());
        vm.assertLe(emitted, burned * EMISSION_BPS / 10_000);
        vm.assertEq(uint256(router.reserve()) + emitted, _donated);
        vm.assertEq(address(accumulator).balance, emitted);
        uint256 shares = router.creditOf(TREASURY) + router.creditOf(_licensor(0)) + router.creditOf(TUNER)
            + router.creditOf(COMPUTE) + router.creditOf(STAKERS);
        vm.assertEq(address(router).balance, shares + router.reserve());
    }
}

/// @title FeeRouter_SelfDealing_Test
/// @notice Somebody who owns all there is: the model, its gateway, all shares, all data and all training weights; and pays for answers to themselves.
contract FeeRouter_SelfDealing_Test is PaymentTest {
    function setUp() public override {
        super.setUp();
        // Contributor 0, who has all training weight, is Carol.
        IModelRegistry.Publication memory of_ = _ours();
        of_.payees = IModelRegistry.Payees(CAROL, CAROL, CAROL, CAROL);
        version = _publish(of_);
        vm.prank(ALICE);
        models.transferFrom(ALICE, CAROL, 0);
        router.donate{ value: 1_000 ether }();
    }

    /// @dev Answers to Carol for some fees, and all that comes of it, until nothing more does.
    function _deal(uint64[4] memory _fees) internal returns (uint256 loss_, uint256 carry_) {
        uint256 before = CAROL.balance;
        for (uint256 k; k < 4; ++k) {
            IPayableAI.Answer memory of_ = _answer(k);
            of_.payer = CAROL;
            vm.prank(CAROL);
            of_.sheet = payments.setPrices(version, IPayableAI.Prices(0, 0, _fees[k]));
            vm.warp(block.timestamp + PRICE_NOTICE);
            _pay(of_);
            (, uint128 pool) = payments.cut();
            // As the settlement does at best: all of it to Carol.
            (bool success,) = CAROL.call{ value: pool }("");
            vm.assertTrue(success);
            router.distribute(payments.epoch() - 1, version);
            router.emitTo(version);
            accumulator.claim(version, WEIGHT, abi.encodePacked(uint64(0), uint64(1)));
            router.withdraw(CAROL);
        }
        (, carry_) = accumulator.accumulatorOf(version);
        loss_ = before - CAROL.balance;
    }

    /// @dev They lose the platform's part, but for what the reserve gives, which is less than what was destroyed.
    function testFuzz_selfDealing_succeeds(uint64[4] memory _fees) public {
        (uint256 loss, uint256 carry) = _deal(_fees);
        vm.assertEq(loss, router.burned() + router.creditOf(TREASURY) - router.emitted() + carry);
        vm.assertGe(loss, router.burned() - router.burned() * EMISSION_BPS / 10_000);
        vm.assertGe(loss, router.creditOf(TREASURY));
    }

    /// @dev Even to who is the treasury, too, it is a loss.
    function testFuzz_selfDealing_treasury_succeeds(uint64[4] memory _fees) public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        payments = new PayableAI(models, address(this), next, wopen, PRICE_NOTICE, CLOSE_TIME);
        router = new FeeRouter(payments, models, accumulator, CAROL, BURN_BPS, EMISSION_BPS);
        router.donate{ value: 1_000 ether }();
        (uint256 loss, uint256 carry) = _deal(_fees);
        vm.assertEq(loss, router.burned() - router.emitted() + carry);
        vm.assertGe(loss * 10_000, router.burned() * (10_000 - EMISSION_BPS));
    }
}
