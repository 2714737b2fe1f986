// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";

/// @title ITrainingJobs
/// @notice Pays for the training of a model: a client's coins wait here until an evaluator has seen what the provider, the tuner, made of which data.
///         What is submitted is a receipt that stays on the chain, and the data is paid once, when the job is completed, through the training weights of
///         the version. Nobody owns this contract, nothing here can be paused, and no fee is taken. Amounts are in wei of the native coin.
/// @dev The states are those of ERC-8183, with these differences: the coin is the native one and comes with the opening, so that no job is ever OPEN;
///      what was submitted does not expire, and is completed by anyone where the evaluator said nothing; before the submission nobody rejects.
///      A job's budget and what is credited are together what this contract holds, to the wei, at any time; coins that reach it in no other way than
///      {open} are nobody's.
///      What is not known here, and for the evaluator to see: whether the weights behind a content hash were made from the job's data and are what the
///      client can have, whether the version was submitted for another job, too, and whether it has training weights, which are its publisher's word;
///      without any, what the data is paid waits in the accumulator. Who is client, provider and evaluator at once makes any receipt they like.
///      What a provider looks at: whether it trusts the evaluator, whether it owns the model that it publishes under, and whether the base may be retired
///      before that. A version that is retired meanwhile is submitted all the same.
interface ITrainingJobs {
    /// @notice Where a job is, numbered as in ERC-8183.
    enum Status {
        /// There is no such job.
        OPEN,
        /// The provider works.
        FUNDED,
        /// The evaluator looks at it.
        SUBMITTED,
        /// Data, compute and tuner are paid.
        COMPLETED,
        /// The client has it back, since the evaluator said no.
        REJECTED,
        /// The client has it back, since nothing came in time.
        EXPIRED
    }

    /// @notice How a budget is divided, in basis points that sum to 10,000.
    /// @param data At least 1,000.
    /// @param compute Zero where there is no compute provider.
    /// @param tuner The provider's, who gets what the other two leave when they are rounded down.
    struct Split {
        uint16 data;
        uint16 compute;
        uint16 tuner;
    }

    /// @notice What is asked for.
    /// @param provider Who trains, and submits.
    /// @param compute Whose machines it is trained on; zero for nobody that is named or paid.
    /// @param evaluator Who says whether it is what was asked for: the client, another account, or a contract.
    /// @param datanets What it is trained on, 1 to 64, in this order; one may come again.
    /// @param base The model version that is tuned, or merged with others; zero for a model from data alone.
    /// @param split Who gets which part.
    /// @param deadline When a submission is too late, in seconds; within 365 days.
    /// @param reviewTime Seconds that the evaluator has from the submission to reject it, 90 days at most. Longer than what the chain can keep a
    ///        transaction out for, or else a rejection may come too late.
    struct Job {
        address provider;
        address compute;
        address evaluator;
        IModelRegistry.DatanetVersion[] datanets;
        uint64 base;
        Split split;
        uint64 deadline;
        uint32 reviewTime;
    }

    /// @notice What was made.
    /// @param modelVersion The version that it was published as.
    /// @param contentHash Keccak-256 of its weights, as published.
    /// @param compute Whose machines it was trained on: the job's.
    /// @param evalBefore The document (commit << 32 | index) that measures the base; where there is none it may be zero, for nothing.
    /// @param evalAfter The one that measures the version.
    /// @param datanets What it was trained on: the job's.
    struct Receipt {
        uint64 modelVersion;
        bytes32 contentHash;
        address compute;
        uint64 evalBefore;
        uint64 evalAfter;
        IModelRegistry.DatanetVersion[] datanets;
    }

    /// @notice What the chain keeps of a job.
    /// @param reviewEnd From when on it is completed by anyone; zero until it is submitted.
    /// @param datanetsHash Keccak-256 of the encoded Datanet versions.
    struct Record {
        address client;
        uint64 deadline;
        uint32 reviewTime;
        address provider;
        Status status;
        Split split;
        address evaluator;
        uint64 reviewEnd;
        address compute;
        uint64 base;
        uint128 budget;
        bytes32 datanetsHash;
    }

    /// @notice What the chain keeps of a receipt. It stands for what the evaluator took, or let pass, when the job is completed, else for nothing.
    /// @param hash See {receiptHashOf}; zero until it is submitted. What else a receipt has can be shown by it.
    struct KeptReceipt {
        bytes32 hash;
        uint64 modelVersion;
        uint64 evalBefore;
        uint64 evalAfter;
        uint64 submittedAt;
    }

    /// @notice There is a new job. Read by indexer, explorer and providers.
    event JobOpened(uint64 indexed jobId, address indexed client, address indexed provider, uint256 budget, Job job);

    /// @notice A model was trained. Read by evaluators, by indexer and explorer, which show what a version was made of and whether it improved, and by
    ///         who shows a receipt to another contract.
    event TrainingReceipt(
        uint64 indexed jobId,
        uint64 indexed modelVersion,
        address indexed provider,
        address client,
        uint64 base,
        uint256 budget,
        uint64 reviewEnd,
        bytes32 receiptHash,
        Receipt receipt
    );

    /// @notice A job was paid. Read by indexer, explorer and wallets.
    /// @param data What the training weights of the version were given.
    /// @param compute What the compute provider is credited.
    /// @param tuner What the provider is credited.
    event JobCompleted(uint64 indexed jobId, uint64 indexed modelVersion, uint256 data, uint256 compute, uint256 tuner);

    /// @notice The training weights could not take what the data is paid, and the client is credited it. Read by indexer, explorer and wallets.
    event DataReturned(uint64 indexed jobId, uint64 indexed modelVersion, address indexed client, uint256 amount);

    /// @notice A job was rejected, and the client is credited its budget. Read by indexer, explorer and wallets.
    /// @param reasonHash Keccak-256 of why.
    event JobRejected(uint64 indexed jobId, address indexed client, bytes32 reasonHash, uint256 budget);

    /// @notice Nothing came in time, and the client is credited the budget. Read by indexer, explorer and wallets.
    event JobExpired(uint64 indexed jobId, address indexed client, uint256 budget);

    /// @notice Somebody was paid what they were credited. Read by wallets.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice There is no such job.
    error TrainingJobs_Unknown(uint64 jobId);

    /// @notice The job is not where this can be done.
    error TrainingJobs_Status(uint64 jobId, Status status);

    /// @notice Only the job's provider submits.
    error TrainingJobs_NotProvider();

    /// @notice Only the job's evaluator may do this.
    error TrainingJobs_NotEvaluator();

    /// @notice No budget, no provider, no evaluator, or a time that is over, missing or too long.
    error TrainingJobs_Invalid();

    /// @notice Shares that are not the whole, less than 1,000 for data, or one for compute that nobody gets.
    error TrainingJobs_Split();

    /// @notice No Datanet version or more than 64; one that is not there, or whose licence does not consent to training and paid answers; or one that
    ///         does not stand in the corpus where it is said to.
    error TrainingJobs_Corpus(uint64 datanet);

    /// @notice A base that is retired; or a version that does not have the base among its parents, or is not from data alone where there is
    ///         none.
    error TrainingJobs_Lineage(uint64 modelVersion);

    /// @notice The receipt has other Datanet versions than the job, another compute provider, or not a place for each Datanet version.
    error TrainingJobs_OtherJob();

    /// @notice The version was published with other weights.
    error TrainingJobs_OtherContent();

    /// @notice No document of a contribution that was revealed and not expelled; or the same before and after.
    error TrainingJobs_Eval(uint64 seq);

    /// @notice It is not time yet.
    error TrainingJobs_TooEarly(uint64 from);

    /// @notice It was time until then.
    error TrainingJobs_TooLate(uint64 end);

    /// @notice The training weights gave no answer, as with too little gas.
    error TrainingJobs_NoAnswer();

    /// @notice Opens a job. By the client, with the budget as value. No Datanet version is taken that no model version could have in its corpus.
    /// @return jobId_ The next number, from one on.
    function open(Job calldata job) external payable returns (uint64 jobId_);

    /// @notice Submits what was made. By the provider, before the deadline, when the version is published.
    /// @dev That the two documents are evaluations, and of what, is not kept on the chain: it is in the event of their reveal. Here they are documents of
    ///      contributions that were revealed.
    /// @param places Where each Datanet version of the job stands in the version's corpus, a byte each.
    function submit(uint64 jobId, Receipt calldata receipt, bytes calldata places) external;

    /// @notice Pays data, compute and tuner. By the evaluator, or by anyone once the time of the review is over.
    /// @dev Training weights take what they are fed of any version that is published, up to 2^128 wei in all, which are more than there are. Were they to
    ///      refuse it with a reason, the client is credited it; without one all is as before. So no gas that a caller chooses takes it from the data.
    function complete(uint64 jobId) external;

    /// @notice Credits the client the budget. By the evaluator, within the time of the review.
    function reject(uint64 jobId, bytes32 reasonHash) external;

    /// @notice Credits the client the budget of a job that nothing was submitted for. By anyone, from the deadline on.
    function expire(uint64 jobId) external;

    /// @notice Pays an account what it was credited, nothing where that is nothing. By anyone.
    /// @return amount_ What was paid.
    function withdraw(address account) external returns (uint256 amount_);

    /// @notice How many jobs there are; their ids are one to this.
    function jobs() external view returns (uint64 jobs_);

    /// @notice What the chain keeps of a job.
    function jobOf(uint64 jobId) external view returns (Record memory record_);

    /// @notice What the chain keeps of a job's receipt.
    function receiptOf(uint64 jobId) external view returns (KeptReceipt memory receipt_);

    /// @notice The hash of a receipt, by chain, contract and job.
    function receiptHashOf(uint64 jobId, Receipt calldata receipt) external view returns (bytes32 hash_);

    /// @notice What an account was credited and not paid yet.
    function creditOf(address account) external view returns (uint256 credit_);
}
