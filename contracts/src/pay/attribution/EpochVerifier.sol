// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IContributionFacts, IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { Absences } from "src/pay/attribution/Absences.sol";
import { DataPools } from "src/pay/attribution/DataPools.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Openings } from "src/pay/attribution/Openings.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title EpochVerifier
/// @notice F6 to F10: pools, trees, earnings, payees, and whether the rows are those of the answers.
contract EpochVerifier is Openings, IAttributionVerifier {
    using DataPools for DataPools.Pool;

    /// @notice Who knows whose contributions are.
    IContributionFacts public immutable CONTRIBUTIONS;

    /// @dev What a tile or an item earns by a hop, and whose it is.
    struct Part {
        uint64 contributor;
        uint128 amount;
        uint256 key;
    }

    constructor(
        IPaidAnswers _paidAnswers,
        IModelFacts _models,
        IContributionFacts _contributions
    ) Openings(_paidAnswers, _models) {
        CONTRIBUTIONS = _contributions;
    }

    /// @inheritdoc IAttributionVerifier
    function verify(Epoch calldata _epoch, bytes calldata _proof) external view returns (uint8 fault_) {
        uint8 kind = _proof.length == 0 ? 0 : uint8(_proof[0]);
        fault_ = kind >> 4;
        if (kind == 0xa0) _rowCount(_epoch, _proof);
        else if (kind == 0xa1) _payoutCount(_epoch, _proof);
        else if (kind == 0x60) _dataPool(_epoch, _body(_proof));
        else if (fault_ == 7) _tree(_epoch, kind, _body(_proof));
        else if (fault_ == 8 || fault_ == 9) _earnings(_epoch, kind, _body(_proof));
        else if (fault_ == 10) _rows(_epoch, kind, _body(_proof));
        else revert AttributionVerifier_Kind();
    }

    // F6

    function _dataPool(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.AnswerProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        IModelFacts.Terms memory terms = MODELS.termsOf(answer.modelVersion);
        _wrong(DataPools.dataOf(answer.fee, terms) != row.dataPool);
    }

    // F7

    function _tree(Epoch calldata _epoch, uint8 _kind, uint256 _ptr) private view {
        if (_kind > 0x73) revert AttributionVerifier_Kind();
        if (_kind == 0x70) {
            Proofs.SumProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            return _sums(proof.fault, _rootOf(_epoch, proof.tree));
        }
        if (_kind == 0x72) {
            Proofs.OrderProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            bytes32 root = _rootOf(_epoch, proof.tree);
            uint256 left = _leafIn(proof.left, root);
            uint256 right = _leafIn(proof.right, root);
            _same(left + 1 == right);
            return _wrong(_key(proof.tree.tree, proof.left.leaf) >= _key(proof.tree.tree, proof.right.leaf));
        }
        Proofs.LeafProof calldata one;
        assembly ("memory-safe") {
            one := _ptr
        }
        uint256 index = _leafIn(one.leaf, _rootOf(_epoch, one.tree));
        if (_kind == 0x71) return _wrong(_isNone(one.tree.tree, one.leaf));
        (bool isLeaf, Leaves.PayoutRow memory row) = Leaves.tryPayout(one.leaf.leaf);
        _same(one.tree.tree == 3 && isLeaf);
        _wrong(row.contributor != index);
    }

    function _sums(Proofs.SumFault calldata _fault, bytes32 _root) private pure {
        uint256 below = _fault.count;
        // Above level 64 there is nothing but the top again.
        _same(_fault.level != 0 && _fault.level <= 64);
        for (uint256 level = 1; level < _fault.level; ++level) {
            below = (below + 1) / 2;
        }
        _same(below >= 2 && _fault.index < below / 2);
        (uint128 left, uint128 right) = (_fault.left.sum, _fault.right.sum);
        bytes32 hash = Trees.sumNode(_fault.left.hash, left, _fault.right.hash, right);
        uint64 width = uint64((below + 1) / 2);
        _shown(Trees.climbFrom(_fault.index, width, _fault.count, hash, _fault.stated, _fault.siblings) == _root);
        _wrong(uint256(left) + right != _fault.stated);
    }

    /// @dev The root of the tree that is accused.
    function _rootOf(Epoch calldata _epoch, Proofs.TreeOpening calldata _of) private view returns (bytes32 root_) {
        bytes calldata opening = _of.opening;
        if (_of.tree == 1 || _of.tree == 3) {
            _encoded(opening.length == 0);
            return _of.tree == 1 ? _epoch.modelsRoot : _epoch.payoutRoot;
        }
        _encoded(opening.length >= 32 && bytes32(opening[:32]) == bytes32(uint256(32)));
        if (_of.tree == 0) {
            Proofs.AnswerOpening calldata answer;
            assembly ("memory-safe") {
                answer := add(opening.offset, 32)
            }
            (, Leaves.AnswerRow memory row) = _answer(_epoch, answer);
            return row.tilingRoot;
        }
        Proofs.RowOpening calldata inside;
        assembly ("memory-safe") {
            inside := add(opening.offset, 32)
        }
        if (_of.tree == 2) return _model(_epoch, inside).ansRoot;
        _encoded(_of.tree == 4);
        return _payout(_epoch.payoutRoot, inside).earnRoot;
    }

    /// @dev The place of what stands as a leaf in a sum tree.
    function _leafIn(Proofs.LeafOpening calldata _of, bytes32 _root) private pure returns (uint64 index_) {
        _encoded(_of.leaf.length != 0);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_of.leaf), _of.stated, _of.proof);
        _shown(path.root == _root);
        return path.index;
    }

    /// @dev Whether it is no leaf of its tree, or one that adds something else. What is no tile is of another kind.
    function _isNone(uint8 _in, Proofs.LeafOpening calldata _of) private pure returns (bool isNone_) {
        bool isLeaf;
        uint128 sum;
        if (_in == 0) {
            Leaves.Tile memory tile;
            (isLeaf, tile) = Leaves.tryTile(_of.leaf);
            _encoded(isLeaf);
            sum = Leaves.sum(tile);
        } else if (_in == 1) {
            Leaves.ModelRow memory row;
            (isLeaf, row) = Leaves.tryModel(_of.leaf);
            sum = row.train;
        } else if (_in == 2) {
            (isLeaf,, sum) = Leaves.tryTrain(_of.leaf);
        } else if (_in == 3) {
            Leaves.PayoutRow memory row;
            (isLeaf, row) = Leaves.tryPayout(_of.leaf);
            sum = row.cumulative;
        } else {
            Leaves.Earning memory row;
            (isLeaf, row) = Leaves.tryEarning(_of.leaf);
            sum = row.amount;
        }
        return !isLeaf || sum != _of.stated;
    }

    /// @dev What the leaves of a sorted tree are in the order of.
    function _key(uint8 _in, bytes calldata _leaf) private pure returns (uint256 key_) {
        bool isLeaf;
        if (_in == 1) {
            Leaves.ModelRow memory row;
            (isLeaf, row) = Leaves.tryModel(_leaf);
            key_ = row.modelVersion;
        } else if (_in == 2) {
            (isLeaf, key_,) = Leaves.tryTrain(_leaf);
        } else {
            _same(_in == 4);
            Leaves.Earning memory row;
            (isLeaf, row) = Leaves.tryEarning(_leaf);
            key_ = Leaves.key(row);
        }
        _same(isLeaf);
    }

    // F8 and F9

    function _earnings(Epoch calldata _epoch, uint8 _kind, uint256 _ptr) private view {
        if (_kind == 0x80) {
            Proofs.MissingProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            return _missing(_payout(_epoch.payoutRoot, proof.payout), _tilePart(_epoch, proof.part), proof.absence);
        }
        if (_kind == 0x87) {
            Proofs.MissingItemProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            return _missing(_payout(_epoch.payoutRoot, proof.payout), _itemPart(_epoch, proof.part), proof.absence);
        }
        if (_kind == 0x81 || _kind == 0x90) {
            Proofs.PartProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            Leaves.PayoutRow memory row = _payout(_epoch.payoutRoot, proof.payout);
            Leaves.Earning memory earning = _earning(row.earnRoot, proof.earning);
            return _listed(_kind == 0x81, row, earning, _tilePart(_epoch, proof.part));
        }
        if (_kind == 0x88 || _kind == 0x91) {
            Proofs.ItemProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            Leaves.PayoutRow memory row = _payout(_epoch.payoutRoot, proof.payout);
            Leaves.Earning memory earning = _earning(row.earnRoot, proof.earning);
            return _listed(_kind == 0x88, row, earning, _itemPart(_epoch, proof.part));
        }
        if (_kind == 0x82) {
            Proofs.EarningProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            Leaves.PayoutRow memory row = _payout(_epoch.payoutRoot, proof.payout);
            uint64 i = _earning(row.earnRoot, proof.earning).i;
            return _wrong(i < _epoch.first || i >= _epoch.end);
        }
        if (_kind == 0x83) return _noTile(_epoch, _ptr);
        if (_kind == 0x84) return _noSpan(_epoch, _ptr);
        if (_kind == 0x85) {
            Proofs.EarnedProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            Leaves.PayoutRow memory row = _payout(_epoch.payoutRoot, proof.payout);
            return _wrong(_top(proof.top, row.earnRoot) != row.earned);
        }
        if (_kind != 0x86) revert AttributionVerifier_Kind();
        _cumulative(_epoch, _ptr);
    }

    function _missing(Leaves.PayoutRow memory _row, Part memory _part, Proofs.Absence calldata _absence) private pure {
        _same(_part.contributor == _row.contributor);
        _wrong(_part.amount != 0);
        _shown(Absences.isAbsent(_absence, _row.earnRoot, "E", _part.key));
    }

    /// @dev An earning that is listed with another amount than the rules make, or in another contributor's row.
    function _listed(
        bool _amount,
        Leaves.PayoutRow memory _row,
        Leaves.Earning memory _of,
        Part memory _part
    ) private pure {
        _same(Leaves.key(_of) == _part.key);
        bool its = _part.contributor == _row.contributor;
        if (!_amount) return _wrong(_part.amount != 0 && !its);
        _same(_part.amount == 0 || its);
        _wrong(_part.amount == 0 || _part.amount != _of.amount);
    }

    function _noTile(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.NoTileProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        Leaves.Earning memory earning = _earning(_payout(_epoch.payoutRoot, proof.payout).earnRoot, proof.earning);
        _same(earning.i == answer.i);
        uint256 items = _pool(_epoch, answer, row, proof.context).items;
        (uint256 tile, uint256 tiles) = (earning.tile, row.tiles);
        _wrong(tile >= tiles + items || tile >= tiles && earning.hop != 0);
    }

    function _noSpan(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.NoSpanProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        (Leaves.Tile memory tile, uint64 index,) = _tile(row, proof.tile);
        Leaves.Earning memory earning = _earning(_payout(_epoch.payoutRoot, proof.payout).earnRoot, proof.earning);
        _same(earning.i == answer.i && earning.tile == index);
        _wrong(tile.kind != Leaves.SPAN);
    }

    function _cumulative(Epoch calldata _epoch, uint256 _ptr) private pure {
        Proofs.CumulativeProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        Leaves.PayoutRow memory row = _payout(_epoch.payoutRoot, proof.payout);
        _top(proof.top, _epoch.payoutsBefore);
        _encoded(proof.before.length <= 1);
        uint256 before;
        if (proof.before.length == 1) {
            Leaves.PayoutRow memory earlier = _payout(_epoch.payoutsBefore, proof.before[0]);
            _same(earlier.contributor == row.contributor);
            before = earlier.cumulative;
        } else {
            _same(row.contributor >= proof.top.count);
        }
        _wrong(before + row.earned != row.cumulative);
    }

    function _tilePart(Epoch calldata _epoch, Proofs.TilePart calldata _of) private view returns (Part memory part_) {
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, _of.answer);
        DataPools.Pool memory pool = _pool(_epoch, answer, row, _of.context);
        (Leaves.Tile memory tile, uint64 index, uint64 before) = _tile(row, _of.tile);
        _same(tile.kind == Leaves.SPAN);
        Leaves.Document memory document = _source(answer.modelVersion, _of.source);
        _same(tile.seq == document.seq);
        part_.key = uint256(answer.i) << 40 | uint256(index) << 8 | _of.hop;
        part_.contributor = document.contributor;
        uint64 paid;
        (part_.amount, paid) = DataPools.partOf(pool.tile(before, tile.len), document, _of.hop);
        if (part_.amount == 0 || paid == document.seq) return part_;
        // The parent's or the root's, whatever became of that one.
        part_.contributor = CONTRIBUTIONS.contributorOf(uint32(paid >> 32));
    }

    function _itemPart(Epoch calldata _epoch, Proofs.ItemPart calldata _of) private view returns (Part memory part_) {
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, _of.answer);
        DataPools.Pool memory pool = _pool(_epoch, answer, row, _of.context);
        _same(_of.item < pool.items);
        (part_.contributor, part_.amount) = pool.item(_of.context, _of.item, _epoch.contributors);
        part_.key = uint256(answer.i) << 40 | (uint256(row.tiles) + _of.item) << 8;
    }

    // F10

    function _rowCount(Epoch calldata _epoch, bytes calldata _proof) private pure {
        _encoded(_proof.length == 65);
        uint256 count = uint256(bytes32(_proof[1:33]));
        bytes32 top = bytes32(_proof[33:65]);
        _encoded(count <= type(uint64).max && (count != 0 || top == 0));
        _same(Trees.root(uint64(count), top) == _epoch.answersRoot);
        _wrong(count != _epoch.end - _epoch.first);
    }

    function _payoutCount(Epoch calldata _epoch, bytes calldata _proof) private pure {
        // A struct of fixed size stands in its own place.
        _encoded(_proof.length == 97);
        Proofs.TopProof calldata proof;
        assembly ("memory-safe") {
            proof := add(_proof.offset, 1)
        }
        _top(proof.top, _epoch.payoutRoot);
        _wrong(proof.top.count != _epoch.contributors);
    }

    function _rows(Epoch calldata _epoch, uint8 _kind, uint256 _ptr) private view {
        if (_kind == 0xa2) return _answerRow(_epoch, _ptr);
        if (_kind == 0xa3) {
            Proofs.ModelSumProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            Leaves.ModelRow memory model = _model(_epoch, proof.model);
            uint128 sum = _top(proof.top, model.ansRoot);
            return _wrong(sum != model.train || sum == 0);
        }
        if (_kind == 0xa4) {
            Proofs.GiftProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (uint64 i, uint128 left) = _left(_epoch, proof.answer, proof.context, proof.tiles, proof.model);
            (uint64 whose, uint128 train) = _train(_model(_epoch, proof.model).ansRoot, proof.train);
            _same(whose == i);
            return _wrong(left != train || train == 0);
        }
        if (_kind == 0xa5) {
            Proofs.NoGiftProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (uint64 i, uint128 left) = _left(_epoch, proof.answer, proof.context, proof.tiles, proof.model);
            _wrong(left != 0);
            bytes32 root = _model(_epoch, proof.model).ansRoot;
            return _shown(Absences.isAbsent(proof.absence, root, "N", i));
        }
        if (_kind == 0xa6) return _noModel(_epoch, _ptr);
        if (_kind == 0xa7) {
            Proofs.NoAnswerProof calldata proof;
            assembly ("memory-safe") {
                proof := _ptr
            }
            (uint64 i,) = _train(_model(_epoch, proof.model).ansRoot, proof.train);
            return _wrong(i < _epoch.first || i >= _epoch.end);
        }
        if (_kind != 0xa8) revert AttributionVerifier_Kind();
        _otherModel(_epoch, _ptr);
    }

    function _answerRow(Epoch calldata _epoch, uint256 _ptr) private pure {
        Proofs.RowProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        _encoded(proof.row.length != 0);
        Trees.Path memory path = Trees.climb(Trees.leaf(proof.row), proof.proof);
        _shown(path.root == _epoch.answersRoot);
        (bool isLeaf, Leaves.AnswerRow memory row) = Leaves.tryRow(proof.row);
        _wrong(!isLeaf || row.i != uint256(_epoch.first) + path.index);
    }

    function _noModel(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.NoModelProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, proof.answer);
        _wrong(_leftOf(_pool(_epoch, answer, row, proof.context), row, proof.tiles) != 0);
        _shown(Absences.isAbsent(proof.absence, _epoch.modelsRoot, "M", answer.modelVersion));
    }

    function _otherModel(Epoch calldata _epoch, uint256 _ptr) private view {
        Proofs.OtherModelProof calldata proof;
        assembly ("memory-safe") {
            proof := _ptr
        }
        (Leaves.Answer memory answer,) = _answer(_epoch, proof.answer);
        Leaves.ModelRow memory model = _model(_epoch, proof.model);
        (uint64 i,) = _train(model.ansRoot, proof.train);
        _same(i == answer.i);
        _wrong(answer.modelVersion != model.modelVersion);
    }

    /// @dev What an answer leaves of its data pool for its model version, whose row it is that is shown beside it.
    function _left(
        Epoch calldata _epoch,
        Proofs.AnswerOpening calldata _of,
        bytes calldata _context,
        Proofs.SumTop calldata _tiles,
        Proofs.RowOpening calldata _modelRow
    ) private view returns (uint64 i_, uint128 left_) {
        (Leaves.Answer memory answer, Leaves.AnswerRow memory row) = _answer(_epoch, _of);
        _same(_model(_epoch, _modelRow).modelVersion == answer.modelVersion);
        return (answer.i, _leftOf(_pool(_epoch, answer, row, _context), row, _tiles));
    }

    function _leftOf(
        DataPools.Pool memory _of,
        Leaves.AnswerRow memory _row,
        Proofs.SumTop calldata _tiles
    ) private pure returns (uint128 left_) {
        uint64 weight = uint64(_top(_tiles, _row.tilingRoot));
        _same(_tiles.count == _row.tiles);
        return _of.text - _of.tile(0, weight);
    }

    /// @dev How the data pool of an answer is divided.
    function _pool(
        Epoch calldata _epoch,
        Leaves.Answer memory _of,
        Leaves.AnswerRow memory _row,
        bytes calldata _context
    ) private view returns (DataPools.Pool memory pool_) {
        if (_isOpen(_epoch, _of)) _prompt(_of, _context);
        else _shown(_context.length == 0);
        uint16 retrievalBps = MODELS.termsOf(_of.modelVersion).retrievalBps;
        return DataPools.divide(_row.dataPool, retrievalBps, _of.words, _context, _epoch.contributors);
    }

    function _model(
        Epoch calldata _epoch,
        Proofs.RowOpening calldata _of
    ) private pure returns (Leaves.ModelRow memory row_) {
        bool isLeaf;
        (isLeaf, row_) = Leaves.tryModel(_of.row);
        _encoded(isLeaf);
        _shown(Trees.climbSums(Trees.leaf(_of.row), row_.train, _of.proof).root == _epoch.modelsRoot);
    }

    function _train(bytes32 _root, Proofs.RowOpening calldata _of) private pure returns (uint64 i_, uint128 train_) {
        bool isLeaf;
        (isLeaf, i_, train_) = Leaves.tryTrain(_of.row);
        _encoded(isLeaf);
        _shown(Trees.climbSums(Trees.leaf(_of.row), train_, _of.proof).root == _root);
    }

    function _payout(
        bytes32 _root,
        Proofs.RowOpening calldata _of
    ) private pure returns (Leaves.PayoutRow memory row_) {
        bool isLeaf;
        (isLeaf, row_) = Leaves.tryPayout(_of.row);
        _encoded(isLeaf);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_of.row), row_.cumulative, _of.proof);
        _shown(path.root == _root && path.index == row_.contributor);
    }

    function _earning(
        bytes32 _root,
        Proofs.RowOpening calldata _of
    ) private pure returns (Leaves.Earning memory earning_) {
        bool isLeaf;
        (isLeaf, earning_) = Leaves.tryEarning(_of.row);
        _encoded(isLeaf);
        _shown(Trees.climbSums(Trees.leaf(_of.row), earning_.amount, _of.proof).root == _root);
    }
}
