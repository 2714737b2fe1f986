// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IModelGate, IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { DataPools } from "src/pay/attribution/DataPools.sol";

/// @title PaidAnswers
/// @notice The part of {IPayableAI} that keeps which answers were paid, what of their fees is whose, and the prices.
abstract contract PaidAnswers is IPayableAI {
    using SafeCast for uint256;

    /// @notice Who knows model versions.
    IModelGate public immutable MODELS;

    /// @notice Who cuts ranges, and gets their data pools.
    address public immutable SETTLEMENT;

    /// @notice Who divides the rest of fees.
    address public immutable FEE_ROUTER;

    /// @notice Seconds from a change of prices until it counts.
    uint64 public immutable PRICE_NOTICE;

    /// @param data Data pools of a model version's answers in a range.
    /// @param rest What else of their fees was not handed over yet.
    struct Accrued {
        uint128 data;
        uint128 rest;
    }

    /// @dev One slot, which every answer writes. There is less than 2^128 wei.
    struct Range {
        uint64 answers;
        uint64 epoch;
        uint128 pool;
    }

    /// @dev How many price sheets a model version has, and what of it never changes. One slot, since the register has it in several.
    struct Version {
        uint32 sheets;
        uint64 activeFrom;
        uint16 platformBps;
        uint16 dataBps;
    }

    /// @dev One slot.
    struct Sheet {
        uint72 input;
        uint72 output;
        uint72 flat;
        uint40 from;
    }

    Range internal _range;

    /// @dev When the last range was cut, in seconds.
    uint64 internal _cutAt;

    mapping(uint64 i => bytes32) internal _paid;
    mapping(uint64 k => mapping(uint64 modelVersion => Accrued)) internal _accrued;
    mapping(uint64 modelVersion => mapping(uint32 sheet => Sheet)) internal _sheets;
    mapping(uint64 modelVersion => Version) internal _versions;

    constructor(IModelGate _models, address _settlement, address _feeRouter, uint64 _priceNotice) {
        MODELS = _models;
        SETTLEMENT = _settlement;
        FEE_ROUTER = _feeRouter;
        PRICE_NOTICE = _priceNotice;
    }

    /// @inheritdoc IPayableAI
    function setPrices(uint64 _modelVersion, Prices calldata _prices) external returns (uint32 sheet_) {
        if (MODELS.ownerOfVersion(_modelVersion) != msg.sender) revert PayableAI_NotOwner();
        Version storage version = _versions[_modelVersion];
        sheet_ = version.sheets++;
        if (sheet_ == 0) _keep(_modelVersion, version);
        uint64 from = uint64(block.timestamp) + (sheet_ == 0 ? 0 : PRICE_NOTICE);
        _sheets[_modelVersion][sheet_] = Sheet(_prices.input, _prices.output, _prices.flat, uint40(from));
        emit PricesSet(_modelVersion, sheet_, _prices, from);
    }

    /// @inheritdoc IPayableAI
    function cut() external returns (uint64 end_, uint128 pool_) {
        if (msg.sender != SETTLEMENT) revert PayableAI_NotAllowed();
        Range memory range = _range;
        (end_, pool_) = (range.answers, range.pool);
        (_range.epoch, _range.pool) = (range.epoch + 1, 0);
        _cutAt = uint64(block.timestamp);
        _send(SETTLEMENT, pool_);
    }

    /// @inheritdoc IPayableAI
    function takeRest(uint64 _k, uint64 _modelVersion) external returns (uint128 data_, uint128 rest_) {
        if (msg.sender != FEE_ROUTER) revert PayableAI_NotAllowed();
        if (_k >= _range.epoch) revert PayableAI_TooEarly(_k);
        Accrued storage accrued = _accrued[_k][_modelVersion];
        (data_, rest_) = (accrued.data, accrued.rest);
        if (rest_ == 0) return (data_, 0);
        accrued.rest = 0;
        _send(FEE_ROUTER, rest_);
    }

    /// @notice See {IPaidAnswers}.
    function paidOf(uint64 _i) external view returns (bytes32 hash_) {
        return _paid[_i];
    }

    /// @inheritdoc IPayableAI
    function answers() external view returns (uint64 answers_) {
        return _range.answers;
    }

    /// @inheritdoc IPayableAI
    function epoch() external view returns (uint64 epoch_) {
        return _range.epoch;
    }

    /// @inheritdoc IPayableAI
    function accruedOf(uint64 _k, uint64 _modelVersion) external view returns (uint128 data_, uint128 rest_) {
        Accrued storage accrued = _accrued[_k][_modelVersion];
        return (accrued.data, accrued.rest);
    }

    /// @inheritdoc IPayableAI
    function pricesOf(uint64 _modelVersion) external view returns (uint32 sheet_, Prices memory prices_) {
        uint32 count = _versions[_modelVersion].sheets;
        while (count != 0) {
            sheet_ = --count;
            Sheet storage sheet = _sheets[_modelVersion][sheet_];
            if (sheet.from <= block.timestamp) return (sheet_, Prices(sheet.input, sheet.output, sheet.flat));
        }
        revert PayableAI_Sheet(_modelVersion, 0);
    }

    /// @inheritdoc IPayableAI
    function sheetOf(uint64 _modelVersion, uint32 _sheet) external view returns (Prices memory prices_, uint64 from_) {
        if (_sheet >= _versions[_modelVersion].sheets) revert PayableAI_Sheet(_modelVersion, _sheet);
        Sheet storage sheet = _sheets[_modelVersion][_sheet];
        return (Prices(sheet.input, sheet.output, sheet.flat), sheet.from);
    }

    /// @inheritdoc IPayableAI
    function feeOf(Answer calldata _of) external view returns (uint128 fee_) {
        return _fee(_of);
    }

    /// @dev What an answer costs by its sheet, which has counted at some time.
    function _fee(Answer calldata _of) internal view returns (uint128 fee_) {
        Sheet memory sheet = _sheets[_of.modelVersion][_of.sheet];
        if (sheet.from == 0 || sheet.from > block.timestamp) revert PayableAI_Sheet(_of.modelVersion, _of.sheet);
        uint256 fee = Math.ceilDiv(uint256(_of.tokensIn) * sheet.input, 1_000)
            + Math.ceilDiv(uint256(_of.tokensOut) * sheet.output, 1_000) + sheet.flat;
        // Three times 72 bits and 32 of them: below 2^128.
        return uint128(fee);
    }

    /// @dev Passes when a model version answers, and a price sheet is the one that counts now.
    function _checkOffer(uint64 _modelVersion, uint32 _sheet) internal view {
        uint40 from = _sheets[_modelVersion][_sheet].from;
        uint40 until = _versions[_modelVersion].sheets > _sheet + uint256(1)
            ? _sheets[_modelVersion][_sheet + 1].from
            : type(uint40).max;
        bool counts = from != 0 && from <= block.timestamp && block.timestamp < until;
        if (!counts) revert PayableAI_Sheet(_modelVersion, _sheet);
        if (!MODELS.isActive(_modelVersion)) revert PayableAI_NoModel(_modelVersion);
    }

    /// @dev Passes when the caller answers for a model version.
    function _checkGateway(uint64 _modelVersion) internal view {
        if (MODELS.gatewayOf(_modelVersion) != msg.sender) revert PayableAI_NotGateway();
    }

    /// @dev Writes down that an answer is paid, of which the coins are here. Of a version that was retired there may still be answers.
    function _record(Answer calldata _of, uint128 _paidFee) internal returns (uint64 i_) {
        uint128 data = _dataOf(_of.modelVersion, _paidFee);
        Range memory range = _range;
        i_ = range.answers;
        (bytes memory leaf, bytes32 hash) = _leaf(_of, i_, _paidFee);
        _paid[i_] = hash;
        _range = Range(i_ + 1, range.epoch, range.pool + data);
        Accrued storage accrued = _accrued[range.epoch][_of.modelVersion];
        (accrued.data, accrued.rest) = (accrued.data + data, accrued.rest + _paidFee - data);
        emit Paid(i_, _of.modelVersion, _of.payer, range.epoch, leaf);
    }

    /// @dev The data pool of a fee.
    function _dataOf(uint64 _modelVersion, uint128 _paidFee) internal view returns (uint128 data_) {
        Version storage version = _versions[_modelVersion];
        if (version.activeFrom > block.timestamp) revert PayableAI_NoModel(_modelVersion);
        IModelFacts.Terms memory terms;
        (terms.platformBps, terms.split.data) = (version.platformBps, version.dataBps);
        return DataPools.dataOf(_paidFee, terms);
    }

    /// @dev Keeps what never changes of a model version, whose answers are settled here.
    function _keep(uint64 _modelVersion, Version storage _in) internal {
        (, uint64 activeFrom,, address settlement, IModelFacts.Terms memory terms) = MODELS.gateOf(_modelVersion);
        if (settlement != SETTLEMENT) revert PayableAI_NoModel(_modelVersion);
        (_in.activeFrom, _in.platformBps, _in.dataBps) = (activeFrom, terms.platformBps, terms.split.data);
    }

    /// @dev Hands coins over to one of the project's own contracts.
    function _send(address _to, uint128 _amount) internal virtual {
        Address.sendValue(payable(_to), _amount);
    }

    /// @dev The leaf R, and its hash.
    function _leaf(
        Answer calldata _of,
        uint64 _i,
        uint128 _paidFee
    ) private pure returns (bytes memory leaf_, bytes32 hash_) {
        leaf_ = bytes.concat(
            abi.encodePacked(hex"00", "R", _i, _of.modelVersion, _of.payer, _paidFee, _of.tokensIn, _of.tokensOut),
            abi.encodePacked(_of.isPublic, _of.contextRoot, _of.outputRoot, _of.words)
        );
        hash_ = keccak256(leaf_);
        // Without the zero byte, which stands in front of what is hashed: its place is the last byte of the length now.
        assembly ("memory-safe") {
            let length := sub(mload(leaf_), 1)
            leaf_ := add(leaf_, 1)
            mstore(leaf_, length)
        }
    }
}
