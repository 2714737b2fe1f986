// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title AddressAlias
/// @notice Who a deposit comes from, seen from the L2. A contract's address says nothing about who controls the same
///         address on another chain, so contracts appear there under another one (OP Stack specification, "Deposits").
library AddressAlias {
    /// @dev What is added to a contract's address, modulo 2^160.
    uint160 internal constant OFFSET = uint160(0x1111000000000000000000000000000000001111);

    /// @dev First three bytes of an account's code that only delegates (EIP-7702), and the length of such code.
    bytes3 internal constant DELEGATION_PREFIX = 0xef0100;
    uint256 internal constant DELEGATION_LENGTH = 23;

    /// @dev The sender of the present call as the L2 sees it.
    function ofSender() internal view returns (address) {
        return isKeyHolder(msg.sender) ? msg.sender : apply_(msg.sender);
    }

    /// @dev Whether an account is controlled by a key, which controls it on every chain: it began the transaction, or
    ///      delegates its code. Nobody can deploy code with that prefix (EIP-3541).
    function isKeyHolder(address _account) internal view returns (bool) {
        if (_account == tx.origin) return true;
        bytes memory code = _account.code.length == DELEGATION_LENGTH ? _account.code : bytes("");
        return bytes3(code) == DELEGATION_PREFIX;
    }

    /// @dev The alias of a contract on the L1.
    function apply_(address _l1Address) internal pure returns (address) {
        unchecked {
            return address(uint160(_l1Address) + OFFSET);
        }
    }
}
