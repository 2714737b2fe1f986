// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ITrainingJobs } from "interfaces/model/ITrainingJobs.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { TrainingJobs } from "src/model/TrainingJobs.sol";
import { MoodyAccumulator } from "test/mocks/Accumulators.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Test } from "test/utils/Test.sol";
import { TrainingTest } from "test/utils/TrainingTest.sol";

/// @title TrainingJobs_Actors
/// @notice Clients, providers, evaluators and strangers, of whom one takes no coins, at any job at any time. They know beforehand what is allowed, and
///         keep their own books.
contract TrainingJobs_Actors is Test {
    TrainingJobs internal immutable JOBS;
    /// @dev Zero where the training weights are the real ones.
    MoodyAccumulator internal immutable WEIGHTS;
    uint256 internal immutable ACCOUNTS;

    /// @dev A job and a receipt for it, but for the accounts and the times; encoded.
    bytes internal jobTemplate;
    bytes internal receiptTemplate;
    bytes internal places;

    address[] public accounts;

    /// @notice What was paid in, given to training weights, paid out, and sent in a way that nobody can refuse.
    uint256 public opened;
    uint256 public fed;
    uint256 public withdrawn;
    uint256 public forced;

    /// @notice Calls that went through and should not have, or the other way round.
    uint256 public surprises;

    /// @notice What everybody should be credited.
    mapping(address account => uint256) public due;

    /// @notice Where every job should be.
    mapping(uint64 jobId => ITrainingJobs.Record) internal _expected;

    uint256 internal time = block.timestamp;

    constructor(
        TrainingJobs _jobs,
        MoodyAccumulator _weights,
        ITrainingJobs.Job memory _job,
        ITrainingJobs.Receipt memory _receipt,
        bytes memory _places,
        address[] memory _accounts
    ) {
        (JOBS, WEIGHTS, ACCOUNTS) = (_jobs, _weights, _accounts.length);
        (jobTemplate, receiptTemplate) = (abi.encode(_job), abi.encode(_receipt));
        (places, accounts) = (_places, _accounts);
    }

    function open(uint256 _budget, uint256 _who, uint16 _data, uint16 _compute, uint8 _times) external {
        address client = _account(_who);
        ITrainingJobs.Job memory job = abi.decode(jobTemplate, (ITrainingJobs.Job));
        job.provider = _account(_who >> 8);
        job.evaluator = _account(_who >> 16);
        job.split.data = uint16(_bound(_data, 1_000, 10_000));
        job.split.compute = uint16(_bound(_compute, 0, 10_000 - job.split.data));
        job.compute = job.split.compute == 0 ? address(0) : _account(_who >> 24);
        job.split.tuner = 10_000 - job.split.data - job.split.compute;
        job.deadline = uint64(time + 1 + uint256(_times % 16) * 6 hours);
        job.reviewTime = 1 + uint32(_times / 16) * 6 hours;
        uint256 budget = _bound(_budget, 0, 100 ether);
        // Often next to nothing.
        if (_who >> 32 & 1 == 0) budget %= 20;
        _open(client, budget, job);
    }

    function _open(address _client, uint256 _budget, ITrainingJobs.Job memory _job) internal {
        vm.deal(_client, _client.balance + _budget);
        vm.prank(_client);
        try JOBS.open{ value: _budget }(_job) returns (uint64 jobId) {
            _check(_budget != 0);
            opened += _budget;
            ITrainingJobs.Record storage record = _expected[jobId];
            (record.client, record.provider, record.compute) = (_client, _job.provider, _job.compute);
            (record.evaluator, record.deadline, record.reviewTime) = (_job.evaluator, _job.deadline, _job.reviewTime);
            (record.split, record.budget, record.status) = (_job.split, uint128(_budget), ITrainingJobs.Status.FUNDED);
        } catch {
            _check(_budget == 0);
        }
    }

    function submit(uint64 _jobId, uint256 _who) external {
        (uint64 jobId, ITrainingJobs.Record storage record) = _any(_jobId);
        address caller = _caller(_who, record.provider);
        bool isRight =
            record.status == ITrainingJobs.Status.FUNDED && caller == record.provider && time < record.deadline;
        ITrainingJobs.Receipt memory receipt = abi.decode(receiptTemplate, (ITrainingJobs.Receipt));
        receipt.compute = record.compute;
        vm.prank(caller);
        try JOBS.submit(jobId, receipt, places) {
            _check(isRight);
            record.status = ITrainingJobs.Status.SUBMITTED;
            record.reviewEnd = uint64(time) + record.reviewTime;
        } catch {
            _check(!isRight);
        }
    }

    function complete(uint64 _jobId, uint256 _who) external {
        (uint64 jobId, ITrainingJobs.Record storage record) = _any(_jobId);
        address caller = _caller(_who, record.evaluator);
        bool isRight = record.status == ITrainingJobs.Status.SUBMITTED
            && (caller == record.evaluator || time >= record.reviewEnd)
            && (address(WEIGHTS) == address(0) || WEIGHTS.mood() != MoodyAccumulator.Mood.FAILS);
        vm.prank(caller);
        try JOBS.complete(jobId) {
            _check(isRight);
            record.status = ITrainingJobs.Status.COMPLETED;
            _pay(record);
        } catch {
            _check(!isRight);
        }
    }

    function _pay(ITrainingJobs.Record storage _record) internal {
        uint256 data = uint256(_record.budget) * _record.split.data / 10_000;
        uint256 compute = uint256(_record.budget) * _record.split.compute / 10_000;
        due[_record.compute] += compute;
        due[_record.provider] += _record.budget - data - compute;
        if (address(WEIGHTS) != address(0) && WEIGHTS.mood() == MoodyAccumulator.Mood.REFUSES) {
            due[_record.client] += data;
        } else {
            fed += data;
        }
    }

    function reject(uint64 _jobId, uint256 _who) external {
        (uint64 jobId, ITrainingJobs.Record storage record) = _any(_jobId);
        address caller = _caller(_who, record.evaluator);
        bool isRight =
            record.status == ITrainingJobs.Status.SUBMITTED && caller == record.evaluator && time < record.reviewEnd;
        vm.prank(caller);
        try JOBS.reject(jobId, "why") {
            _check(isRight);
            record.status = ITrainingJobs.Status.REJECTED;
            due[record.client] += record.budget;
        } catch {
            _check(!isRight);
        }
    }

    function expire(uint64 _jobId, uint256 _who) external {
        (uint64 jobId, ITrainingJobs.Record storage record) = _any(_jobId);
        bool isRight = record.status == ITrainingJobs.Status.FUNDED && time >= record.deadline;
        vm.prank(_account(_who));
        try JOBS.expire(jobId) {
            _check(isRight);
            record.status = ITrainingJobs.Status.EXPIRED;
            due[record.client] += record.budget;
        } catch {
            _check(!isRight);
        }
    }

    function withdraw(uint256 _to, uint256 _who) external {
        address to = _account(_to);
        uint256 before = to.balance;
        bool isRight = due[to] == 0 || to.code.length == 0;
        vm.prank(_account(_who));
        try JOBS.withdraw(to) returns (uint256 amount) {
            _check(isRight && amount == due[to] && to.balance == before + amount);
            withdrawn += amount;
            due[to] = 0;
        } catch {
            _check(!isRight && to.balance == before);
        }
    }

    function force(uint64 _amount) external {
        forced += _amount;
        vm.deal(address(JOBS), address(JOBS).balance + _amount);
    }

    function change(uint8 _mood) external {
        if (address(WEIGHTS) != address(0)) WEIGHTS.change(MoodyAccumulator.Mood(_mood % 3));
    }

    function wait(uint32 _seconds) external {
        time += _seconds % 2 days;
        vm.warp(time);
    }

    /// @notice Where a job should be.
    function expectedOf(uint64 _jobId) external view returns (ITrainingJobs.Record memory record_) {
        return _expected[_jobId];
    }

    function count() external view returns (uint256 accounts_) {
        return ACCOUNTS;
    }

    function _check(bool _isExpected) internal {
        if (!_isExpected) ++surprises;
    }

    function _account(uint256 _which) internal view returns (address account_) {
        return accounts[uint8(_which) % ACCOUNTS];
    }

    /// @dev Half of the time who may.
    function _caller(uint256 _which, address _right) internal view returns (address caller_) {
        return _which >> 8 & 1 == 0 && _right != address(0) ? _right : _account(_which);
    }

    /// @dev Any job, and sometimes one that is not there.
    function _any(uint64 _which) internal view returns (uint64 jobId_, ITrainingJobs.Record storage record_) {
        jobId_ = _which % (JOBS.jobs() + 2);
        record_ = _expected[jobId_];
    }
}

abstract contract TrainingJobs_Conservation is TrainingTest {
    TrainingJobs_Actors internal actors;

    function _start(MoodyAccumulator _weights) internal {
        address[] memory accounts = new address[](6);
        (accounts[0], accounts[1], accounts[2]) = (ALICE, BOB, CAROL);
        (accounts[3], accounts[4], accounts[5]) = (CLIENT, EVALUATOR, address(new Refuser()));
        actors = new TrainingJobs_Actors(jobs, _weights, _job(), _receipt(), PLACES, accounts);
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    function _weights() internal view virtual returns (address weights_);

    /// @dev What is credited and the budgets of jobs that are not over are what is there, to the wei.
    function invariant_creditsAndBudgetsAreTheBalance() external view {
        uint256 held;
        for (uint256 k; k < actors.count(); ++k) {
            held += jobs.creditOf(actors.accounts(k));
        }
        for (uint64 jobId = 1; jobId <= jobs.jobs(); ++jobId) {
            ITrainingJobs.Record memory record = jobs.jobOf(jobId);
            bool isOver =
                record.status != ITrainingJobs.Status.FUNDED && record.status != ITrainingJobs.Status.SUBMITTED;
            if (!isOver) held += record.budget;
        }
        vm.assertEq(jobs.creditOf(address(0)), 0);
        vm.assertEq(address(jobs).balance, held + actors.forced());
        vm.assertEq(actors.opened(), held + actors.fed() + actors.withdrawn());
        vm.assertEq(_weights().balance, actors.fed());
    }

    /// @dev Nobody could do what was not theirs to do, and whoever could, could.
    function invariant_noSurprises() external view {
        vm.assertEq(actors.surprises(), 0);
    }

    function invariant_booksAgree() external view {
        for (uint256 k; k < actors.count(); ++k) {
            address account = actors.accounts(k);
            vm.assertEq(jobs.creditOf(account), actors.due(account));
        }
        for (uint64 jobId = 1; jobId <= jobs.jobs(); ++jobId) {
            ITrainingJobs.Record memory record = jobs.jobOf(jobId);
            ITrainingJobs.Record memory expected = actors.expectedOf(jobId);
            // What no actor changes.
            (expected.base, expected.datanetsHash) = (record.base, record.datanetsHash);
            vm.assertEq(keccak256(abi.encode(record)), keccak256(abi.encode(expected)));
            vm.assertEq(jobs.receiptOf(jobId).hash != 0, record.reviewEnd != 0);
        }
    }
}

contract TrainingJobs_Invariant is TrainingJobs_Conservation {
    function setUp() public override {
        super.setUp();
        _start(MoodyAccumulator(address(0)));
    }

    function _weights() internal view override returns (address weights_) {
        return address(accumulator);
    }
}

/// @title TrainingJobs_Moody_Invariant
/// @notice The same with training weights that sometimes refuse, with a reason or without.
contract TrainingJobs_Moody_Invariant is TrainingJobs_Conservation {
    MoodyAccumulator internal weights;

    function setUp() public override {
        super.setUp();
        weights = new MoodyAccumulator();
        jobs = _jobs(ITrainingAccumulator(address(weights)));
        _start(weights);
    }

    function _weights() internal view override returns (address weights_) {
        return address(weights);
    }
}
