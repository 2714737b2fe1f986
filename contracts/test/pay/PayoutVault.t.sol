// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { AttributionLibraries } from "test/mocks/AttributionLibraries.sol";
import { Reenterer, Weights } from "test/mocks/Economy.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Test } from "test/utils/Test.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title PayoutVault_Base
/// @notice A contributor, three final epochs, and what is left for a model version.
abstract contract PayoutVault_Base is Test {
    ContributorRegistry internal registry;
    Weights internal weights;
    TrainingAccumulator internal accumulator;
    PayoutVault internal vault;
    AttributionLibraries internal libraries;

    /// @dev Contributor 3's key and payee.
    address internal immutable CAROL = _account("carol");

    /// @dev Who says what is final.
    address internal immutable SETTLEMENT = _account("settlement");

    /// @dev What contributor 3 has earned by the epochs 0, 1 and 2: as many digits as amounts have.
    uint128 internal constant FIRST = 100.123456789012345678 ether;
    uint128 internal constant SECOND = 150.234567890123456789 ether;
    uint128 internal constant THIRD = 160.345678901234567891 ether;

    /// @dev For each epoch one row, with its proof.
    mapping(uint64 k => bytes) internal rows;
    mapping(uint64 k => bytes) internal proofs;

    /// @dev What model version 7 is left in epoch 0.
    bytes internal modelRow;

    function setUp() public virtual {
        registry = new ContributorRegistry();
        weights = new Weights();
        libraries = new AttributionLibraries();
        accumulator = new TrainingAccumulator(weights, registry);
        vault = new PayoutVault(ISettlement(SETTLEMENT), registry, accumulator);
        vm.etch(Predeploys.L2_TO_L1_MESSAGE_PASSER, address(new L2ToL1MessagePasser()).code);
        for (uint256 k; k < 4; ++k) {
            vm.prank(CAROL);
            registry.register(CAROL);
        }
        weights.set(7, Trees.sumRoot(1, "one", 4), 4);
        modelRow = abi.encodePacked("M", uint64(7), uint128(40 ether), bytes32("gifts"));
        _put(0, 3, 10, FIRST);
        _put(1, 3, 10, SECOND);
        _put(2, 3, 1 << 20, THIRD);
        vm.deal(address(vault), 1_000 ether);
        vm.warp(1_000_000);
    }

    /// @dev A final epoch of so many contributors, one of whom has earned so much.
    function _put(uint64 _k, uint64 _contributor, uint64 _count, uint128 _cumulative) internal {
        bytes memory row = abi.encodePacked("P", _contributor, _cumulative, _cumulative / 3, keccak256(abi.encode(_k)));
        (rows[_k], proofs[_k]) = (row, _proof(_contributor, _count));
        bytes32 root = libraries.climbSums(libraries.leaf(row), _cumulative, proofs[_k]).root;
        _settle(_k, root, Trees.sumRoot(1, libraries.leaf(modelRow), 40 ether));
    }

    function _settle(uint64 _k, bytes32 _payoutRoot, bytes32 _modelsRoot) internal {
        vm.prank(SETTLEMENT);
        vault.settle(_k, _payoutRoot, _modelsRoot);
    }

    /// @dev A proof of some tree with so many leaves, whose sums are of 88 bits: in wei, a part of all coins.
    function _proof(uint64 _index, uint64 _count) internal pure returns (bytes memory proof_) {
        proof_ = abi.encodePacked(_index, _count);
        (uint256 index, uint256 width) = (_index, _count);
        while (width > 1) {
            if (index % 2 == 1 || index + 1 < width) {
                proof_ = abi.encodePacked(proof_, keccak256(abi.encode(width)), uint128(_sum(width)));
            }
            (index, width) = (index / 2, (width + 1) / 2);
        }
    }

    function _sum(uint256 _width) internal pure returns (uint88 sum_) {
        return uint88(uint256(keccak256(abi.encode("sum", _width))));
    }

    function _claim(uint64 _k) internal returns (uint256 amount_) {
        return vault.claim(_k, rows[_k], proofs[_k]);
    }
}

/// @title PayoutVault_Test
/// @notice Who is paid what, and when.
contract PayoutVault_Test is PayoutVault_Base {
    function test_claim_succeeds() public {
        uint256 before = CAROL.balance;
        vm.expectEmit();
        emit IPayoutVault.Claimed(3, 0, CAROL, FIRST, false);
        vm.prank(BOB);
        vm.assertEq(_claim(0), FIRST);
        // What came since, by a later epoch; nothing twice, and nothing by an earlier one.
        vm.assertEq(_claim(1), SECOND - FIRST);
        vm.assertEq(_claim(1), 0);
        vm.assertEq(_claim(0), 0);
        vm.assertEq(CAROL.balance, before + SECOND);
        vm.assertEq(vault.claimedOf(3), SECOND);
    }

    /// @dev An epoch that was passed over loses nothing.
    function test_claim_lateEpoch_succeeds() public {
        vm.assertEq(_claim(2), THIRD);
        vm.assertEq(_claim(1), 0);
    }

    function test_claim_notFinal_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotFinal.selector, 9));
        vault.claim(9, rows[0], proofs[0]);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotFinal.selector, 9));
        vault.feed(9, modelRow, _proof(0, 1));
    }

    function test_claim_notShown_reverts() public {
        vm.expectRevert(IPayoutVault.PayoutVault_NotShown.selector);
        vault.claim(0, rows[1], proofs[1]);
        vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
        vault.claim(0, modelRow, proofs[0]);
        // At another contributor's place.
        bytes memory proof = _proof(4, 10);
        bytes32 root = libraries.climbSums(libraries.leaf(rows[0]), FIRST, proof).root;
        _settle(5, root, 0);
        vm.expectRevert(IPayoutVault.PayoutVault_NotShown.selector);
        vault.claim(5, rows[0], proof);
    }

    function test_claim_alone_reverts() public {
        vm.prank(CAROL);
        registry.allowClaimFor(3, false);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotAllowed.selector, 3));
        _claim(0);
        vm.prank(CAROL);
        vm.assertEq(_claim(0), FIRST);
    }

    function test_claim_keyRotation_succeeds() public {
        vm.startPrank(CAROL);
        registry.changeKey(3, BOB);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotAllowed.selector, 3));
        vault.claimToL1(0, rows[0], proofs[0], CAROL, 100_000);
        vm.stopPrank();
        vm.prank(BOB);
        registry.changePayee(3, BOB);
        uint256 before = BOB.balance;
        _claim(0);
        vm.assertEq(BOB.balance, before + FIRST);
    }

    function test_claim_recoveryAbuse_reverts() public {
        vm.prank(CAROL);
        registry.proposeGuardian(3, IContributorRegistry.Guardian(BOB, 1 days, true));
        vm.prank(BOB);
        registry.startRecovery(3, BOB, BOB);
        vm.startPrank(CAROL);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotAllowed.selector, 3));
        _claim(0);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotAllowed.selector, 3));
        vault.claimToL1(0, rows[0], proofs[0], CAROL, 100_000);
        vm.stopPrank();
        vm.warp(block.timestamp + 1 days);
        registry.finishRecovery(3);
        vm.assertEq(_claim(0), FIRST);
    }

    function test_claim_deadPayee_reverts() public {
        address refuser = address(new Refuser());
        vm.prank(CAROL);
        registry.changePayee(3, refuser);
        vm.expectRevert(Refuser.Refuser_NoThanks.selector);
        _claim(0);
        vm.assertEq(vault.claimedOf(3), 0);
        vm.prank(CAROL);
        registry.changePayee(3, CAROL);
        vm.assertEq(_claim(0), FIRST);
    }

    function test_claim_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        payee.prepare(abi.encodeCall(IPayoutVault.claim, (1, rows[1], proofs[1])));
        vm.prank(CAROL);
        registry.changePayee(3, address(payee));
        // It is paid for the later epoch inside of the call, and for nothing twice.
        vm.assertEq(_claim(0), FIRST);
        vm.assertEq(payee.paid(), SECOND);
        vm.assertEq(address(vault).balance, 1_000 ether - SECOND);
    }

    function test_claimToL1_succeeds() public {
        L2ToL1MessagePasser passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));
        uint256 nonce = passer.messageNonce();
        vm.expectEmit();
        emit IPayoutVault.Claimed(3, 0, BOB, FIRST, true);
        vm.prank(CAROL);
        vm.assertEq(vault.claimToL1(0, rows[0], proofs[0], BOB, 100_000), FIRST);
        vm.assertEq(address(passer).balance, FIRST);
        bytes32 withdrawal = keccak256(abi.encode(nonce, address(vault), BOB, FIRST, 100_000, bytes("")));
        vm.assertTrue(passer.sentMessages(withdrawal));
        vm.prank(CAROL);
        vm.assertEq(vault.claimToL1(0, rows[0], proofs[0], BOB, 100_000), 0);
    }

    function test_claimToL1_byAnother_reverts() public {
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_NotAllowed.selector, 3));
        vault.claimToL1(0, rows[0], proofs[0], BOB, 100_000);
    }

    /// @dev Coins that nobody could ever fetch on the L1 do not leave.
    function test_claimToL1_call_reverts() public {
        vm.startPrank(CAROL);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_L1Call.selector, address(0), 100_000));
        vault.claimToL1(0, rows[0], proofs[0], address(0), 100_000);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_L1Call.selector, BOB, 10_000_001));
        vault.claimToL1(0, rows[0], proofs[0], BOB, 10_000_001);
        vm.assertEq(vault.claimedOf(3), 0);
        vm.assertEq(vault.claimToL1(0, rows[0], proofs[0], BOB, 10_000_000), FIRST);
    }

    function test_feed_succeeds() public {
        vm.expectEmit();
        emit IPayoutVault.Fed(7, 0, 40 ether);
        vault.feed(0, modelRow, _proof(0, 1));
        vm.assertTrue(vault.isFed(0, 7));
        (uint128 perWeight,) = accumulator.accumulatorOf(7);
        vm.assertEq(perWeight, 10 ether);
        vm.assertEq(address(accumulator).balance, 40 ether);
        vm.expectRevert(abi.encodeWithSelector(IPayoutVault.PayoutVault_FedBefore.selector, 0, 7));
        vault.feed(0, modelRow, _proof(0, 1));
        // Another epoch gives for itself.
        vault.feed(1, modelRow, _proof(0, 1));
    }

    function test_feed_notShown_reverts() public {
        vm.expectRevert(IPayoutVault.PayoutVault_NotShown.selector);
        vault.feed(0, modelRow, _proof(0, 2));
        vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
        vault.feed(0, rows[0], _proof(0, 1));
    }

    function test_settle_succeeds() public {
        vm.deal(SETTLEMENT, 5);
        vm.expectEmit();
        emit IPayoutVault.Settled(9, "payouts", "models", 5);
        vm.prank(SETTLEMENT);
        vault.settle{ value: 5 }(9, "payouts", "models");
        vm.assertEq(vault.payoutRootOf(9), "payouts");
        vm.assertEq(vault.modelsRootOf(9), "models");
        vm.assertEq(address(vault).balance, 1_000 ether + 5);
    }

    function test_settle_byAnother_reverts() public {
        vm.expectRevert(IPayoutVault.PayoutVault_NotSettlement.selector);
        vm.prank(CAROL);
        vault.settle(9, "payouts", "models");
        // No coins come that no epoch accounts for.
        vm.prank(CAROL);
        (bool success,) = address(vault).call{ value: 5 }("");
        vm.assertFalse(success);
    }

    /// @dev In whatever order epochs are claimed by, all that is paid is the highest that was asked for.
    function testFuzz_claim_succeeds(uint8[6] memory _order) public {
        (uint256 paid, uint128 most) = (0, 0);
        for (uint256 k; k < 6; ++k) {
            uint64 epoch = _order[k] % 3;
            paid += _claim(epoch);
            uint128 cumulative = epoch == 0 ? FIRST : epoch == 1 ? SECOND : THIRD;
            if (cumulative > most) most = cumulative;
            vm.assertEq(paid, most);
        }
        vm.assertEq(address(vault).balance, 1_000 ether - paid);
    }
}

/// @title PayoutVault_Gas
/// @notice What it costs that a contributor is paid, the first time, on an account that has never had anything, and again: transactions with all their data, of amounts
///         with as many digits as amounts have.
abstract contract PayoutVault_Gas is PayoutVault_Base {
    uint64 internal immutable ID;
    uint64 internal immutable COUNT;
    string internal among;

    address internal constant NEW = address(0xf4e54);

    constructor(uint64 _id, uint64 _count, string memory _among) {
        (ID, COUNT, among) = (_id, _count, _among);
    }

    function setUp() public override {
        super.setUp();
        // As many contributors as are before.
        vm.store(address(registry), 0, bytes32(uint256(ID)));
        vm.startPrank(CAROL);
        vm.assertEq(registry.register(CAROL), ID);
        registry.register(NEW);
        registry.register(CAROL);
        vm.stopPrank();
        _put(10, ID, COUNT, FIRST);
        _put(11, ID + 1, COUNT, FIRST);
        _put(12, ID + 2, COUNT, FIRST);
        _put(13, ID + 2, COUNT, SECOND);
        _claim(12);
    }

    /// @dev The gas of a transaction with a claim, and no more than the method allows.
    function _measure(uint64 _k, string memory _name, uint256 _most) internal {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (_k, rows[_k], proofs[_k]));
        vm.assertGt(_claim(_k), 0);
        uint256 gas = _transactionGas(data);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("PayoutVault", string.concat(_name, ", of ", among, " contributors"), gas);
        vm.assertLe(gas, _most);
    }

    function test_claim_gas_first_succeeds() public {
        _measure(10, "claim, first", 90_000);
    }

    function test_claim_gas_newAccount_succeeds() public {
        _measure(11, "claim, first, to a new account", 115_000);
        vm.assertEq(NEW.balance, FIRST);
    }

    function test_claim_gas_repeated_succeeds() public {
        _measure(13, "claim, repeated", 70_000);
    }
}

/// @title PayoutVault_Ten_Test
/// @notice Among ten contributors.
contract PayoutVault_Ten_Test is PayoutVault_Gas(4, 10, "10") { }

/// @title PayoutVault_Million_Test
/// @notice Among more than a million: sixteen siblings more, which is all that grows with their number.
contract PayoutVault_Million_Test is PayoutVault_Gas(777_777, 1 << 20, "1,048,576") { }
