// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { Admission } from "src/datanet/Admission.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { DatanetRegistry } from "src/datanet/DatanetRegistry.sol";
import { LicenseRegistry } from "src/datanet/LicenseRegistry.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Test } from "test/utils/Test.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Judgement
/// @notice Admission, which says of any proof at any time what it would say.
contract Judgement is Admission {
    constructor(
        IContributionRegistry _contributions,
        DatanetRegistry _datanets,
        uint128 _demandFee
    ) Admission(_contributions, _datanets, _demandFee) { }

    function refute(uint32 _commitSeq, bytes calldata _proof) external view returns (bool costs_) {
        return _refute(_commitSeq, CONTRIBUTIONS.recordOf(_commitSeq), _proof);
    }
}

/// @title AdmissionTest
/// @notice Contributions of Alice's and Bob's, who are contributors 0 and 1, to a Datanet of Alice's with licence 2, and all their documents. Carol judges.
abstract contract AdmissionTest is Test {
    ContributorRegistry internal contributors;
    LicenseRegistry internal licences;
    ContributionRegistry internal contributions;
    DatanetRegistry internal datanets;
    Judgement internal admission;

    address internal immutable CAROL = _account("carol");

    uint64 internal constant START = 1_000_000;
    uint64 internal constant WINDOW = 36 hours;
    uint64 internal constant TIME = 3 days;
    uint64 internal constant THIRD = 1 days;
    uint128 internal constant FEE = 1 ether;

    /// @dev In wei for a byte, of which a contribution has 1,000.
    uint128 internal constant PER_BYTE = 0.01 ether;
    uint256 internal constant BOND = 10 ether;
    bytes internal constant CID = hex"0155122000000000000000000000000000000000000000000000000000000000000000aa";

    /// @dev Of each contribution its documents, and how they stand in their trees.
    mapping(uint32 commitSeq => Texts.Document[]) internal _documents;
    mapping(uint32 commitSeq => bytes[]) internal _contents;
    mapping(uint32 commitSeq => bytes[]) internal _stated;

    function setUp() public virtual {
        contributors = new ContributorRegistry();
        licences = new LicenseRegistry();
        licences.add("train", 1, "");
        licences.add("train and derive", 9, "");
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        address last = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        contributions = new ContributionRegistry(
            contributors,
            licences,
            DatanetRegistry(next),
            Admission(payable(last)),
            ContributionRegistry.Parameters(WINDOW, TIME, 30 days, PER_BYTE)
        );
        datanets = new DatanetRegistry(contributions, licences, 1 days);
        admission = new Judgement(contributions, datanets, FEE);
        vm.prank(ALICE);
        contributors.register(ALICE);
        vm.prank(BOB);
        contributors.register(BOB);
        IDatanetRegistry.Config memory config;
        (config.domain, config.licence, config.isOpen) = ("cooking", 2, true);
        vm.startPrank(ALICE);
        datanets.create(config);
        config.licence = 1;
        datanets.create(config);
        vm.stopPrank();
        vm.warp(START);
        vm.roll(100);
    }

    // Documents

    /// @dev An original with these words, of a contribution that is to have this place.
    function _original(
        bytes memory _ids,
        uint32 _commitSeq,
        uint32 _index
    ) internal pure returns (Texts.Document memory of_) {
        uint64 seq = uint64(_commitSeq) << 32 | _index;
        of_ = Texts.Document(seq, 0, 0, _ids, Texts.sketchHash(Texts.sketch(_ids)), seq, seq, 0, 2);
    }

    /// @dev The same with a parent, whose root is its root.
    function _derived(
        bytes memory _ids,
        uint32 _commitSeq,
        uint32 _index,
        Texts.Document memory _parent
    ) internal pure returns (Texts.Document memory of_) {
        of_ = _original(_ids, _commitSeq, _index);
        (of_.parentSeq, of_.rootSeq) = (_parent.seq, _parent.rootSeq);
        of_.containBps = Texts.containment(Texts.sketch(_ids), Texts.sketch(_parent.ids));
    }

    function _batch(
        uint32 _commitSeq,
        uint64 _contributor
    ) internal view returns (IContributionRegistry.Batch memory batch_) {
        return IContributionRegistry.Batch({
            contentRoot: Texts.root(_contents[_commitSeq]),
            datanet: 0,
            contributor: _contributor,
            documents: uint32(_documents[_commitSeq].length),
            size: 1_000,
            licence: 0,
            kinds: 1,
            parent: 0,
            isInline: false
        });
    }

    function _next() internal view returns (uint32 commitSeq_) {
        return contributions.commits() + 1;
    }

    /// @dev Says what the next contribution has.
    function _write(Texts.Document memory _of) internal {
        uint32 commitSeq = uint32(_of.seq >> 32);
        _documents[commitSeq].push(_of);
        _contents[commitSeq].push(Texts.contentOf(_of));
        _stated[commitSeq].push(Texts.leaf(_of));
    }

    /// @dev Commits to what was written.
    function _commit(address _who) internal returns (uint32 commitSeq_) {
        commitSeq_ = _next();
        bytes32 hash = contributions.commitHashOf(_who, _batch(commitSeq_, _who == ALICE ? 0 : 1), CID, "salt");
        vm.prank(_who);
        contributions.commit(hash);
    }

    function _reveal(address _who, uint32 _commitSeq) internal {
        IContributionRegistry.Batch memory batch = _batch(_commitSeq, _who == ALICE ? 0 : 1);
        bytes32 root = Texts.root(_stated[_commitSeq]);
        vm.prank(_who);
        contributions.reveal{ value: BOND }(_commitSeq, batch, CID, "salt", root);
    }

    /// @dev Commits to what was written, and reveals it at once.
    function _contribute(address _who) internal returns (uint32 commitSeq_) {
        commitSeq_ = _commit(_who);
        _reveal(_who, commitSeq_);
    }

    /// @dev A contribution of Alice's with one original.
    function _one(uint256 _seed) internal returns (uint32 commitSeq_) {
        _write(_original(Texts.words(_seed, 100), _next(), 0));
        return _contribute(ALICE);
    }

    /// @dev Replaces what is said of a document, and states that.
    function _restate(uint32 _commitSeq, Texts.Document memory _of) internal {
        _stated[_commitSeq][uint32(_of.seq)] = Texts.leaf(_of);
        _documents[_commitSeq][uint32(_of.seq)] = _of;
        _restate(_commitSeq);
    }

    function _restate(uint32 _commitSeq) internal {
        bytes32 root = Texts.root(_stated[_commitSeq]);
        address key = contributors.keyOf(contributions.recordOf(_commitSeq).contributor);
        vm.prank(key);
        contributions.restate(_commitSeq, root);
    }

    /// @dev To the beginning of a contribution's time of admission, and its end.
    function _begin(uint32 _commitSeq) internal {
        (uint64 from,) = contributions.admissionOf(_commitSeq);
        vm.warp(from);
    }

    function _end(uint32 _commitSeq) internal {
        (, uint64 until) = contributions.admissionOf(_commitSeq);
        vm.warp(until);
    }

    function _accept(uint32 _commitSeq) internal {
        bytes32 root = contributions.recordOf(_commitSeq).batchRoot;
        vm.prank(ALICE);
        datanets.accept(0, _commitSeq, root);
    }

    // Parts

    function _placed(uint64 _seq) internal view returns (AdmissionParts.Placed memory placed_) {
        bytes[] storage leaves = _stated[uint32(_seq >> 32)];
        return AdmissionParts.Placed(leaves[uint32(_seq)], Texts.proof(leaves, uint32(_seq)));
    }

    function _content(uint64 _seq) internal view returns (AdmissionParts.Content memory content_) {
        bytes[] storage leaves = _contents[uint32(_seq >> 32)];
        return AdmissionParts.Content(leaves[uint32(_seq)], Texts.proof(leaves, uint32(_seq)));
    }

    function _ids(uint64 _seq) internal view returns (bytes memory ids_) {
        return _documents[uint32(_seq >> 32)][uint32(_seq)].ids;
    }

    function _sketchOf(uint64 _seq) internal view virtual returns (bytes memory sketch_) {
        return Texts.sketch(_ids(_seq));
    }

    function _chunkOpenings(uint64 _seq) internal view returns (Proofs.ChunkOpening[] memory chunks_) {
        bytes[] memory leaves = Texts.chunks(_ids(_seq));
        chunks_ = new Proofs.ChunkOpening[](leaves.length);
        for (uint256 k; k < leaves.length; ++k) {
            chunks_[k] = Proofs.ChunkOpening(leaves[k], Texts.proof(leaves, k));
        }
    }

    // Proofs

    function _countProof(uint32 _commitSeq) internal view returns (bytes memory proof_) {
        bytes[] memory leaves = _stated[_commitSeq];
        return bytes.concat(hex"01", abi.encode(leaves.length, Texts.top(leaves)));
    }

    function _leafProof(uint64 _seq) internal view returns (bytes memory proof_) {
        return bytes.concat(hex"02", abi.encode(AdmissionParts.LeafProof(_placed(_seq))));
    }

    function _contentProof(uint64 _seq) internal view returns (bytes memory proof_) {
        return bytes.concat(hex"03", abi.encode(AdmissionParts.ContentProof(_placed(_seq), _content(_seq))));
    }

    function _sketchProof(uint64 _seq) internal view returns (bytes memory proof_) {
        return bytes.concat(hex"04", abi.encode(AdmissionParts.SketchProof(_placed(_seq), _chunkOpenings(_seq))));
    }

    function _nearerProof(uint64 _seq, uint64 _earlier) internal view returns (bytes memory proof_) {
        AdmissionParts.NearerProof memory proof = AdmissionParts.NearerProof(
            _placed(_seq), _sketchOf(_seq), uint32(_earlier >> 32), _content(_earlier), _sketchOf(_earlier)
        );
        return bytes.concat(hex"05", abi.encode(proof));
    }

    function _goneProof(uint64 _seq) internal view returns (bytes memory proof_) {
        return bytes.concat(hex"06", abi.encode(AdmissionParts.GoneProof(_placed(_seq))));
    }

    function _containmentProof(uint64 _seq, uint64 _parent) internal view returns (bytes memory proof_) {
        AdmissionParts.ContainmentProof memory proof =
            AdmissionParts.ContainmentProof(_placed(_seq), _sketchOf(_seq), _content(_parent), _sketchOf(_parent));
        return bytes.concat(hex"07", abi.encode(proof));
    }

    function _rootProof(uint64 _seq, uint64 _parent) internal view returns (bytes memory proof_) {
        return bytes.concat(hex"08", abi.encode(AdmissionParts.RootProof(_placed(_seq), _placed(_parent))));
    }

    /// @dev Commits to a proof and shows it a block later.
    function _prove(address _who, uint32 _commitSeq, bytes memory _proof) internal returns (bool isExpelled_) {
        admission.commitProof(admission.proofHash(_commitSeq, _who, _proof, "salt"));
        vm.roll(block.number + 1);
        vm.prank(_who);
        return admission.prove(_commitSeq, _proof, "salt");
    }

    /// @dev It would hold, and cost the bond or not.
    function _holds(uint32 _commitSeq, bytes memory _proof, bool _costs) internal view {
        vm.assertEq(admission.refute(_commitSeq, _proof), _costs);
    }

    function _holdsNot(uint32 _commitSeq, bytes memory _proof, bytes4 _because) internal {
        vm.expectRevert(_because);
        admission.refute(_commitSeq, _proof);
    }

    // Demands

    function _demand(
        uint32 _commitSeq,
        IAdmissionDemands.What _what,
        uint32 _index,
        uint8 _chunk
    ) internal view returns (IAdmissionDemands.Demand memory demand_) {
        IContributionRegistry.Record memory record = contributions.recordOf(_commitSeq);
        return IAdmissionDemands.Demand(_commitSeq, record.batchRoot, record.statedAt, _what, _index, _chunk);
    }

    /// @dev The response to a demand.
    function _response(IAdmissionDemands.Demand memory _of) internal view returns (bytes memory response_) {
        uint64 seq = uint64(_of.commitSeq) << 32 | _of.index;
        AdmissionParts.Placed memory placed = _placed(seq);
        if (_of.what == IAdmissionDemands.What.DOCUMENT) {
            return abi.encode(AdmissionParts.DocumentResponse(placed, _content(seq).proof));
        }
        if (_of.what == IAdmissionDemands.What.SKETCH) {
            return abi.encode(AdmissionParts.SketchResponse(placed, _sketchOf(seq)));
        }
        Proofs.ChunkOpening[] memory all = _chunkOpenings(seq);
        Proofs.ChunkOpening[] memory chunk = new Proofs.ChunkOpening[](_of.chunk < all.length ? 1 : 0);
        if (chunk.length == 1) chunk[0] = all[_of.chunk];
        return abi.encode(AdmissionParts.ChunkResponse(placed, chunk));
    }
}
