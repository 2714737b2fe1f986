// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { SafeCall } from "src/libraries/SafeCall.sol";

/// @title GasProbe
/// @notice Code that succeeds exactly if it is called with at least as much gas as the first word of its data says.
library GasProbe {
    /// @dev GAS comes first and costs 2: gas + 2 < needed reverts, and everything else stops.
    ///      GAS, PUSH1 2, ADD, PUSH0, CALLDATALOAD, GT, PUSH1 11, JUMPI, STOP, JUMPDEST, PUSH0, PUSH0, REVERT.
    bytes internal constant CODE = hex"5a6002015f3511600b57005b5f5ffd";
}

/// @title GasMeter
/// @notice The same with storage: takes what it is given with a call of enough gas, and remembers that there was one. It does
///         not count what it costs to get to its first instruction, some hundred gas.
contract GasMeter {
    uint256 internal immutable NEEDED;
    bool public enough;

    constructor(uint256 _needed) {
        NEEDED = _needed;
    }

    fallback() external payable {
        require(gasleft() + 300 >= NEEDED);
        enough = true;
    }
}

/// @title SafeCaller
/// @notice Calls as the portal does, and says how that went.
contract SafeCaller {
    receive() external payable { }

    /// @notice Whether the call succeeded. Reverts where it was not made.
    function call(
        address _target,
        uint256 _minGas,
        uint256 _reservedGas,
        uint256 _value,
        bytes memory _data
    ) external returns (bool success_) {
        success_ = SafeCall.callWithMinGas(_target, _minGas, _reservedGas, _value, _data);
    }
}
