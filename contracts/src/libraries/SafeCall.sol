// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title SafeCall
/// @notice Calls that get the gas they were promised, and whose answers cost nothing.
library SafeCall {
    /// @notice There is too little gas left to give the call what it was promised.
    error SafeCall_NotEnoughGas();

    /// @dev What the CALL instruction itself costs at most: 2,600 for the access, 9,000 for the value, 25,000 for a new
    ///      account. (An account that delegates, whose delegate costs another access, is not new.)
    uint256 internal constant MAX_CALL_COST = 36_600;

    /// @dev That, and what is done between the check and the instruction.
    uint256 internal constant CALL_COST = 40_000;

    /// @dev Calls with at least `_minGas`, and keeps at least `_reservedGas` for what follows. Reverts where the gas that
    ///      is left does not suffice for both. The answer is not copied, so that a long one cannot use up the gas.
    /// @return success_ Whether the call succeeded.
    function callWithMinGas(
        address _target,
        uint256 _minGas,
        uint256 _reservedGas,
        uint256 _value,
        bytes memory _data
    ) internal returns (bool success_) {
        if (!hasMinGas(_minGas, _reservedGas)) revert SafeCall_NotEnoughGas();
        uint256 kept = MAX_CALL_COST + _reservedGas;
        assembly {
            success_ := call(sub(gas(), kept), _target, _value, add(_data, 0x20), mload(_data), 0, 0)
        }
    }

    /// @dev Whether the gas left is at least `_minGas * 64 / 63 + CALL_COST + _reservedGas`. A call gets at most 63/64 of
    ///      what is left (EIP-150): with a little less, it would quietly get less than it was promised.
    function hasMinGas(uint256 _minGas, uint256 _reservedGas) internal view returns (bool) {
        uint256 left = gasleft();
        // The first condition keeps the products small: amounts come from whoever withdraws.
        return _minGas < left && left * 63 >= _minGas * 64 + (CALL_COST + _reservedGas) * 63;
    }
}
