// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { AnchorStateRegistry } from "src/L1/AnchorStateRegistry.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { Caller } from "test/mocks/Targets.sol";
import { ChainModel } from "test/invariants/ChainModel.sol";
import { StorageTrie } from "test/utils/StorageTrie.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Chain_Actors
/// @notice Users of both layers, a proposer that is mostly honest, a challenger, a guardian that interferes as it likes, and
///         thieves. What the portal should let them do is computed from what they did; both kinds of difference are counted.
contract Chain_Actors is ChainModel {
    /// @notice What should not have been possible, and what should have been.
    uint256 public wronglyAllowed;
    uint256 public wronglyRefused;
    /// @notice Withdrawals that were paid although the game was set aside or retired, or that the L2 never registered.
    uint256 public paidBySetAsideGame;
    uint256 public thefts;
    /// @notice Deposits, those of them that no event reports, those that were refused, and those during a pause.
    uint256 public deposits;
    uint256 public unreported;
    uint256 public refusedDeposits;
    uint256 public pausedDeposits;

    /// @dev A target that tries to be paid a second time.
    Caller internal immutable REENTRANT = new Caller();

    uint256 internal time = block.timestamp;
    uint256 internal height = block.number;

    /// @dev Goes on where the last call has left the clock.
    modifier now_() {
        vm.warp(time);
        _;
        time = block.timestamp;
    }

    constructor(OptimismPortal _portal, IERC20 _token) ChainModel(_token, GENESIS) {
        portal = _portal;
        registry = AnchorStateRegistry(address(_portal.anchorStateRegistry()));
        factory = DisputeGameFactory(address(_portal.disputeGameFactory()));
        superchainConfig = SuperchainConfig(address(_portal.superchainConfig()));
        retiredUntil = registry.retirementTimestamp();
    }

    function pass(uint256 _seconds) external {
        time += _bound(_seconds, 1, 8 days);
    }

    /// @dev Valid, in a block of its own: nothing may refuse it.
    function deposit(uint256 _mint, uint256 _value, uint8 _to, bool _byAlice) external now_ {
        uint256 mint = _bound(_mint, 0, 100 ether);
        vm.roll(++height);
        vm.recordLogs();
        try this.attemptDeposit(mint, _bound(_value, 0, 200 ether), users[_to % 3], _byAlice ? ALICE : BOB) {
            ++deposits;
            if (superchainConfig.paused()) ++pausedDeposits;
            paid += mint;
            if (!_enqueue(vm.getRecordedLogs(), address(portal))) ++unreported;
        } catch {
            ++refusedDeposits;
        }
    }

    /// @dev Separate, so that a failure can be counted.
    function attemptDeposit(uint256 _mint, uint256 _value, address _to, address _from) external {
        require(msg.sender == address(this));
        vm.prank(_from, _from);
        if (address(TOKEN) == address(0)) {
            portal.depositTransaction{ value: _mint }(_to, _value, 21_000, false, "");
        } else {
            portal.depositERC20Transaction(_to, _mint, _value, 21_000, false, "");
        }
    }

    /// @dev Coins that nobody owes anybody.
    function donate(uint96 _amount) external {
        uint256 amount = _bound(_amount, 0, 10 ether);
        gifts += amount;
        vm.prank(ALICE);
        if (address(TOKEN) == address(0)) portal.donateETH{ value: amount }();
        else TOKEN.transfer(address(portal), amount);
    }

    function derive(uint8 _count) external {
        for (uint256 i; i < _count % 4; ++i) {
            _derive();
        }
    }

    function useL2(uint8 _from, uint8 _to, uint256 _amount, uint8 _how) external {
        _useL2(users[_from % 3], users[_to % 3], _amount, _how);
    }

    function withdraw(uint8 _from, uint256 _amount, uint32 _gasLimit, uint8 _target) external {
        address sender = users[_from % 3];
        uint256 amount = _bound(_amount, 0, balance[sender]);
        (address target, bytes memory data) = (BOB, bytes(""));
        if (_target % 4 == 1) (target, data) = (address(factory), "?");
        if (_target % 4 == 2) (target, data) = (address(REENTRANT), "!");
        _register(
            IOptimismPortal.WithdrawalTransaction(
                nextNonce++, sender, target, amount, _bound(_gasLimit, 0, 500_000), data
            )
        );
    }

    /// @dev The proposer tells the truth about the L2 as it is.
    function propose() external now_ {
        _claimTruth();
    }

    /// @dev The proposer claims an exit that never was. Somebody proves it at once; then the challenger rejects it, or the
    ///      guardian sets it aside or retires it, as they do with every lie.
    function lie(uint256 _amount, uint8 _answer) external now_ {
        exits.push();
        Exit storage exit = exits[exits.length - 1];
        exit.tx = IOptimismPortal.WithdrawalTransaction(nextNonce++, ALICE, BOB, _bound(_amount, 0, GENESIS), 0, "");
        (exit.hash, exit.isLie) = (_hash(exit.tx), true);
        uint256 claim = _newClaim(_slots(_slot(exit.hash)));
        vm.warp(block.timestamp + 1);
        _tryToProve(exits.length - 1, claim, ALICE, 0);
        if (_answer % 3 == 0) {
            _challenge(claims[claim].game);
            (claims[claim].rejected, claims[claim].resolvedAt) = (true, block.timestamp);
        } else if (_answer % 3 == 1) {
            _setAside(claim);
        } else {
            _retire();
        }
    }

    function prove(uint8 _exit, uint8 _claim, bool _byAlice, uint8 _how) external now_ {
        if (exits.length == 0 || claims.length == 0) return;
        _tryToProve(_exit % exits.length, _claim % claims.length, _byAlice ? ALICE : BOB, _how);
    }

    function finalize(uint8 _exit, bool _byAlice, uint8 _caller) external now_ {
        if (exits.length > 0) _tryToFinalize(_exit % exits.length, _byAlice ? ALICE : BOB, users[_caller % 3]);
    }

    function challenge(uint8 _claim) external now_ {
        if (claims.length == 0) return;
        Claim storage claim = claims[_claim % claims.length];
        vm.prank(CHALLENGER);
        try claim.game.challenge() {
            (claim.rejected, claim.resolvedAt) = (true, time);
        } catch { }
    }

    function resolve(uint8 _claim) external now_ {
        if (claims.length == 0) return;
        Claim storage claim = claims[_claim % claims.length];
        try claim.game.resolve() {
            claim.resolvedAt = time;
        } catch { }
    }

    /// @dev Time passes until a game's result counts and whatever was proven until now is old enough.
    function ripen(uint8 _claim) external now_ {
        if (claims.length == 0) return;
        Claim storage claim = claims[_claim % claims.length];
        vm.warp(block.timestamp + MAX_CLOCK_DURATION);
        try claim.game.resolve() {
            claim.resolvedAt = block.timestamp;
        } catch { }
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY + 1);
    }

    function setAside(uint8 _claim, uint8 _chance) external now_ {
        if (claims.length > 0 && _chance % 4 == 0) _setAside(_claim % claims.length);
    }

    function retire(uint8 _chance) external now_ {
        if (_chance % 8 == 0) _retire();
    }

    function respect(uint8 _chance) external now_ {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(_chance % 4 == 0 ? GAME_TYPE + 1 : GAME_TYPE);
    }

    function pause(bool _unpause) external now_ {
        vm.startPrank(GUARDIAN);
        if (_unpause) try superchainConfig.unpause() { } catch { } else try superchainConfig.pause() { } catch { }
        vm.stopPrank();
    }

    /// @notice Whatever has happened: given one honest claim that the guardian lets live, every withdrawal comes through
    ///         within a pause, a game, its finality and the proof's maturity.
    function settle() external now_ {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(GAME_TYPE);
        vm.warp(block.timestamp + PAUSE_DURATION);
        uint256 claim = _claimTruth();
        vm.warp(block.timestamp + 1);
        for (uint256 i; i < exits.length; ++i) {
            if (!exits[i].isLie && !exits[i].finalized) _tryToProve(i, claim, ALICE, 0);
        }
        vm.warp(claims[claim].game.expectedResolution());
        claims[claim].game.resolve();
        claims[claim].resolvedAt = block.timestamp;
        vm.warp(block.timestamp + FINALITY_DELAY + PROOF_MATURITY_DELAY);
        for (uint256 i; i < exits.length; ++i) {
            if (!exits[i].finalized) _tryToFinalize(i, ALICE, BOB);
            if (!exits[i].isLie && !exits[i].finalized) ++wronglyRefused;
        }
    }

    function _claimTruth() internal returns (uint256) {
        return _newClaim(_slots(0));
    }

    function _newClaim(bytes32[] memory _registered) internal returns (uint256 claim_) {
        claim_ = claims.length;
        claims.push();
        Claim storage claim = claims[claim_];
        claim.slots = _registered;
        (bytes32 root,) = StorageTrie.prove(_registered, _registered[0]);
        claim.output.stateRoot = keccak256(abi.encode("state", claim_));
        claim.output.latestBlockhash = keccak256(abi.encode("block", claim_));
        claim.output.messagePasserStorageRoot = root;
        claim.index = factory.gameCount();
        claim.respected = registry.respectedGameType() == GAME_TYPE;
        claim.createdAt = block.timestamp;
        claim.game = _propose(_outputRoot(claim.output), nextBlock++);
    }

    function _setAside(uint256 _claim) internal {
        _blacklist(claims[_claim].game);
        claims[_claim].setAside = true;
    }

    function _retire() internal {
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        retiredUntil = block.timestamp;
    }

    /// @dev From 8 upwards `_how` is honest; below it says what is wrong.
    function _tryToProve(uint256 _exit, uint256 _claim, address _by, uint8 _how) internal {
        Exit storage exit = exits[_exit];
        Claim storage claim = claims[_claim];
        IOptimismPortal.WithdrawalTransaction memory withdrawal = exit.tx;
        IOptimismPortal.OutputRootProof memory output = claim.output;
        uint256 index = claim.index;
        (, bytes[] memory proof) = StorageTrie.prove(claim.slots, _slot(exit.hash));
        bool honest = _how == 0 || _how >= 8;
        if (_how == 1) ++withdrawal.value;
        if (_how == 2) withdrawal.target = ALICE;
        if (_how == 3) proof[proof.length - 1][_exit % proof[proof.length - 1].length] ^= 0x01;
        if (_how == 4) output.messagePasserStorageRoot = keccak256(proof[proof.length - 1]);
        if (_how == 5) output.version = bytes32(uint256(1));
        if (_how == 6) index = (index + 1) % factory.gameCount();
        if (_how == 7) delete proof;
        // The only game there is, and a root that is its own: nothing is wrong then.
        if (_how == 6 && index == claim.index) honest = true;
        if (_how == 4 && output.messagePasserStorageRoot == claim.output.messagePasserStorageRoot) honest = true;
        bool expected = honest && _knows(claim, _slot(exit.hash)) && !exit.finalized && !superchainConfig.paused()
            && _isSound(claim) && block.timestamp > claim.createdAt;
        vm.prank(_by, _by);
        try portal.proveWithdrawalTransaction(withdrawal, index, output, proof) {
            if (!expected) ++wronglyAllowed;
            (exit.provenWith[_by], exit.provenAt[_by]) = (_claim, block.timestamp);
        } catch {
            if (expected) ++wronglyRefused;
        }
    }

    function _tryToFinalize(uint256 _exit, address _submitter, address _by) internal {
        Exit storage exit = exits[_exit];
        bool expected = !exit.finalized && !superchainConfig.paused() && _isRipe(exit, _submitter);
        IOptimismPortal.WithdrawalTransaction memory withdrawal = exit.tx;
        REENTRANT.arm(
            address(portal),
            0,
            abi.encodeCall(IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (withdrawal, _submitter))
        );
        uint256 before = _held();
        vm.prank(_by, _by);
        try portal.finalizeWithdrawalTransactionExternalProof(withdrawal, _submitter) {
            if (!expected || REENTRANT.success()) ++wronglyAllowed;
            if (exit.isLie) ++thefts;
            Claim storage claim = claims[exit.provenWith[_submitter]];
            if (claim.setAside || claim.rejected || claim.createdAt <= retiredUntil) ++paidBySetAsideGame;
            exit.finalized = true;
            finalized += withdrawal.value;
            gifts += withdrawal.value - (before - _held());
        } catch {
            if (expected) ++wronglyRefused;
        }
    }

    /// @dev Whether what somebody proved is old enough and the game's result counts.
    function _isRipe(Exit storage _exit, address _submitter) internal view returns (bool) {
        uint256 provenAt = _exit.provenAt[_submitter];
        if (provenAt == 0) return false;
        Claim storage claim = claims[_exit.provenWith[_submitter]];
        return _isSound(claim) && claim.resolvedAt != 0 && block.timestamp > claim.resolvedAt + FINALITY_DELAY
            && block.timestamp > provenAt + PROOF_MATURITY_DELAY;
    }

    /// @dev Coins that the portal really has.
    function _held() internal view returns (uint256) {
        return address(TOKEN) == address(0) ? address(portal).balance : TOKEN.balanceOf(address(portal));
    }
}
