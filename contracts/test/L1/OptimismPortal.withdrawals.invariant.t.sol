// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { AnchorStateRegistry } from "src/L1/AnchorStateRegistry.sol";
import { DisputeGameFactory } from "src/L1/DisputeGameFactory.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { SuperchainConfig } from "src/L1/SuperchainConfig.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @title Withdrawal_Actors
/// @notice Depositors, withdrawers, a proposer, a challenger, and a guardian that interferes as it likes. What should be
///         possible is computed from what they did, and compared with what the portal lets them do.
contract Withdrawal_Actors is WithdrawalTest {
    /// @dev What became of a game.
    struct Play {
        PermissionedDisputeGame game;
        bool respected;
        bool rejected;
        bool setAside;
        uint256 createdAt;
        uint256 resolvedAt;
    }

    /// @dev What became of a withdrawal: which game claims it last, and which one it was proven with, if any.
    struct Story {
        uint256 claimedBy;
        uint256 provenWith;
        uint256 provenAt;
        bool finalized;
    }

    IERC20 internal immutable TOKEN;

    /// @notice Sum of all deposits, and of all withdrawals that were finalized.
    uint256 public deposited;
    uint256 public withdrawn;
    /// @notice What should not have been possible, and what should have been.
    uint256 public wronglyAllowed;
    uint256 public wronglyRefused;

    Proven[] internal proven;
    Story[] internal stories;
    Play[] internal plays;
    uint256 internal time = block.timestamp;
    uint256 internal height = block.number;
    uint256 internal retiredUntil;

    /// @dev Goes on where the last call has left the clock.
    modifier now_() {
        vm.warp(time);
        _;
        time = block.timestamp;
    }

    constructor(OptimismPortal _portal, IERC20 _token) {
        portal = _portal;
        registry = AnchorStateRegistry(address(_portal.anchorStateRegistry()));
        factory = DisputeGameFactory(address(_portal.disputeGameFactory()));
        superchainConfig = SuperchainConfig(address(_portal.superchainConfig()));
        retiredUntil = registry.retirementTimestamp();
        TOKEN = _token;
    }

    function pass(uint256 _seconds) external {
        time += _bound(_seconds, 1, 10 days);
    }

    function deposit(uint256 _amount) external now_ {
        uint256 amount = _bound(_amount, 0, 100 ether);
        vm.roll(++height);
        vm.prank(ALICE, ALICE);
        if (address(TOKEN) == address(0)) {
            portal.depositTransaction{ value: amount }(BOB, 0, 21_000, false, "");
        } else {
            portal.depositERC20Transaction(BOB, amount, 0, 21_000, false, "");
        }
        deposited += amount;
    }

    /// @dev At most what the L2 has. Calls of a contract that knows no such function fail, and are final all the same.
    function withdraw(uint256 _amount, bool _failing) external now_ {
        uint256 rest = portal.lockedBalance();
        for (uint256 i; i < proven.length; ++i) {
            if (!stories[i].finalized) rest -= proven[i].tx.value;
        }
        uint256 amount = _bound(_amount, 0, rest);
        proven.push(
            _claimed(_withdrawal(_failing ? address(factory) : BOB, amount, 50_000, _failing ? bytes("?") : bytes("")))
        );
        stories.push();
        _record(stories.length - 1);
    }

    /// @dev A later block of the L2 has the same state.
    function proposeAgain(uint8 _story) external now_ {
        if (stories.length > 0) _proposeAgain(_story % stories.length);
    }

    function prove(uint8 _story) external now_ {
        if (stories.length > 0) _tryToProve(_story % stories.length);
    }

    function finalize(uint8 _story) external now_ {
        if (stories.length > 0) _tryToFinalize(_story % stories.length);
    }

    function challenge(uint8 _play) external now_ {
        if (plays.length == 0) return;
        Play storage play = plays[_play % plays.length];
        vm.prank(CHALLENGER);
        try play.game.challenge() {
            (play.rejected, play.resolvedAt) = (true, time);
        } catch { }
    }

    function resolve(uint8 _play) external now_ {
        if (plays.length == 0) return;
        Play storage play = plays[_play % plays.length];
        try play.game.resolve() {
            play.resolvedAt = time;
        } catch { }
    }

    function close(uint8 _play, bool _claim) external now_ {
        if (plays.length == 0) return;
        PermissionedDisputeGame game = plays[_play % plays.length].game;
        try game.closeGame() { } catch { }
        if (!_claim) return;
        try game.claimCredit(PROPOSER) { } catch { }
        try game.claimCredit(CHALLENGER) { } catch { }
    }

    function setAside(uint8 _play, uint8 _chance) external now_ {
        if (plays.length == 0 || _chance % 4 > 0) return;
        _blacklist(plays[_play % plays.length].game);
        plays[_play % plays.length].setAside = true;
    }

    function retire(uint8 _chance) external now_ {
        if (_chance % 8 > 0) return;
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        retiredUntil = time;
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

    /// @notice Whatever has happened: with games that the guardian lets live, every withdrawal comes through in the end. A
    ///         pause ends by itself.
    function settle() external now_ {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(GAME_TYPE);
        vm.warp(time + PAUSE_DURATION);
        for (uint256 i; i < stories.length; ++i) {
            if (stories[i].finalized) continue;
            time = block.timestamp;
            _proposeAgain(i);
            time = block.timestamp;
            _tryToProve(i);
            _mature(proven[i]);
            plays[plays.length - 1].resolvedAt = proven[i].game.resolvedAt();
            time = block.timestamp;
            _tryToFinalize(i);
            if (!stories[i].finalized) ++wronglyRefused;
        }
    }

    /// @notice Coins of the bonds, wherever they are.
    function bonds() external view returns (uint256 sum_) {
        sum_ = PROPOSER.balance + CHALLENGER.balance + address(factory).balance;
        for (uint256 i; i < plays.length; ++i) {
            sum_ += address(plays[i].game).balance;
        }
    }

    /// @notice Whether the anchor is where the chain began, or the claim of a game that nobody has rejected or set aside.
    function anchorIsValid() external view returns (bool) {
        (bytes32 root, uint256 number) = registry.getAnchorRoot();
        if (root == GENESIS_ROOT) return number == 0;
        for (uint256 i; i < plays.length; ++i) {
            Play memory play = plays[i];
            if (play.game.rootClaim() != root || play.game.l2SequenceNumber() != number) continue;
            return play.respected && play.resolvedAt != 0 && !play.rejected && !play.setAside;
        }
        return false;
    }

    function _proposeAgain(uint256 _story) internal {
        proven[_story].index = factory.gameCount();
        proven[_story].game = _propose(_outputRoot(proven[_story].output), nextBlock++);
        vm.warp(block.timestamp + 1);
        _record(_story);
    }

    /// @dev The newest game claims this withdrawal. It is a second old.
    function _record(uint256 _story) internal {
        stories[_story].claimedBy = plays.length;
        plays.push(
            Play({
                game: proven[_story].game,
                respected: registry.respectedGameType() == GAME_TYPE,
                rejected: false,
                setAside: false,
                createdAt: block.timestamp - 1,
                resolvedAt: 0
            })
        );
    }

    /// @dev Whether a game can be relied on at all.
    function _isSound(Play memory _play) internal view returns (bool) {
        return _play.respected && !_play.rejected && !_play.setAside && _play.createdAt > retiredUntil;
    }

    function _tryToProve(uint256 _story) internal {
        Story storage story = stories[_story];
        bool expected = !story.finalized && !superchainConfig.paused() && _isSound(plays[story.claimedBy]);
        Proven memory all = proven[_story];
        vm.prank(ALICE, ALICE);
        try portal.proveWithdrawalTransaction(all.tx, all.index, all.output, all.proof) {
            if (!expected) ++wronglyAllowed;
            (story.provenWith, story.provenAt) = (story.claimedBy, block.timestamp);
        } catch {
            if (expected) ++wronglyRefused;
        }
    }

    function _tryToFinalize(uint256 _story) internal {
        Story storage story = stories[_story];
        Play memory play = plays[story.provenWith];
        bool expected = story.provenAt != 0 && !story.finalized && !superchainConfig.paused() && _isSound(play)
            && play.resolvedAt != 0 && block.timestamp > play.resolvedAt + FINALITY_DELAY
            && block.timestamp > story.provenAt + PROOF_MATURITY_DELAY;
        Proven memory all = proven[_story];
        vm.prank(BOB, BOB);
        try portal.finalizeWithdrawalTransactionExternalProof(all.tx, ALICE) {
            if (!expected) ++wronglyAllowed;
            story.finalized = true;
            withdrawn += all.tx.value;
        } catch {
            if (expected) ++wronglyRefused;
        }
    }
}

abstract contract OptimismPortal_Withdrawals_Invariant is WithdrawalTest {
    Withdrawal_Actors internal actors;
    uint256 internal bondsBefore;

    function _start(IERC20 _token) internal {
        vm.warp(START - 1);
        _deploy(address(_token), GENESIS);
        vm.warp(START);
        actors = new Withdrawal_Actors(portal, _token);
        bondsBefore = actors.bonds();
    }

    function targetContracts() external view returns (address[] memory targets_) {
        targets_ = new address[](1);
        targets_[0] = address(actors);
    }

    /// @dev The actors' functions but `settle`, which comes last.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded_) {
        excluded_ = new FuzzSelector[](1);
        excluded_[0].addr = address(actors);
        excluded_[0].selectors = new bytes4[](1);
        excluded_[0].selectors[0] = Withdrawal_Actors.settle.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function _held() internal view virtual returns (uint256);

    /// @dev What the L2 still has is what is counted, and what is counted is there.
    function invariant_counterBalances() external view {
        vm.assertEq(portal.lockedBalance(), GENESIS + actors.deposited() - actors.withdrawn());
        vm.assertGe(_held(), portal.lockedBalance());
    }

    /// @dev Neither before its time, nor twice, nor against the guardian; and never refused without a reason.
    function invariant_exactlyWhatIsRightIsFinalized() external view {
        vm.assertEq(actors.wronglyAllowed(), 0);
        vm.assertEq(actors.wronglyRefused(), 0);
    }

    function invariant_anchorIsValid() external view {
        vm.assertTrue(actors.anchorIsValid());
    }

    /// @dev A bond is with a game or with whom it belongs to.
    function invariant_bondsAreConserved() external view {
        vm.assertEq(actors.bonds(), bondsBefore);
    }

    function invariant_nobodyIsSenderOutsideOfAFinalization() external view {
        vm.assertEq(portal.l2Sender(), 0x000000000000000000000000000000000000dEaD);
    }

    function afterInvariant() external {
        actors.settle();
        vm.assertEq(actors.wronglyAllowed(), 0);
        vm.assertEq(actors.wronglyRefused(), 0);
        vm.assertEq(portal.lockedBalance(), GENESIS + actors.deposited() - actors.withdrawn());
    }
}

contract OptimismPortal_Withdrawals_Ether_Invariant is OptimismPortal_Withdrawals_Invariant {
    function setUp() external {
        _start(IERC20(address(0)));
    }

    function _held() internal view override returns (uint256) {
        return address(portal).balance;
    }
}

contract OptimismPortal_Withdrawals_Token_Invariant is OptimismPortal_Withdrawals_Invariant {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        _start(open);
        vm.prank(DEPLOYER);
        open.transfer(ALICE, 10_000_000 ether);
        vm.prank(ALICE);
        open.approve(address(portal), type(uint256).max);
    }

    function _held() internal view override returns (uint256) {
        return open.balanceOf(address(portal));
    }
}
