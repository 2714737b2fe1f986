// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title ISuperchainConfig
/// @notice The pause: who may pull it, and for how long. It stops withdrawals and nothing else; deposits go on.
interface ISuperchainConfig is ISemver, IProxyAdminOwned {
    /// @notice The system is paused until `until` (in seconds since 1970), unless the guardian ends it sooner. Read by
    ///         monitors and by the explorer.
    event Paused(uint256 until);

    /// @notice The guardian ended the pause.
    event Unpaused();

    /// @notice There is a new guardian.
    event GuardianSet(address indexed previousGuardian, address indexed newGuardian);

    /// @notice The caller is not the guardian.
    error SuperchainConfig_NotGuardian();

    /// @notice The pause is in force, or the time that must pass after the last one has not. It has at `pausableAt`.
    error SuperchainConfig_NotPausableUntil(uint256 pausableAt);

    /// @notice There is no pause to end.
    error SuperchainConfig_NotPaused();

    /// @notice The longest pause is zero or beyond `MAX_PAUSE_DURATION`.
    error SuperchainConfig_InvalidPauseDuration();

    /// @notice Names the guardian and the longest pause, once.
    /// @param _guardian Who may pause; zero for nobody.
    /// @param _pauseDuration The longest pause, in seconds: 1 to `MAX_PAUSE_DURATION`.
    function initialize(address _guardian, uint64 _pauseDuration) external;

    /// @notice Pauses for `pauseDuration`. Only the guardian, and only from `pausableAt` on.
    function pause() external;

    /// @notice Ends the pause. Only the guardian.
    function unpause() external;

    /// @notice Names another guardian; zero for nobody. Only the owner of the ProxyAdmin. A pause in force stays.
    function setGuardian(address _guardian) external;

    /// @notice Whether the system is paused at this moment.
    function paused() external view returns (bool);

    /// @notice Who may pause.
    function guardian() external view returns (address);

    /// @notice The longest pause, in seconds.
    function pauseDuration() external view returns (uint64);

    /// @notice When the last pause began, in seconds since 1970; zero before the first.
    function pausedAt() external view returns (uint64);

    /// @notice When the last pause ended or is going to end, in seconds since 1970; zero before the first.
    function expiration() external view returns (uint64);

    /// @notice From when on the guardian may pause again, in seconds since 1970: as long after the end of the last
    ///         pause as that pause lasted. Thus the system is open at least half of any long time.
    function pausableAt() external view returns (uint256);
}
