// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionProofs } from "interfaces/datanet/IAdmissionProofs.sol";
import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Admission_Prove_Test
/// @notice How a proof is shown, and what is wrong with documents by themselves. What is stated is one document short of everything that is right.
contract Admission_Prove_Test is AdmissionTest {
    uint32 internal commitSeq;
    uint64 internal seq;

    bytes4 internal constant NO_FAULT = IAdmissionProofs.Admission_NoFault.selector;
    bytes4 internal constant NOT_SHOWN = IAdmissionStatements.Admission_NotShown.selector;
    bytes4 internal constant ENCODING = IAdmissionStatements.Admission_Encoding.selector;
    bytes4 internal constant OTHER = IAdmissionStatements.Admission_Other.selector;

    function setUp() public override {
        super.setUp();
        for (uint32 k; k < 3; ++k) {
            _write(_original(Texts.words(k, 40 + k), 1, k));
        }
        commitSeq = _contribute(ALICE);
        seq = uint64(commitSeq) << 32;
    }

    /// @dev The first document, whose leaf says something else.
    function _mutated() internal view returns (Texts.Document memory of_) {
        return _documents[commitSeq][0];
    }

    /// @dev A statement with a wrong contributor, and its proof.
    function _wrong() internal returns (bytes memory proof_) {
        Texts.Document memory of_ = _mutated();
        of_.contributor = 1;
        _restate(commitSeq, of_);
        _begin(commitSeq);
        return _leafProof(seq);
    }

    /// @dev Half of the bond is the prover's; the other half is nobody's any more.
    function test_prove_bond_succeeds() public {
        bytes memory proof = _wrong();
        bytes32 hash = admission.proofHash(commitSeq, CAROL, proof, "salt");
        vm.expectEmit();
        emit IAdmissionProofs.ProofCommitted(hash);
        admission.commitProof(hash);
        vm.roll(block.number + 1);
        vm.expectEmit();
        emit IContributionRegistry.Expelled(commitSeq, BOND / 2, BOND / 2);
        vm.expectEmit();
        emit IAdmissionProofs.Refuted(commitSeq, 2, CAROL, BOND / 2);
        vm.prank(CAROL);
        vm.assertTrue(admission.prove(commitSeq, proof, "salt"));
        vm.assertEq(admission.creditOf(CAROL), BOND / 2);
        vm.assertEq(address(admission).balance, BOND / 2);
        vm.assertEq(address(contributions).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, commitSeq));
        vm.prank(CAROL);
        admission.prove(commitSeq, proof, "salt");
        uint256 before = CAROL.balance;
        admission.withdraw(CAROL);
        vm.assertEq(CAROL.balance, before + BOND / 2);
    }

    /// @dev Who sees a proof and copies it has committed to nothing, or too late; and what another committed to is not theirs.
    function test_prove_copied_reverts() public {
        bytes memory proof = _wrong();
        admission.commitProof(admission.proofHash(commitSeq, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        // Bob sees the transaction and is first.
        admission.commitProof(admission.proofHash(commitSeq, BOB, proof, "mine"));
        vm.startPrank(BOB);
        vm.expectRevert(IAdmissionProofs.Admission_NotCommitted.selector);
        admission.prove(commitSeq, proof, "mine");
        vm.expectRevert(IAdmissionProofs.Admission_NotCommitted.selector);
        admission.prove(commitSeq, proof, "salt");
        vm.stopPrank();
        // Committing to the same hash again does not put anybody off.
        admission.commitProof(admission.proofHash(commitSeq, CAROL, proof, "salt"));
        vm.prank(CAROL);
        admission.prove(commitSeq, proof, "salt");
        vm.assertEq(admission.creditOf(BOB), 0);
    }

    /// @dev A proof names one contribution, on one chain, in one contract.
    function test_proofHash_everywhere_succeeds() public {
        bytes32 hash = admission.proofHash(commitSeq, CAROL, "proof", "salt");
        vm.assertTrue(hash != admission.proofHash(commitSeq + 1, CAROL, "proof", "salt"));
        vm.assertTrue(hash != admission.proofHash(commitSeq, BOB, "proof", "salt"));
        vm.chainId(5);
        vm.assertTrue(hash != admission.proofHash(commitSeq, CAROL, "proof", "salt"));
    }

    /// @dev From the beginning to the end of the time of admission, of what a Datanet does not have.
    function test_prove_time_reverts() public {
        bytes memory proof = _wrong();
        (uint64 from, uint64 until) = contributions.admissionOf(commitSeq);
        admission.commitProof(admission.proofHash(commitSeq, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        vm.startPrank(CAROL);
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooEarly.selector, from));
        admission.prove(commitSeq, proof, "salt");
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_TooLate.selector, until));
        admission.prove(commitSeq, proof, "salt");
        vm.warp(until - 1);
        uint256 state = vm.snapshotState();
        admission.prove(commitSeq, proof, "salt");
        vm.revertToState(state);
        vm.stopPrank();
        vm.warp(until);
        _accept(commitSeq);
        vm.expectRevert(abi.encodeWithSelector(IAdmissionStatements.Admission_NotStanding.selector, commitSeq));
        vm.prank(CAROL);
        admission.prove(commitSeq, proof, "salt");
    }

    /// @dev Whoever challenges themselves loses half of the bond.
    function test_prove_oneself_loses() public {
        bytes memory proof = _wrong();
        uint256 before = ALICE.balance;
        _prove(ALICE, commitSeq, proof);
        admission.withdraw(ALICE);
        vm.assertEq(ALICE.balance, before + BOND / 2);
    }

    /// @dev What is stated anew is another statement, of which the old proof shows nothing; but it is judged for as long, and cannot be replaced meanwhile.
    function test_prove_restatedToDodge_succeeds() public {
        bytes memory proof = _wrong();
        admission.commitProof(admission.proofHash(commitSeq, CAROL, proof, "salt"));
        vm.roll(block.number + 1);
        Texts.Document memory of_ = _mutated();
        of_.contributor = 7;
        _restate(commitSeq, of_);
        vm.prank(CAROL);
        vm.expectRevert(NOT_SHOWN);
        admission.prove(commitSeq, proof, "salt");
        (, uint64 until) = contributions.admissionOf(commitSeq);
        vm.assertEq(until, block.timestamp + TIME);
        bytes memory judged = abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Judged.selector, until);
        vm.prank(ALICE);
        vm.expectRevert(judged);
        contributions.restate(commitSeq, "more");
        _prove(CAROL, commitSeq, _leafProof(seq));
        vm.assertEq(admission.creditOf(CAROL), BOND / 2);
    }

    /// @dev Nothing of what is right is wrong.
    function test_refute_right_reverts() public {
        _holdsNot(commitSeq, _countProof(commitSeq), NO_FAULT);
        for (uint64 k; k < 3; ++k) {
            _holdsNot(commitSeq, _leafProof(seq | k), NO_FAULT);
            _holdsNot(commitSeq, _contentProof(seq | k), NO_FAULT);
            _holdsNot(commitSeq, _sketchProof(seq | k), NO_FAULT);
            _holdsNot(commitSeq, _goneProof(seq | k), NO_FAULT);
        }
    }

    function test_refute_kind_reverts() public {
        _holdsNot(commitSeq, "", IAdmissionProofs.Admission_Kind.selector);
        _holdsNot(commitSeq, hex"00", IAdmissionProofs.Admission_Kind.selector);
        _holdsNot(commitSeq, hex"09", IAdmissionProofs.Admission_Kind.selector);
        for (uint8 kind = 1; kind < 9; ++kind) {
            _holdsNot(commitSeq, bytes.concat(bytes1(kind)), ENCODING);
            _holdsNot(commitSeq, bytes.concat(bytes1(kind), abi.encode(33, 0)), kind == 1 ? NOT_SHOWN : ENCODING);
        }
        _holdsNot(commitSeq, bytes.concat(hex"01", abi.encode(3, 0, 0)), ENCODING);
        _holdsNot(commitSeq, bytes.concat(hex"01", abi.encode(1 << 64, 0)), ENCODING);
    }

    /// @dev 1: more leaves than documents, fewer, and none.
    function test_count_succeeds() public {
        bytes memory more = Texts.leaf(_original(Texts.words(9, 9), 1, 3));
        _stated[commitSeq].push(more);
        _restate(commitSeq);
        _holds(commitSeq, _countProof(commitSeq), true);
        _stated[commitSeq].pop();
        _stated[commitSeq].pop();
        _holdsNot(commitSeq, _countProof(commitSeq), NOT_SHOWN);
        _restate(commitSeq);
        _holds(commitSeq, _countProof(commitSeq), true);
        delete _stated[commitSeq];
        _restate(commitSeq);
        _holds(commitSeq, _countProof(commitSeq), true);
    }

    /// @dev 2: of another place, contributor, licence or kind, an original that says how much of it stands elsewhere, or what is no leaf.
    function test_leaf_succeeds() public {
        for (uint256 k; k < 7; ++k) {
            uint256 state = vm.snapshotState();
            Texts.Document memory of_ = _mutated();
            if (k == 0) (of_.seq, of_.parentSeq, of_.rootSeq) = (seq + 1, seq + 1, seq + 1);
            if (k == 1) of_.contributor = 1;
            if (k == 2) of_.licence = 1;
            if (k == 3) of_.licence = 0;
            if (k == 4) of_.kind = 1;
            if (k == 5) of_.containBps = 1;
            if (k == 6) of_.containBps = 1_499;
            _stated[commitSeq][0] = Texts.leaf(of_);
            _restate(commitSeq);
            _holds(commitSeq, _leafProof(seq), true);
            _holdsNot(commitSeq, _leafProof(seq | 1), NO_FAULT);
            vm.revertToState(state);
        }
    }

    function test_leaf_noLeaf_succeeds() public {
        bytes memory leaf = _stated[commitSeq][1];
        bytes[5] memory wrong = [bytes(""), bytes("D"), leaf, leaf, bytes.concat(leaf, hex"00")];
        wrong[2] = Texts.cut(leaf, 0, 149);
        wrong[3][17] = hex"08";
        for (uint256 k; k < 5; ++k) {
            _stated[commitSeq][1] = wrong[k];
            _restate(commitSeq);
            _holds(commitSeq, _leafProof(seq | 1), true);
            // Nothing else is shown by it.
            _holdsNot(commitSeq, _contentProof(seq | 1), ENCODING);
            _holdsNot(commitSeq, _goneProof(seq | 1), ENCODING);
        }
    }

    /// @dev A leaf of one root shows nothing of another.
    function test_refute_otherRoot_reverts() public {
        _stated[commitSeq][2] = _stated[commitSeq][1];
        bytes[3] memory proofs = [_leafProof(seq | 2), _contentProof(seq | 2), _sketchProof(seq | 2)];
        for (uint256 k; k < 3; ++k) {
            _holdsNot(commitSeq, proofs[k], NOT_SHOWN);
        }
    }

    /// @dev The licence is the contribution's own where it has one, and changes with its Datanet where it has none.
    function test_leaf_licence_succeeds() public {
        _holdsNot(commitSeq, _leafProof(seq), NO_FAULT);
        bytes32 root = contributions.recordOf(commitSeq).batchRoot;
        vm.prank(ALICE);
        contributions.redirect(commitSeq, 1, root);
        _holds(commitSeq, _leafProof(seq), true);
        for (uint32 k; k < 3; ++k) {
            Texts.Document memory of_ = _documents[commitSeq][k];
            of_.licence = 1;
            _stated[commitSeq][k] = Texts.leaf(of_);
        }
        root = Texts.root(_stated[commitSeq]);
        vm.prank(ALICE);
        contributions.redirect(commitSeq, 1, root);
        _holdsNot(commitSeq, _leafProof(seq), NO_FAULT);
    }

    /// @dev An own licence is what the leaves say, wherever they go.
    function test_leaf_ownLicence_succeeds() public {
        Texts.Document memory of_ = _original(Texts.words(50, 40), _next(), 0);
        of_.licence = 1;
        _write(of_);
        IContributionRegistry.Batch memory batch = _batch(_next(), 0);
        batch.licence = 1;
        bytes32 hash = contributions.commitHashOf(ALICE, batch, CID, "salt");
        bytes32 root = Texts.root(_stated[_next()]);
        vm.startPrank(ALICE);
        uint32 own = contributions.commit(hash);
        contributions.reveal{ value: BOND }(own, batch, CID, "salt", root);
        vm.stopPrank();
        _holdsNot(own, _leafProof(uint64(own) << 32), NO_FAULT);
        of_.licence = 2;
        _restate(own, of_);
        _holds(own, _leafProof(uint64(own) << 32), true);
    }

    /// @dev 3: who learned another's words says that they were in an earlier commit, whose content nobody knows.
    function test_content_takenIn_succeeds() public {
        bytes memory theirs = Texts.words(77, 60);
        _write(_original(theirs, _next(), 0));
        uint32 victim = _contribute(BOB);
        Texts.Document memory of_ = _original(theirs, commitSeq, 1);
        _restate(commitSeq, of_);
        _holds(commitSeq, _contentProof(seq | 1), true);
        // What is in the others is what was committed to.
        _holdsNot(commitSeq, _contentProof(seq), NO_FAULT);
        AdmissionParts.ContentProof memory proof = AdmissionParts.ContentProof(_placed(seq | 1), _content(seq));
        _holdsNot(commitSeq, bytes.concat(hex"03", abi.encode(proof)), OTHER);
        proof.content.content = Texts.contentOf(of_);
        _holdsNot(commitSeq, bytes.concat(hex"03", abi.encode(proof)), NOT_SHOWN);
        vm.assertGt(victim, commitSeq);
    }

    /// @dev 3: what was committed to are other bytes than a leaf, or those of more documents than there are.
    function test_content_wrongTree_succeeds() public {
        uint32 next = _next();
        _write(_original(Texts.words(60, 40), next, 0));
        _contents[next][0] = "anything";
        _contribute(ALICE);
        _holds(next, _contentProof(uint64(next) << 32), true);
        next = _next();
        _write(_original(Texts.words(61, 40), next, 0));
        _contents[next].push("more");
        _contribute(ALICE);
        AdmissionParts.ContentProof memory proof =
            AdmissionParts.ContentProof(_placed(uint64(next) << 32), _content(uint64(next) << 32 | 1));
        _holds(next, bytes.concat(hex"03", abi.encode(proof)), true);
        _holds(next, _contentProof(uint64(next) << 32), true);
    }

    /// @dev 4: the sketch is not that of the words; of documents of any length.
    function test_sketch_succeeds() public {
        uint16[5] memory lengths = [uint16(1), 3, 32, 33, 200];
        for (uint256 k; k < 5; ++k) {
            uint32 next = _next();
            Texts.Document memory of_ = _original(Texts.words(80 + k, lengths[k]), next, 0);
            of_.sketchHash = Texts.sketchHash(Texts.sketch(Texts.words(80 + k, lengths[k] + 8)));
            _write(of_);
            _write(_original(Texts.words(80 + k, lengths[k]), next, 1));
            _contribute(ALICE);
            _holds(next, _sketchProof(uint64(next) << 32), true);
            _holdsNot(next, _sketchProof(uint64(next) << 32 | 1), NO_FAULT);
        }
    }

    /// @dev All of its chunks, each at its place, of its own text.
    function test_sketch_chunks_reverts() public {
        Texts.Document memory of_ = _original(Texts.words(90, 100), 2, 0);
        of_.sketchHash = "another";
        _write(of_);
        _contribute(ALICE);
        AdmissionParts.SketchProof memory proof = AdmissionParts.SketchProof(_placed(2 << 32), _chunkOpenings(2 << 32));
        _holds(2, bytes.concat(hex"04", abi.encode(proof)), true);
        Proofs.ChunkOpening memory first = proof.chunks[0];
        proof.chunks[0] = proof.chunks[1];
        _holdsNot(2, bytes.concat(hex"04", abi.encode(proof)), NOT_SHOWN);
        proof.chunks[0] = Proofs.ChunkOpening(Texts.chunks(Texts.words(91, 100))[0], first.proof);
        _holdsNot(2, bytes.concat(hex"04", abi.encode(proof)), NOT_SHOWN);
        proof.chunks[0] = Proofs.ChunkOpening(first.chunk, hex"00");
        _holdsNot(2, bytes.concat(hex"04", abi.encode(proof)), Trees.Trees_Proof.selector);
        proof.chunks[0] = Proofs.ChunkOpening("no chunk", first.proof);
        _holdsNot(2, bytes.concat(hex"04", abi.encode(proof)), Leaves.Leaves_NoLeaf.selector);
        proof.chunks[0] = first;
        Proofs.ChunkOpening[] memory fewer = new Proofs.ChunkOpening[](3);
        (fewer[0], fewer[1], fewer[2]) = (proof.chunks[0], proof.chunks[1], proof.chunks[2]);
        proof.chunks = fewer;
        _holdsNot(2, bytes.concat(hex"04", abi.encode(proof)), NOT_SHOWN);
    }
}
