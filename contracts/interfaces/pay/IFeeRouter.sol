// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IFeeRouter
/// @notice Divides what fees leave besides the data pool: the platform's part, of which at least half is destroyed, and the shares of licensors, tuner, compute
///         and stakers. Amounts are in wei of the native coin.
/// @dev Nobody owns this contract, and nothing can be paused. By the totals of a model version in a range: the platform has its basis points of all fees, rounded
///      down; the rest is divided by the split table, to the wei.
///      Gifts in a reserve can be given to training weights, for a model version never more than a part, below the whole, of what was destroyed of its fees: who pays
///      for their own answers loses more than they can get.
interface IFeeRouter {
    /// @notice What came of the fees of a model version.
    /// @param platform The platform's part, `burned` included.
    /// @param burned What was destroyed.
    /// @param licensors What the licensors got together.
    struct Division {
        uint128 platform;
        uint128 burned;
        uint128 licensors;
        uint128 tuner;
        uint128 compute;
        uint128 stakers;
    }

    /// @notice Fees were divided. Read by indexer and explorer.
    event Distributed(uint64 indexed k, uint64 indexed modelVersion, Division division);

    /// @notice An account has a share. Read by wallets.
    event Credited(address indexed account, uint64 indexed modelVersion, uint256 amount);

    /// @notice Shares were handed over. Read by wallets.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice The reserve has more. Read by indexer and explorer.
    event Donated(address indexed from, uint256 amount);

    /// @notice Coins of the reserve went to the training weights of a model version. Read by indexer and explorer.
    event Emitted(uint64 indexed modelVersion, uint256 amount);

    /// @notice Only the contract that takes payments sends coins in any other way than {donate}.
    error FeeRouter_NotAllowed();

    /// @notice At least half of the platform's part is destroyed, and what is given is less than what was; there is a treasury.
    error FeeRouter_Bounds();

    /// @notice Divides the fees of a model version in a range that was cut. By anyone; nothing happens the second time.
    function distribute(uint64 k, uint64 modelVersion) external returns (Division memory division_);

    /// @notice Hands over an account's shares. By anyone.
    function withdraw(address account) external returns (uint256 amount_);

    /// @notice Adds the value to the reserve.
    function donate() external payable;

    /// @notice Gives the training weights of a model version what they can be given of the reserve. By anyone.
    function emitTo(uint64 modelVersion) external returns (uint256 amount_);

    /// @notice What an account can have handed over.
    function creditOf(address account) external view returns (uint256 credit_);

    /// @notice What of the fees of a model version was destroyed.
    function burnedOf(uint64 modelVersion) external view returns (uint128 burned_);

    /// @notice What the training weights of a model version were given of the reserve.
    function emittedOf(uint64 modelVersion) external view returns (uint128 emitted_);

    /// @notice All that was destroyed.
    function burned() external view returns (uint128 burned_);

    /// @notice All that was given of the reserve.
    function emitted() external view returns (uint128 emitted_);

    /// @notice What is left of the reserve.
    function reserve() external view returns (uint128 reserve_);
}
