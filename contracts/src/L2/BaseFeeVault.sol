// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { FeeVault } from "src/L2/FeeVault.sol";

/// @title BaseFeeVault
/// @notice Predeploy 0x4200000000000000000000000000000000000019: the base fees.
contract BaseFeeVault is FeeVault { }
