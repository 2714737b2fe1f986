// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { Reenterer, Weights } from "test/mocks/Economy.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Test } from "test/utils/Test.sol";

/// @title TrainingAccumulator_Test
/// @notice The written vectors, conservation, and who is paid when.
contract TrainingAccumulator_Test is Test {
    ContributorRegistry internal registry;
    Weights internal weights;
    TrainingAccumulator internal accumulator;

    uint64 internal constant MODEL = 7;

    /// @dev Rows W of contributors 1 and 3, of weights 10 and 7, and their proofs.
    bytes[2] internal rows;
    bytes[2] internal proofs;

    function setUp() public {
        registry = new ContributorRegistry();
        weights = new Weights();
        accumulator = new TrainingAccumulator(weights, registry);
        address[4] memory payees = [ALICE, ALICE, BOB, BOB];
        for (uint256 k; k < 4; ++k) {
            vm.prank(payees[k]);
            registry.register(payees[k]);
        }
        rows[0] = abi.encodePacked("W", uint64(1), uint128(10));
        rows[1] = abi.encodePacked("W", uint64(3), uint128(7));
        bytes32 left = keccak256(bytes.concat(hex"00", rows[0]));
        bytes32 right = keccak256(bytes.concat(hex"00", rows[1]));
        proofs[0] = abi.encodePacked(uint64(0), uint64(2), right, uint128(7));
        proofs[1] = abi.encodePacked(uint64(1), uint64(2), left, uint128(10));
        weights.set(MODEL, Trees.sumRoot(2, Trees.sumNode(left, 10, right, 7), 17), 17);
    }

    function _claim(uint256 _which) internal returns (uint256 amount_) {
        return accumulator.claim(MODEL, rows[_which], proofs[_which]);
    }

    function test_feed_written_succeeds() public {
        string memory json = vm.readFile("../crates/attribution/vectors/shares.json");
        vm.assertEq(vm.parseJsonBytes32(json, ".training[0].weights_root"), _root());
        for (uint256 k; k < 4; ++k) {
            string memory key = string.concat(".training[0].payments[", vm.toString(k), "]");
            accumulator.feed{ value: vm.parseJsonUint(json, string.concat(key, ".train")) }(MODEL);
            (uint128 perWeight, uint128 carry) = accumulator.accumulatorOf(MODEL);
            vm.assertEq(perWeight, vm.parseJsonUint(json, string.concat(key, ".per_weight")));
            vm.assertEq(carry, vm.parseJsonUint(json, string.concat(key, ".carry")));
        }
        vm.assertEq(_claim(0), vm.parseJsonUint(json, ".training[0].earned[0][1]"));
        vm.assertEq(_claim(1), vm.parseJsonUint(json, ".training[0].earned[1][1]"));
        // The carry is 0, so that all of it was paid.
        vm.assertEq(address(accumulator).balance, 0);
    }

    function _root() internal view returns (bytes32 root_) {
        (root_,,) = weights.weightsOf(MODEL);
    }

    function test_claim_succeeds() public {
        accumulator.feed{ value: 1_000 }(MODEL);
        vm.snapshotGasLastCall("TrainingAccumulator", "feed");
        uint256 before = ALICE.balance;
        vm.expectEmit();
        emit ITrainingAccumulator.Claimed(MODEL, 1, ALICE, 580);
        vm.assertEq(_claim(0), 580);
        vm.snapshotGasLastCall("TrainingAccumulator", "claim, first");
        vm.assertEq(ALICE.balance, before + 580);
        // Nothing is due twice.
        vm.assertEq(_claim(0), 0);
        accumulator.feed{ value: 17 }(MODEL);
        vm.assertEq(_claim(0), 10);
        vm.snapshotGasLastCall("TrainingAccumulator", "claim, repeated");
        vm.assertEq(accumulator.claimedOf(MODEL, 1), 590);
    }

    function test_claim_toThePayeeOfNow_succeeds() public {
        accumulator.feed{ value: 17 }(MODEL);
        address fresh = _account("fresh");
        vm.prank(ALICE);
        registry.changePayee(1, fresh);
        uint256 before = fresh.balance;
        _claim(0);
        vm.assertEq(fresh.balance, before + 10);
    }

    function test_claim_alone_reverts() public {
        accumulator.feed{ value: 17 }(MODEL);
        vm.prank(ALICE);
        registry.allowClaimFor(1, false);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ITrainingAccumulator.TrainingAccumulator_NotAllowed.selector, 1));
        _claim(0);
        vm.prank(ALICE);
        vm.assertEq(_claim(0), 10);
    }

    function test_claim_inRecovery_reverts() public {
        accumulator.feed{ value: 17 }(MODEL);
        vm.prank(ALICE);
        registry.proposeGuardian(1, IContributorRegistry.Guardian(BOB, 1 days, true));
        vm.prank(BOB);
        registry.startRecovery(1, BOB, BOB);
        // Who has the key may be a thief.
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ITrainingAccumulator.TrainingAccumulator_NotAllowed.selector, 1));
        _claim(0);
        vm.warp(block.timestamp + 1 days);
        registry.finishRecovery(1);
        uint256 before = BOB.balance;
        vm.assertEq(_claim(0), 10);
        vm.assertEq(BOB.balance, before + 10);
    }

    function test_claim_deadPayee_reverts() public {
        accumulator.feed{ value: 17 }(MODEL);
        address refuser = address(new Refuser());
        vm.prank(ALICE);
        registry.changePayee(1, refuser);
        vm.expectRevert(Refuser.Refuser_NoThanks.selector);
        _claim(0);
        // Nobody else has to wait, and nothing is lost.
        vm.assertEq(_claim(1), 7);
        vm.prank(ALICE);
        registry.changePayee(1, ALICE);
        vm.assertEq(_claim(0), 10);
    }

    /// @dev A publisher who states a sum below that of the tree, so that its rows earn more than it is fed: out of what other versions were.
    function test_claim_understatedTotal_reverts() public {
        accumulator.feed{ value: 1_000_000 }(MODEL);
        weights.set(MODEL + 1, _root(), 1);
        accumulator.feed{ value: 17 }(MODEL + 1);
        for (uint256 k; k < 2; ++k) {
            vm.expectRevert(ITrainingAccumulator.TrainingAccumulator_NotShown.selector);
            accumulator.claim(MODEL + 1, rows[k], proofs[k]);
        }
        weights.set(MODEL + 1, _root(), 18);
        vm.expectRevert(ITrainingAccumulator.TrainingAccumulator_NotShown.selector);
        accumulator.claim(MODEL + 1, rows[0], proofs[0]);
    }

    /// @dev Two rows of one contributor in a tree that somebody declared: the greater one is paid, in either order, and never more than was fed.
    function testFuzz_claim_twoRows_succeeds(uint64 _first, uint64 _second, uint96 _fed, bool _greaterFirst) public {
        uint128[2] memory each = [uint128(_bound(_first, 1, 1e12)), uint128(_bound(_second, 1, 1e12))];
        bytes[2] memory two;
        bytes32[2] memory hashes;
        for (uint256 k; k < 2; ++k) {
            two[k] = abi.encodePacked("W", uint64(1), each[k]);
            hashes[k] = keccak256(bytes.concat(hex"00", two[k]));
        }
        uint128 total = each[0] + each[1];
        weights.set(MODEL + 1, Trees.sumRoot(2, Trees.sumNode(hashes[0], each[0], hashes[1], each[1]), total), total);
        accumulator.feed{ value: _fed }(MODEL + 1);
        uint256 from = (each[0] >= each[1]) == _greaterFirst ? 0 : 1;
        uint256 paid;
        for (uint256 k; k < 2; ++k) {
            uint256 which = (from + k) % 2;
            bytes memory proof = abi.encodePacked(uint64(which), uint64(2), hashes[1 - which], each[1 - which]);
            paid += accumulator.claim(MODEL + 1, two[which], proof);
        }
        uint256 greater = each[0] >= each[1] ? each[0] : each[1];
        vm.assertEq(paid, uint256(_fed) / total * greater);
    }

    function test_claim_reentered_succeeds() public {
        accumulator.feed{ value: 17 }(MODEL);
        Reenterer payee = new Reenterer();
        payee.prepare(abi.encodeCall(ITrainingAccumulator.claim, (MODEL, rows[0], proofs[0])));
        vm.prank(ALICE);
        registry.changePayee(1, address(payee));
        vm.assertEq(_claim(0), 10);
        vm.assertEq(payee.paid(), 10);
    }

    function test_claim_notShown_reverts() public {
        vm.expectRevert(ITrainingAccumulator.TrainingAccumulator_NotShown.selector);
        accumulator.claim(MODEL, rows[0], proofs[1]);
        vm.expectRevert(ITrainingAccumulator.TrainingAccumulator_NotShown.selector);
        accumulator.claim(MODEL, abi.encodePacked("W", uint64(1), uint128(11)), proofs[0]);
        vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
        accumulator.claim(MODEL, abi.encodePacked("N", uint64(1), uint128(10)), proofs[0]);
        vm.expectRevert(Trees.Trees_Proof.selector);
        accumulator.claim(MODEL, rows[0], "");
    }

    function test_unknownModel_reverts() public {
        bytes memory unknown = abi.encodeWithSelector(ITrainingAccumulator.TrainingAccumulator_NoModel.selector, 8);
        vm.expectRevert(unknown);
        accumulator.feed(8);
        vm.expectRevert(unknown);
        accumulator.claim(8, rows[0], proofs[0]);
    }

    /// @dev Where nothing weighs anything, all waits.
    function test_feed_noWeights_succeeds() public {
        weights.set(8, Trees.sumRoot(0, 0, 0), 0);
        accumulator.feed{ value: 5 }(8);
        accumulator.feed{ value: 6 }(8);
        (uint128 perWeight, uint128 carry) = accumulator.accumulatorOf(8);
        vm.assertEq(perWeight, 0);
        vm.assertEq(carry, 11);
    }

    function test_feed_overflow_reverts() public {
        vm.deal(address(this), type(uint256).max / 2);
        accumulator.feed{ value: type(uint128).max }(MODEL);
        vm.expectRevert(ITrainingAccumulator.TrainingAccumulator_Overflow.selector);
        accumulator.feed{ value: 1 }(MODEL);
    }

    /// @dev What is there is what was fed and not claimed, to the wei; and what is not due to anybody is the carry.
    function testFuzz_conservation_succeeds(uint96[8] memory _amounts, uint256 _claims) public {
        vm.deal(address(this), 10 ** 30);
        (uint256 fed, uint256 claimed) = (0, 0);
        for (uint256 k; k < 8; ++k) {
            accumulator.feed{ value: _amounts[k] }(MODEL);
            fed += _amounts[k];
            if (_claims >> k & 1 == 1) claimed += _claim(_claims >> (8 + k) & 1);
            vm.assertEq(address(accumulator).balance, fed - claimed);
        }
        claimed += _claim(0) + _claim(1);
        (, uint128 carry) = accumulator.accumulatorOf(MODEL);
        vm.assertEq(address(accumulator).balance, carry);
        vm.assertEq(fed, claimed + carry);
        vm.assertLt(carry, 17);
    }
}
