// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { GameTest } from "test/utils/GameTest.sol";
import { StorageTrie } from "test/utils/StorageTrie.sol";

/// @title WithdrawalTest
/// @notice A deployed chain with coins, on whose L2 anything may have been withdrawn.
abstract contract WithdrawalTest is GameTest {
    uint256 internal constant GENESIS = 100_000 ether;

    /// @dev Slot of the portal's mapping of proofs.
    uint256 internal constant PROVEN_WITHDRAWALS_SLOT = 55;

    address internal immutable L2_SENDER = _account("sender on the L2");

    /// @dev Other withdrawals that the L2 has registered.
    uint256 internal neighbours = 3;

    /// @dev Numbers of the next withdrawal and of the next block that is claimed.
    uint256 internal nextNonce = 1 << 240;
    uint256 internal nextBlock = 1;

    /// @dev A withdrawal and all that is needed to prove it.
    struct Proven {
        IOptimismPortal.WithdrawalTransaction tx;
        bytes32 hash;
        PermissionedDisputeGame game;
        uint256 index;
        IOptimismPortal.OutputRootProof output;
        bytes[] proof;
    }

    function _withdrawal(
        address _target,
        uint256 _value,
        uint256 _gasLimit,
        bytes memory _data
    ) internal returns (IOptimismPortal.WithdrawalTransaction memory) {
        return IOptimismPortal.WithdrawalTransaction(nextNonce++, L2_SENDER, _target, _value, _gasLimit, _data);
    }

    function _hash(IOptimismPortal.WithdrawalTransaction memory _tx) internal pure returns (bytes32) {
        return keccak256(abi.encode(_tx.nonce, _tx.sender, _tx.target, _tx.value, _tx.gasLimit, _tx.data));
    }

    /// @dev Slot of `sentMessages[hash]` in the L2ToL1MessagePasser.
    function _slot(bytes32 _withdrawalHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_withdrawalHash, uint256(0)));
    }

    function _outputRoot(IOptimismPortal.OutputRootProof memory _output) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                _output.version, _output.stateRoot, _output.messagePasserStorageRoot, _output.latestBlockhash
            )
        );
    }

    /// @dev The state of an L2 that has registered this hash and its neighbours, and the proof of the hash.
    function _stateWith(bytes32 _withdrawalHash)
        internal
        view
        returns (IOptimismPortal.OutputRootProof memory output_, bytes[] memory proof_)
    {
        bytes32[] memory slots = new bytes32[](neighbours + 1);
        for (uint256 i; i < neighbours; ++i) {
            slots[i] = _slot(keccak256(abi.encode(_withdrawalHash, "neighbour", i)));
        }
        slots[neighbours] = _slot(_withdrawalHash);
        (output_.messagePasserStorageRoot, proof_) = StorageTrie.prove(slots, slots[neighbours]);
        output_.stateRoot = keccak256(abi.encode("state", _withdrawalHash));
        output_.latestBlockhash = keccak256(abi.encode("block", _withdrawalHash));
    }

    /// @dev A withdrawal whose L2 block was claimed one second ago.
    function _claimed(IOptimismPortal.WithdrawalTransaction memory _tx) internal returns (Proven memory proven_) {
        proven_.tx = _tx;
        proven_.hash = _hash(_tx);
        (proven_.output, proven_.proof) = _stateWith(proven_.hash);
        proven_.index = factory.gameCount();
        proven_.game = _propose(_outputRoot(proven_.output), nextBlock++);
        vm.warp(proven_.game.createdAt() + 1);
    }

    function _prove(Proven memory _proven) internal {
        vm.prank(ALICE, ALICE);
        portal.proveWithdrawalTransaction(_proven.tx, _proven.index, _proven.output, _proven.proof);
    }

    /// @dev Writes into the portal that Alice has proven a withdrawal, which she has not.
    function _storeProof(Proven memory _proven, uint64 _timestamp) internal {
        bytes32 slot = keccak256(abi.encode(ALICE, keccak256(abi.encode(_proven.hash, PROVEN_WITHDRAWALS_SLOT))));
        vm.store(address(portal), slot, bytes32(abi.encodePacked(uint32(0), _timestamp, address(_proven.game))));
        (IDisputeGame game, uint64 provenAt) = portal.provenWithdrawals(_proven.hash, ALICE);
        vm.assertEq(address(game), address(_proven.game));
        vm.assertEq(provenAt, _timestamp);
    }

    /// @dev A withdrawal that Alice has proven.
    function _proven(IOptimismPortal.WithdrawalTransaction memory _tx) internal returns (Proven memory proven_) {
        proven_ = _claimed(_tx);
        _prove(proven_);
    }

    /// @dev Time passes until both the game and the proof are old enough.
    function _mature(Proven memory _proven) internal {
        (, uint64 provenAt) = portal.provenWithdrawals(_proven.hash, ALICE);
        _resolve(_proven.game);
        uint256 finality = _proven.game.resolvedAt() + FINALITY_DELAY;
        uint256 maturity = provenAt + PROOF_MATURITY_DELAY;
        vm.warp((finality > maturity ? finality : maturity) + 1);
    }

    /// @dev A withdrawal that can be finalized.
    function _finalizable(IOptimismPortal.WithdrawalTransaction memory _tx) internal returns (Proven memory proven_) {
        proven_ = _proven(_tx);
        _mature(proven_);
    }

    /// @dev Anybody finalizes what Alice has proven.
    function _finalize(Proven memory _proven) internal {
        vm.prank(BOB, BOB);
        portal.finalizeWithdrawalTransactionExternalProof(_proven.tx, ALICE);
    }
}
