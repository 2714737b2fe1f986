// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionProofs } from "interfaces/datanet/IAdmissionProofs.sol";
import { IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Statements } from "src/datanet/admission/Statements.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Sketches } from "src/pay/attribution/Sketches.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Refutations
/// @notice The part of admission that shows documents to be wrong: by themselves, and beside earlier ones.
/// @dev Each proof says whether it costs the bond. What is wrong by itself does. What is wrong beside another contribution does where that one was settled when
///      this one was stated: who states is not answerable for what others did, or brought to light, since.
abstract contract Refutations is Statements, IAdmissionProofs {
    /// @notice Who knows the licences of Datanets.
    IDatanetPolicy public immutable DATANETS;

    constructor(IDatanetPolicy _datanets) {
        DATANETS = _datanets;
    }

    /// @dev Reverts unless the proof shows that something is wrong.
    function _refute(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        bytes calldata _proof
    ) internal view returns (bool costs_) {
        uint8 kind = _proof.length == 0 ? 0 : uint8(_proof[0]);
        if (kind == 1) return _count(_of, _proof);
        if (kind == 0 || kind > 8) revert Admission_Kind();
        uint256 ptr = _body(_proof, 1);
        if (kind == 2) return _leaf(_commitSeq, _of, ptr);
        if (kind == 3) return _content(_of, ptr);
        if (kind == 4) return _sketch(_of, ptr);
        if (kind == 5) return _nearer(_commitSeq, _of, ptr);
        if (kind == 6) return _gone(_commitSeq, _of, ptr);
        if (kind == 7) return _containment(_commitSeq, _of, ptr);
        return _root(_commitSeq, _of, ptr);
    }

    /// @dev Passes when something is wrong.
    function _wrong(bool _is) internal pure {
        if (!_is) revert Admission_NoFault();
    }

    // By themselves

    /// @dev 1: the root is that of another number of leaves.
    function _count(
        IContributionRegistry.Record memory _of,
        bytes calldata _proof
    ) internal pure returns (bool costs_) {
        _encoded(_proof.length == 65 && bytes24(_proof[1:25]) == 0);
        uint64 count = uint64(bytes8(_proof[25:33]));
        _shown(Trees.root(count, bytes32(_proof[33:65])) == _of.batchRoot);
        _wrong(count != _of.documents);
        return true;
    }

    /// @dev 2: a leaf is no D, or not the one of its place, of its contributor, of its licence or of any of its kinds, or says how much of an original
    ///      stands elsewhere.
    function _leaf(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint256 _ptr
    ) internal view returns (bool costs_) {
        AdmissionParts.LeafProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        bytes calldata leaf = proof.document.document;
        Trees.Path memory path = Trees.climb(Trees.leaf(leaf), proof.document.proof);
        _shown(path.root == _of.batchRoot);
        (bool isLeaf, Leaves.Document memory document) = Leaves.tryDocument(leaf);
        bool isRight = isLeaf && document.seq == _seq(_commitSeq, path.index) && document.contributor == _of.contributor
            && document.licence == _licence(_of) && _of.kinds >> document.kind & 1 == 1
            && (document.containBps == 0 || document.containBps >= Leaves.DERIVATIVE_BPS);
        _wrong(!isRight);
        return true;
    }

    /// @dev 3: what is in a document is not what was committed to; or that is of another number of documents.
    function _content(IContributionRegistry.Record memory _of, uint256 _ptr) internal pure returns (bool costs_) {
        AdmissionParts.ContentProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (, uint64 index) = _document(_of, proof.document);
        bytes32 content = Trees.leaf(proof.content.content);
        Trees.Path memory path = Trees.climb(content, proof.content.proof);
        _shown(path.root == _of.contentRoot);
        if (path.count == _of.documents) {
            _same(path.index == index);
            _wrong(content != Leaves.contentOf(proof.document.document));
        }
        return true;
    }

    /// @dev 4: its words have another sketch.
    function _sketch(IContributionRegistry.Record memory _of, uint256 _ptr) internal pure returns (bool costs_) {
        AdmissionParts.SketchProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Document memory document,) = _document(_of, proof.document);
        uint256 chunks = _chunks(document);
        _shown(proof.chunks.length == chunks);
        bytes memory ids = new bytes(16 * uint256(document.words));
        for (uint256 k; k < chunks; ++k) {
            uint256 n = _chunk(document, k, proof.chunks[k]);
            bytes calldata chunk = proof.chunks[k].chunk;
            assembly ("memory-safe") {
                calldatacopy(add(add(ids, 32), mul(512, k)), add(chunk.offset, 38), mul(16, n))
            }
        }
        _wrong(Sketches.hash(Sketches.make(ids)) != document.sketchHash);
        return true;
    }

    // Beside earlier ones

    /// @dev 5: an earlier document has more of it than its parent, or as much and is earlier still.
    function _nearer(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint256 _ptr
    ) internal view returns (bool costs_) {
        AdmissionParts.NearerProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        Leaves.Document memory document = _placed(_commitSeq, _of, proof.document);
        uint32 commitSeq = proof.commitSeq;
        IContributionRegistry.Record memory earlier;
        (earlier, costs_) = _earlier(_commitSeq, _of, commitSeq);
        if (commitSeq != _commitSeq) _checkCounts(commitSeq, earlier);
        (bytes32 sketchHash, uint64 index) = _contentOf(earlier, proof.earlier);
        uint64 seq = _seq(commitSeq, index);
        _same(seq < document.seq);
        uint256 bps = _contained(proof.sketch, document.sketchHash, proof.earlierSketch, sketchHash);
        bool isNearer = bps > document.containBps || bps == document.containBps && seq < document.parentSeq;
        _wrong(bps >= Leaves.DERIVATIVE_BPS && isNearer);
    }

    /// @dev 6: its parent is not there, or its contribution is out of date, so that nobody knows what its root is.
    function _gone(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint256 _ptr
    ) internal view returns (bool costs_) {
        AdmissionParts.GoneProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        uint64 parent = _derived(_commitSeq, _of, proof.document).parentSeq;
        uint32 commitSeq = uint32(parent >> 32);
        // Nobody has the place zero.
        if (commitSeq == 0) return true;
        IContributionRegistry.Record memory earlier;
        (earlier, costs_) = _earlier(_commitSeq, _of, commitSeq);
        // Of a commit that is void there are no documents.
        bool isGone = uint32(parent) >= earlier.documents || earlier.expelledAt != 0;
        _wrong(isGone || commitSeq != _commitSeq && _statement(commitSeq, earlier).outdatedAt != 0);
    }

    /// @dev 7: its parent has another part of it than it says.
    function _containment(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint256 _ptr
    ) internal view returns (bool costs_) {
        AdmissionParts.ContainmentProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        Leaves.Document memory document = _derived(_commitSeq, _of, proof.document);
        uint32 commitSeq = uint32(document.parentSeq >> 32);
        IContributionRegistry.Record memory earlier;
        (earlier, costs_) = _earlier(_commitSeq, _of, commitSeq);
        if (commitSeq != _commitSeq) _checkCounts(commitSeq, earlier);
        (bytes32 sketchHash, uint64 index) = _contentOf(earlier, proof.parent);
        _same(index == uint32(document.parentSeq));
        uint256 bps = _contained(proof.sketch, document.sketchHash, proof.parentSketch, sketchHash);
        _wrong(bps != document.containBps);
    }

    /// @dev 8: its parent has another root.
    function _root(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint256 _ptr
    ) internal view returns (bool costs_) {
        AdmissionParts.RootProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        Leaves.Document memory document = _derived(_commitSeq, _of, proof.document);
        uint32 commitSeq = uint32(document.parentSeq >> 32);
        IContributionRegistry.Record memory earlier;
        (earlier, costs_) = _earlier(_commitSeq, _of, commitSeq);
        // Of what is out of date nothing follows.
        _shown(commitSeq == _commitSeq || _statement(commitSeq, earlier).outdatedAt == 0);
        Leaves.Document memory parent = _placed(commitSeq, earlier, proof.parent);
        _same(parent.seq == document.parentSeq);
        _wrong(parent.rootSeq != document.rootSeq);
    }

    /// @dev What the chain knows of the contribution of an earlier document, and whether that was settled when this one was stated.
    function _earlier(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        uint32 _other
    ) internal view returns (IContributionRegistry.Record memory record_, bool wasSettled_) {
        if (_other == _commitSeq) return (_of, true);
        _same(_other < _commitSeq);
        record_ = CONTRIBUTIONS.recordOf(_other);
        uint64 settled = record_.committedAt + CONTRIBUTIONS.REVEAL_WINDOW();
        if (record_.revealedAt != 0) {
            if (record_.statedAt > settled) settled = record_.statedAt;
            if (record_.expelledAt != 0) settled = record_.expelledAt;
            else if (!_isClear(_other, record_)) return (record_, false);
            settled += CONTRIBUTIONS.ADMISSION_TIME();
        }
        wasSettled_ = settled <= _of.statedAt;
    }

    /// @dev Passes when the documents of another contribution count: it was not expelled, and is not out of date for so long that its contributor has
    ///      given up.
    function _checkCounts(uint32 _other, IContributionRegistry.Record memory _of) internal view {
        uint64 outdatedAt = _statement(_other, _of).outdatedAt;
        bool isLeft = outdatedAt != 0 && block.timestamp >= outdatedAt + CONTRIBUTIONS.ADMISSION_TIME();
        _shown(_of.expelledAt == 0 && !isLeft);
    }

    // What is opened

    /// @dev A document that stands where it says; of a contribution that was not expelled.
    function _placed(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        AdmissionParts.Placed calldata _opening
    ) internal pure returns (Leaves.Document memory document_) {
        uint64 index;
        (document_, index) = _document(_of, _opening);
        _shown(_of.expelledAt == 0);
        _same(document_.seq == _seq(_commitSeq, index));
    }

    /// @dev One that has a parent.
    function _derived(
        uint32 _commitSeq,
        IContributionRegistry.Record memory _of,
        AdmissionParts.Placed calldata _opening
    ) internal pure returns (Leaves.Document memory document_) {
        document_ = _placed(_commitSeq, _of, _opening);
        _wrong(document_.containBps >= Leaves.DERIVATIVE_BPS);
    }

    /// @dev What a document says of its sketch, whatever is stated of it now.
    function _contentOf(
        IContributionRegistry.Record memory _of,
        AdmissionParts.Content calldata _opening
    ) internal pure returns (bytes32 sketchHash_, uint64 index_) {
        bool isLeaf;
        (isLeaf, sketchHash_) = Leaves.tryContent(_opening.content);
        _encoded(isLeaf);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.content), _opening.proof);
        _shown(path.root == _of.contentRoot && path.count == _of.documents);
        return (sketchHash_, path.index);
    }

    /// @dev How much of one sketch stands in the other.
    function _contained(
        bytes calldata _one,
        bytes32 _oneHash,
        bytes calldata _other,
        bytes32 _otherHash
    ) internal pure returns (uint256 bps_) {
        _shown(Sketches.hash(_one) == _oneHash && Sketches.hash(_other) == _otherHash);
        Sketches.check(_one);
        Sketches.check(_other);
        return Sketches.containment(_one, _other);
    }

    /// @dev The licence that its documents have.
    function _licence(IContributionRegistry.Record memory _of) internal view returns (uint32 licence_) {
        return _of.licence == 0 ? DATANETS.licenceOf(_of.datanet) : _of.licence;
    }

    function _seq(uint32 _commitSeq, uint64 _index) internal pure returns (uint64 seq_) {
        return uint64(_commitSeq) << 32 | _index;
    }
}
