// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmission, IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { LicenseRegistry } from "src/datanet/LicenseRegistry.sol";
import { Reenterer } from "test/mocks/Economy.sol";
import { DatanetTest } from "test/utils/DatanetTest.sol";
import { Test } from "test/utils/Test.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title ContributionRegistry_Base
/// @notice Two contributors and some licences. This contract is the register of Datanets: there are eight, of which the sixth welcomes nobody. It
///         judges documents, too.
abstract contract ContributionRegistry_Base is Test, IDatanetPolicy, IAdmission {
    ContributorRegistry internal contributors;
    LicenseRegistry internal licences;
    ContributionRegistry internal registry;

    uint64 internal constant WINDOW = 36 hours;
    uint64 internal constant ADMISSION_TIME = 3 days;
    uint64 internal constant BOND_TIME = 30 days;
    uint64 internal constant START = 1_000_000;

    bytes internal constant CID = hex"0155122000000000000000000000000000000000000000000000000000000000000000aa";
    bytes32 internal constant ROOT = "documents";

    function setUp() public virtual {
        contributors = new ContributorRegistry();
        licences = new LicenseRegistry();
        registry = new ContributionRegistry(
            contributors, licences, this, this, ContributionRegistry.Parameters(WINDOW, ADMISSION_TIME, BOND_TIME, 3)
        );
        licences.add("train", 1, "");
        licences.add("train and derive", 9, "");
        licences.add("train, answer and derive", 11, "");
        licences.add("train, derive and relicense", 25, "");
        vm.prank(ALICE);
        contributors.register(ALICE);
        vm.prank(BOB);
        contributors.register(BOB);
        vm.warp(START);
    }

    /// @inheritdoc IDatanetPolicy
    mapping(uint64 datanet => uint32) public licenceOf;

    /// @inheritdoc IDatanetPolicy
    uint64 public constant count = 8;

    /// @inheritdoc IDatanetPolicy
    function mayContribute(uint64 _datanet, uint64) external pure returns (bool mayContribute_) {
        return _datanet != 6;
    }

    /// @dev Halves of bonds.
    receive() external payable { }

    /// @dev Of what something is still to be shown, and what has to state something else.
    mapping(uint32 commitSeq => bool) internal _isContested;
    mapping(uint32 commitSeq => bool) internal _isVoid;

    /// @inheritdoc IAdmission
    function isClear(uint32 _commitSeq) external view returns (bool isClear_) {
        return !_isContested[_commitSeq] && !_isVoid[_commitSeq];
    }

    /// @inheritdoc IAdmission
    function isAsked(uint32 _commitSeq) external view returns (bool isAsked_) {
        return _isContested[_commitSeq];
    }

    /// @inheritdoc IAdmission
    function isOutOfDate(uint32 _commitSeq) external view returns (bool isOutOfDate_) {
        return _isVoid[_commitSeq];
    }

    function _batch(uint32 _documents) internal pure returns (IContributionRegistry.Batch memory batch_) {
        return IContributionRegistry.Batch({
            contentRoot: "content",
            datanet: 5,
            contributor: 0,
            documents: _documents,
            size: 1_000,
            licence: 1,
            kinds: 1,
            parent: 0,
            isInline: false
        });
    }

    function _commit(
        address _who,
        IContributionRegistry.Batch memory _of,
        bytes memory _content
    ) internal returns (uint32 commitSeq_) {
        bytes32 hash = registry.commitHashOf(_who, _of, _content, "salt");
        vm.prank(_who);
        return registry.commit(hash);
    }

    function _reveal(
        address _who,
        uint32 _commitSeq,
        IContributionRegistry.Batch memory _of,
        bytes memory _content
    ) internal {
        vm.prank(_who);
        registry.reveal{ value: 3 * uint256(_of.size) }(_commitSeq, _of, _content, "salt", ROOT);
    }

    /// @dev Commits and reveals.
    function _contribute() internal returns (uint32 commitSeq_) {
        commitSeq_ = _commit(ALICE, _batch(10), CID);
        _reveal(ALICE, commitSeq_, _batch(10), CID);
    }
}

/// @title ContributionRegistry_Test
/// @notice Commits, reveals, bonds; who is first, and who can not be.
contract ContributionRegistry_Test is ContributionRegistry_Base {
    function test_reveal_committed_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        bytes32 hash = registry.commitHashOf(ALICE, batch, CID, "salt");
        vm.expectEmit();
        emit IContributionRegistry.Committed(1, ALICE, hash);
        vm.prank(ALICE);
        vm.assertEq(registry.commit(hash), 1);
        vm.warp(START + WINDOW - 1);
        vm.assertFalse(registry.isVoid(1));
        vm.expectEmit();
        emit IContributionRegistry.Revealed(1, 5, 0, batch, ROOT, CID, 3_000);
        _reveal(ALICE, 1, batch, CID);
        IContributionRegistry.Record memory record = registry.recordOf(1);
        vm.assertEq(
            keccak256(abi.encode(record)),
            keccak256(
                abi.encode(
                    IContributionRegistry.Record({
                        batchRoot: ROOT,
                        contentRoot: "content",
                        committer: ALICE,
                        committedAt: START,
                        datanet: 5,
                        contributor: 0,
                        documents: 10,
                        size: 1_000,
                        revealedAt: START + WINDOW - 1,
                        statedAt: START + WINDOW - 1,
                        expelledAt: 0,
                        isAccepted: false,
                        licence: 1,
                        parent: 0,
                        kinds: 1,
                        bond: 3_000
                    })
                )
            )
        );
        vm.assertEq(address(registry).balance, 3_000);
        // What was revealed in time is never void.
        vm.warp(START + WINDOW);
        vm.assertFalse(registry.isVoid(1));
    }

    function test_reveal_inline_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(2);
        bytes memory rows = bytes("first row, second row");
        (batch.isInline, batch.size, batch.kinds) = (true, uint64(rows.length), 255);
        uint32 commitSeq = _commit(ALICE, batch, rows);
        vm.expectEmit();
        emit IContributionRegistry.Revealed(1, 5, 0, batch, ROOT, rows, 63);
        _reveal(ALICE, commitSeq, batch, rows);
    }

    /// @dev A label of what was committed before.
    function test_reveal_withParent_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.licence = 2;
        uint32 first = _commit(ALICE, batch, CID);
        _reveal(ALICE, first, batch, CID);
        (batch.kinds, batch.documents, batch.parent) = (2, 1, uint64(first) << 32 | 9);
        uint32 second = _commit(ALICE, batch, CID);
        _reveal(ALICE, second, batch, CID);
        vm.assertEq(registry.recordOf(second).documents, 1);
        vm.assertEq(registry.recordOf(second).parent, batch.parent);
    }

    /// @dev Commits to a contribution of Alice's with a parent.
    function _child(
        uint64 _datanet,
        uint32 _licence,
        uint64 _parent
    ) internal returns (IContributionRegistry.Batch memory batch_, uint32 commitSeq_) {
        batch_ = _batch(1);
        (batch_.datanet, batch_.licence, batch_.parent) = (_datanet, _licence, _parent);
        commitSeq_ = _commit(ALICE, batch_, CID);
    }

    /// @dev A parent is a document that is there: of an earlier commit, of one that was revealed, and one of its documents.
    function test_reveal_parent_reverts() public {
        uint64 revealed = uint64(_contribute()) << 32;
        uint64 hidden = uint64(_commit(ALICE, _batch(10), CID)) << 32;
        uint64[6] memory parents = [uint64(9), hidden, revealed | 10, revealed | type(uint32).max, 0, 0];
        // Of itself, and of what comes later and is revealed first.
        (parents[4], parents[5]) = (uint64(7) << 32, uint64(9) << 32);
        for (uint256 k; k < 6; ++k) {
            (IContributionRegistry.Batch memory batch, uint32 commitSeq) = _child(5, 2, parents[k]);
            if (k == 5) _contribute();
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Parent.selector, parents[k])
            );
            registry.reveal{ value: 3_000 }(commitSeq, batch, CID, "salt", ROOT);
        }
        vm.assertEq(registry.commits(), 9);
        vm.assertEq(registry.recordOf(9).documents, 10);
    }

    /// @dev What is derived has a licence that the parent's permits, whether it is their own or their Datanets'.
    function test_reveal_parentLicence_succeeds() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        // The parent's own and its Datanet's, the child's own and its Datanet's: 0 is none.
        uint32[4][10] memory cases = [
            [uint32(2), 0, 2, 0],
            [uint32(2), 0, 1, 0],
            [uint32(4), 0, 3, 0],
            [uint32(0), 3, 1, 0],
            [uint32(0), 4, 0, 3],
            // The parent consents to no derivative, or the child to more.
            [uint32(1), 0, 1, 0],
            [uint32(2), 0, 3, 0],
            [uint32(0), 5, 1, 0],
            [uint32(0), 3, 0, 4],
            [uint32(1), 4, 2, 3]
        ];
        for (uint256 k; k < cases.length; ++k) {
            IContributionRegistry.Batch memory parent = _batch(1);
            (parent.licence, parent.datanet) = (cases[k][0], cases[k][1]);
            uint32 above = _commit(ALICE, parent, CID);
            _reveal(ALICE, above, parent, CID);
            (IContributionRegistry.Batch memory batch, uint32 commitSeq) =
                _child(cases[k][3], cases[k][2], uint64(above) << 32);
            uint32 parents = parent.licence == 0 ? licenceOf[parent.datanet] : parent.licence;
            uint32 its = batch.licence == 0 ? licenceOf[batch.datanet] : batch.licence;
            vm.prank(ALICE);
            if (k >= 5) {
                vm.expectRevert(
                    abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Licence.selector, parents, its)
                );
            }
            registry.reveal{ value: 3_000 }(commitSeq, batch, CID, "salt", ROOT);
        }
    }

    /// @dev What it can be at most fits, and nothing of it runs into anything else.
    function test_reveal_most_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(type(uint32).max);
        (batch.size, batch.kinds, batch.licence) = (type(uint40).max, 255, 4);
        uint32 commitSeq = _commit(ALICE, batch, CID);
        vm.deal(ALICE, type(uint128).max);
        _reveal(ALICE, commitSeq, batch, CID);
        IContributionRegistry.Record memory record = registry.recordOf(commitSeq);
        vm.assertEq(record.size, type(uint40).max);
        vm.assertEq(record.documents, type(uint32).max);
        vm.assertEq(record.kinds, 255);
        vm.assertEq(record.licence, 4);
        vm.assertEq(record.parent, 0);
        vm.assertEq(record.datanet, 5);
        vm.assertEq(record.bond, 3 * uint256(type(uint40).max));
    }

    /// @dev Documents that have their Datanet's licence have the other one's, which their leaves say: they are stated anew, and judged anew.
    function test_redirect_otherLicence_succeeds() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        IContributionRegistry.Batch memory batch = _batch(10);
        (batch.datanet, batch.licence) = (3, 0);
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        licenceOf[5] = 2;
        vm.warp(START + WINDOW + 1 days);
        // To one with the same licence.
        vm.prank(ALICE);
        registry.redirect(commitSeq, 5, ROOT);
        _admission(commitSeq, START + WINDOW);
        vm.expectEmit();
        emit IContributionRegistry.Redirected(commitSeq, 5, 4);
        vm.expectEmit();
        emit IContributionRegistry.Restated(commitSeq, "others", 0);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 4, "others");
        vm.assertEq(registry.recordOf(commitSeq).batchRoot, "others");
        vm.assertEq(registry.recordOf(commitSeq).datanet, 4);
        _admission(commitSeq, START + WINDOW + 1 days);
        // Whoever says that nothing is another is judged for it, too.
        uint64 until = START + WINDOW + 1 days + ADMISSION_TIME;
        vm.warp(until);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 3, "others");
        _admission(commitSeq, until);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_Invalid.selector);
        registry.redirect(commitSeq, 4, 0);
    }

    /// @dev With a licence of its own nothing is another, unless its contributor says so.
    function test_redirect_ownLicence_succeeds() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + 1 days);
        vm.startPrank(ALICE);
        registry.redirect(commitSeq, 3, ROOT);
        registry.redirect(commitSeq, 4, ROOT);
        _admission(commitSeq, START + WINDOW);
        registry.redirect(commitSeq, 4, "others");
        _admission(commitSeq, START + WINDOW + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 1));
        registry.redirect{ value: 1 }(commitSeq, 4, "others");
        vm.warp(START + WINDOW + 1 days + ADMISSION_TIME);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 1));
        registry.redirect{ value: 1 }(commitSeq, 4, ROOT);
    }

    /// @dev Nobody can keep a contribution from being revealed; where it is not welcome it is not accepted, and its place in time goes elsewhere.
    function test_redirect_unwelcome_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.datanet = 6;
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        // A copy of what it said.
        batch.contributor = 1;
        uint32 copied = _commit(BOB, batch, CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotWelcome.selector, 6, 0));
        registry.accept(commitSeq, 6, ROOT);
        vm.expectEmit();
        emit IContributionRegistry.Redirected(commitSeq, 6, 5);
        vm.prank(ALICE);
        registry.redirect(commitSeq, 5, ROOT);
        vm.assertEq(registry.recordOf(commitSeq).datanet, 5);
        vm.assertEq(registry.recordOf(commitSeq).committedAt, START);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 6, ROOT);
        vm.assertEq(registry.checkAcceptable(commitSeq, 5, ROOT), 1);
        registry.accept(commitSeq, 5, ROOT);
        vm.assertLt(commitSeq, copied);
    }

    function test_redirect_reverts() public {
        uint32 commitSeq = _contribute();
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NoDatanet.selector, 8));
        registry.redirect(commitSeq, 8, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.redirect(9, 4, ROOT);
        vm.stopPrank();
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 0));
        registry.redirect(commitSeq, 4, ROOT);
        // Not what nobody knows yet, and not what a Datanet has.
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        uint32[2] memory wrong = [hidden, commitSeq];
        for (uint256 k; k < 2; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.redirect(wrong[k], 4, ROOT);
        }
    }

    /// @dev Without a licence of its own a derivative would have more consent in another Datanet.
    function test_redirect_licence_reverts() public {
        (licenceOf[3], licenceOf[4]) = (2, 3);
        IContributionRegistry.Batch memory parent = _batch(1);
        parent.licence = 2;
        uint32 above = _commit(ALICE, parent, CID);
        _reveal(ALICE, above, parent, CID);
        (IContributionRegistry.Batch memory batch, uint32 commitSeq) = _child(3, 0, uint64(above) << 32);
        _reveal(ALICE, commitSeq, batch, CID);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Licence.selector, 2, 3));
        registry.redirect(commitSeq, 4, ROOT);
        licenceOf[5] = 1;
        registry.redirect(commitSeq, 5, ROOT);
        vm.assertEq(registry.recordOf(commitSeq).datanet, 5);
    }

    /// @dev Who sees a commit waiting can repeat its hash, also before it, and can do nothing with it: the words are revealed by who committed.
    function test_reveal_prioritySquatting_reverts() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        bytes32 hash = registry.commitHashOf(ALICE, batch, CID, "salt");
        vm.prank(BOB);
        uint32 squatted = registry.commit(hash);
        vm.prank(ALICE);
        uint32 own = registry.commit(hash);
        vm.prank(BOB);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(squatted, batch, CID, "salt", ROOT);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(squatted, batch, CID, "salt", ROOT);
        _reveal(ALICE, own, batch, CID);
        // Who learns the words from the reveal comes later, whoever reveals first in the next block.
        batch.contributor = 1;
        vm.assertGt(_commit(BOB, batch, CID), own);
    }

    /// @dev Nothing is accepted as long as something that was committed before it may still be revealed, and not before its documents could be judged.
    function test_accept_beforeAdmissionIsOver_reverts() public {
        uint32 commitSeq = _contribute();
        uint64 until = START + WINDOW + ADMISSION_TIME;
        _admission(commitSeq, START + WINDOW);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        registry.accept(commitSeq, 5, ROOT);
        vm.warp(until);
        vm.expectEmit();
        emit IContributionRegistry.Accepted(commitSeq, 5);
        registry.accept(commitSeq, 5, ROOT);
        vm.assertTrue(registry.recordOf(commitSeq).isAccepted);
        (uint64 from, uint64 end) = registry.admissionOf(commitSeq);
        vm.assertEq(from + end, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
    }

    function _admission(uint32 _commitSeq, uint64 _from) internal view {
        (uint64 from, uint64 until) = registry.admissionOf(_commitSeq);
        vm.assertEq(from, _from);
        vm.assertEq(until, _from + ADMISSION_TIME);
    }

    /// @dev Not with another root than the one that stands, and not while something is to be shown.
    function test_accept_contested_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, "others");
        _isContested[commitSeq] = true;
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
        (_isContested[commitSeq], _isVoid[commitSeq]) = (false, true);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, ROOT);
        _isVoid[commitSeq] = false;
        registry.accept(commitSeq, 5, ROOT);
    }

    function _restated(uint32 _commitSeq, bytes32 _root, uint64 _from) internal {
        vm.expectEmit();
        emit IContributionRegistry.Restated(_commitSeq, _root, 0);
        vm.prank(ALICE);
        registry.restate(_commitSeq, _root);
        _admission(_commitSeq, _from);
        vm.assertEq(registry.recordOf(_commitSeq).batchRoot, _root);
        vm.assertEq(registry.recordOf(_commitSeq).statedAt, block.timestamp);
    }

    function _judged(uint32 _commitSeq) internal {
        (, uint64 until) = registry.admissionOf(_commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Judged.selector, until));
        registry.restate(_commitSeq, "more");
    }

    /// @dev Its time of admission begins anew each time, but not before its window is over. What is stated when everything earlier is known stays until it is
    ///      judged.
    function test_restate_succeeds() public {
        uint32 commitSeq = _contribute();
        _restated(commitSeq, "a", START + WINDOW);
        vm.warp(START + WINDOW - 1);
        _restated(commitSeq, "b", START + WINDOW);
        vm.assertEq(registry.recordOf(commitSeq).revealedAt, START);
        // What was stated before everything was known can be replaced at any time, once.
        uint64 now_ = START + WINDOW + ADMISSION_TIME - 1;
        vm.warp(now_);
        _restated(commitSeq, "c", now_);
        _judged(commitSeq);
        now_ += ADMISSION_TIME - 1;
        vm.warp(now_);
        _judged(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Judged.selector, now_ + 1));
        registry.redirect(commitSeq, 5, "more");
        // Afterwards again.
        vm.warp(now_ + 1);
        _restated(commitSeq, "d", now_ + 1);
        vm.warp(now_ + 1 + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 5, "c");
        registry.accept(commitSeq, 5, "d");
        // Its place in time is as it was.
        vm.assertEq(registry.recordOf(commitSeq).committedAt, START);
    }

    /// @dev In the second in which the window is over everything is known.
    function test_restate_whenAllIsKnown_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW);
        _restated(commitSeq, "a", START + WINDOW);
        _judged(commitSeq);
    }

    /// @dev What is out of date is stated anew at once.
    function test_restate_outOfDate_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW);
        _restated(commitSeq, "a", START + WINDOW);
        vm.warp(START + WINDOW + 1 hours);
        _judged(commitSeq);
        _isVoid[commitSeq] = true;
        _restated(commitSeq, "b", START + WINDOW + 1 hours);
    }

    /// @dev By the contributor's key, another root than none, of what is revealed and neither accepted nor expelled.
    function test_restate_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 lost = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 0));
        registry.restate(commitSeq, "others");
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_Invalid.selector);
        registry.restate(commitSeq, 0);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.restate(9, "others");
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        registry.expel(lost);
        uint32[3] memory wrong = [commitSeq, lost, hidden];
        for (uint256 k; k < 3; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.restate(wrong[k], "others");
        }
    }

    /// @dev A bond does not go back while it can be lost: while its documents are judged, and while something that was asked of them is missing. What was
    ///      shown to be out of date is its contributor's to state anew, and costs nothing.
    function test_returnBond_judged_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME - 1 days);
        vm.prank(ALICE);
        registry.restate(commitSeq, "others");
        uint64 until = START + BOND_TIME - 1 days + ADMISSION_TIME;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        registry.returnBond(commitSeq);
        vm.warp(until);
        _isContested[commitSeq] = true;
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.returnBond(commitSeq);
        (_isContested[commitSeq], _isVoid[commitSeq]) = (false, true);
        registry.returnBond(commitSeq);
        vm.assertEq(registry.recordOf(commitSeq).bond, 0);
    }

    /// @dev What is judged has a bond: where it went back it is paid again.
    function test_restate_withoutBond_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 0, 3_000));
        registry.restate{ value: 3_000 }(commitSeq, "others");
        vm.warp(START + BOND_TIME);
        registry.returnBond(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 3_000, 0));
        registry.restate(commitSeq, "others");
        vm.expectEmit();
        emit IContributionRegistry.Restated(commitSeq, "others", 3_000);
        vm.prank(ALICE);
        registry.restate{ value: 3_000 }(commitSeq, "others");
        vm.assertEq(registry.recordOf(commitSeq).bond, 3_000);
        // It goes back again when nothing can be lost of it.
        vm.warp(START + BOND_TIME + ADMISSION_TIME);
        registry.returnBond(commitSeq);
        vm.assertEq(address(registry).balance, 0);
        vm.prank(ALICE);
        registry.redirect{ value: 3_000 }(commitSeq, 4, "more");
        vm.assertEq(registry.expel(commitSeq), 1_500);
    }

    /// @dev Half of the bond is nobody's any more, the other half is with who judges; the contribution is nobody's, and stays where it is.
    function test_expel_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.size = 1_001;
        uint32 commitSeq = _commit(ALICE, batch, CID);
        _reveal(ALICE, commitSeq, batch, CID);
        uint32 other = _contribute();
        uint256 before = address(this).balance;
        vm.expectEmit();
        emit IContributionRegistry.Expelled(commitSeq, 1_501, 1_502);
        vm.assertEq(registry.expel(commitSeq), 1_502);
        vm.assertEq(address(this).balance, before + 1_502);
        vm.assertEq(address(registry).balance, 3_000);
        IContributionRegistry.Record memory record = registry.recordOf(commitSeq);
        vm.assertEq(record.expelledAt, START);
        vm.assertFalse(record.isAccepted);
        vm.assertEq(record.bond, 0);
        vm.assertEq(record.batchRoot, ROOT);
        (uint64 from, uint64 until) = registry.admissionOf(commitSeq);
        vm.assertEq(from + until, 0);
        // Nothing goes back, and there is nothing left to lose.
        vm.warp(START + BOND_TIME);
        registry.returnBond(commitSeq);
        vm.assertEq(address(registry).balance, 3_000);
        bytes memory notAcceptable =
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq);
        vm.expectRevert(notAcceptable);
        registry.accept(commitSeq, 5, ROOT);
        vm.expectRevert(notAcceptable);
        registry.expel(commitSeq);
        vm.prank(ALICE);
        vm.expectRevert(notAcceptable);
        registry.redirect(commitSeq, 4, ROOT);
        registry.accept(other, 5, ROOT);
    }

    /// @dev By who judges documents, of what is revealed and was not accepted.
    function test_expel_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_NotAdmission.selector);
        registry.expel(commitSeq);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        registry.accept(commitSeq, 5, ROOT);
        uint32[2] memory wrong = [commitSeq, hidden];
        for (uint256 k; k < 2; ++k) {
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, wrong[k])
            );
            registry.expel(wrong[k]);
        }
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.expel(9);
    }

    /// @dev Where bonds are nothing there is nothing to lose, or to send.
    function test_expel_withoutBond_succeeds() public {
        ContributionRegistry.Parameters memory parameters =
            ContributionRegistry.Parameters(WINDOW, ADMISSION_TIME, BOND_TIME, 0);
        registry = new ContributionRegistry(contributors, licences, this, this, parameters);
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.prank(ALICE);
        registry.reveal(commitSeq, _batch(10), CID, "salt", ROOT);
        vm.assertEq(registry.expel(commitSeq), 0);
        vm.assertTrue(registry.recordOf(commitSeq).expelledAt != 0);
    }

    function test_accept_wrongly_reverts() public {
        uint32 commitSeq = _contribute();
        uint32 hidden = _commit(ALICE, _batch(1), CID);
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.prank(BOB);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_NotDatanets.selector);
        registry.accept(commitSeq, 5, ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(commitSeq, 6, ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, hidden)
        );
        registry.accept(hidden, 5, ROOT);
        vm.assertTrue(registry.isVoid(hidden));
    }

    function test_reveal_late_reverts() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.warp(START + WINDOW);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Closed.selector, commitSeq));
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "salt", ROOT);
    }

    function test_reveal_twice_reverts() public {
        uint32 commitSeq = _contribute();
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Closed.selector, commitSeq));
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "salt", ROOT);
    }

    function test_reveal_other_reverts() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.startPrank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(commitSeq, _batch(11), CID, "salt", ROOT);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), hex"00", "salt", ROOT);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "pepper", ROOT);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 9));
        registry.reveal{ value: 3_000 }(9, _batch(10), CID, "salt", ROOT);
    }

    /// @dev A key that is changed between the two loses no priority: the new one reveals, and the old one can not. The payee has the bond back.
    function test_reveal_keyRotation_succeeds() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        address fresh = _account("fresh");
        vm.deal(fresh, 1 ether);
        vm.prank(ALICE);
        contributors.changeKey(0, fresh);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 0));
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "salt", ROOT);
        _reveal(fresh, commitSeq, _batch(10), CID);
        vm.assertEq(registry.recordOf(commitSeq).committer, fresh);
        vm.warp(block.timestamp + BOND_TIME);
        uint256 before = ALICE.balance;
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
    }

    /// @dev Bob is Alice's guardian, who prevails, and starts a recovery for another key and payee.
    function _recovery() internal returns (address fresh_) {
        fresh_ = _account("fresh");
        vm.prank(ALICE);
        contributors.proposeGuardian(0, IContributorRegistry.Guardian(BOB, 1 days, true));
        vm.prank(BOB);
        contributors.startRecovery(0, fresh_, fresh_);
    }

    /// @dev A thief of the key neither reveals what its owner committed to, nor takes it elsewhere; who comes after the recovery does.
    function test_reveal_inRecovery_reverts() public {
        uint32 revealed = _contribute();
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        address fresh = _recovery();
        bytes memory inRecovery =
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_InRecovery.selector, 0);
        vm.startPrank(ALICE);
        vm.expectRevert(inRecovery);
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "salt", ROOT);
        vm.expectRevert(inRecovery);
        registry.redirect(revealed, 4, ROOT);
        vm.expectRevert(inRecovery);
        registry.restate(revealed, "others");
        vm.stopPrank();
        vm.warp(START + 1 days);
        contributors.finishRecovery(0);
        _reveal(fresh, commitSeq, _batch(10), CID);
        vm.prank(fresh);
        registry.redirect(revealed, 4, ROOT);
    }

    /// @dev A lost key does not lose the bonds that it paid; nobody has them while it is not known who is to have them.
    function test_returnBond_inRecovery_reverts() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME);
        address fresh = _recovery();
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_InRecovery.selector, 0));
        registry.returnBond(commitSeq);
        vm.warp(START + BOND_TIME + 1 days);
        contributors.finishRecovery(0);
        uint256 before = fresh.balance;
        vm.expectEmit();
        emit IContributionRegistry.BondReturned(commitSeq, fresh, 3_000);
        registry.returnBond(commitSeq);
        vm.assertEq(fresh.balance, before + 3_000);
    }

    /// @dev Nothing is due to anybody of what was never revealed.
    function test_returnBond_void_succeeds() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.warp(START + WINDOW);
        registry.returnBond(commitSeq);
        vm.assertEq(registry.recordOf(commitSeq).bond, 0);
        vm.assertEq(registry.recordOf(commitSeq).batchRoot, 0);
        vm.assertEq(registry.recordOf(commitSeq).statedAt, 0);
    }

    /// @dev A hash is of one chain and one contract.
    function test_reveal_onAnotherChain_reverts() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        vm.chainId(77);
        vm.prank(ALICE);
        vm.expectRevert(IContributionRegistry.ContributionRegistry_OtherCommit.selector);
        registry.reveal{ value: 3_000 }(commitSeq, _batch(10), CID, "salt", ROOT);
    }

    function test_reveal_outOfRange_reverts() public {
        for (uint256 k; k < 11; ++k) {
            IContributionRegistry.Batch memory batch = _batch(10);
            bytes memory content = CID;
            if (k == 1) batch.documents = 0;
            if (k == 2) batch.kinds = 0;
            if (k == 3) batch.licence = 5;
            if (k == 4) batch.isInline = true;
            if (k == 5) content = hex"0155";
            if (k == 6) content[1] = 0x71;
            // No document is free of the bond.
            if (k == 7) batch.size = 9;
            if (k == 8) batch.size = 0;
            if (k == 9) batch.size = 1 << 40;
            if (k == 10) batch.contentRoot = 0;
            uint32 commitSeq = _commit(ALICE, batch, content);
            vm.prank(ALICE);
            vm.expectRevert(IContributionRegistry.ContributionRegistry_Invalid.selector);
            registry.reveal{ value: 3_000 }(commitSeq, batch, content, "salt", k == 0 ? bytes32(0) : ROOT);
        }
    }

    function test_reveal_notTheirs_reverts() public {
        IContributionRegistry.Batch memory batch = _batch(10);
        batch.contributor = 1;
        uint32 commitSeq = _commit(ALICE, batch, CID);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotKey.selector, 1));
        registry.reveal{ value: 3_000 }(commitSeq, batch, CID, "salt", ROOT);
        batch = _batch(10);
        batch.datanet = 8;
        commitSeq = _commit(ALICE, batch, CID);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NoDatanet.selector, 8));
        registry.reveal{ value: 3_000 }(commitSeq, batch, CID, "salt", ROOT);
    }

    function test_reveal_bond_reverts() public {
        uint32 commitSeq = _commit(ALICE, _batch(10), CID);
        uint256[2] memory values = [uint256(2_999), 3_001];
        for (uint256 k; k < 2; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Bond.selector, 3_000, values[k])
            );
            registry.reveal{ value: values[k] }(commitSeq, _batch(10), CID, "salt", ROOT);
        }
    }

    function test_returnBond_accepted_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + WINDOW + ADMISSION_TIME);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, START + BOND_TIME)
        );
        registry.returnBond(commitSeq);
        registry.accept(commitSeq, 5, ROOT);
        uint256 before = ALICE.balance;
        vm.expectEmit();
        emit IContributionRegistry.BondReturned(commitSeq, ALICE, 3_000);
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
        // Not twice.
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
    }

    /// @dev Whatever a Datanet does or does not do, the bond goes back.
    function test_returnBond_neverAccepted_succeeds() public {
        uint32 commitSeq = _contribute();
        vm.warp(START + BOND_TIME);
        uint256 before = ALICE.balance;
        registry.returnBond(commitSeq);
        vm.assertEq(ALICE.balance, before + 3_000);
    }

    function test_returnBond_reentered_succeeds() public {
        Reenterer payee = new Reenterer();
        uint32 commitSeq = _contribute();
        payee.prepare(abi.encodeCall(IContributionRegistry.returnBond, (commitSeq)));
        vm.warp(START + BOND_TIME);
        _contribute();
        vm.prank(ALICE);
        contributors.changePayee(0, address(payee));
        registry.returnBond(commitSeq);
        vm.assertEq(payee.paid(), 3_000);
        vm.assertEq(address(registry).balance, 3_000);
    }

    /// @dev In any order of calls the contract holds the bonds that did neither go back nor were lost, and nothing else.
    function testFuzz_bonds_succeeds(uint16[6] memory _sizes, uint8[12] memory _calls) public {
        uint256 held;
        for (uint256 k; k < 6; ++k) {
            IContributionRegistry.Batch memory batch = _batch(1);
            batch.size = _sizes[k] = uint16(_bound(_sizes[k], 1, type(uint16).max));
            uint32 commitSeq = _commit(ALICE, batch, CID);
            _reveal(ALICE, commitSeq, batch, CID);
            held += 3 * uint256(_sizes[k]);
        }
        vm.warp(START + WINDOW + ADMISSION_TIME);
        for (uint256 k; k < 12; ++k) {
            uint32 commitSeq = uint32(_calls[k] % 6) + 1;
            IContributionRegistry.Record memory record = registry.recordOf(commitSeq);
            bool isWaiting = !record.isAccepted && record.expelledAt == 0;
            if (isWaiting && _calls[k] > 99) registry.expel(commitSeq);
            else if (isWaiting) registry.accept(commitSeq, 5, ROOT);
            registry.returnBond(commitSeq);
            held -= record.bond;
            vm.assertEq(address(registry).balance, held);
        }
    }
}

/// @title ContributionRegistry_Gas_Test
/// @notice What transactions cost, with the real registers. Everything that a call touches is cold.
contract ContributionRegistry_Gas_Test is DatanetTest {
    uint32[3] internal documents = [uint32(1), 100, 10_000];
    bytes32 internal constant ROOT = "documents";

    function setUp() public override {
        super.setUp();
        licences.add("train and derive", 9, "");
        _create(IDatanetRegistry.Policy.INDIVIDUAL);
        vm.startPrank(CAROL);
        for (uint256 k; k < 3; ++k) {
            contributions.commit(contributions.commitHashOf(CAROL, _batch(documents[k]), CID, "salt"));
        }
        // Documents, and what was made of the last of them.
        contributions.commit(contributions.commitHashOf(CAROL, _batch(7), CID, "salt"));
        contributions.reveal{ value: 30_000 }(4, _batch(7), CID, "salt", ROOT);
        contributions.commit(contributions.commitHashOf(CAROL, _child(), CID, "salt"));
        vm.stopPrank();
    }

    function _child() internal pure returns (IContributionRegistry.Batch memory batch_) {
        batch_ = _batch(1);
        (batch_.kinds, batch_.parent) = (2, uint64(4) << 32 | 6);
    }

    function _batch(uint32 _documents) internal pure returns (IContributionRegistry.Batch memory batch_) {
        return IContributionRegistry.Batch({
            contentRoot: "content",
            datanet: 0,
            contributor: 0,
            documents: _documents,
            size: 10_000,
            licence: 1,
            kinds: 1,
            parent: 0,
            isInline: false
        });
    }

    function test_commit_gas_succeeds() public {
        vm.prank(CAROL);
        contributions.commit("hash");
        _snapshot("commit", abi.encodeCall(contributions.commit, ("hash")));
    }

    function test_reveal_gas_one_succeeds() public {
        _revealed(1, _batch(1), "reveal, of 1 documents");
    }

    function test_reveal_gas_hundred_succeeds() public {
        _revealed(2, _batch(100), "reveal, of 100 documents");
    }

    function test_reveal_gas_tenThousand_succeeds() public {
        _revealed(3, _batch(10_000), "reveal, of 10000 documents");
    }

    function test_reveal_gas_withParent_succeeds() public {
        _revealed(5, _child(), "reveal, with a parent");
    }

    /// @dev Rows in the call's data, which everybody has with the chain: the floor of its price is what counts, and the log costs nothing more.
    function test_reveal_gas_inline_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(1);
        bytes memory rows = bytes("forty bytes of rows, sixteen times over\n");
        for (uint256 k; k < 4; ++k) {
            rows = bytes.concat(rows, rows);
        }
        (batch.isInline, batch.size) = (true, uint64(rows.length));
        vm.startPrank(CAROL);
        uint32 commitSeq = contributions.commit(contributions.commitHashOf(CAROL, batch, rows, "salt"));
        bytes memory data = abi.encodeCall(IContributionRegistry.reveal, (commitSeq, batch, rows, "salt", ROOT));
        contributions.reveal{ value: 3 * rows.length }(commitSeq, batch, rows, "salt", ROOT);
        vm.stopPrank();
        _snapshot("reveal, of 640 bytes inline", data);
    }

    function test_restate_gas_succeeds() public {
        vm.prank(CAROL);
        contributions.restate(4, "others");
        _snapshot("restate", abi.encodeCall(contributions.restate, (4, "others")));
    }

    function _revealed(uint32 _commitSeq, IContributionRegistry.Batch memory _of, string memory _name) internal {
        bytes memory data = abi.encodeCall(IContributionRegistry.reveal, (_commitSeq, _of, CID, "salt", ROOT));
        vm.prank(CAROL);
        contributions.reveal{ value: 30_000 }(_commitSeq, _of, CID, "salt", ROOT);
        _snapshot(_name, data);
    }

    function _snapshot(string memory _name, bytes memory _data) internal {
        uint256 gas = _transactionGas(_data);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("ContributionRegistry", _name, gas);
        vm.assertLe(gas, 130_000);
    }
}
