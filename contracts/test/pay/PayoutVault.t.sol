// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IFinalEpochs, IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { AttributionLibraries } from "test/mocks/AttributionLibraries.sol";
import { Epochs, Reenterer, Weights } from "test/mocks/Economy.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Test } from "test/utils/Test.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title PayoutVault_Base
/// @notice A contributor, three final epochs, and what is left for a model version.
abstract contract PayoutVault_Base is Test {
    ContributorRegistry internal registry;
    Weights internal weights;
    Epochs internal epochs;
    TrainingAccumulator internal accumulator;
    PayoutVault internal vault;
    AttributionLibraries internal libraries;

    /// @dev Contributor 3's key and payee.
    address internal immutable CAROL = _account("carol");

    /// @dev Rows of contributor 3, with proofs, in the epochs 0 and 1 of ten contributors and in epoch 2 of a million.
    bytes[3] internal rows;
    bytes[3] internal proofs;

    /// @dev What model version 7 is left in epoch 0.
    bytes internal modelRow;

    function setUp() public virtual {
        registry = new ContributorRegistry();
        weights = new Weights();
        epochs = new Epochs();
        libraries = new AttributionLibraries();
        accumulator = new TrainingAccumulator(weights, registry);
        vault = new PayoutVault(epochs, registry, accumulator);
        vm.etch(Predeploys.L2_TO_L1_MESSAGE_PASSER, address(new L2ToL1MessagePasser()).code);
        for (uint256 k; k < 4; ++k) {
            vm.prank(CAROL);
            registry.register(CAROL);
        }
        weights.set(7, Trees.sumRoot(1, "one", 4), 4);
        uint128[3] memory earned = [uint128(100 ether), 150 ether, 160 ether];
        for (uint64 k; k < 3; ++k) {
            uint64 count = k == 2 ? 1 << 20 : 10;
            rows[k] = abi.encodePacked("P", uint64(3), earned[k], uint128(0), bytes32(uint256(k)));
            proofs[k] = _proof(3, count);
            bytes32 root = libraries.climbSums(libraries.leaf(rows[k]), earned[k], proofs[k]).root;
            modelRow = abi.encodePacked("M", uint64(7), uint128(40 ether), bytes32("gifts"));
            bytes32 models = Trees.sumRoot(1, libraries.leaf(modelRow), 40 ether);
            epochs.set(k, root, models);
        }
        vm.deal(address(vault), 1_000 ether);
        vm.warp(1_000_000);
    }

    /// @dev A proof of some tree with so many leaves.
    function _proof(uint64 _index, uint64 _count) internal pure returns (bytes memory proof_) {
        proof_ = abi.encodePacked(_index, _count);
        (uint256 index, uint256 width) = (_index, _count);
        while (width > 1) {
            if (index % 2 == 1 || index + 1 < width) {
                proof_ = abi.encodePacked(proof_, keccak256(abi.encode(width)), uint128(width));
            }
            (index, width) = (index / 2, (width + 1) / 2);
        }
    }

    function _claim(uint64 _k) internal returns (uint256 amount_) {
        return vault.claim(_k, rows[_k], proofs[_k]);
    }

    /// @dev The gas of a transaction with the last call, of which this is the data.
    function _snapshot(string memory _name, bytes memory _data, uint256 _most) internal {
        uint256 gas = _transactionGas(_data);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("PayoutVault", _name, gas);
        vm.assertLe(gas, _most);
    }
}

/// @title PayoutVault_Test
/// @notice Who is paid what, when, and what it costs.
contract PayoutVault_Test is PayoutVault_Base {
    function test_claim_gas_first_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (0, rows[0], proofs[0]));
        _claim(0);
        _snapshot("claim, first, of 10 contributors", data, 90_000);
    }

    /// @dev Sixteen siblings more than of ten: the only thing that grows with the number of contributors.
    function test_claim_gas_amongAMillion_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (2, rows[2], proofs[2]));
        _claim(2);
        _snapshot("claim, first, of 1,048,576 contributors", data, 100_000);
    }

    function test_claim_succeeds() public {
        uint256 before = CAROL.balance;
        vm.expectEmit();
        emit IPayoutVault.Claimed(3, 0, CAROL, 100 ether, false);
        vm.prank(BOB);
        vm.assertEq(_claim(0), 100 ether);
        // What came since, by a later epoch; nothing twice, and nothing by an earlier one.
        vm.assertEq(_claim(1), 50 ether);
        vm.assertEq(_claim(1), 0);
        vm.assertEq(_claim(0), 0);
        vm.assertEq(CAROL.balance, before + 150 ether);
        vm.assertEq(vault.claimedOf(3), 150 ether);
    }

    /// @dev An epoch that was passed over loses nothing.
    function test_claim_lateEpoch_succeeds() public {
        vm.assertEq(_claim(2), 160 ether);
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
        bytes32 root = libraries.climbSums(libraries.leaf(rows[0]), 100 ether, proof).root;
        epochs.set(5, root, 0);
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
        vm.assertEq(_claim(0), 100 ether);
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
        vm.assertEq(BOB.balance, before + 100 ether);
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
        vm.assertEq(_claim(0), 100 ether);
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
        vm.assertEq(_claim(0), 100 ether);
    }

    function test_claim_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        payee.prepare(abi.encodeCall(IPayoutVault.claim, (1, rows[1], proofs[1])));
        vm.prank(CAROL);
        registry.changePayee(3, address(payee));
        // It is paid for the later epoch inside of the call, and for nothing twice.
        vm.assertEq(_claim(0), 100 ether);
        vm.assertEq(payee.paid(), 150 ether);
        vm.assertEq(address(vault).balance, 850 ether);
    }

    function test_claimToL1_succeeds() public {
        L2ToL1MessagePasser passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));
        uint256 nonce = passer.messageNonce();
        vm.expectEmit();
        emit IPayoutVault.Claimed(3, 0, BOB, 100 ether, true);
        vm.prank(CAROL);
        vm.assertEq(vault.claimToL1(0, rows[0], proofs[0], BOB, 100_000), 100 ether);
        vm.assertEq(address(passer).balance, 100 ether);
        bytes32 withdrawal = keccak256(abi.encode(nonce, address(vault), BOB, 100 ether, 100_000, bytes("")));
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
        vm.assertEq(vault.claimToL1(0, rows[0], proofs[0], BOB, 10_000_000), 100 ether);
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

    function test_receive_succeeds() public {
        vm.expectEmit();
        emit IPayoutVault.Received(ALICE, 5);
        vm.prank(ALICE);
        (bool success,) = address(vault).call{ value: 5 }("");
        vm.assertTrue(success);
    }

    /// @dev In whatever order epochs are claimed by, all that is paid is the highest that was asked for.
    function testFuzz_claim_succeeds(uint8[6] memory _order) public {
        (uint256 paid, uint128 most) = (0, 0);
        for (uint256 k; k < 6; ++k) {
            uint64 epoch = _order[k] % 3;
            paid += _claim(epoch);
            uint128 cumulative = epoch == 0 ? 100 ether : epoch == 1 ? 150 ether : 160 ether;
            if (cumulative > most) most = cumulative;
            vm.assertEq(paid, most);
        }
        vm.assertEq(address(vault).balance, 1_000 ether - paid);
    }
}

/// @title PayoutVault_NewAccount_Test
/// @notice A contributor whose payee has never had anything.
contract PayoutVault_NewAccount_Test is PayoutVault_Base {
    function setUp() public override {
        super.setUp();
        vm.prank(CAROL);
        registry.changePayee(3, address(0xf4e54));
    }

    function test_claim_gas_newAccount_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (0, rows[0], proofs[0]));
        _claim(0);
        _snapshot("claim, first, to a new account, of 10 contributors", data, 115_000);
        vm.assertEq(address(0xf4e54).balance, 100 ether);
    }

    function test_claim_gas_newAccountAmongAMillion_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (2, rows[2], proofs[2]));
        _claim(2);
        _snapshot("claim, first, to a new account, of 1,048,576 contributors", data, 125_000);
    }
}

/// @title PayoutVault_Repeated_Test
/// @notice A contributor who was paid before.
contract PayoutVault_Repeated_Test is PayoutVault_Base {
    function setUp() public override {
        super.setUp();
        _claim(0);
    }

    function test_claim_gas_repeated_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (1, rows[1], proofs[1]));
        _claim(1);
        _snapshot("claim, repeated, of 10 contributors", data, 70_000);
    }

    function test_claim_gas_repeatedAmongAMillion_succeeds() public {
        bytes memory data = abi.encodeCall(IPayoutVault.claim, (2, rows[2], proofs[2]));
        _claim(2);
        _snapshot("claim, repeated, of 1,048,576 contributors", data, 85_000);
    }
}
