// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { ITrainingJobs } from "interfaces/model/ITrainingJobs.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { MoodyAccumulator, ReenteringAccumulator } from "test/mocks/Accumulators.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { TrainingTest } from "test/utils/TrainingTest.sol";

/// @title TrainingJobs_Test
/// @notice Jobs from their opening to the last wei, on real registers: who may do what when, what a receipt must show, and who is paid.
contract TrainingJobs_Test is TrainingTest {
    function _wrongStatus(uint64 _jobId, ITrainingJobs.Status _status) internal pure returns (bytes memory error_) {
        return abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Status.selector, _jobId, _status);
    }

    // Opening

    function test_open_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        vm.expectEmit();
        emit ITrainingJobs.JobOpened(1, CLIENT, BOB, 10 ether, job);
        vm.assertEq(_open(job, 10 ether), 1);
        vm.snapshotGasLastCall("TrainingJobs", "open, 2 Datanets");
        vm.assertEq(jobs.jobs(), 1);
        vm.assertEq(address(jobs).balance, 10 ether);
        ITrainingJobs.Record memory record = jobs.jobOf(1);
        vm.assertEq(record.client, CLIENT);
        vm.assertEq(record.provider, BOB);
        vm.assertEq(record.compute, CAROL);
        vm.assertEq(record.evaluator, EVALUATOR);
        vm.assertEq(record.base, base);
        vm.assertEq(record.deadline, job.deadline);
        vm.assertEq(record.reviewTime, REVIEW_TIME);
        vm.assertEq(record.reviewEnd, 0);
        vm.assertEq(record.budget, 10 ether);
        vm.assertEq(record.datanetsHash, keccak256(abi.encode(job.datanets)));
        vm.assertEq(keccak256(abi.encode(record.split)), keccak256(abi.encode(job.split)));
        vm.assertEq(uint256(record.status), uint256(ITrainingJobs.Status.FUNDED));
        vm.assertEq(jobs.receiptOf(1).hash, 0);
        vm.assertEq(_open(job, 1), 2);
    }

    /// @dev The states have the numbers of ERC-8183.
    function test_status_numbers_succeeds() public pure {
        vm.assertEq(uint256(ITrainingJobs.Status.OPEN), 0);
        vm.assertEq(uint256(ITrainingJobs.Status.FUNDED), 1);
        vm.assertEq(uint256(ITrainingJobs.Status.SUBMITTED), 2);
        vm.assertEq(uint256(ITrainingJobs.Status.COMPLETED), 3);
        vm.assertEq(uint256(ITrainingJobs.Status.REJECTED), 4);
        vm.assertEq(uint256(ITrainingJobs.Status.EXPIRED), 5);
    }

    /// @dev The extremes of everything that has a bound.
    function test_open_bounds_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        job.split = ITrainingJobs.Split(1_000, 9_000, 0);
        job.deadline = uint64(block.timestamp) + 365 days;
        job.reviewTime = 90 days;
        _open(job, 1);
        (job.compute, job.split) = (address(0), ITrainingJobs.Split(10_000, 0, 0));
        (job.deadline, job.reviewTime, job.evaluator) = (uint64(block.timestamp) + 1, 1, CLIENT);
        _open(job, 1);
    }

    function test_open_invalid_reverts() public {
        for (uint256 k; k < 7; ++k) {
            ITrainingJobs.Job memory job = _job();
            if (k == 1) job.provider = address(0);
            if (k == 2) job.evaluator = address(0);
            if (k == 3) job.deadline = uint64(block.timestamp);
            if (k == 4) job.deadline = uint64(block.timestamp) + 365 days + 1;
            if (k == 5) job.reviewTime = 0;
            if (k == 6) job.reviewTime = 90 days + 1;
            vm.expectRevert(ITrainingJobs.TrainingJobs_Invalid.selector);
            _open(job, k == 0 ? 0 : 1 ether);
        }
    }

    function test_open_split_reverts() public {
        for (uint256 k; k < 5; ++k) {
            ITrainingJobs.Job memory job = _job();
            if (k == 0) job.split.data = 4_001;
            if (k == 1) job.split.tuner = 3_499;
            if (k == 2) job.split = ITrainingJobs.Split(999, 2_500, 6_501);
            // More than 16 bits have.
            if (k == 3) job.split = ITrainingJobs.Split(65_535, 10_001, 0);
            if (k == 4) job.compute = address(0);
            vm.expectRevert(ITrainingJobs.TrainingJobs_Split.selector);
            _open(job, 1 ether);
        }
    }

    function test_open_corpus_reverts() public {
        ITrainingJobs.Job memory job = _job();
        // A licence that does not consent, a version and a Datanet that are not there, nothing at all, and too many.
        job.datanets[1] = IModelRegistry.DatanetVersion(unwilling, 0);
        _refused(job, unwilling);
        job.datanets[1] = IModelRegistry.DatanetVersion(first, 1);
        _refused(job, first);
        job.datanets[1] = IModelRegistry.DatanetVersion(99, 0);
        _refused(job, 99);
        job.datanets = new IModelRegistry.DatanetVersion[](0);
        _refused(job, 0);
        job.datanets = new IModelRegistry.DatanetVersion[](65);
        _refused(job, 0);
    }

    /// @dev Training, answers and money: without one of them no model version could have it in its corpus.
    function test_open_consent_reverts() public {
        uint8[3] memory consents = [6, 5, 3];
        for (uint256 k; k < 3; ++k) {
            uint64 datanet = _version(licences.add("not all", consents[k], ""), "a batch");
            ITrainingJobs.Job memory job = _job();
            job.datanets[0] = IModelRegistry.DatanetVersion(datanet, 0);
            _refused(job, datanet);
        }
    }

    function _refused(ITrainingJobs.Job memory _of, uint64 _datanet) internal {
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Corpus.selector, _datanet));
        _open(_of, 1 ether);
    }

    function test_open_base_reverts() public {
        ITrainingJobs.Job memory job = _job();
        job.base = 99;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 99));
        _open(job, 1 ether);
        vm.prank(ALICE);
        models.retire(base);
        job.base = base;
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Lineage.selector, base));
        _open(job, 1 ether);
    }

    /// @dev Coins come with an opening, or not at all.
    function test_receive_reverts() public {
        (bool success,) = address(jobs).call{ value: 1 }("");
        vm.assertFalse(success);
    }

    // Submission

    function test_submit_succeeds() public {
        uint64 jobId = _open(10 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        uint64 reviewEnd = uint64(block.timestamp) + REVIEW_TIME;
        bytes32 hash = keccak256(abi.encode(block.chainid, jobs, jobId, receipt));
        vm.assertEq(jobs.receiptHashOf(jobId, receipt), hash);
        vm.expectEmit();
        emit ITrainingJobs.TrainingReceipt(jobId, adapter, BOB, CLIENT, base, 10 ether, reviewEnd, hash, receipt);
        vm.prank(BOB);
        jobs.submit(jobId, receipt, PLACES);
        vm.snapshotGasLastCall("TrainingJobs", "submit, 2 Datanets");
        ITrainingJobs.KeptReceipt memory kept = jobs.receiptOf(jobId);
        vm.assertEq(kept.hash, hash);
        vm.assertEq(kept.modelVersion, adapter);
        vm.assertEq(kept.evalBefore, evalBefore);
        vm.assertEq(kept.evalAfter, evalAfter);
        vm.assertEq(kept.submittedAt, block.timestamp);
        vm.assertEq(jobs.jobOf(jobId).reviewEnd, reviewEnd);
        vm.assertEq(uint256(jobs.jobOf(jobId).status), uint256(ITrainingJobs.Status.SUBMITTED));
        vm.prank(BOB);
        vm.expectRevert(_wrongStatus(jobId, ITrainingJobs.Status.SUBMITTED));
        jobs.submit(jobId, receipt, PLACES);
    }

    /// @dev The hash is of one job on one chain.
    function test_receiptHash_binds_succeeds() public {
        ITrainingJobs.Receipt memory receipt = _receipt();
        bytes32 hash = jobs.receiptHashOf(1, receipt);
        vm.assertTrue(hash != jobs.receiptHashOf(2, receipt));
        vm.assertTrue(hash != _jobs(accumulator).receiptHashOf(1, receipt));
        vm.chainId(1);
        vm.assertTrue(hash != jobs.receiptHashOf(1, receipt));
    }

    function test_submit_byAnother_reverts() public {
        uint64 jobId = _open(1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        vm.prank(CLIENT);
        vm.expectRevert(ITrainingJobs.TrainingJobs_NotProvider.selector);
        jobs.submit(jobId, receipt, PLACES);
    }

    function test_submit_tooLate_reverts() public {
        uint64 jobId = _open(1 ether);
        uint64 end = jobs.jobOf(jobId).deadline;
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_TooLate.selector, end));
        _submit(jobId);
        vm.warp(end - 1);
        _submit(jobId);
    }

    function _notTaken(
        uint64 _jobId,
        ITrainingJobs.Receipt memory _of,
        bytes memory _places,
        bytes memory _error
    ) internal {
        vm.prank(BOB);
        vm.expectRevert(_error);
        jobs.submit(_jobId, _of, _places);
    }

    function test_submit_otherJob_reverts() public {
        uint64 jobId = _open(1 ether);
        bytes memory otherJob = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_OtherJob.selector);
        for (uint256 k; k < 6; ++k) {
            ITrainingJobs.Receipt memory receipt = _receipt();
            bytes memory places = PLACES;
            if (k == 0) receipt.compute = BOB;
            if (k == 1) receipt.datanets[0].datanet = first;
            // Another order.
            if (k == 2) (receipt.datanets[0], receipt.datanets[1]) = (receipt.datanets[1], receipt.datanets[0]);
            if (k == 3) receipt.datanets = new IModelRegistry.DatanetVersion[](0);
            if (k == 4) places = hex"01";
            if (k == 5) places = hex"010000";
            _notTaken(jobId, receipt, places, otherJob);
        }
    }

    function test_submit_model_reverts() public {
        uint64 jobId = _open(1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.modelVersion = 99;
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 99));
        receipt = _receipt();
        receipt.contentHash = "other";
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_OtherContent.selector));
        // From data alone, where a base was to be tuned.
        (receipt.modelVersion, receipt.contentHash) = (base, "content");
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Lineage.selector, base));
    }

    /// @dev The base is a parent, and not any model with the right data.
    function test_submit_otherBase_reverts() public {
        uint64 other = _publish(_base());
        ITrainingJobs.Job memory job = _job();
        job.base = other;
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        bytes memory lineage = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Lineage.selector, adapter);
        _notTaken(jobId, receipt, PLACES, lineage);
        // One of several.
        IModelRegistry.Publication memory publication = _adapter();
        (publication.kind, publication.parents) = (IModelRegistry.Kind.MERGE, _parents(base, other));
        receipt.modelVersion = _publish(publication);
        vm.prank(BOB);
        jobs.submit(jobId, receipt, PLACES);
    }

    /// @dev The other way round, and as it should be.
    function test_submit_fromDataAlone_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        job.base = 0;
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Lineage.selector, adapter));
        IModelRegistry.Publication memory publication = _base();
        publication.corpus = job.datanets;
        (receipt.modelVersion, receipt.contentHash) = (_publish(publication), "content");
        receipt.evalBefore = evalBefore + 1;
        bytes memory wrong = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Eval.selector, evalBefore + 1);
        _notTaken(jobId, receipt, hex"0001", wrong);
        // What was not there was not measured.
        receipt.evalBefore = 0;
        uint256 state = vm.snapshotState();
        vm.prank(BOB);
        jobs.submit(jobId, receipt, hex"0001");
        vm.assertEq(jobs.receiptOf(jobId).evalBefore, 0);
        // Who measured something all the same may show it.
        vm.revertToState(state);
        receipt.evalBefore = evalBefore;
        vm.prank(BOB);
        jobs.submit(jobId, receipt, hex"0001");
        vm.assertEq(jobs.receiptOf(jobId).evalBefore, evalBefore);
    }

    /// @dev What was shown to be wrong before a Datanet had it measures nothing.
    function test_submit_expelledEval_reverts() public {
        uint64 jobId = _open(1 ether);
        address admission = address(contributions.ADMISSION());
        // It takes its half of the bond.
        vm.etch(admission, hex"00");
        vm.prank(admission);
        contributions.expel(uint32(evalAfter >> 32));
        bytes memory expelled = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Eval.selector, evalAfter);
        _notTaken(jobId, _receipt(), PLACES, expelled);
    }

    function test_submit_corpus_reverts() public {
        uint64 jobId = _open(1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        bytes memory notFirst = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Corpus.selector, first);
        bytes memory notSecond = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Corpus.selector, second);
        _notTaken(jobId, receipt, hex"0000", notSecond);
        _notTaken(jobId, receipt, hex"0101", notFirst);
        // Beyond the corpus.
        _notTaken(jobId, receipt, hex"0102", notFirst);
        _notTaken(jobId, receipt, hex"ff00", notSecond);
    }

    /// @dev The right Datanet, of which the version has another one in its corpus.
    function test_submit_otherDatanetVersion_reverts() public {
        uint32 commitSeq = _contribution(first, "more");
        vm.prank(ALICE);
        registry.accept(first, commitSeq, "more");
        vm.warp(block.timestamp + DELAY);
        registry.publish(first);
        ITrainingJobs.Job memory job = _job();
        job.datanets[1].version = 1;
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.datanets = job.datanets;
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Corpus.selector, first));
    }

    /// @dev One that comes again is shown again.
    function test_submit_sameDatanetTwice_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        job.datanets[1] = job.datanets[0];
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.datanets = job.datanets;
        vm.prank(BOB);
        jobs.submit(jobId, receipt, hex"0101");
    }

    function test_submit_eval_reverts() public {
        uint64 jobId = _open(1 ether);
        // A document beyond those of its contribution, and a commit that nobody revealed.
        uint64 beyond = evalAfter + 1;
        vm.prank(CAROL);
        uint64 silent = uint64(contributions.commit("silent")) << 32;
        uint64[2] memory wrong = [beyond, silent];
        for (uint256 k; k < 4; ++k) {
            ITrainingJobs.Receipt memory receipt = _receipt();
            if (k < 2) receipt.evalBefore = wrong[k];
            else receipt.evalAfter = wrong[k % 2];
            _notTaken(
                jobId, receipt, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Eval.selector, wrong[k % 2])
            );
        }
        ITrainingJobs.Receipt memory same = _receipt();
        same.evalBefore = evalAfter;
        _notTaken(jobId, same, PLACES, abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Eval.selector, evalAfter));
    }

    /// @dev Of what is tuned there is something to measure.
    function test_submit_unknownEval_reverts() public {
        uint64 jobId = _open(1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.evalBefore = 0;
        bytes4 unknown = IContributionRegistry.ContributionRegistry_Unknown.selector;
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(unknown, 0));
        (receipt.evalBefore, receipt.evalAfter) = (evalBefore, 99 << 32);
        _notTaken(jobId, receipt, PLACES, abi.encodeWithSelector(unknown, 99));
    }

    /// @dev Who owns the model can not take the work from who did it.
    function test_submit_retired_succeeds() public {
        uint64 jobId = _open(1 ether);
        vm.prank(ALICE);
        models.retire(adapter);
        _submit(jobId);
        _complete(jobId);
    }

    /// @dev As many Datanets as there can be, and the corpus is full.
    function test_submit_most_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        job.base = 0;
        job.datanets = new IModelRegistry.DatanetVersion[](64);
        bytes memory places = new bytes(64);
        for (uint256 k; k < 64; ++k) {
            job.datanets[63 - k] = IModelRegistry.DatanetVersion(_version(1, bytes32(k + 1)), 0);
            places[k] = bytes1(uint8(63 - k));
        }
        IModelRegistry.Publication memory publication = _base();
        publication.corpus = new IModelRegistry.DatanetVersion[](64);
        for (uint256 k; k < 64; ++k) {
            publication.corpus[k] = job.datanets[63 - k];
        }
        job.deadline = uint64(block.timestamp) + TRAINING_TIME;
        uint64 jobId = _open(job, 1 ether);
        vm.snapshotGasLastCall("TrainingJobs", "open, 64 Datanets");
        ITrainingJobs.Receipt memory receipt = _receipt();
        (receipt.modelVersion, receipt.contentHash, receipt.datanets) = (_publish(publication), "content", job.datanets);
        vm.prank(BOB);
        jobs.submit(jobId, receipt, places);
        vm.snapshotGasLastCall("TrainingJobs", "submit, 64 Datanets");
    }

    // The end

    function test_complete_succeeds() public {
        uint64 jobId = _submitted(10 ether);
        vm.expectEmit();
        emit ITrainingJobs.JobCompleted(jobId, adapter, 4 ether, 2.5 ether, 3.5 ether);
        vm.prank(EVALUATOR);
        jobs.complete(jobId);
        vm.snapshotGasLastCall("TrainingJobs", "complete");
        vm.assertEq(uint256(jobs.jobOf(jobId).status), uint256(ITrainingJobs.Status.COMPLETED));
        vm.assertEq(address(accumulator).balance, 4 ether);
        vm.assertEq(jobs.creditOf(CAROL), 2.5 ether);
        vm.assertEq(jobs.creditOf(BOB), 3.5 ether);
        vm.assertEq(jobs.creditOf(CLIENT), 0);
        vm.assertEq(address(jobs).balance, 6 ether);
        uint256 before = BOB.balance;
        vm.expectEmit();
        emit ITrainingJobs.Withdrawn(BOB, 3.5 ether);
        vm.assertEq(jobs.withdraw(BOB), 3.5 ether);
        vm.snapshotGasLastCall("TrainingJobs", "withdraw");
        vm.assertEq(BOB.balance, before + 3.5 ether);
        // Nothing is due twice.
        vm.assertEq(jobs.withdraw(BOB), 0);
        vm.assertEq(jobs.withdraw(CAROL), 2.5 ether);
        vm.assertEq(address(jobs).balance, 0);
        _closed(jobId, ITrainingJobs.Status.COMPLETED);
    }

    /// @dev The data is paid for the version that the receipt names.
    function test_complete_feedsTheVersion_succeeds() public {
        uint64 jobId = _submitted(10 ether);
        _complete(jobId);
        (uint128 perWeight, uint128 carry) = accumulator.accumulatorOf(adapter);
        vm.assertTrue(perWeight != 0 || carry != 0);
        (perWeight, carry) = accumulator.accumulatorOf(base);
        vm.assertTrue(perWeight == 0 && carry == 0);
    }

    /// @dev Of a job that is over nothing can be done any more.
    function _closed(uint64 _jobId, ITrainingJobs.Status _status) internal {
        bytes memory wrong = _wrongStatus(_jobId, _status);
        vm.warp(block.timestamp + 400 days);
        vm.expectRevert(wrong);
        jobs.complete(_jobId);
        vm.expectRevert(wrong);
        jobs.expire(_jobId);
        vm.prank(EVALUATOR);
        vm.expectRevert(wrong);
        jobs.reject(_jobId, 0);
        vm.expectRevert(wrong);
        _submit(_jobId);
    }

    /// @dev An evaluator that says nothing keeps nobody waiting for longer than was agreed.
    function test_complete_bySilence_succeeds() public {
        uint64 jobId = _submitted(1 ether);
        uint64 from = jobs.jobOf(jobId).reviewEnd;
        vm.warp(from - 1);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_TooEarly.selector, from));
        jobs.complete(jobId);
        vm.warp(from);
        vm.prank(EVALUATOR);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_TooLate.selector, from));
        jobs.reject(jobId, "late");
        vm.prank(BOB);
        jobs.complete(jobId);
        vm.assertEq(jobs.creditOf(BOB), 0.35 ether);
    }

    /// @dev The evaluator may still say yes.
    function test_complete_late_succeeds() public {
        uint64 jobId = _submitted(1 ether);
        vm.warp(block.timestamp + 400 days);
        _complete(jobId);
    }

    function test_reject_succeeds() public {
        uint64 jobId = _submitted(1 ether);
        vm.prank(CLIENT);
        vm.expectRevert(ITrainingJobs.TrainingJobs_NotEvaluator.selector);
        jobs.reject(jobId, "why");
        vm.warp(jobs.jobOf(jobId).reviewEnd - 1);
        vm.expectEmit();
        emit ITrainingJobs.JobRejected(jobId, CLIENT, "why", 1 ether);
        vm.prank(EVALUATOR);
        jobs.reject(jobId, "why");
        vm.snapshotGasLastCall("TrainingJobs", "reject");
        vm.assertEq(uint256(jobs.jobOf(jobId).status), uint256(ITrainingJobs.Status.REJECTED));
        _returned(1 ether);
        _closed(jobId, ITrainingJobs.Status.REJECTED);
    }

    function test_expire_succeeds() public {
        uint64 jobId = _open(1 ether);
        uint64 from = jobs.jobOf(jobId).deadline;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(ITrainingJobs.TrainingJobs_TooEarly.selector, from));
        jobs.expire(jobId);
        vm.warp(from);
        vm.expectEmit();
        emit ITrainingJobs.JobExpired(jobId, CLIENT, 1 ether);
        jobs.expire(jobId);
        vm.snapshotGasLastCall("TrainingJobs", "expire");
        vm.assertEq(uint256(jobs.jobOf(jobId).status), uint256(ITrainingJobs.Status.EXPIRED));
        _returned(1 ether);
        _closed(jobId, ITrainingJobs.Status.EXPIRED);
    }

    /// @dev All of it, and nobody else got anything.
    function _returned(uint256 _budget) internal {
        vm.assertEq(jobs.creditOf(CLIENT), _budget);
        uint256 before = CLIENT.balance;
        vm.prank(BOB);
        vm.assertEq(jobs.withdraw(CLIENT), _budget);
        vm.assertEq(CLIENT.balance, before + _budget);
        vm.assertEq(address(jobs).balance, 0);
        vm.assertEq(address(accumulator).balance, 0);
    }

    /// @dev What was submitted in time does not expire.
    function test_expire_submitted_reverts() public {
        uint64 jobId = _submitted(1 ether);
        vm.warp(block.timestamp + 400 days);
        vm.expectRevert(_wrongStatus(jobId, ITrainingJobs.Status.SUBMITTED));
        jobs.expire(jobId);
    }

    /// @dev Before anything was submitted there is nothing to complete or to reject.
    function test_notSubmitted_reverts() public {
        uint64 jobId = _open(1 ether);
        bytes memory wrong = _wrongStatus(jobId, ITrainingJobs.Status.FUNDED);
        vm.expectRevert(wrong);
        _complete(jobId);
        vm.prank(EVALUATOR);
        vm.expectRevert(wrong);
        jobs.reject(jobId, 0);
    }

    function test_unknown_reverts() public {
        _open(1 ether);
        for (uint64 k; k < 3; k += 2) {
            bytes memory unknown = abi.encodeWithSelector(ITrainingJobs.TrainingJobs_Unknown.selector, k);
            vm.expectRevert(unknown);
            jobs.jobOf(k);
            vm.expectRevert(unknown);
            jobs.receiptOf(k);
            vm.expectRevert(unknown);
            jobs.complete(k);
            vm.expectRevert(unknown);
            jobs.reject(k, 0);
            vm.expectRevert(unknown);
            jobs.expire(k);
            vm.expectRevert(unknown);
            _submit(k);
        }
    }

    // Payments

    function test_withdraw_nothing_succeeds() public {
        vm.assertEq(jobs.withdraw(BOB), 0);
        vm.assertEq(jobs.withdraw(address(0)), 0);
    }

    /// @dev No compute provider, no part for one, and the address zero gets nothing.
    function test_complete_withoutCompute_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        (job.compute, job.split) = (address(0), ITrainingJobs.Split(1_000, 0, 9_000));
        uint64 jobId = _open(job, 19);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.compute = address(0);
        vm.prank(BOB);
        jobs.submit(jobId, receipt, PLACES);
        _complete(jobId);
        vm.assertEq(address(accumulator).balance, 1);
        vm.assertEq(jobs.creditOf(address(0)), 0);
        vm.assertEq(jobs.creditOf(BOB), 18);
    }

    /// @dev Too little to be divided is the tuner's.
    function test_complete_dust_succeeds() public {
        _complete(_submitted(1));
        vm.assertEq(jobs.creditOf(BOB), 1);
        vm.assertEq(address(accumulator).balance, 0);
        _complete(_submitted(3));
        vm.assertEq(jobs.creditOf(BOB), 1 + 2);
        vm.assertEq(jobs.creditOf(CAROL), 0);
        vm.assertEq(address(accumulator).balance, 1);
    }

    /// @dev One account in all roles.
    function test_complete_alone_succeeds() public {
        ITrainingJobs.Job memory job = _job();
        (job.provider, job.compute, job.evaluator) = (CLIENT, CLIENT, CLIENT);
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.compute = CLIENT;
        vm.startPrank(CLIENT);
        jobs.submit(jobId, receipt, PLACES);
        jobs.complete(jobId);
        vm.stopPrank();
        vm.assertEq(jobs.creditOf(CLIENT), 0.6 ether);
        vm.assertEq(address(accumulator).balance, 0.4 ether);
    }

    /// @dev Who does not take coins keeps nobody else from theirs, and nothing is lost.
    function test_withdraw_refused_reverts() public {
        address refuser = address(new Refuser());
        ITrainingJobs.Job memory job = _job();
        job.compute = refuser;
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        receipt.compute = refuser;
        vm.prank(BOB);
        jobs.submit(jobId, receipt, PLACES);
        _complete(jobId);
        vm.expectRevert(Refuser.Refuser_NoThanks.selector);
        jobs.withdraw(refuser);
        vm.assertEq(jobs.creditOf(refuser), 0.25 ether);
        vm.assertEq(jobs.withdraw(BOB), 0.35 ether);
        vm.assertEq(address(jobs).balance, 0.25 ether);
    }

    function test_withdraw_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        ITrainingJobs.Job memory job = _job();
        (job.provider, job.deadline) = (address(payee), uint64(block.timestamp) + 1 days);
        uint64 jobId = _open(job, 1 ether);
        ITrainingJobs.Receipt memory receipt = _receipt();
        vm.prank(address(payee));
        jobs.submit(jobId, receipt, PLACES);
        _complete(jobId);
        // Others' coins are there to be taken.
        _open(5 ether);
        payee.prepare(abi.encodeCall(ITrainingJobs.withdraw, (address(payee))));
        vm.assertEq(jobs.withdraw(address(payee)), 0.35 ether);
        vm.assertEq(payee.paid(), 0.35 ether);
        vm.assertEq(jobs.creditOf(address(payee)), 0);
        vm.assertEq(address(jobs).balance, 5.25 ether);
    }

    /// @dev A client that is paid back and would have it once more.
    function test_expire_reentered_reverts() public {
        Reenterer client = new Reenterer();
        vm.deal(address(client), 1 ether);
        ITrainingJobs.Job memory job = _job();
        vm.prank(address(client));
        uint64 jobId = jobs.open{ value: 1 ether }(job);
        _open(5 ether);
        vm.warp(job.deadline);
        jobs.expire(jobId);
        client.prepare(abi.encodeCall(ITrainingJobs.expire, (jobId)));
        vm.expectRevert(Reenterer.Reenterer_Failed.selector);
        jobs.withdraw(address(client));
        vm.assertEq(jobs.creditOf(address(client)), 1 ether);
    }

    // Training weights that do otherwise than those that are there

    /// @dev A job of which the training weights are others.
    function _submittedTo(address _accumulator) internal returns (uint64 jobId_) {
        jobs = _jobs(ITrainingAccumulator(_accumulator));
        return _submitted(10 ether);
    }

    function test_complete_refused_succeeds() public {
        MoodyAccumulator weights = new MoodyAccumulator();
        uint64 jobId = _submittedTo(address(weights));
        weights.change(MoodyAccumulator.Mood.REFUSES);
        vm.expectEmit();
        emit ITrainingJobs.DataReturned(jobId, adapter, CLIENT, 4 ether);
        _complete(jobId);
        vm.assertEq(jobs.withdraw(CLIENT), 4 ether);
        vm.assertEq(jobs.withdraw(CAROL), 2.5 ether);
        vm.assertEq(jobs.withdraw(BOB), 3.5 ether);
        vm.assertEq(address(jobs).balance, 0);
        _closed(jobId, ITrainingJobs.Status.COMPLETED);
    }

    function test_complete_noAnswer_reverts() public {
        MoodyAccumulator weights = new MoodyAccumulator();
        uint64 jobId = _submittedTo(address(weights));
        weights.change(MoodyAccumulator.Mood.FAILS);
        vm.expectRevert(ITrainingJobs.TrainingJobs_NoAnswer.selector);
        _complete(jobId);
        vm.assertEq(uint256(jobs.jobOf(jobId).status), uint256(ITrainingJobs.Status.SUBMITTED));
        vm.assertEq(address(jobs).balance, 10 ether);
        weights.change(MoodyAccumulator.Mood.TAKES);
        _complete(jobId);
        vm.assertEq(address(weights).balance, 4 ether);
    }

    /// @dev The real one, which has no room any more.
    function test_complete_overflow_succeeds() public {
        uint64 jobId = _submitted(10 ether);
        vm.deal(address(this), type(uint128).max);
        accumulator.feed{ value: type(uint128).max }(adapter);
        _complete(jobId);
        vm.assertEq(jobs.creditOf(CLIENT), 4 ether);
        vm.assertEq(address(jobs).balance, 10 ether);
    }

    function test_complete_reentered_succeeds() public {
        ReenteringAccumulator weights = new ReenteringAccumulator(1, BOB, false);
        uint64 jobId = _submittedTo(address(weights));
        _open(5 ether);
        vm.warp(block.timestamp + 400 days);
        jobs.complete(jobId);
        vm.assertEq(weights.successes(), 0);
        vm.assertEq(weights.withdrawn(), 3.5 ether);
        vm.assertEq(jobs.creditOf(BOB), 0);
        vm.assertEq(address(jobs).balance, 5 ether + jobs.creditOf(CAROL));
    }

    /// @dev What a call did that failed is undone before the client is credited.
    function test_complete_reenteredAndRefused_succeeds() public {
        uint64 jobId = _submittedTo(address(new ReenteringAccumulator(1, BOB, true)));
        uint256 before = BOB.balance;
        _complete(jobId);
        vm.assertEq(BOB.balance, before);
        vm.assertEq(jobs.creditOf(BOB), 3.5 ether);
        vm.assertEq(jobs.creditOf(CLIENT), 4 ether);
        vm.assertEq(address(jobs).balance, 10 ether);
    }

    /// @dev However much gas there is, either the data is paid or nothing happens.
    function testFuzz_complete_gas_succeeds(uint256 _gas) public {
        uint64 jobId = _submitted(10 ether);
        vm.prank(EVALUATOR);
        try jobs.complete{ gas: _bound(_gas, 40_000, 120_000) }(jobId) {
            vm.assertEq(address(accumulator).balance, 4 ether);
        } catch {
            vm.assertEq(address(accumulator).balance, 0);
            vm.assertEq(address(jobs).balance, 10 ether);
        }
        vm.assertEq(jobs.creditOf(CLIENT), 0);
    }

    // To the wei

    /// @dev Any split of any budget, ended in any way, beside others that are open.
    function testFuzz_conservation_succeeds(uint96 _budget, uint16 _data, uint16 _compute, uint8 _end) public {
        uint256 budget = _bound(_budget, 1, type(uint96).max);
        vm.deal(CLIENT, budget + 7);
        ITrainingJobs.Job memory job = _job();
        job.split.data = uint16(_bound(_data, 1_000, 10_000));
        job.split.compute = uint16(_bound(_compute, 0, 10_000 - job.split.data));
        job.split.tuner = 10_000 - job.split.data - job.split.compute;
        uint64 jobId = _open(job, budget);
        _open(7);
        (uint256 data, uint256 compute, uint256 client) = (0, 0, budget);
        if (_end % 3 != 0) _submit(jobId);
        if (_end % 3 == 0) {
            vm.warp(job.deadline);
            jobs.expire(jobId);
        } else if (_end % 3 == 1) {
            vm.prank(EVALUATOR);
            jobs.reject(jobId, 0);
        } else {
            _complete(jobId);
            (data, compute, client) = (budget * job.split.data / 10_000, budget * job.split.compute / 10_000, 0);
        }
        vm.assertEq(address(accumulator).balance, data);
        uint256 before = CLIENT.balance;
        vm.assertEq(jobs.withdraw(CLIENT), client);
        vm.assertEq(CLIENT.balance, before + client);
        vm.assertEq(jobs.withdraw(CAROL), compute);
        vm.assertEq(jobs.withdraw(BOB), budget - data - compute - client);
        vm.assertEq(address(jobs).balance, 7);
    }

    /// @dev No split that anybody can open with crosses the bounds.
    function testFuzz_open_split_succeeds(uint16 _data, uint16 _compute, uint16 _tuner, bool _isNamed) public {
        // Often the whole, so that other bounds decide.
        uint16[3] memory split = [_data % 12_000, _compute % 12_000, _tuner];
        if (uint256(split[0]) + split[1] <= 10_000 && _tuner % 4 != 0) split[2] = 10_000 - split[0] - split[1];
        ITrainingJobs.Job memory job = _job();
        job.split = ITrainingJobs.Split(split[0], split[1], split[2]);
        if (!_isNamed) job.compute = address(0);
        bool isRight =
            uint256(split[0]) + split[1] + split[2] == 10_000 && split[0] >= 1_000 && (split[1] == 0 || _isNamed);
        vm.prank(CLIENT);
        try jobs.open{ value: 1 }(job) {
            vm.assertTrue(isRight);
        } catch (bytes memory reason) {
            vm.assertFalse(isRight);
            vm.assertEq(bytes32(bytes4(reason)), bytes32(ITrainingJobs.TrainingJobs_Split.selector));
        }
    }
}
