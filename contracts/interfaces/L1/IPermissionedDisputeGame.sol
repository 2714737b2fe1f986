// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";

/// @title IPermissionedDisputeGame
/// @notice A game between two accounts. The proposer claims; the challenger may reject the claim while the clock runs, and
///         its word decides, because nothing is executed again on the L1. Who they are is fixed in the game's code: the
///         owner of the factory replaces a party that abuses its role, and the guardian sets aside its games.
interface IPermissionedDisputeGame is IDisputeGame {
    /// @notice Who gets the bond.
    enum BondDistributionMode {
        UNDECIDED,
        NORMAL,
        REFUND
    }

    /// @notice The challenger rejected the claim.
    event Challenged(address indexed challenger);

    /// @notice It is decided who gets the bond.
    event GameClosed(BondDistributionMode bondDistributionMode);

    /// @notice The game was initialized before.
    error PermissionedDisputeGame_AlreadyInitialized();

    /// @notice This is no game: it was never initialized.
    error PermissionedDisputeGame_NotInitialized();

    /// @notice The caller is not the factory.
    error PermissionedDisputeGame_NotFactory();

    /// @notice The game's creator is not the proposer.
    error PermissionedDisputeGame_NotProposer();

    /// @notice The caller is not the challenger.
    error PermissionedDisputeGame_NotChallenger();

    /// @notice The extra data is not an ABI-encoded block number of at most 64 bits.
    error PermissionedDisputeGame_InvalidExtraData();

    /// @notice The claim is about a block that is not beyond the anchor's.
    error PermissionedDisputeGame_NotBeyondAnchor(uint256 l2BlockNumber, uint256 anchorBlockNumber);

    /// @notice The game is resolved.
    error PermissionedDisputeGame_AlreadyResolved();

    /// @notice The clock is still running.
    error PermissionedDisputeGame_ClockRunning();

    /// @notice The clock is out.
    error PermissionedDisputeGame_ClockExpired();

    /// @notice Withdrawals are paused, and the decision about the bond waits with them.
    error PermissionedDisputeGame_Paused();

    /// @notice The game is not finalized in the registry's eyes.
    error PermissionedDisputeGame_NotFinalized();

    /// @notice There is no bond, or none any more, for this recipient.
    error PermissionedDisputeGame_NoCredit();

    /// @notice The recipient did not accept the bond.
    error PermissionedDisputeGame_TransferFailed();

    /// @notice Rejects the claim, which ends the game at once. Only the challenger, and only while the clock runs.
    function challenge() external;

    /// @notice Decides who gets the bond: whoever won, or the creator if the game is not proper (set aside by the
    ///         guardian). Offers the registry this game as its anchor too. Anyone, once the game is finalized and
    ///         withdrawals are not paused. Does nothing when it was decided before.
    function closeGame() external;

    /// @notice Pays the bond to its owner, after closing the game where that was not done.
    function claimCredit(address _recipient) external;

    /// @notice What the recipient would be paid, as far as that is known: in wei, zero before the game is resolved.
    function credit(address _recipient) external view returns (uint256);

    /// @notice Who gets the bond.
    function bondDistributionMode() external view returns (BondDistributionMode);

    /// @notice The same as `l2SequenceNumber`, under its older name.
    function l2BlockNumber() external view returns (uint256);

    /// @notice How long the challenger has, in seconds.
    function maxClockDuration() external view returns (uint64);

    /// @notice When an unchallenged game can be resolved, in seconds.
    function expectedResolution() external view returns (uint64);

    /// @notice Chain id of the L2 that the claim is about.
    function l2ChainId() external view returns (uint256);

    /// @notice Who may claim.
    function proposer() external view returns (address);

    /// @notice Who may reject.
    function challenger() external view returns (address);
}
