// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title Openings
/// @notice What proofs of faults and responses to demands are made of: things that are shown to be in their trees, or known to the chain.
abstract contract Openings {
    /// @notice Who knows which answers were paid and published.
    IPaidAnswers public immutable PAID_ANSWERS;

    /// @notice Who knows terms, corpus and boilerplate of a model version.
    IModelFacts public immutable MODELS;

    /// @dev Words that are asked for, and where they are collected.
    struct Cut {
        uint256 start;
        uint256 stop;
        bytes ids;
    }

    /// @dev Words of a text that its leaf says nothing of.
    uint256 internal constant ANY = type(uint256).max;

    constructor(IPaidAnswers _paidAnswers, IModelFacts _models) {
        PAID_ANSWERS = _paidAnswers;
        MODELS = _models;
    }

    /// @dev Passes when something is wrong.
    function _wrong(bool _is) internal pure {
        if (!_is) revert IAttributionVerifier.AttributionVerifier_NoFault();
    }

    /// @dev Passes when the parts of a proof belong together.
    function _same(bool _is) internal pure {
        if (!_is) revert IAttributionVerifier.AttributionVerifier_Other();
    }

    /// @dev Passes when something is shown.
    function _shown(bool _is) internal pure {
        if (!_is) revert IAttributionVerifier.AttributionVerifier_NotShown();
    }

    /// @dev Passes when bytes are what they should be.
    function _encoded(bool _is) internal pure {
        if (!_is) revert IAttributionVerifier.AttributionVerifier_Encoding();
    }

    /// @dev Where the struct behind the kind's byte begins. Its members are read where they stand, and Solidity checks that each of them is
    ///      within the call's data.
    function _body(bytes calldata _proof) internal pure returns (uint256 ptr_) {
        _encoded(_proof.length >= 33 && bytes32(_proof[1:33]) == bytes32(uint256(32)));
        assembly ("memory-safe") {
            ptr_ := add(_proof.offset, 33)
        }
    }

    function _answer(
        IAttributionVerifier.Epoch calldata _epoch,
        Proofs.AnswerOpening calldata _opening
    ) internal view returns (Leaves.Answer memory answer_, Leaves.AnswerRow memory row_) {
        answer_ = Leaves.answer(_opening.answer);
        _shown(PAID_ANSWERS.paidOf(answer_.i) == Trees.leaf(_opening.answer));
        bool isLeaf;
        (isLeaf, row_) = Leaves.tryRow(_opening.row);
        _encoded(isLeaf);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.row), _opening.proof);
        _shown(
            row_.i == answer_.i && answer_.i >= _epoch.first && path.index == answer_.i - _epoch.first
                && path.root == _epoch.answersRoot
        );
    }

    /// @dev Whether an answer's words are attributed: it is public and was published when the epoch was cut.
    function _isOpen(
        IAttributionVerifier.Epoch calldata _epoch,
        Leaves.Answer memory _of
    ) internal view returns (bool isOpen_) {
        if (!_of.isPublic) return false;
        uint64 published = PAID_ANSWERS.publishedAt(_of.i);
        return published != 0 && published <= _epoch.cutAt;
    }

    /// @dev The root of the prompt that is in a context.
    function _prompt(Leaves.Answer memory _of, bytes calldata _context) internal pure returns (bytes32 root_) {
        _shown(keccak256(bytes.concat(hex"05", _context)) == _of.contextRoot);
        return _context.length < 32 ? Trees.root(0, 0) : bytes32(_context[:32]);
    }

    /// @dev A tile of an answer, its place, and what weighs before it.
    function _tile(
        Leaves.AnswerRow memory _row,
        Proofs.TileOpening calldata _opening
    ) internal pure returns (Leaves.Tile memory tile_, uint64 index_, uint64 before_) {
        bool isLeaf;
        (isLeaf, tile_) = Leaves.tryTile(_opening.tile);
        _encoded(isLeaf);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_opening.tile), Leaves.sum(tile_), _opening.proof);
        _shown(path.count == _row.tiles && path.root == _row.tilingRoot);
        return (tile_, path.index, uint64(Trees.sumBefore(_opening.proof)));
    }

    /// @dev A document as the corpus of a model version has it.
    function _source(
        uint64 _modelVersion,
        Proofs.SourceOpening calldata _opening
    ) internal view returns (Leaves.Document memory document_) {
        Proofs.DocumentOpening calldata opening = _opening.opening;
        (,, bytes32 versionRoot) = Leaves.version(opening.version);
        _shown(Trees.climb(Trees.leaf(opening.version), _opening.inCorpus).root == MODELS.corpusRootOf(_modelVersion));
        document_ = Leaves.document(opening.document);
        (uint32 commitSeq, bytes32 batchRoot) = Leaves.batch(opening.batch);
        _shown(
            commitSeq == document_.seq >> 32
                && Trees.climb(Trees.leaf(opening.document), opening.inBatch).root == batchRoot
                && Trees.climb(Trees.leaf(opening.batch), opening.inVersion).root == versionRoot
        );
    }

    /// @dev So many words of a text from one on, 16 bytes each.
    function _words(
        Proofs.WordsOpening calldata _opening,
        bytes32 _root,
        uint256 _ofText,
        uint256 _start,
        uint256 _len
    ) internal pure returns (bytes memory ids_) {
        _shown(_opening.chunks.length != 0);
        Cut memory cut = Cut(_start, _start + _len, new bytes(16 * _len));
        // Once round for each chunk; the words that are asked for are copied out of it.
        uint256 end = ANY;
        for (uint256 k; k < _opening.chunks.length; ++k) {
            (uint256 first, uint256 n) = _chunk(_opening.chunks[k], _root, _ofText);
            _shown(k == 0 ? first <= _start : first == end);
            end = first + n;
            _copy(_opening.chunks[k].chunk, first, n, cut);
        }
        _shown(cut.stop <= end);
        return cut.ids;
    }

    /// @dev How many words a text has, by its last chunk or by the root of no chunks.
    function _end(Proofs.WordsOpening calldata _opening, bytes32 _root) internal pure returns (uint256 words_) {
        if (_opening.chunks.length == 0) {
            _shown(_root == Trees.root(0, 0));
            return 0;
        }
        _shown(_opening.chunks.length == 1);
        Proofs.ChunkOpening calldata part = _opening.chunks[0];
        (uint256 first, uint256 n) = _chunk(part, _root, ANY);
        _shown(first / Leaves.CHUNK + 1 == uint64(bytes8(part.proof[8:16])));
        return first + n;
    }

    /// @dev A chunk of a text: its first word's place and its number of words.
    function _chunk(
        Proofs.ChunkOpening calldata _opening,
        bytes32 _root,
        uint256 _ofText
    ) internal pure returns (uint256 first_, uint256 n_) {
        uint32 index;
        (index, n_) = Leaves.chunk(_opening.chunk);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.chunk), _opening.proof);
        _shown(path.index == index && path.root == _root);
        if (_ofText != ANY) _shown(path.count == (_ofText + Leaves.CHUNK - 1) / Leaves.CHUNK);
        // Only the last one may have fewer.
        if (path.index + 1 != path.count) _shown(n_ == Leaves.CHUNK);
        first_ = uint256(index) * Leaves.CHUNK;
    }

    /// @dev Copies the words of the cut that a chunk has.
    function _copy(bytes calldata _from, uint256 _first, uint256 _n, Cut memory _cut) private pure {
        uint256 low = _cut.start > _first ? _cut.start : _first;
        uint256 high = _cut.stop < _first + _n ? _cut.stop : _first + _n;
        if (low >= high) return;
        uint256 skipped = 16 * (low - _cut.start);
        uint256 source = 38 + 16 * (low - _first);
        uint256 size = 16 * (high - low);
        bytes memory ids = _cut.ids;
        assembly ("memory-safe") {
            calldatacopy(add(add(ids, 32), skipped), add(_from.offset, source), size)
        }
    }

    /// @dev The sum of a tree, by its top.
    function _top(Proofs.SumTop calldata _of, bytes32 _root) internal pure returns (uint128 sum_) {
        _encoded(_of.count != 0 || _of.top.hash == 0 && _of.top.sum == 0);
        _shown(Trees.sumRoot(_of.count, _of.top.hash, _of.top.sum) == _root);
        return _of.top.sum;
    }
}
