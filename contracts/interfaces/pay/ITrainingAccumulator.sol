// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IModelWeights
/// @notice The training weights of a model version, which are fixed when it is published.
interface IModelWeights {
    /// @notice The tree of the rows W, and their sum.
    /// @return root_ Zero when there is no such version.
    /// @return total_ The tree's own, 1 to 10^15.
    /// @return declared_ Whether they are the publisher's word, and not a count that anyone can make again.
    function weightsOf(uint64 modelVersion) external view returns (bytes32 root_, uint128 total_, bool declared_);
}

/// @title ITrainingAccumulator
/// @notice Pays by training weight, without a loop over contributors: what a model version is fed is divided by the weights that it was published
///         with; see docs/attribution-method.md, "Training weights". Amounts are in wei of the native coin.
/// @dev All that was earned and the carry are together what was fed, to the wei, at any time; of two rows of one contributor, which a publisher can
///      declare, the lesser one's earnings stay here. Nobody owns this contract, nothing expires, and no
///      fee is taken. Coins that reach it in no other way than {feed} are nobody's.
interface ITrainingAccumulator {
    /// @notice A model version's weights were paid. Read by indexer and explorer.
    event Fed(uint64 indexed modelVersion, address indexed from, uint256 amount, uint128 perWeight, uint128 carry);

    /// @notice A contributor was paid. Read by indexer, explorer and wallets.
    event Claimed(uint64 indexed modelVersion, uint64 indexed contributor, address indexed payee, uint256 amount);

    /// @notice There is no such model version.
    error TrainingAccumulator_NoModel(uint64 modelVersion);

    /// @notice More than 2^128 - 1 wei in all for one model version.
    error TrainingAccumulator_Overflow();

    /// @notice The row is not among the model version's weights, or these have another sum than the version was published with.
    error TrainingAccumulator_NotShown();

    /// @notice The contributor wants to claim alone, or is in recovery.
    error TrainingAccumulator_NotAllowed(uint64 contributor);

    /// @notice Divides the value that comes with the call. By anyone: whoever pays adds to what is there.
    function feed(uint64 modelVersion) external payable;

    /// @notice Pays a contributor what their weight has earned and was not paid yet, to the payee of now. By anyone where the contributor allows
    ///         it, else by the contributor's key; by nobody while a recovery runs. Who may, is paid nothing, without a failure, where nothing is due.
    /// @param modelVersion The model version.
    /// @param row The contributor's leaf W.
    /// @param proof That it is among the weights.
    /// @return amount_ What was paid.
    function claim(uint64 modelVersion, bytes calldata row, bytes calldata proof) external returns (uint256 amount_);

    /// @notice What one unit of weight has earned since the beginning, and what is left for the next time.
    function accumulatorOf(uint64 modelVersion) external view returns (uint128 perWeight_, uint128 carry_);

    /// @notice What a contributor was paid for a model version.
    function claimedOf(uint64 modelVersion, uint64 contributor) external view returns (uint128 claimed_);
}
