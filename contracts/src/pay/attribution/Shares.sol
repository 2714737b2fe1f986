// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Shares
/// @notice How a pool is divided: `floor(P * c(k+1) / W) - floor(P * c(k) / W)`. The shares add up to the pool, to the wei.
library Shares {
    /// @notice There is no share: nothing weighs anything, or the weights before this one and it are more than all.
    error Shares_NoShare();

    /// @notice One share, by the sum of the weights before it. All numbers are below 2^128, so that no product runs over.
    function share(
        uint128 _pool,
        uint128 _before,
        uint128 _weight,
        uint128 _total
    ) internal pure returns (uint128 share_) {
        uint256 end = uint256(_before) + _weight;
        if (_total == 0 || end > _total) revert Shares_NoShare();
        uint256 pool = _pool;
        // Less than the pool.
        return uint128(pool * end / _total - pool * _before / _total);
    }

    /// @notice Basis points of an amount, rounded down.
    function bps(uint128 _amount, uint256 _bps) internal pure returns (uint128 part_) {
        return uint128(uint256(_amount) * _bps / 10_000);
    }
}
