// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";

/// @title AttributionVerifier
/// @notice The one door to the verifiers of faults, which are two contracts since one would be larger than a chain allows.
contract AttributionVerifier is IAttributionVerifier {
    /// @notice Judges F1 to F5.
    IAttributionVerifier public immutable TILING_VERIFIER;

    /// @notice Judges F6 to F10.
    IAttributionVerifier public immutable EPOCH_VERIFIER;

    constructor(IAttributionVerifier _tilingVerifier, IAttributionVerifier _epochVerifier) {
        TILING_VERIFIER = _tilingVerifier;
        EPOCH_VERIFIER = _epochVerifier;
    }

    /// @inheritdoc IAttributionVerifier
    function verify(Epoch calldata _epoch, bytes calldata _proof) external view returns (uint8 fault_) {
        if (_proof.length == 0) revert AttributionVerifier_Kind();
        uint8 fault = uint8(_proof[0]) >> 4;
        if (fault == 0 || fault > 10) revert AttributionVerifier_Kind();
        return (fault <= 5 ? TILING_VERIFIER : EPOCH_VERIFIER).verify(_epoch, _proof);
    }
}
