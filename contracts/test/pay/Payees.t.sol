// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { PaidAnswers } from "test/mocks/Economy.sol";
import { ModelTest } from "test/utils/ModelTest.sol";

/// @title Payees_Test
/// @notice Bob's document was revealed and no Datanet has it. Carol's repeats it, and is the corpus of a model version: an answer is made of her words, and Bob is
///         owed their part, as the registers say.
contract Payees_Test is ModelTest {
    PaidAnswers internal answers;
    EpochVerifier internal verifier;
    IAttributionVerifier.Epoch internal epoch;

    /// @dev Carol's is 0.
    uint64 internal constant BOBS = 1;
    uint128 internal constant POOL = 0.38 ether;

    /// @dev Of a leaf that is alone in its tree.
    bytes internal constant ALONE = hex"00000000000000000000000000000001";

    function setUp() public override {
        super.setUp();
        vm.prank(BOB);
        contributors.register(BOB);
        answers = new PaidAnswers();
        verifier = new EpochVerifier(answers, models, contributions);
    }

    function _leaf(bytes memory _encoded) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", _encoded));
    }

    /// @dev Bob's commit, which he reveals or does not.
    function _original(bool _isRevealed) internal returns (uint32 commitSeq_) {
        IContributionRegistry.Batch memory batch = IContributionRegistry.Batch({
            contentRoot: "content",
            datanet: unwilling,
            contributor: BOBS,
            documents: 1,
            size: 100,
            licence: 0,
            kinds: 1,
            parent: 0,
            isInline: false
        });
        vm.startPrank(BOB);
        commitSeq_ = contributions.commit(contributions.commitHashOf(BOB, batch, CID, "salt"));
        if (_isRevealed) contributions.reveal{ value: 300 }(commitSeq_, batch, CID, "salt", "documents");
        vm.stopPrank();
    }

    /// @dev Carol's document, of which the first of another commit has so much, and a model version of it.
    function _copy(
        uint32 _of,
        uint16 _bps
    ) internal returns (uint64 modelVersion_, uint64 seq_, Proofs.SourceOpening memory source_) {
        uint32 commitSeq = contributions.commits() + 1;
        (uint64 parent, Proofs.DocumentOpening memory opening) = (uint64(_of) << 32, source_.opening);
        seq_ = uint64(commitSeq) << 32;
        opening.document = bytes.concat(
            abi.encodePacked("D", seq_, uint64(0), uint8(0), uint64(0), uint16(8), bytes32("text"), bytes32("sketch")),
            abi.encodePacked(parent, parent, _bps, uint32(0), bytes32(0), bytes4(0))
        );
        bytes32 root = Trees.root(1, _leaf(opening.document));
        uint64 datanet = _version(1, root);
        opening.batch = abi.encodePacked("B", commitSeq, root);
        opening.version = abi.encodePacked("V", datanet, uint32(0), registry.versionRootOf(datanet, 0));
        (opening.inBatch, opening.inVersion, source_.inCorpus) = (ALONE, ALONE, ALONE);
        modelVersion_ = _publish(_publication(IModelRegistry.Kind.BASE, new uint64[](0), datanet));
    }

    /// @dev An epoch of one answer of eight words of Carol's document. What they bring by a hop is in one contributor's row alone.
    function _paidTo(
        uint64 _payee,
        uint32 _original,
        uint16 _bps,
        uint8 _hop
    ) internal returns (Proofs.PartProof memory proof_) {
        (uint64 modelVersion, uint64 seq, Proofs.SourceOpening memory source) = _copy(_original, _bps);
        proof_.part.source = source;
        proof_.part.hop = _hop;
        proof_.part.answer.answer = bytes.concat(
            abi.encodePacked("R", uint64(0), modelVersion, ALICE, uint128(1 ether), uint32(1), uint32(8), uint8(1)),
            abi.encodePacked(keccak256(hex"05"), bytes32("output"), uint32(8))
        );
        answers.set(0, _leaf(proof_.part.answer.answer), 1);
        proof_.part.tile =
            Proofs.TileOpening(abi.encodePacked("T", uint32(0), uint8(8), uint8(0), seq, uint16(0)), ALONE);
        bytes32 tiling = Trees.sumRoot(1, _leaf(proof_.part.tile.tile), uint128(8) << 64 | 8);
        proof_.part.answer.row = abi.encodePacked("A", uint64(0), tiling, uint32(1), POOL);
        proof_.part.answer.proof = ALONE;
        uint128 amount = _hop == 0 ? POOL : POOL * _bps / 10_000;
        proof_.earning = Proofs.RowOpening(abi.encodePacked("E", uint64(0), uint32(0), _hop, amount), ALONE);
        (epoch.end, epoch.cutAt, epoch.contributors) = (1, 1, 2);
        epoch.answersRoot = Trees.root(1, _leaf(proof_.part.answer.row));
        bytes memory row = _row(_payee, amount, Trees.sumRoot(1, _leaf(proof_.earning.row), amount));
        proof_.payout = _rows(row, _payee, amount);
    }

    function _row(uint64 _of, uint128 _earned, bytes32 _root) internal pure returns (bytes memory row_) {
        return abi.encodePacked("P", _of, _earned, _earned, _root);
    }

    /// @dev The row of who has earned nothing.
    function _none(uint64 _of) internal pure returns (bytes memory row_) {
        return _row(_of, 0, Trees.sumRoot(0, 0, 0));
    }

    /// @dev Puts the rows of the two into the epoch, of which one has all, and opens this one.
    function _rows(
        bytes memory _of,
        uint64 _whose,
        uint128 _earned
    ) internal returns (Proofs.RowOpening memory opening_) {
        (bytes32 its, bytes32 other) = (_leaf(_of), _leaf(_none(1 - _whose)));
        bytes32 top = _whose == 0 ? Trees.sumNode(its, _earned, other, 0) : Trees.sumNode(other, 0, its, _earned);
        epoch.payoutRoot = Trees.sumRoot(2, top, _earned);
        return Proofs.RowOpening(_of, abi.encodePacked(_whose, uint64(2), other, uint128(0)));
    }

    function _encoded(Proofs.PartProof memory _of) internal pure returns (bytes memory proof_) {
        return bytes.concat(hex"90", abi.encode(_of));
    }

    /// @dev That the row of who has nothing lacks what the proof's part is.
    function _missing(
        Proofs.PartProof memory _of,
        uint64 _whose,
        uint128 _others
    ) internal pure returns (bytes memory proof_) {
        Proofs.MissingProof memory proof;
        bytes memory place = abi.encodePacked(_whose, uint64(2), _leaf(_of.payout.row), _others);
        (proof.payout, proof.part) = (Proofs.RowOpening(_none(_whose), place), _of.part);
        return bytes.concat(hex"80", abi.encode(proof));
    }

    /// @dev All of what is held is the root's, and a derivative's part the parent's, which no Datanet has.
    function test_verify_notAccepted_succeeds() external {
        uint16[4] memory bands = [uint16(1_500), 3_999, 4_000, 10_000];
        for (uint256 k; k < bands.length; ++k) {
            uint8 hop = k < 2 ? 1 : 0;
            Proofs.PartProof memory proof = _paidTo(0, _original(true), bands[k], hop);
            uint128 paid = hop == 0 ? POOL : POOL * bands[k] / 10_000;
            vm.assertEq(verifier.verify(epoch, _encoded(proof)), 9);
            vm.assertEq(verifier.verify(epoch, _missing(proof, BOBS, paid)), 8);
        }
    }

    /// @dev Who pays the right one is not at fault.
    function test_verify_rightPayee_reverts() external {
        Proofs.PartProof memory proof = _paidTo(BOBS, _original(true), 10_000, 0);
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NoFault.selector);
        verifier.verify(epoch, _encoded(proof));
        // To Carol nothing is owed.
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_Other.selector);
        verifier.verify(epoch, _missing(proof, 0, POOL));
    }

    /// @dev Of what nobody revealed, or committed to, nothing is shown, whoever is paid.
    function test_verify_unknownContribution_reverts() external {
        for (uint64 payee; payee < 2; ++payee) {
            for (uint256 k; k < 2; ++k) {
                uint32 commitSeq = k == 0 ? 0 : _original(false);
                Proofs.PartProof memory proof = _paidTo(payee, commitSeq, 10_000, 0);
                bytes memory unknown =
                    abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, commitSeq);
                vm.expectRevert(unknown);
                verifier.verify(epoch, _encoded(proof));
                vm.expectRevert(unknown);
                verifier.verify(epoch, _missing(proof, 1 - payee, POOL));
            }
        }
    }
}
