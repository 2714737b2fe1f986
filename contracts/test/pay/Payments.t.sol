// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title Payments_Test
/// @notice Payments with the real settlement, vault and accumulator: from fees to accounts.
contract Payments_Test is PaymentTest {
    Settlement internal settlement;
    PayoutVault internal vault;

    /// @dev Another model version of the same gateway.
    uint64 internal other;

    uint64 internal constant INTERVAL = 1 hours;
    uint64 internal constant L1_WINDOW = 300;
    uint64 internal constant FALLBACK = 1_000;
    uint128 internal constant LEAST_BOND = 1_000 ether;

    function setUp() public override {
        super.setUp();
        _place(Predeploys.L1_BLOCK, address(new L1Block()));
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        (payments, router) = _deploy(next);
        vault = new PayoutVault(ISettlement(next), contributors, accumulator);
        settlement = new Settlement(
            payments,
            contributors,
            vault,
            accumulator,
            IAttributionVerifier(address(1)),
            IDemandVerifier(address(1)),
            Settlement.Parameters(INTERVAL, 0, L1_WINDOW, FALLBACK, LEAST_BOND, 1 ether)
        );
        vm.assertEq(address(settlement), next);
        IModelRegistry.Publication memory of_ = _ours();
        of_.settlement = next;
        (version, other) = (_publish(of_), _publish(of_));
        vm.startPrank(ALICE);
        payments.setPrices(version, _prices());
        payments.setPrices(other, _prices());
        vm.stopPrank();
    }

    function _toL1(uint64 _number) internal {
        vm.store(Predeploys.L1_BLOCK, 0, bytes32(uint256(_number)));
    }

    /// @dev Two answers of one version, and one of the other that is paid in WOPEN.
    function _three() internal {
        _pay(_answer(1));
        _pay(_answer(2));
        IPayableAI.Answer memory of_ = _answer(3);
        of_.modelVersion = other;
        _payInWOPEN(of_);
    }

    function test_cut_succeeds() public {
        _three();
        vm.expectRevert(IPayableAI.PayableAI_NotAllowed.selector);
        payments.cut();
        vm.prank(BOB);
        vm.assertEq(settlement.cut(), 0);
        ISettlement.Range memory range = settlement.rangeOf(0);
        vm.assertEq(range.first, 0);
        vm.assertEq(range.end, 3);
        vm.assertEq(range.pool, 3 * DATA);
        vm.assertEq(address(settlement).balance, 3 * DATA);
        vm.assertEq(address(payments).balance, 3 * (FEE - DATA));
        // No sooner, and not without an answer.
        _pay(_answer(4));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_TooEarly.selector, block.timestamp + INTERVAL));
        settlement.cut();
        vm.warp(block.timestamp + INTERVAL);
        vm.assertEq(settlement.cut(), 1);
        vm.warp(block.timestamp + INTERVAL);
        vm.expectRevert(ISettlement.Settlement_NothingPaid.selector);
        settlement.cut();
        vm.assertEq(payments.epoch(), 2);
    }

    /// @dev A model version that another settlement settles is not paid for here.
    function test_setPrices_otherSettlement_reverts() public {
        uint64 foreign = _publish(_ours());
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IPayableAI.PayableAI_NoModel.selector, foreign));
        payments.setPrices(foreign, _prices());
    }

    /// @dev All of the other shares of a range.
    function _distribute(uint64 _k) internal returns (uint256 sum_) {
        router.distribute(_k, version);
        router.distribute(_k, other);
        address[5] memory payees = [TREASURY, LICENSOR, TUNER, COMPUTE, STAKERS];
        for (uint256 k; k < 5; ++k) {
            sum_ += router.withdraw(payees[k]);
        }
        vm.assertEq(address(router).balance, 0);
        vm.assertEq(address(payments).balance, 0);
        return sum_ + router.burned();
    }

    /// @dev What the training weights of both versions paid to Carol, who has all of them, and what they carry.
    function _claimed() internal returns (uint256 sum_) {
        uint64[2] memory versions = [version, other];
        for (uint256 k; k < 2; ++k) {
            uint256 before = CAROL.balance;
            accumulator.claim(versions[k], WEIGHT, abi.encodePacked(uint64(0), uint64(1)));
            (, uint128 carry) = accumulator.accumulatorOf(versions[k]);
            sum_ += CAROL.balance - before + carry;
        }
    }

    /// @dev A range that somebody settles: here to the training weights, all of it.
    function test_finalise_everyWeiIsSomebodys_succeeds() public {
        _three();
        _toL1(5_000);
        settlement.cut();
        vm.roll(block.number + 1);
        bytes memory one = abi.encodePacked("M", version, 2 * DATA, bytes32("gifts"));
        bytes memory two = abi.encodePacked("M", other, DATA, bytes32("gifts"));
        bytes32[2] memory hashes = [keccak256(bytes.concat(hex"00", one)), keccak256(bytes.concat(hex"00", two))];
        ISettlement.Posting memory posting;
        (posting.anchor, posting.anchorHash) = (uint64(block.number) - 1, blockhash(block.number - 1));
        (posting.models, posting.trainSum) = (2, 3 * DATA);
        posting.modelsTop = Trees.sumNode(hashes[0], 2 * DATA, hashes[1], DATA);
        uint64 candidate = settlement.post{ value: LEAST_BOND }(posting, "here");
        _toL1(5_000 + L1_WINDOW);
        settlement.finalise(candidate);
        vm.assertEq(address(vault).balance, 3 * DATA);
        vault.feed(0, one, abi.encodePacked(uint64(0), uint64(2), hashes[1], DATA));
        vault.feed(0, two, abi.encodePacked(uint64(1), uint64(2), hashes[0], 2 * DATA));
        vm.assertEq(address(vault).balance, 0);
        vm.assertEq(_claimed() + _distribute(0), 3 * FEE);
    }

    /// @dev A range that nobody settles: to the training weights of each version what its answers brought.
    function test_fallBack_everyWeiIsSomebodys_succeeds() public {
        _three();
        settlement.cut();
        _toL1(FALLBACK);
        settlement.fallBack(0);
        settlement.feedFallback(0, version);
        vm.assertEq(address(accumulator).balance, 2 * DATA);
        settlement.feedFallback(0, other);
        vm.assertEq(address(settlement).balance, 0);
        vm.assertEq(_claimed() + _distribute(0), 3 * FEE);
    }
}
