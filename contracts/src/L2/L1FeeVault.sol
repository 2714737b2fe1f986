// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { FeeVault } from "src/L2/FeeVault.sol";

/// @title L1FeeVault
/// @notice Predeploy 0x420000000000000000000000000000000000001A: the fees for publishing data on the L1.
contract L1FeeVault is FeeVault { }
