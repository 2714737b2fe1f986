// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { ITrainingJobs } from "interfaces/model/ITrainingJobs.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { TrainingJobs } from "src/model/TrainingJobs.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { ModelTest } from "test/utils/ModelTest.sol";

/// @title TrainingTest
/// @notice A base, an adapter of it, evaluations of both, and jobs: Bob trains on Carol's machines.
abstract contract TrainingTest is ModelTest {
    TrainingAccumulator internal accumulator;
    TrainingJobs internal jobs;

    address internal immutable CLIENT = _account("client");
    address internal immutable EVALUATOR = _account("evaluator");

    uint64 internal constant TRAINING_TIME = 20 days;
    uint32 internal constant REVIEW_TIME = 5 days;

    /// @dev Of the first Datanet, and of that and the second.
    uint64 internal base;
    uint64 internal adapter;

    /// @dev Documents.
    uint64 internal evalBefore;
    uint64 internal evalAfter;

    function setUp() public virtual override {
        super.setUp();
        accumulator = new TrainingAccumulator(models, contributors);
        jobs = _jobs(accumulator);
        base = _publish(_base());
        adapter = _publish(_adapter());
        evalBefore = uint64(_contribution(first, "eval of the base")) << 32;
        evalAfter = uint64(_contribution(first, "eval of the adapter")) << 32;
    }

    function _jobs(ITrainingAccumulator _accumulator) internal returns (TrainingJobs jobs_) {
        return new TrainingJobs(models, registry, licences, contributions, _accumulator);
    }

    function _adapter() internal view returns (IModelRegistry.Publication memory of_) {
        of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(base), second);
        of_.contentHash = "tuned";
    }

    /// @dev To tune the base, on both Datanets, the second one first.
    function _job() internal view returns (ITrainingJobs.Job memory job_) {
        job_.provider = BOB;
        job_.compute = CAROL;
        job_.evaluator = EVALUATOR;
        job_.datanets = new IModelRegistry.DatanetVersion[](2);
        job_.datanets[0] = IModelRegistry.DatanetVersion(second, 0);
        job_.datanets[1] = IModelRegistry.DatanetVersion(first, 0);
        job_.base = base;
        job_.split = ITrainingJobs.Split(4_000, 2_500, 3_500);
        job_.deadline = uint64(block.timestamp) + TRAINING_TIME;
        job_.reviewTime = REVIEW_TIME;
    }

    /// @dev Of the adapter, for the job above; its Datanets stand at {PLACES} of the corpus.
    function _receipt() internal view returns (ITrainingJobs.Receipt memory receipt_) {
        return ITrainingJobs.Receipt(adapter, "tuned", CAROL, evalBefore, evalAfter, _job().datanets);
    }

    bytes internal constant PLACES = hex"0100";

    /// @dev The client's.
    function _open(ITrainingJobs.Job memory _of, uint256 _budget) internal returns (uint64 jobId_) {
        vm.prank(CLIENT);
        return jobs.open{ value: _budget }(_of);
    }

    function _open(uint256 _budget) internal returns (uint64 jobId_) {
        return _open(_job(), _budget);
    }

    function _submit(uint64 _jobId) internal {
        ITrainingJobs.Receipt memory receipt = _receipt();
        vm.prank(BOB);
        jobs.submit(_jobId, receipt, PLACES);
    }

    function _submitted(uint256 _budget) internal returns (uint64 jobId_) {
        jobId_ = _open(_budget);
        _submit(jobId_);
    }

    function _complete(uint64 _jobId) internal {
        vm.prank(EVALUATOR);
        jobs.complete(_jobId);
    }
}
