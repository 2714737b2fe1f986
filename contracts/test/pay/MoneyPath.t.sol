// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { AttributionVerifier } from "src/pay/AttributionVerifier.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { TilingVerifier } from "src/pay/attribution/TilingVerifier.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { PaidAnswers } from "test/mocks/Economy.sol";
import { ModelTest } from "test/utils/ModelTest.sol";

/// @title MoneyPath_Test
/// @notice The contracts together: a document that was contributed, accepted and published, of which a model was made, is what a proof shows; and what an
///         answer leaves to that model's training weights reaches who contributed.
contract MoneyPath_Test is ModelTest {
    PaidAnswers internal answers;
    AttributionVerifier internal verifier;
    TrainingAccumulator internal accumulator;
    PayoutVault internal vault;

    uint128 internal constant FEE = 1 ether;
    uint128 internal constant DATA_POOL = 0.38 ether;

    function setUp() public override {
        super.setUp();
        answers = new PaidAnswers();
        verifier = new AttributionVerifier(
            new TilingVerifier(answers, models), new EpochVerifier(answers, models, contributions)
        );
        accumulator = new TrainingAccumulator(models, contributors);
        vault = new PayoutVault(ISettlement(ALICE), contributors, accumulator);
    }

    /// @dev A sealed answer, of which all goes to the training weights, as a leaf R.
    function _answer(uint64 _modelVersion) internal view returns (bytes memory leaf_) {
        return abi.encodePacked(
            "R", uint64(0), _modelVersion, BOB, FEE, uint32(5), uint32(6), uint8(0), bytes32(0), bytes32(0), uint32(9)
        );
    }

    function _leaf(bytes memory _encoded) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", _encoded));
    }

    /// @dev That a leaf is the only one of its tree.
    function _alone() internal pure returns (bytes memory proof_) {
        return abi.encodePacked(uint64(0), uint64(1));
    }

    /// @dev An epoch of the answer with some data pool, and the proof that it is wrong.
    function _epoch(
        bytes memory _of,
        uint128 _dataPool
    ) internal view returns (IAttributionVerifier.Epoch memory epoch_, bytes memory proof_) {
        bytes memory row = abi.encodePacked("A", uint64(0), Trees.sumRoot(0, 0, 0), uint32(0), _dataPool);
        epoch_.end = 1;
        epoch_.cutAt = uint64(block.timestamp);
        epoch_.answersRoot = Trees.root(1, _leaf(row));
        Proofs.AnswerProof memory proof = Proofs.AnswerProof(Proofs.AnswerOpening(_of, row, _alone()));
        proof_ = bytes.concat(hex"60", abi.encode(proof));
    }

    function test_verify_termsOfTheRegister_succeeds() public {
        bytes memory answer = _answer(_publish(_base()));
        answers.set(0, _leaf(answer), 0);
        (IAttributionVerifier.Epoch memory epoch, bytes memory proof) = _epoch(answer, DATA_POOL + 1);
        vm.assertEq(verifier.verify(epoch, proof), 6);
        (epoch, proof) = _epoch(answer, DATA_POOL);
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NoFault.selector);
        verifier.verify(epoch, proof);
        // Of an answer that nobody paid nothing is shown.
        answers.set(0, 0, 0);
        (epoch, proof) = _epoch(answer, DATA_POOL + 1);
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NotShown.selector);
        verifier.verify(epoch, proof);
    }

    /// @dev From what an epoch leaves for the model version to the account of who contributed.
    function test_feed_throughTheWeights_succeeds() public {
        uint64 modelVersion = _publish(_base());
        bytes memory model = abi.encodePacked("M", modelVersion, DATA_POOL, bytes32("gifts"));
        vm.prank(ALICE);
        vault.settle{ value: DATA_POOL }(0, Trees.sumRoot(0, 0, 0), Trees.sumRoot(1, _leaf(model), DATA_POOL));
        vault.feed(0, model, _alone());
        vm.assertEq(address(vault).balance, 0);
        uint256 before = CAROL.balance;
        uint256 paid = accumulator.claim(modelVersion, WEIGHT, _alone());
        vm.assertEq(CAROL.balance, before + paid);
        // To the wei: the rest is carried.
        (, uint128 carry) = accumulator.accumulatorOf(modelVersion);
        vm.assertEq(paid + carry, DATA_POOL);
        vm.assertLt(carry, 19);
    }
}
