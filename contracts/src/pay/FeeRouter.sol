// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IFeeRouter } from "interfaces/pay/IFeeRouter.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Furnace } from "src/libraries/Furnace.sol";
import { Shares } from "src/pay/attribution/Shares.sol";

/// @title FeeRouter
/// @notice See {IFeeRouter}.
contract FeeRouter is IFeeRouter {
    using SafeCast for uint256;

    /// @notice Who takes payments.
    IPayableAI public immutable PAYMENTS;

    /// @notice Who knows terms and payees.
    IModelRegistry public immutable MODELS;

    /// @notice Who divides what training weights are given.
    ITrainingAccumulator public immutable ACCUMULATOR;

    /// @notice Who gets what is not destroyed of the platform's part.
    address public immutable TREASURY;

    /// @notice Basis points of the platform's part that are destroyed, 5,000 at least.
    uint16 public immutable BURN_BPS;

    /// @notice Basis points of what was destroyed that can be given of the reserve, below 10,000.
    uint16 public immutable EMISSION_BPS;

    /// @inheritdoc IFeeRouter
    mapping(address account => uint256) public creditOf;

    /// @inheritdoc IFeeRouter
    mapping(uint64 modelVersion => uint128) public burnedOf;

    /// @inheritdoc IFeeRouter
    mapping(uint64 modelVersion => uint128) public emittedOf;

    /// @inheritdoc IFeeRouter
    uint128 public burned;

    /// @inheritdoc IFeeRouter
    uint128 public emitted;

    /// @inheritdoc IFeeRouter
    uint128 public reserve;

    constructor(
        IPayableAI _payments,
        IModelRegistry _models,
        ITrainingAccumulator _accumulator,
        address _treasury,
        uint16 _burnBps,
        uint16 _emissionBps
    ) {
        bool inRange = _treasury != address(0) && _burnBps >= 5_000 && _burnBps <= 10_000 && _emissionBps < 10_000;
        if (!inRange) revert FeeRouter_Bounds();
        PAYMENTS = _payments;
        MODELS = _models;
        ACCUMULATOR = _accumulator;
        TREASURY = _treasury;
        BURN_BPS = _burnBps;
        EMISSION_BPS = _emissionBps;
    }

    /// @notice Takes what is to be divided.
    receive() external payable {
        if (msg.sender != address(PAYMENTS)) revert FeeRouter_NotAllowed();
    }

    /// @inheritdoc IFeeRouter
    function distribute(uint64 _k, uint64 _modelVersion) external returns (Division memory division_) {
        (uint128 data, uint128 rest) = PAYMENTS.takeRest(_k, _modelVersion);
        if (rest == 0) return division_;
        IModelFacts.Terms memory terms = MODELS.termsOf(_modelVersion);
        uint128 platform = Shares.bps(data + rest, terms.platformBps);
        uint128 weights = 10_000 - terms.split.data;
        // The platform's parts of single answers are rounded down, one by one; where all else is for the data, this one is no more than what they left.
        if (platform > rest || weights == 0) platform = rest;
        division_ = _divide(rest - platform, weights, terms.split);
        division_.platform = platform;
        // Rounded up: half at least.
        division_.burned = platform - Shares.bps(platform, 10_000 - BURN_BPS);
        _pay(_modelVersion, division_);
        emit Distributed(_k, _modelVersion, division_);
        _burn(_modelVersion, division_.burned);
    }

    /// @inheritdoc IFeeRouter
    function withdraw(address _account) external returns (uint256 amount_) {
        amount_ = creditOf[_account];
        if (amount_ == 0) return 0;
        creditOf[_account] = 0;
        emit Withdrawn(_account, amount_);
        Address.sendValue(payable(_account), amount_);
    }

    /// @inheritdoc IFeeRouter
    function donate() external payable {
        reserve += msg.value.toUint128();
        emit Donated(msg.sender, msg.value);
    }

    /// @inheritdoc IFeeRouter
    function emitTo(uint64 _modelVersion) external returns (uint256 amount_) {
        uint128 most = Shares.bps(burnedOf[_modelVersion], EMISSION_BPS) - emittedOf[_modelVersion];
        uint128 amount = most < reserve ? most : reserve;
        if (amount == 0) return 0;
        reserve -= amount;
        emittedOf[_modelVersion] += amount;
        emitted += amount;
        emit Emitted(_modelVersion, amount);
        ACCUMULATOR.feed{ value: amount }(_modelVersion);
        return amount;
    }

    /// @dev The shares of what the platform leaves, by their places in the split table.
    function _divide(
        uint128 _amount,
        uint128 _weights,
        IModelFacts.SplitTable memory _split
    ) internal pure returns (Division memory division_) {
        if (_amount == 0) return division_;
        division_.licensors = Shares.share(_amount, 0, _split.licensor, _weights);
        uint128 before = _split.licensor;
        division_.tuner = Shares.share(_amount, before, _split.tuner, _weights);
        before += _split.tuner;
        division_.compute = Shares.share(_amount, before, _split.compute, _weights);
        before += _split.compute;
        division_.stakers = Shares.share(_amount, before, _split.stakers, _weights);
    }

    /// @dev Credits everybody with their shares.
    function _pay(uint64 _modelVersion, Division memory _division) internal {
        IModelRegistry.Payees memory payees = MODELS.payeesOf(_modelVersion);
        _credit(TREASURY, _modelVersion, _division.platform - _division.burned);
        _credit(payees.tuner, _modelVersion, _division.tuner);
        _credit(payees.compute, _modelVersion, _division.compute);
        _credit(payees.stakers, _modelVersion, _division.stakers);
        if (_division.licensors == 0) return;
        address[] memory licensors = MODELS.licensorsOf(_modelVersion);
        uint128 count = uint128(licensors.length);
        for (uint128 n; n < count; ++n) {
            _credit(licensors[n], _modelVersion, Shares.share(_division.licensors, n, 1, count));
        }
    }

    function _credit(address _account, uint64 _modelVersion, uint256 _amount) internal {
        if (_amount == 0) return;
        creditOf[_account] += _amount;
        emit Credited(_account, _modelVersion, _amount);
    }

    function _burn(uint64 _modelVersion, uint128 _amount) internal {
        if (_amount == 0) return;
        burnedOf[_modelVersion] += _amount;
        burned += _amount;
        new Furnace{ value: _amount }();
    }
}
