// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { Absences } from "src/pay/attribution/Absences.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Openings } from "src/pay/attribution/Openings.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title DemandVerifier
/// @notice F0: whether what was demanded of an epoch is shown.
/// @dev Bytes that stand as a leaf are shown whatever they say, with the sum that their tree states: that they are wrong is another fault,
///      which is proven by what was shown. But nothing is shown by what nobody could prove a fault of, or by less than the tree holds.
contract DemandVerifier is Openings, IDemandVerifier {
    /// @dev Bytes of the longest leaf. What is longer might not fit into a proof that it is none.
    uint256 private constant LONGEST = 550;

    constructor(IPaidAnswers _paidAnswers, IModelFacts _models) Openings(_paidAnswers, _models) { }

    /// @inheritdoc IDemandVerifier
    function check(IAttributionVerifier.Epoch calldata _epoch, Demand calldata _demand) public pure {
        What what = _demand.what;
        bool isThere = true;
        if (what <= What.PHRASE) isThere = _demand.a >= _epoch.first && _demand.a < _epoch.end;
        else if (what >= What.PAYOUT) isThere = _demand.a < _epoch.contributors;
        (uint256 mostB, uint256 mostC) = _most(what);
        if (!isThere || _demand.b > mostB || _demand.c > mostC) revert DemandVerifier_Range();
    }

    /// @inheritdoc IDemandVerifier
    function verify(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        bytes calldata _response
    ) external view {
        check(_epoch, _demand);
        _encoded(_response.length >= 32 && bytes32(_response[:32]) == bytes32(uint256(32)));
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := add(_response.offset, 32)
        }
        What what = _demand.what;
        if (what == What.ANSWER) _answerRow(_epoch, _demand, ptr);
        else if (what == What.TILE) _oneTile(_epoch, _demand, ptr);
        else if (what == What.SOURCE) _oneSource(_epoch, _demand, ptr);
        else if (what == What.CHUNK) _oneChunk(_epoch, _demand, ptr);
        else if (what == What.PHRASE) _onePhrase(_epoch, _demand, ptr);
        else if (what == What.MODEL) _modelRow(_epoch, _demand, ptr);
        else if (what == What.GIFT) _oneGift(_epoch, _demand, ptr);
        else if (what == What.PAYOUT) _payoutRow(_epoch, _demand, ptr);
        else _oneEarning(_epoch, _demand, ptr);
    }

    /// @dev The highest of the second and the third number of a demand.
    function _most(What _what) private pure returns (uint256 b_, uint256 c_) {
        if (_what == What.GIFT || _what == What.EARNING) return (type(uint64).max, 0);
        if (_what == What.ANSWER || _what > What.PHRASE) return (0, 0);
        if (_what == What.CHUNK) c_ = Leaves.DOCUMENT / Leaves.CHUNK - 1;
        else if (_what == What.PHRASE) c_ = Leaves.FULL - Leaves.LEAST;
        return (type(uint32).max, c_);
    }

    // Answers

    function _answerRow(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        uint256 _ptr
    ) private pure {
        Proofs.AnswerResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _row(_epoch, _demand, response.row);
    }

    function _oneTile(IAttributionVerifier.Epoch calldata _epoch, Demand calldata _demand, uint256 _ptr) private pure {
        Proofs.TileResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _tileAt(_epoch, _demand, response.row, response.tile);
    }

    function _oneSource(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        uint256 _ptr
    ) private view {
        Proofs.SourceResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _documentOf(_demand, _tileAt(_epoch, _demand, response.row, response.tile), response.source);
    }

    function _oneChunk(IAttributionVerifier.Epoch calldata _epoch, Demand calldata _demand, uint256 _ptr) private view {
        Proofs.ChunkResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        Leaves.Tile memory tile = _tileAt(_epoch, _demand, response.row, response.tile);
        Leaves.Document memory document = _documentOf(_demand, tile, response.source);
        // Words of the tile that the chunk has: none where there is no document.
        uint256 first = Leaves.CHUNK * _demand.c;
        uint256 stop = _lower(_lower(uint256(tile.offset) + tile.len, document.words), first + Leaves.CHUNK);
        bool has = tile.offset < stop && first < stop;
        _shown(response.chunk.length == (has ? 1 : 0));
        if (!has) return;
        (uint256 begins, uint256 n) = _chunk(response.chunk[0], document.chunkRoot, document.words);
        _shown(begins == first && begins + n >= stop);
    }

    function _onePhrase(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        uint256 _ptr
    ) private view {
        Proofs.PhraseResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        Leaves.Tile memory tile = _tileAt(_epoch, _demand, response.row, response.tile);
        bool has = tile.kind == Leaves.BOILER && _demand.c + Leaves.LEAST <= tile.len;
        _shown(response.phrase.length == (has ? 1 : 0));
        if (has) _inList(_demand, tile, response.phrase[0]);
    }

    /// @dev Passes when a phrase of a tile is in the boilerplate.
    function _inList(
        Demand calldata _demand,
        Leaves.Tile memory _of,
        Proofs.PhraseOpening calldata _opening
    ) private view {
        Leaves.Answer memory answer = _paid(_demand.a, _opening.answer);
        bytes memory said =
            _words(_opening.output, answer.outputRoot, answer.words, uint256(_of.start) + _demand.c, Leaves.LEAST);
        bytes32 list = MODELS.boilerplateRootOf(answer.modelVersion);
        _shown(Trees.climb(Absences.gramLeaf(said, 0), _opening.phrase).root == list);
    }

    /// @dev The document of a tile, which is shown where the tile names one, and else is none. It has no words then.
    function _documentOf(
        Demand calldata _demand,
        Leaves.Tile memory _of,
        Proofs.CorpusOpening[] calldata _opening
    ) private view returns (Leaves.Document memory document_) {
        // What is no tile has no words.
        bool has = _of.len != 0 && (_of.kind == Leaves.SPAN || _of.kind == Leaves.BOILER);
        _shown(_opening.length == (has ? 1 : 0));
        if (!has) return document_;
        Leaves.Answer memory answer = _paid(_demand.a, _opening[0].answer);
        document_ = _source(answer.modelVersion, _opening[0].source);
        _same(document_.seq == _of.seq);
    }

    /// @dev The tile that is demanded; one without words where there is none.
    function _tileAt(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        Proofs.RowOpening calldata _rowOpening,
        Proofs.PlaceOpening calldata _opening
    ) private pure returns (Leaves.Tile memory tile_) {
        (bool isRow, Leaves.AnswerRow memory row) = _row(_epoch, _demand, _rowOpening);
        if (!_isAt(isRow, row.tilingRoot, _demand.b, _opening)) return tile_;
        (bool isTile, Leaves.Tile memory tile) = Leaves.tryTile(_opening.leaf[0].leaf);
        if (isTile) return tile;
    }

    /// @dev What stands as an answer's row, and whether it is one.
    function _row(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        Proofs.RowOpening calldata _opening
    ) private pure returns (bool isRow_, Leaves.AnswerRow memory row_) {
        _short(_opening.row);
        Trees.Path memory path = Trees.climb(Trees.leaf(_opening.row), _opening.proof);
        _shown(path.index == _demand.a - _epoch.first && path.root == _epoch.answersRoot);
        return Leaves.tryRow(_opening.row);
    }

    /// @dev The demanded answer as it was paid.
    function _paid(uint64 _i, bytes calldata _leaf) private view returns (Leaves.Answer memory answer_) {
        _shown(PAID_ANSWERS.paidOf(_i) == Trees.leaf(_leaf));
        return Leaves.answer(_leaf);
    }

    // Models

    function _modelRow(IAttributionVerifier.Epoch calldata _epoch, Demand calldata _demand, uint256 _ptr) private pure {
        Proofs.ModelResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _isAt(true, _epoch.modelsRoot, _demand.a, response.model);
    }

    function _oneGift(IAttributionVerifier.Epoch calldata _epoch, Demand calldata _demand, uint256 _ptr) private pure {
        Proofs.GiftResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        bool isRow = _isAt(true, _epoch.modelsRoot, _demand.a, response.model);
        Leaves.ModelRow memory row;
        if (isRow) (isRow, row) = Leaves.tryModel(response.model.leaf[0].leaf);
        _isAt(isRow, row.ansRoot, _demand.b, response.gift);
    }

    // Contributors

    function _payoutRow(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        uint256 _ptr
    ) private pure {
        Proofs.PayoutResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _leafAt(_epoch.payoutRoot, _demand.a, response.payout);
    }

    function _oneEarning(
        IAttributionVerifier.Epoch calldata _epoch,
        Demand calldata _demand,
        uint256 _ptr
    ) private pure {
        Proofs.EarningResponse calldata response;
        assembly ("memory-safe") {
            response := _ptr
        }
        _leafAt(_epoch.payoutRoot, _demand.a, response.payout);
        (bool isRow, Leaves.PayoutRow memory row) = Leaves.tryPayout(response.payout.leaf);
        _isAt(isRow, row.earnRoot, _demand.b, response.earning);
    }

    // Places

    /// @dev Whether something stands at a place of a sum tree. Either it is shown, or that the tree has fewer leaves; where there is no tree,
    ///      nothing is.
    function _isAt(
        bool _isTree,
        bytes32 _root,
        uint64 _index,
        Proofs.PlaceOpening calldata _opening
    ) private pure returns (bool isAt_) {
        _shown(_opening.leaf.length + _opening.top.length == (_isTree ? 1 : 0));
        if (_opening.leaf.length == 1) {
            _leafAt(_root, _index, _opening.leaf[0]);
            return true;
        }
        if (!_isTree) return false;
        _top(_opening.top[0], _root);
        _shown(_opening.top[0].count <= _index);
    }

    /// @dev Passes when some bytes stand as a leaf at a place of a sum tree.
    function _leafAt(bytes32 _root, uint64 _index, Proofs.LeafOpening calldata _opening) private pure {
        _short(_opening.leaf);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_opening.leaf), _opening.stated, _opening.proof);
        _shown(path.index == _index && path.root == _root);
    }

    /// @dev Passes when bytes may stand as a leaf and be proven to be none.
    function _short(bytes calldata _leaf) private pure {
        _encoded(_leaf.length != 0 && _leaf.length <= LONGEST);
    }

    function _lower(uint256 _one, uint256 _other) private pure returns (uint256 lower_) {
        return _one < _other ? _one : _other;
    }
}
