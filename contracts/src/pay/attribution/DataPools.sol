// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Shares } from "src/pay/attribution/Shares.sol";

/// @title DataPools
/// @notice How the data pool of an answer is divided, to the wei; see docs/attribution-method.md, "Pay".
library DataPools {
    /// @notice Bytes of an item of a context, and most items.
    uint256 internal constant ITEM = 20;
    uint256 internal constant MOST_ITEMS = 64;

    /// @param retrieved What retrieved documents share.
    /// @param text What words share.
    /// @param words Words of the answer.
    /// @param items Items of the context.
    /// @param weight What all items weigh that count.
    struct Pool {
        uint128 retrieved;
        uint128 text;
        uint32 words;
        uint256 items;
        uint128 weight;
    }

    /// @notice The data pool of a fee: the last share of what the platform leaves.
    function dataOf(uint128 _fee, IModelFacts.Terms memory _terms) internal pure returns (uint128 data_) {
        uint128 net = _fee - Shares.bps(_fee, _terms.platformBps);
        return Shares.share(net, 10_000 - _terms.split.data, _terms.split.data, 10_000);
    }

    /// @notice Divides a data pool. The context is empty of an answer that is not open.
    /// @param _contributors How many there were when the range was cut: items of others weigh nothing.
    function divide(
        uint128 _pool,
        uint16 _retrievalBps,
        uint32 _words,
        bytes calldata _context,
        uint64 _contributors
    ) internal pure returns (Pool memory pool_) {
        pool_.words = _words;
        if (_context.length > 32 && (_context.length - 32) % ITEM == 0) {
            pool_.items = (_context.length - 32) / ITEM;
            if (pool_.items > MOST_ITEMS) pool_.items = 0;
        }
        for (uint256 k; k < pool_.items; ++k) {
            (, uint128 weight) = _item(_context, k, _contributors);
            pool_.weight += weight;
        }
        if (pool_.weight != 0) pool_.retrieved = Shares.bps(_pool, _retrievalBps);
        pool_.text = _pool - pool_.retrieved;
    }

    /// @notice Whose an item of the context is, and what it earns.
    function item(
        Pool memory _of,
        bytes calldata _context,
        uint256 _place,
        uint64 _contributors
    ) internal pure returns (uint64 contributor_, uint128 amount_) {
        uint128 before;
        for (uint256 k; k < _place; ++k) {
            (, uint128 earlier) = _item(_context, k, _contributors);
            before += earlier;
        }
        uint128 weight;
        (contributor_, weight) = _item(_context, _place, _contributors);
        if (_of.weight != 0) amount_ = Shares.share(_of.retrieved, before, weight, _of.weight);
    }

    /// @notice What a tile earns, by what weighs before it. Zero where that is more than the answer's words, which is a fault of the tiling.
    function tile(Pool memory _of, uint64 _before, uint64 _weight) internal pure returns (uint128 amount_) {
        if (_of.words == 0 || uint256(_before) + _weight > _of.words) return 0;
        return Shares.share(_of.text, _before, _weight, _of.words);
    }

    /// @notice The part of what a tile earns that goes on by a hop, and the document whose contributor gets it.
    function partOf(
        uint128 _amount,
        Leaves.Document memory _document,
        uint8 _hop
    ) internal pure returns (uint128 part_, uint64 seq_) {
        if (_document.containBps < Leaves.DERIVATIVE_BPS) {
            return _hop == 0 ? (_amount, _document.seq) : (0, _document.seq);
        }
        if (_document.containBps >= Leaves.HELD_BPS) {
            return _hop == 0 ? (_amount, _document.rootSeq) : (0, _document.seq);
        }
        uint128 parents = Shares.bps(_amount, _document.containBps);
        if (_hop == 0) return (_amount - parents, _document.seq);
        return _hop == 1 ? (parents, _document.parentSeq) : (0, _document.seq);
    }

    /// @dev Whose an item is, and what it weighs.
    function _item(
        bytes calldata _context,
        uint256 _place,
        uint64 _contributors
    ) private pure returns (uint64 contributor_, uint128 weight_) {
        uint256 ptr = 32 + ITEM * _place;
        contributor_ = uint64(bytes8(_context[ptr + 8:ptr + 16]));
        if (contributor_ < _contributors) weight_ = uint32(bytes4(_context[ptr + 16:ptr + 20]));
    }
}
