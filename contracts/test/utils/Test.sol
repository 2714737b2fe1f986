// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Vm } from "test/utils/Vm.sol";

/// @title Test
/// @notice Base of all tests: the cheat codes, and contracts at chosen addresses.
abstract contract Test {
    /// @dev Tells forge that this is a test contract.
    bool public constant IS_TEST = true;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    address internal immutable ALICE = _account("alice");
    address internal immutable BOB = _account("bob");

    /// @dev An account of this name, with a million coins.
    function _account(string memory _name) internal returns (address account_) {
        (account_,) = _accountAndKey(_name);
    }

    /// @dev An account of this name and its key.
    function _accountAndKey(string memory _name) internal returns (address account_, uint256 key_) {
        key_ = uint256(keccak256(bytes(_name)));
        account_ = vm.addr(key_);
        vm.label(account_, _name);
        vm.deal(account_, 1_000_000 ether);
    }

    /// @dev Puts a contract's code at another address. Its storage there is empty.
    function _place(address _at, address _from) internal {
        vm.etch(_at, _from.code);
    }

    /// @dev Folds a random number into a range, both ends included.
    function _bound(uint256 _value, uint256 _min, uint256 _max) internal pure returns (uint256) {
        if (_value >= _min && _value <= _max) return _value;
        uint256 size = _max - _min + 1;
        return size == 0 ? _value : _min + _value % size;
    }

    /// @dev What a transaction of the call just made would have cost: the call, its data, and no less than the floor (EIP-2028, EIP-7623).
    function _transactionGas(bytes memory _data) internal view returns (uint256 gas_) {
        uint256 floor;
        gas_ = vm.lastCallGas().gasTotalUsed;
        for (uint256 k; k < _data.length; ++k) {
            gas_ += _data[k] == 0 ? 4 : 16;
            floor += _data[k] == 0 ? 10 : 40;
        }
        gas_ = 21_000 + (gas_ > floor ? gas_ : floor);
    }
}
