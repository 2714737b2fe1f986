// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";
import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { ITrainingJobs } from "interfaces/model/ITrainingJobs.sol";
import { IDatanetFacts } from "interfaces/pay/IAttributionFacts.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";

/// @title TrainingJobs
/// @notice See {ITrainingJobs}.
contract TrainingJobs is ITrainingJobs {
    /// @notice Most Datanet versions of a job.
    uint256 public constant MOST_DATANETS = 64;

    /// @notice The least for data, in basis points.
    uint16 public constant LEAST_DATA_BPS = 1_000;

    /// @notice The longest times to train and to look at it, in seconds.
    uint64 public constant MOST_TRAINING_TIME = 365 days;
    uint32 public constant MOST_REVIEW_TIME = 90 days;

    /// @notice Who knows models and their versions.
    IModelRegistry public immutable MODELS;

    /// @notice Who knows Datanets and their versions.
    IDatanetRegistry public immutable DATANETS;

    /// @notice Who knows licences.
    ILicenseRegistry public immutable LICENCES;

    /// @notice Who knows contributions.
    IContributionRegistry public immutable CONTRIBUTIONS;

    /// @notice Who divides what the data is paid.
    ITrainingAccumulator public immutable ACCUMULATOR;

    /// @inheritdoc ITrainingJobs
    uint64 public jobs;

    /// @inheritdoc ITrainingJobs
    mapping(address account => uint256) public creditOf;

    mapping(uint64 jobId => Record) internal _records;
    mapping(uint64 jobId => KeptReceipt) internal _receipts;

    constructor(
        IModelRegistry _models,
        IDatanetRegistry _datanets,
        ILicenseRegistry _licences,
        IContributionRegistry _contributions,
        ITrainingAccumulator _accumulator
    ) {
        MODELS = _models;
        DATANETS = _datanets;
        LICENCES = _licences;
        CONTRIBUTIONS = _contributions;
        ACCUMULATOR = _accumulator;
    }

    /// @inheritdoc ITrainingJobs
    function open(Job calldata _job) external payable returns (uint64 jobId_) {
        _checkJob(_job);
        _checkDatanets(_job.datanets);
        if (_job.base != 0 && MODELS.recordOf(_job.base).isRetired) revert TrainingJobs_Lineage(_job.base);
        jobId_ = ++jobs;
        Record storage record = _records[jobId_];
        record.client = msg.sender;
        record.deadline = _job.deadline;
        record.reviewTime = _job.reviewTime;
        record.provider = _job.provider;
        record.status = Status.FUNDED;
        record.split = _job.split;
        record.evaluator = _job.evaluator;
        record.compute = _job.compute;
        record.base = _job.base;
        // The value of a call is below 2^128: there are not so many coins.
        record.budget = uint128(msg.value);
        record.datanetsHash = keccak256(abi.encode(_job.datanets));
        emit JobOpened(jobId_, msg.sender, _job.provider, msg.value, _job);
    }

    /// @inheritdoc ITrainingJobs
    function submit(uint64 _jobId, Receipt calldata _receipt, bytes calldata _places) external {
        Record storage record = _inStatus(_jobId, Status.FUNDED);
        if (record.provider != msg.sender) revert TrainingJobs_NotProvider();
        if (block.timestamp >= record.deadline) revert TrainingJobs_TooLate(record.deadline);
        bool its = keccak256(abi.encode(_receipt.datanets)) == record.datanetsHash && _receipt.compute == record.compute
            && _places.length == _receipt.datanets.length;
        if (!its) revert TrainingJobs_OtherJob();
        _checkModel(record.base, _receipt);
        _checkCorpus(_receipt, _places);
        _checkEvals(record.base, _receipt);
        record.status = Status.SUBMITTED;
        record.reviewEnd = uint64(block.timestamp) + record.reviewTime;
        _keep(_jobId, record, _receipt);
    }

    /// @inheritdoc ITrainingJobs
    function complete(uint64 _jobId) external {
        Record storage record = _inStatus(_jobId, Status.SUBMITTED);
        if (msg.sender != record.evaluator && block.timestamp < record.reviewEnd) {
            revert TrainingJobs_TooEarly(record.reviewEnd);
        }
        record.status = Status.COMPLETED;
        uint256 budget = record.budget;
        uint256 data = budget * record.split.data / 10_000;
        uint256 compute = budget * record.split.compute / 10_000;
        uint256 tuner = budget - data - compute;
        creditOf[record.compute] += compute;
        creditOf[record.provider] += tuner;
        uint64 modelVersion = _receipts[_jobId].modelVersion;
        emit JobCompleted(_jobId, modelVersion, data, compute, tuner);
        // The state is settled. A call that fails leaves nothing behind, so that what is booked then is booked as if there had been none.
        try ACCUMULATOR.feed{ value: data }(modelVersion) { }
        catch (bytes memory reason) {
            if (reason.length == 0) revert TrainingJobs_NoAnswer();
            creditOf[record.client] += data;
            emit DataReturned(_jobId, modelVersion, record.client, data);
        }
    }

    /// @inheritdoc ITrainingJobs
    function reject(uint64 _jobId, bytes32 _reasonHash) external {
        Record storage record = _inStatus(_jobId, Status.SUBMITTED);
        if (msg.sender != record.evaluator) revert TrainingJobs_NotEvaluator();
        if (block.timestamp >= record.reviewEnd) revert TrainingJobs_TooLate(record.reviewEnd);
        record.status = Status.REJECTED;
        creditOf[record.client] += record.budget;
        emit JobRejected(_jobId, record.client, _reasonHash, record.budget);
    }

    /// @inheritdoc ITrainingJobs
    function expire(uint64 _jobId) external {
        Record storage record = _inStatus(_jobId, Status.FUNDED);
        if (block.timestamp < record.deadline) revert TrainingJobs_TooEarly(record.deadline);
        record.status = Status.EXPIRED;
        creditOf[record.client] += record.budget;
        emit JobExpired(_jobId, record.client, record.budget);
    }

    /// @inheritdoc ITrainingJobs
    function withdraw(address _account) external returns (uint256 amount_) {
        amount_ = creditOf[_account];
        if (amount_ == 0) return 0;
        creditOf[_account] = 0;
        emit Withdrawn(_account, amount_);
        // Who calls back finds nothing due.
        Address.sendValue(payable(_account), amount_);
    }

    /// @inheritdoc ITrainingJobs
    function jobOf(uint64 _jobId) external view returns (Record memory record_) {
        return _known(_jobId);
    }

    /// @inheritdoc ITrainingJobs
    function receiptOf(uint64 _jobId) external view returns (KeptReceipt memory receipt_) {
        _known(_jobId);
        return _receipts[_jobId];
    }

    /// @inheritdoc ITrainingJobs
    function receiptHashOf(uint64 _jobId, Receipt calldata _receipt) public view returns (bytes32 hash_) {
        return keccak256(abi.encode(block.chainid, this, _jobId, _receipt));
    }

    /// @dev Writes a receipt down.
    function _keep(uint64 _jobId, Record storage _record, Receipt calldata _receipt) internal {
        bytes32 hash = receiptHashOf(_jobId, _receipt);
        _receipts[_jobId] = KeptReceipt(
            hash, _receipt.modelVersion, _receipt.evalBefore, _receipt.evalAfter, uint64(block.timestamp)
        );
        emit TrainingReceipt(
            _jobId,
            _receipt.modelVersion,
            msg.sender,
            _record.client,
            _record.base,
            _record.budget,
            _record.reviewEnd,
            hash,
            _receipt
        );
    }

    function _checkJob(Job calldata _job) internal view {
        bool inRange = msg.value != 0 && _job.provider != address(0) && _job.evaluator != address(0)
            && _job.deadline > block.timestamp && _job.deadline <= block.timestamp + MOST_TRAINING_TIME
            && _job.reviewTime != 0 && _job.reviewTime <= MOST_REVIEW_TIME;
        if (!inRange) revert TrainingJobs_Invalid();
        Split calldata split = _job.split;
        bool isWhole = uint256(split.data) + split.compute + split.tuner == 10_000 && split.data >= LEAST_DATA_BPS
            && (split.compute == 0 || _job.compute != address(0));
        if (!isWhole) revert TrainingJobs_Split();
    }

    /// @dev What a corpus asks of Datanet versions, so that nobody trains what can not be published.
    function _checkDatanets(IModelRegistry.DatanetVersion[] calldata _datanets) internal view {
        uint256 length = _datanets.length;
        if (length == 0 || length > MOST_DATANETS) revert TrainingJobs_Corpus(0);
        uint8 uses = LICENCES.TRAIN() | LICENCES.ANSWER() | LICENCES.COMMERCIAL();
        for (uint256 k; k < length; ++k) {
            (uint64 datanet, uint32 version) = (_datanets[k].datanet, _datanets[k].version);
            bytes32 root = IDatanetFacts(address(DATANETS)).versionRootOf(datanet, version);
            if (root == 0 || !LICENCES.permits(DATANETS.licenceOf(datanet), uses)) revert TrainingJobs_Corpus(datanet);
        }
    }

    function _checkModel(uint64 _base, Receipt calldata _receipt) internal view {
        IModelRegistry.Record memory model = MODELS.recordOf(_receipt.modelVersion);
        if (model.contentHash != _receipt.contentHash) revert TrainingJobs_OtherContent();
        bool its = _base == 0 ? model.kind == IModelRegistry.Kind.BASE : _isParent(_base, _receipt.modelVersion);
        if (!its) revert TrainingJobs_Lineage(_receipt.modelVersion);
    }

    /// @dev A version has 8 parents at most.
    function _isParent(uint64 _base, uint64 _modelVersion) internal view returns (bool isParent_) {
        uint64[] memory parents = MODELS.parentsOf(_modelVersion);
        for (uint256 k; k < parents.length; ++k) {
            if (parents[k] == _base) return true;
        }
        return false;
    }

    /// @dev One pass: whoever submits says where each stands.
    function _checkCorpus(Receipt calldata _receipt, bytes calldata _places) internal view {
        IModelRegistry.DatanetVersion[] memory corpus = MODELS.corpusOf(_receipt.modelVersion);
        for (uint256 k; k < _places.length; ++k) {
            IModelRegistry.DatanetVersion calldata each = _receipt.datanets[k];
            uint256 place = uint8(_places[k]);
            bool isThere =
                place < corpus.length && corpus[place].datanet == each.datanet && corpus[place].version == each.version;
            if (!isThere) revert TrainingJobs_Corpus(each.datanet);
        }
    }

    function _checkEvals(uint64 _base, Receipt calldata _receipt) internal view {
        (uint64 first, uint64 second) = (_receipt.evalBefore, _receipt.evalAfter);
        if (first == second) revert TrainingJobs_Eval(second);
        if (first != 0 || _base != 0) _checkEval(first);
        _checkEval(second);
    }

    function _checkEval(uint64 _seq) internal view {
        IContributionRegistry.Record memory record = CONTRIBUTIONS.recordOf(uint32(_seq >> 32));
        // Until it is revealed it has no documents, and what was expelled is nothing.
        if (uint32(_seq) >= record.documents || record.expelledAt != 0) revert TrainingJobs_Eval(_seq);
    }

    function _inStatus(uint64 _jobId, Status _status) internal view returns (Record storage record_) {
        record_ = _known(_jobId);
        if (record_.status != _status) revert TrainingJobs_Status(_jobId, record_.status);
    }

    function _known(uint64 _jobId) internal view returns (Record storage record_) {
        record_ = _records[_jobId];
        if (record_.status == Status.OPEN) revert TrainingJobs_Unknown(_jobId);
    }
}
