// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IPayoutVault
/// @notice Holds the data pools of answers and pays them out by final epochs: to contributors, and to the training weights of model versions.
///         Amounts are in wei of the native coin.
/// @dev A row P says what a contributor has earned since the first epoch, so that any final epoch pays, and one that was passed over loses
///      nothing. Nobody owns this contract, nothing can be paused, nothing expires, and no fee is taken.
interface IPayoutVault {
    /// @notice An epoch is final, and what it pays out arrived: its data pool, or nothing where nobody settled it. Read by the indexer.
    event Settled(uint64 indexed k, bytes32 payoutRoot, bytes32 modelsRoot, uint256 amount);

    /// @notice A contributor was paid. Read by indexer, explorer and wallets.
    /// @param to The payee, or who gets it on the L1.
    event Claimed(uint64 indexed contributor, uint64 indexed k, address indexed to, uint256 amount, bool onL1);

    /// @notice A model version's training weights were given what an epoch leaves them. Read by indexer and explorer.
    event Fed(uint64 indexed modelVersion, uint64 indexed k, uint256 amount);

    /// @notice Only the settlement says what is final.
    error PayoutVault_NotSettlement();

    /// @notice The epoch is not final.
    error PayoutVault_NotFinal(uint64 k);

    /// @notice The row is not the epoch's.
    error PayoutVault_NotShown();

    /// @notice The contributor wants to claim alone, or is in recovery; or the caller is not the contributor's key.
    error PayoutVault_NotAllowed(uint64 contributor);

    /// @notice Coins that might never be had on the L1: they are for the zero address, or for a call with more than 10,000,000 gas.
    error PayoutVault_L1Call(address target, uint256 gasLimit);

    /// @notice The epoch gave to this model version before.
    error PayoutVault_FedBefore(uint64 k, uint64 modelVersion);

    /// @notice Takes what an epoch that is final pays out, as value, and the roots by which. By the settlement alone, which sees to it that this is once for each epoch and
    ///         that no root is zero.
    /// @dev The roots are kept here, where every claim reads them: to ask another contract would cost each of a million claims what this costs once.
    /// @param payoutRoot The root of the rows P.
    /// @param modelsRoot The root of the rows M.
    function settle(uint64 k, bytes32 payoutRoot, bytes32 modelsRoot) external payable;

    /// @notice Pays a contributor what they have earned by a final epoch and were not paid yet, to the payee of now. By anyone where the contributor
    ///         allows it, else by the contributor's key; by nobody while a recovery runs. Who may, is paid nothing, without a failure, where nothing is due.
    /// @param k A final epoch.
    /// @param row The contributor's leaf P.
    /// @param proof That it is in the epoch's payouts.
    /// @return amount_ What was paid.
    function claim(uint64 k, bytes calldata row, bytes calldata proof) external returns (uint256 amount_);

    /// @notice The same, straight to the L1: the register of withdrawals takes the coins for an account there. By the contributor's key alone.
    /// @param target Who gets them on the L1; not zero.
    /// @param gasLimit Gas for the call to the target on the L1, 10,000,000 at most.
    function claimToL1(
        uint64 k,
        bytes calldata row,
        bytes calldata proof,
        address target,
        uint256 gasLimit
    ) external returns (uint256 amount_);

    /// @notice Gives a model version's training weights what a final epoch leaves them, once. By anyone.
    /// @param k A final epoch.
    /// @param row The model version's leaf M.
    /// @param proof That it is in the epoch's model versions.
    function feed(uint64 k, bytes calldata row, bytes calldata proof) external;

    /// @notice The root of the rows P of a final epoch, which never changes again; zero while the epoch is not final.
    function payoutRootOf(uint64 k) external view returns (bytes32 root_);

    /// @notice The root of the rows M of a final epoch, which never changes again; zero while the epoch is not final.
    function modelsRootOf(uint64 k) external view returns (bytes32 root_);

    /// @notice What a contributor was paid since the first epoch.
    function claimedOf(uint64 contributor) external view returns (uint256 claimed_);

    /// @notice Whether a model version was given what an epoch leaves it.
    function isFed(uint64 k, uint64 modelVersion) external view returns (bool isFed_);
}
