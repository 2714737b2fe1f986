// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IL1Block } from "interfaces/L2/IL1Block.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";

/// @title Ranges
/// @notice The part of {ISettlement} that cuts ranges and hands over coins.
abstract contract Ranges is ISettlement {
    /// @notice Who takes payments.
    IPayableAI public immutable PAYMENTS;

    /// @notice Who knows how many contributors there are.
    IContributorRegistry public immutable CONTRIBUTORS;

    /// @notice Seconds from a cut to the next.
    uint64 public immutable CUT_INTERVAL;

    /// @notice Data pools that are worth a bond, in wei: with less a range waits for {WAITS} intervals.
    uint128 public immutable LEAST_POOL;

    /// @notice Intervals that a range of little waits for.
    uint64 public constant WAITS = 24;

    /// @inheritdoc ISettlement
    uint64 public cuts;

    mapping(uint64 k => Range) internal _ranges;

    /// @dev Data pools of a range and all before it.
    mapping(uint64 k => uint256) internal _poolsUntil;

    /// @inheritdoc ISettlement
    mapping(address account => uint256) public creditOf;

    constructor(IPayableAI _payments, IContributorRegistry _contributors, uint64 _cutInterval, uint128 _leastPool) {
        // With two cuts in a second, what was published between them would be later than both.
        if (_cutInterval == 0) revert Settlement_Parameters();
        PAYMENTS = _payments;
        CONTRIBUTORS = _contributors;
        CUT_INTERVAL = _cutInterval;
        LEAST_POOL = _leastPool;
    }

    /// @notice Takes the data pool of a range.
    receive() external payable {
        if (msg.sender != address(PAYMENTS)) revert Settlement_NotAllowed();
    }

    /// @inheritdoc ISettlement
    function cut() external returns (uint64 k_) {
        k_ = cuts++;
        (uint64 end, uint128 pool) = PAYMENTS.cut();
        uint64 first;
        if (k_ != 0) {
            Range storage last = _ranges[k_ - 1];
            first = last.end;
            uint64 from = last.cutAt + (pool < LEAST_POOL ? WAITS : 1) * CUT_INTERVAL;
            if (block.timestamp < from) revert Settlement_TooEarly(from);
        }
        if (end == first) revert Settlement_NothingPaid();
        Range memory range = Range({
            first: first,
            end: end,
            cutAt: uint64(block.timestamp),
            contributors: CONTRIBUTORS.count(),
            pool: pool,
            cutBlock: uint64(block.number),
            l1Block: _l1()
        });
        _ranges[k_] = range;
        _poolsUntil[k_] = (k_ == 0 ? 0 : _poolsUntil[k_ - 1]) + pool;
        emit Cut(k_, range);
    }

    /// @inheritdoc ISettlement
    function withdraw(address _account) external returns (uint256 amount_) {
        amount_ = creditOf[_account];
        if (amount_ == 0) return 0;
        creditOf[_account] = 0;
        emit Withdrawn(_account, amount_);
        Address.sendValue(payable(_account), amount_);
    }

    /// @inheritdoc ISettlement
    function rangeOf(uint64 _k) external view returns (Range memory range_) {
        return _range(_k);
    }

    function _credit(address _account, uint256 _amount) internal {
        if (_amount == 0) return;
        creditOf[_account] += _amount;
        emit Credited(_account, _amount);
    }

    function _range(uint64 _k) internal view returns (Range storage range_) {
        if (_k >= cuts) revert Settlement_Unknown(_k);
        return _ranges[_k];
    }

    /// @dev The time of windows.
    function _l1() internal view returns (uint64 number_) {
        return IL1Block(Predeploys.L1_BLOCK).number();
    }
}
