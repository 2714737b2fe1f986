// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Sketches
/// @notice The sketches of docs/attribution-method.md: made of words, read, and compared.
/// @dev A fingerprint is 80 bits, `hash:8 | position:2`, and sketches are in the order of these numbers. The effort is bounded: a document has 512 words at
///      most, and sorting takes as long for any words.
library Sketches {
    /// @notice The bytes are no sketch.
    error Sketches_NoSketch();

    /// @notice Words of a gram, and grams of a window.
    uint256 internal constant GRAM = 4;
    uint256 internal constant WINDOW = 5;

    /// @notice Most fingerprints: one for each gram of 512 words.
    uint256 internal constant MOST = 509;

    /// @dev Bytes of a fingerprint, and of a word's id.
    uint256 private constant FINGERPRINT = 10;
    uint256 private constant ID = 16;

    /// @notice What a document says of its sketch.
    function hash(bytes memory _sketch) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(uint8(0), "S", _sketch));
    }

    /// @notice Reverts unless the bytes can be the sketch of a document. Whether they are that of one takes the document to tell.
    function check(bytes calldata _sketch) internal pure {
        (uint256 ptr, uint256 end) = _range(_sketch);
        uint256 below;
        uint256 taken;
        uint256 takenAbove;
        // Nothing here is beyond the call's data.
        unchecked {
            for (; ptr < end; ptr += FINGERPRINT) {
                uint256 each = _number(ptr, FINGERPRINT);
                // The first one may be zero: none is below it.
                if (each < below) revert Sketches_NoSketch();
                below = each + 1;
                uint256 position = each & 0xffff;
                if (position >= MOST) revert Sketches_NoSketch();
                uint256 bit = 1 << (position & 255);
                if (position < 256) {
                    if (taken & bit != 0) revert Sketches_NoSketch();
                    taken |= bit;
                } else {
                    if (takenAbove & bit != 0) revert Sketches_NoSketch();
                    takenAbove |= bit;
                }
            }
        }
    }

    /// @notice How much of the document of one sketch stands in that of another, in basis points: its fingerprints whose hash the other has, of all of
    ///         its own. Both pass {check}.
    function containment(bytes calldata _one, bytes calldata _other) internal pure returns (uint256 bps_) {
        (uint256 ptr, uint256 end) = _range(_one);
        (uint256 other, uint256 otherEnd) = _range(_other);
        // Nothing here is beyond the call's data, and there is a fingerprint.
        unchecked {
            uint256 all = (end - ptr) / FINGERPRINT;
            uint256 found;
            for (; ptr < end; ptr += FINGERPRINT) {
                uint256 each = _number(ptr, 8);
                while (other < otherEnd && _number(other, 8) < each) other += FINGERPRINT;
                if (other == otherEnd) break;
                if (_number(other, 8) == each) ++found;
            }
            return 10_000 * found / all;
        }
    }

    /// @notice The sketch of a document.
    /// @param _ids Its words, 1 to 512 of them, 16 bytes each.
    function make(bytes memory _ids) internal pure returns (bytes memory sketch_) {
        uint256 words = _ids.length / ID;
        if (words == 0 || words > 512) revert Sketches_NoSketch();
        uint256[] memory grams = _grams(_ids, words);
        (uint256[] memory kept, uint256 count) = _winnow(grams);
        // What the grams took is free for sorting.
        return _encode(_sort(kept, grams, count), count);
    }

    /// @dev A document of fewer words than a gram is one gram of all of them.
    function _grams(bytes memory _ids, uint256 _words) private pure returns (uint256[] memory grams_) {
        uint256 size = _words < GRAM ? _ids.length : ID * GRAM;
        grams_ = new uint256[](_words < GRAM ? 1 : _words - GRAM + 1);
        assembly ("memory-safe") {
            let ptr := add(_ids, 32)
            let out := add(grams_, 32)
            let count := mload(grams_)
            for { let position := 0 } lt(position, count) { position := add(position, 1) } {
                mstore(out, or(shl(16, shr(192, keccak256(ptr, size))), position))
                ptr := add(ptr, 16)
                out := add(out, 32)
            }
        }
    }

    /// @dev What each window keeps, in the order of positions. A window whose lowest gram is the one before it is done with at once; of the others all grams
    ///      are looked at.
    function _winnow(uint256[] memory _of) private pure returns (uint256[] memory kept_, uint256 count_) {
        kept_ = new uint256[](_of.length);
        uint256 size = _of.length < WINDOW ? _of.length : WINDOW;
        assembly ("memory-safe") {
            let first := add(kept_, 32)
            let out := first
            // The windows by their first and their last gram; and the gram that was kept last, with its place.
            let start := add(_of, 32)
            let limit := add(start, mul(32, mload(_of)))
            let last := 0
            let place := 0
            for { let end := add(start, mul(32, sub(size, 1))) } lt(end, limit) { end := add(end, 32) } {
                let next := mload(end)
                switch lt(place, start)
                case 0 {
                    // It is in the window: only a lower hash takes its part.
                    if lt(shr(16, next), shr(16, last)) {
                        last := next
                        place := end
                        mstore(out, last)
                        out := add(out, 32)
                    }
                }
                default {
                    // From the right, so that of several the rightmost is found first.
                    last := next
                    place := end
                    for { let beside := sub(end, 32) } iszero(lt(beside, start)) { beside := sub(beside, 32) } {
                        let each := mload(beside)
                        if lt(shr(16, each), shr(16, last)) {
                            last := each
                            place := beside
                        }
                    }
                    mstore(out, last)
                    out := add(out, 32)
                }
                start := add(start, 32)
            }
            count_ := shr(5, sub(out, first))
        }
    }

    /// @dev Merges runs of 1, 2, 4, ... from one list into the other and back: hardly more steps for any order than for the best. Returns the list that has
    ///      them.
    function _sort(
        uint256[] memory _list,
        uint256[] memory _spare,
        uint256 _count
    ) private pure returns (uint256[] memory sorted_) {
        for (uint256 width = 1; width < _count; width *= 2) {
            _merge(_list, _spare, _count, width);
            (_list, _spare) = (_spare, _list);
        }
        return _list;
    }

    /// @dev Merges each two runs of a width into one. No two numbers are equal.
    function _merge(uint256[] memory _from, uint256[] memory _to, uint256 _count, uint256 _width) private pure {
        assembly ("memory-safe") {
            let left := add(_from, 32)
            let limit := add(left, mul(32, _count))
            let width := mul(32, _width)
            let out := add(_to, 32)
            for { } lt(left, limit) { } {
                let mid := add(left, width)
                let right := mid
                let end := add(mid, width)
                if gt(end, limit) { end := limit }
                if lt(mid, end) {
                    let one := mload(left)
                    let other := mload(right)
                    for { } 1 { } {
                        switch lt(one, other)
                        case 0 {
                            mstore(out, other)
                            out := add(out, 32)
                            right := add(right, 32)
                            if eq(right, end) { break }
                            other := mload(right)
                        }
                        default {
                            mstore(out, one)
                            out := add(out, 32)
                            left := add(left, 32)
                            if eq(left, mid) { break }
                            one := mload(left)
                        }
                    }
                }
                // What is left of one of them.
                if gt(mid, end) { mid := end }
                let rest := sub(mid, left)
                mcopy(out, left, rest)
                out := add(out, rest)
                if lt(right, end) {
                    rest := sub(end, right)
                    mcopy(out, right, rest)
                    out := add(out, rest)
                }
                left := end
            }
        }
    }

    function _encode(uint256[] memory _fingerprints, uint256 _count) private pure returns (bytes memory sketch_) {
        uint256 length = 2 + FINGERPRINT * _count;
        // Room for the word that the last fingerprint is written with.
        sketch_ = new bytes(length + 32);
        assembly ("memory-safe") {
            mstore(sketch_, length)
            let out := add(sketch_, 32)
            mstore(out, shl(240, _count))
            out := add(out, 2)
            let ptr := add(_fingerprints, 32)
            for { let k := 0 } lt(k, _count) { k := add(k, 1) } {
                mstore(out, shl(176, mload(add(ptr, mul(32, k)))))
                out := add(out, 10)
            }
        }
    }

    /// @dev Where the fingerprints of a sketch are in the call's data: 1 to 509 of them, as many as it says.
    function _range(bytes calldata _sketch) private pure returns (uint256 ptr_, uint256 end_) {
        uint256 count = _sketch.length < 2 ? 0 : uint16(bytes2(_sketch[:2]));
        bool isLong = _sketch.length == 2 + FINGERPRINT * count;
        if (count == 0 || count > MOST || !isLong) revert Sketches_NoSketch();
        assembly ("memory-safe") {
            ptr_ := add(_sketch.offset, 2)
            end_ := add(_sketch.offset, _sketch.length)
        }
    }

    /// @dev So many bytes of the call's data.
    function _number(uint256 _ptr, uint256 _size) private pure returns (uint256 number_) {
        assembly ("memory-safe") {
            number_ := shr(sub(256, mul(8, _size)), calldataload(_ptr))
        }
    }
}
