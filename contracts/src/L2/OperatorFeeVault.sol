// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { FeeVault } from "src/L2/FeeVault.sol";

/// @title OperatorFeeVault
/// @notice Predeploy 0x420000000000000000000000000000000000001b: the operator fees.
contract OperatorFeeVault is FeeVault { }
