// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { Vm } from "test/utils/Vm.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @title ChainModel
/// @notice The L2 as far as money is concerned: balances, what was deposited and not yet derived, what was withdrawn and not
///         yet finalized, what was burnt. And what was claimed about it on the L1.
abstract contract ChainModel is WithdrawalTest {
    /// @dev A deposit that no block of the L2 has yet.
    struct Pending {
        address from;
        address to;
        uint256 mint;
        uint256 value;
    }

    /// @dev A withdrawal: what it was proven with by whom, and whether it was paid. A lie is one that the L2 never registered.
    struct Exit {
        IOptimismPortal.WithdrawalTransaction tx;
        bytes32 hash;
        bool isLie;
        bool finalized;
        mapping(address submitter => uint256) provenWith;
        mapping(address submitter => uint256) provenAt;
    }

    /// @dev A game: the slots that are set in the claimed state, and what became of it.
    struct Claim {
        PermissionedDisputeGame game;
        uint256 index;
        IOptimismPortal.OutputRootProof output;
        bytes32[] slots;
        bool respected;
        bool rejected;
        bool setAside;
        uint256 createdAt;
        uint256 resolvedAt;
    }

    IERC20 internal immutable TOKEN;

    address[3] internal users = [ALICE, BOB, L2_SENDER];

    /// @notice Coins on the L2, by owner.
    mapping(address owner => uint256) public balance;
    /// @dev The same of the fee vaults together, and of the L2ToL1MessagePasser.
    uint256 internal vaults;
    uint256 internal passerBalance;
    /// @dev What was destroyed on the L2 by other means than the passer's.
    uint256 internal burnt;

    /// @notice Sums: what depositors paid on the L1, what the events minted, what the L2 has minted of it, what was withdrawn,
    ///         and what of that was finalized.
    uint256 public paid;
    uint256 public minted;
    uint256 public derived;
    uint256 public withdrawn;
    uint256 public finalized;
    /// @notice Coins in the portal that nobody is owed: gifts, and what a failing target did not take.
    uint256 public gifts;

    Pending[] internal pending;
    uint256 internal nextPending;
    Exit[] internal exits;
    Claim[] internal claims;
    uint256 internal retiredUntil;

    constructor(IERC20 _token, uint256 _genesis) {
        TOKEN = _token;
        balance[ALICE] = _genesis;
    }

    /// @notice All coins of the L2, the passer's included.
    function supply() public view returns (uint256) {
        return balance[users[0]] + balance[users[1]] + balance[users[2]] + vaults + passerBalance;
    }

    /// @notice Sum of the deposits that are under way.
    function underWay() public view returns (uint256 sum_) {
        for (uint256 i = nextPending; i < pending.length; ++i) {
            sum_ += pending[i].mint;
        }
    }

    /// @notice What the portal must have counted: balances without the passer's, deposits under way, withdrawals that are not
    ///         finalized, and what was burnt.
    function owed() external view returns (uint256) {
        return supply() - passerBalance + underWay() + withdrawn - finalized + burnt;
    }

    /// @dev Reads the one deposit event among these logs. False if there is not exactly one.
    function _enqueue(Vm.Log[] memory _logs, address _portal) internal returns (bool) {
        uint256 found;
        for (uint256 i; i < _logs.length; ++i) {
            if (_logs[i].emitter != _portal) continue;
            bytes memory opaque = abi.decode(_logs[i].data, (bytes));
            (uint256 mint, uint256 value) = (0, 0);
            assembly ("memory-safe") {
                mint := mload(add(opaque, 0x20))
                value := mload(add(opaque, 0x40))
            }
            minted += mint;
            (address from, address to) = (_address(_logs[i].topics[1]), _address(_logs[i].topics[2]));
            pending.push(Pending(from, to, mint, value));
            ++found;
        }
        return found == 1;
    }

    function _address(bytes32 _word) private pure returns (address) {
        return address(uint160(uint256(_word)));
    }

    /// @dev The L2's next deposit: the mint stays with the sender where its value is not covered.
    function _derive() internal {
        if (nextPending == pending.length) return;
        Pending memory next = pending[nextPending++];
        balance[next.from] += next.mint;
        derived += next.mint;
        if (next.value > balance[next.from]) return;
        balance[next.from] -= next.value;
        balance[next.to] += next.value;
    }

    /// @dev A transaction of the L2: a transfer, a fee, destruction, or the burning of what was withdrawn.
    function _useL2(address _from, address _to, uint256 _amount, uint8 _how) internal {
        uint256 amount = _bound(_amount, 0, balance[_from]);
        if (_how % 4 == 3) {
            passerBalance = 0;
            return;
        }
        balance[_from] -= amount;
        if (_how % 4 == 0) balance[_to] += amount;
        if (_how % 4 == 1) vaults += amount;
        if (_how % 4 == 2) burnt += amount;
    }

    /// @dev The L2 registers a withdrawal.
    function _register(IOptimismPortal.WithdrawalTransaction memory _tx) internal {
        exits.push();
        Exit storage exit = exits[exits.length - 1];
        (exit.tx, exit.hash) = (_tx, _hash(_tx));
        balance[_tx.sender] -= _tx.value;
        passerBalance += _tx.value;
        withdrawn += _tx.value;
    }

    /// @dev Slots of all withdrawals that were registered, one that always is, and another one if it is not zero.
    function _slots(bytes32 _another) internal view returns (bytes32[] memory slots_) {
        slots_ = new bytes32[](exits.length + 2);
        slots_[0] = keccak256("of somebody else");
        uint256 count = 1;
        for (uint256 i; i < exits.length; ++i) {
            if (!exits[i].isLie) slots_[count++] = _slot(exits[i].hash);
        }
        if (_another != 0) slots_[count++] = _another;
        assembly ("memory-safe") {
            mstore(slots_, count)
        }
    }

    /// @dev Whether a claimed state has a slot set.
    function _knows(Claim storage _claim, bytes32 _slotOfExit) internal view returns (bool) {
        for (uint256 i; i < _claim.slots.length; ++i) {
            if (_claim.slots[i] == _slotOfExit) return true;
        }
        return false;
    }

    /// @dev Whether a game can be relied on at all.
    function _isSound(Claim storage _claim) internal view returns (bool) {
        return _claim.respected && !_claim.rejected && !_claim.setAside && _claim.createdAt > retiredUntil;
    }
}
