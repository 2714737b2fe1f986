// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title SuperchainConfig
/// @notice The pause, behind a proxy.
/// @dev A guardian that could prolong its own pause could stop withdrawals for ever. Here every pause ends by itself and
///      is followed by a time of the same length in which there is none.
contract SuperchainConfig is ISuperchainConfig, ProxyAdminOwned, Initializable {
    /// @notice No pause is longer than this, in seconds: three months.
    uint64 public constant MAX_PAUSE_DURATION = 90 days;

    /// @inheritdoc ISuperchainConfig
    address public guardian;

    /// @inheritdoc ISuperchainConfig
    uint64 public pauseDuration;

    /// @inheritdoc ISuperchainConfig
    uint64 public pausedAt;

    /// @inheritdoc ISuperchainConfig
    uint64 public expiration;

    /// @dev Only the guardian.
    modifier onlyGuardian() {
        if (msg.sender != guardian) revert SuperchainConfig_NotGuardian();
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ISuperchainConfig
    function initialize(address _guardian, uint64 _pauseDuration) external onlyProxyAdminOrOwner initializer {
        if (_pauseDuration == 0 || _pauseDuration > MAX_PAUSE_DURATION) {
            revert SuperchainConfig_InvalidPauseDuration();
        }
        pauseDuration = _pauseDuration;
        _setGuardian(_guardian);
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @inheritdoc ISuperchainConfig
    function pause() external onlyGuardian {
        if (block.timestamp < pausableAt()) revert SuperchainConfig_NotPausableUntil(pausableAt());
        pausedAt = uint64(block.timestamp);
        expiration = uint64(block.timestamp) + pauseDuration;
        emit Paused(expiration);
    }

    /// @inheritdoc ISuperchainConfig
    function unpause() external onlyGuardian {
        if (!paused()) revert SuperchainConfig_NotPaused();
        expiration = uint64(block.timestamp);
        emit Unpaused();
    }

    /// @inheritdoc ISuperchainConfig
    function setGuardian(address _guardian) external onlyProxyAdminOwner {
        _setGuardian(_guardian);
    }

    /// @inheritdoc ISuperchainConfig
    function paused() public view returns (bool) {
        return block.timestamp < expiration;
    }

    /// @inheritdoc ISuperchainConfig
    function pausableAt() public view returns (uint256) {
        return uint256(expiration) + (expiration - pausedAt);
    }

    /// @dev Stores the guardian.
    function _setGuardian(address _guardian) internal {
        emit GuardianSet(guardian, _guardian);
        guardian = _guardian;
    }
}
