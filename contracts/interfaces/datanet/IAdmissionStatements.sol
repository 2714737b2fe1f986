// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";

/// @title IAdmissionStatements
/// @notice What demands and proofs are about: the statement of a contribution, which is its root of documents and when it was stated. Coins that leave are
///         credited and handed over by {withdraw}, so that nobody who refuses coins can hold anything up.
interface IAdmissionStatements {
    /// @notice An account has coins here. Read by wallets.
    event Credited(address indexed account, uint256 amount);

    /// @notice They were handed over. Read by wallets.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice Only the register of contributions sends coins here.
    error Admission_NotAllowed();

    /// @notice The contribution is not revealed, accepted or expelled, or it states something else.
    error Admission_NotStanding(uint32 commitSeq);

    /// @notice It is not time yet.
    error Admission_TooEarly(uint64 from);

    /// @notice The time is over.
    error Admission_TooLate(uint64 until);

    /// @notice Bytes are not what they should be: a leaf, a struct.
    error Admission_Encoding();

    /// @notice Something is not in its tree, or not on the chain.
    error Admission_NotShown();

    /// @notice Parts do not belong together.
    error Admission_Other();

    /// @notice Hands over an account's coins. By anyone.
    function withdraw(address account) external returns (uint256 amount_);

    /// @notice What an account can have handed over.
    function creditOf(address account) external view returns (uint256 credit_);

    /// @notice Who knows contributions.
    function CONTRIBUTIONS() external view returns (IContributionRegistry contributions_);
}
