// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { FeeVault } from "src/L2/FeeVault.sol";

/// @title SequencerFeeVault
/// @notice Predeploy 0x4200000000000000000000000000000000000011: the priority fees, as every block's coinbase.
contract SequencerFeeVault is FeeVault {
    /// @notice The recipient, under its oldest name.
    function l1FeeWallet() external view returns (address) {
        return recipient;
    }
}
