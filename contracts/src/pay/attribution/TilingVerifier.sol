// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { Absences } from "src/pay/attribution/Absences.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Openings } from "src/pay/attribution/Openings.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title TilingVerifier
/// @notice F1 to F5: whether the tiles of an answer are its words, where these stand, and what they are.
contract TilingVerifier is Openings, IAttributionVerifier {
    constructor(IPaidAnswers _paidAnswers, IModelFacts _models) Openings(_paidAnswers, _models) { }

    /// @inheritdoc IAttributionVerifier
    function verify(Epoch calldata _epoch, bytes calldata _proof) external view returns (uint8 fault_) {
        uint256 ptr = _body(_proof);
        uint8 kind = uint8(_proof[0]);
        if (kind < 0x20) _tiling(_epoch, kind, ptr);
        else if (kind == 0x20) _word(_epoch, ptr);
        else if (kind == 0x21) _beyond(_epoch, ptr);
        else if (kind == 0x31) _goesOn(_epoch, ptr);
        else if (kind == 0x30 || kind == 0x40) _match(_epoch, kind, ptr);
        else if (kind == 0x50) _boiler(_epoch, ptr);
        else if (kind == 0x51) _notBoiler(_epoch, ptr);
        else if (kind == 0x52) _echo(_epoch, ptr);
        else if (kind == 0x53) _notEcho(_epoch, ptr);
        else if (kind == 0x54) _echoGoesOn(_epoch, ptr);
        else if (kind == 0x55) _echoEnd(_epoch, ptr);
        else revert AttributionVerifier_Kind();
        return kind >> 4;
    }

    function _tiling(Epoch calldata _epoch, uint8 _kind, uint256 _ptr) private view {
        if (_kind == 0x10 || _kind == 0x12) {
            Proofs.TileProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
            (Leaves.Tile memory tile, uint64 index,) = _tile(row, proof.tile);
            if (_kind == 0x10) {
                _same(index == 0);
                return _wrong(tile.start != 0 || _isShort(tile));
            }
            _same(index + 1 == row.tiles);
            return _wrong(_endOf(tile) != _tiled(_epoch, answer));
        }
        if (_kind == 0x11) {
            Proofs.TilesProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
            (Leaves.Tile memory left, Leaves.Tile memory right) = _pair(row, proof.left, proof.right);
            return _wrong(_areApart(left, right));
        }
        if (_kind == 0x13) {
            Proofs.AnswerProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
            return _wrong((row.tiles == 0) != (_tiled(_epoch, answer) == 0));
        }
        if (_kind == 0x14) {
            Proofs.CountProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
            _top(proof.top, row.tilingRoot);
            return _wrong(proof.top.count != row.tiles);
        }
        if (_kind != 0x15) revert AttributionVerifier_Kind();
        _noTile(_epoch, _ptr);
    }

    function _noTile(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.TileLeafProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (bool isLeaf,) = Leaves.tryTile(proof.leaf.leaf);
        _encoded(proof.leaf.leaf.length != 0 && !isLeaf);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(proof.leaf.leaf), proof.leaf.stated, proof.leaf.proof);
        _shown(path.root == row.tilingRoot);
    }

    function _word(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.WordProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        Leaves.Document memory document = _source(answer.modelVersion, proof.source);
        _same(_isMatch(tile) && tile.seq == document.seq && proof.place < tile.len);
        bytes32 said =
            keccak256(_words(proof.output, answer.outputRoot, answer.words, uint256(tile.start) + proof.place, 1));
        uint256 offset = uint256(tile.offset) + proof.place;
        _wrong(said != keccak256(_words(proof.text, document.chunkRoot, document.words, offset, 1)));
    }

    function _beyond(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.EndProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        Leaves.Document memory document = _source(answer.modelVersion, proof.source);
        _same(_isMatch(tile) && tile.seq == document.seq);
        _wrong(uint256(tile.offset) + tile.len > document.words);
    }

    function _match(Epoch calldata _epoch, uint8 _kind, uint256 _ptr) private view {
        Proofs.MatchProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile, uint64 index,) = _tile(row, proof.tile);
        Leaves.Document memory document = _source(answer.modelVersion, proof.source);
        (uint256 start, uint256 len) = (proof.start, proof.len);
        bool its = _isMatch(tile) && document.seq == tile.seq && proof.offset == tile.offset;
        _same(len <= Leaves.FULL && (len >= Leaves.LEAST || its && len != 0));
        if (tile.kind == Leaves.GAP) _same(start >= tile.start && start < _endOf(tile));
        else _same(tile.kind != Leaves.ECHO && start == tile.start);
        _reach(row, proof.next, _endOf(tile), index, start + len);
        bool longer = tile.kind == Leaves.GAP || len > tile.len;
        // Kinds of one struct, of which each shows its own.
        _encoded(longer == (_kind == 0x30));
        bytes32 said = keccak256(_words(proof.output, answer.outputRoot, answer.words, start, len));
        _same(said == keccak256(_words(proof.text, document.chunkRoot, document.words, proof.offset, len)));
        bool earlier = document.seq < tile.seq || document.seq == tile.seq && proof.offset < tile.offset;
        _wrong(longer || len == tile.len && earlier);
    }

    /// @dev Checks that the tiles behind one are those that a match reaches into, and no more, and that none of them is an echo.
    function _reach(
        Leaves.AnswerRow memory _row,
        Proofs.TileOpening[] calldata _next,
        uint256 _from,
        uint64 _index,
        uint256 _stop
    ) private pure {
        for (uint256 k; k < _next.length; ++k) {
            (Leaves.Tile memory tile, uint64 index,) = _tile(_row, _next[k]);
            _same(index == ++_index && tile.start == _from && _from < _stop && tile.kind != Leaves.ECHO);
            _from = _endOf(tile);
        }
        _same(_from >= _stop);
    }

    function _goesOn(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.GoesOnProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory left, Leaves.Tile memory right) = _pair(row, proof.left, proof.right);
        Leaves.Document memory document = _source(answer.modelVersion, proof.source);
        _same(_isMatch(left) && left.len == Leaves.FULL && left.seq == document.seq && right.kind == Leaves.GAP);
        bytes32 said = keccak256(_words(proof.output, answer.outputRoot, answer.words, right.start, 1));
        uint256 behind = uint256(left.offset) + left.len;
        _wrong(said == keccak256(_words(proof.text, document.chunkRoot, document.words, behind, 1)));
    }

    function _boiler(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.BoilerProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        _same(
            tile.kind == Leaves.SPAN && tile.len >= Leaves.LEAST
                && proof.phrases.length == uint256(tile.len) - Leaves.LEAST + 1
        );
        bytes memory said = _words(proof.output, answer.outputRoot, answer.words, tile.start, tile.len);
        bytes32 list = MODELS.boilerplateRootOf(answer.modelVersion);
        for (uint256 k; k < proof.phrases.length; ++k) {
            _shown(Trees.climb(Absences.gramLeaf(said, k), proof.phrases[k]).root == list);
        }
    }

    function _notBoiler(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.NotBoilerProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        _same(tile.kind == Leaves.BOILER && proof.place + Leaves.LEAST <= tile.len);
        bytes memory said =
            _words(proof.output, answer.outputRoot, answer.words, uint256(tile.start) + proof.place, Leaves.LEAST);
        _shown(Absences.isGramAbsent(proof.absence, MODELS.boilerplateRootOf(answer.modelVersion), said));
    }

    function _echo(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.EchoProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        (uint256 start, uint256 len, uint256 place) = (proof.start, proof.len, proof.place);
        if (tile.kind == Leaves.ECHO) {
            bool longer = len > tile.len && (len >= Leaves.LEAST || place == tile.seq);
            bool earlier = len == tile.len && len >= Leaves.LEAST && place < tile.seq;
            _same(start == tile.start && len <= Leaves.FULL && (longer || earlier));
        } else {
            _same(len == Leaves.LEAST && start >= tile.start && start < _endOf(tile));
        }
        bytes32 said = keccak256(_words(proof.output, answer.outputRoot, answer.words, start, len));
        bytes32 prompt = _prompt(answer, proof.context);
        _wrong(said == keccak256(_words(proof.prompt, prompt, ANY, place, len)));
    }

    function _notEcho(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.NotEchoProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        _same(tile.kind == Leaves.ECHO && proof.place < tile.len);
        bytes32 said =
            keccak256(_words(proof.output, answer.outputRoot, answer.words, uint256(tile.start) + proof.place, 1));
        bytes32 prompt = _prompt(answer, proof.context);
        _wrong(said != keccak256(_words(proof.prompt, prompt, ANY, uint256(tile.seq) + proof.place, 1)));
    }

    function _echoGoesOn(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.EchoGoesOnProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory left, Leaves.Tile memory right) = _pair(row, proof.left, proof.right);
        _same(left.kind == Leaves.ECHO && left.len == Leaves.FULL && right.kind != Leaves.ECHO);
        bytes32 said = keccak256(_words(proof.output, answer.outputRoot, answer.words, right.start, 1));
        bytes32 prompt = _prompt(answer, proof.context);
        _wrong(said == keccak256(_words(proof.prompt, prompt, ANY, uint256(left.seq) + left.len, 1)));
    }

    function _echoEnd(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.EchoEndProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile,,) = _tile(row, proof.tile);
        _same(tile.kind == Leaves.ECHO);
        _wrong(uint256(tile.seq) + tile.len > _end(proof.prompt, _prompt(answer, proof.context)));
    }

    /// @dev Two tiles of which the second follows on the first.
    function _pair(
        Leaves.AnswerRow memory _row,
        Proofs.TileOpening calldata _first,
        Proofs.TileOpening calldata _second
    ) private pure returns (Leaves.Tile memory left_, Leaves.Tile memory right_) {
        uint64 before;
        uint64 index;
        (left_, before,) = _tile(_row, _first);
        (right_, index,) = _tile(_row, _second);
        _same(uint256(before) + 1 == index);
    }

    /// @dev Words that tiles must cover.
    function _tiled(Epoch calldata _epoch, Leaves.Answer memory _of) private view returns (uint256 words_) {
        return _isOpen(_epoch, _of) ? _of.words : 0;
    }

    function _isMatch(Leaves.Tile memory _of) private pure returns (bool isMatch_) {
        return _of.kind == Leaves.SPAN || _of.kind == Leaves.BOILER;
    }

    function _isShort(Leaves.Tile memory _of) private pure returns (bool isShort_) {
        return _of.kind != Leaves.GAP && _of.len < Leaves.LEAST;
    }

    function _endOf(Leaves.Tile memory _of) private pure returns (uint256 end_) {
        return uint256(_of.start) + _of.len;
    }

    /// @dev Whether two tiles in a row can not be so.
    function _areApart(Leaves.Tile memory _left, Leaves.Tile memory _right) private pure returns (bool areApart_) {
        if (_endOf(_left) != _right.start) return true;
        bool full = _left.len == Leaves.FULL;
        if (_left.kind == Leaves.GAP && _right.kind == Leaves.GAP && !full) return true;
        if (!_isShort(_right)) return false;
        if (!full || _left.kind != _right.kind) return true;
        return _left.kind == Leaves.ECHO
            ? _right.seq != _left.seq + Leaves.FULL
            : _right.seq != _left.seq || _right.offset != _left.offset + Leaves.FULL;
    }
}
