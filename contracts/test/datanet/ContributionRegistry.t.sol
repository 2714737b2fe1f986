// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { ContributionTest } from "test/utils/ContributionTest.sol";

/// @title ContributionRegistry_Reveal_Test
/// @notice What was committed to, and how it is revealed.
contract ContributionRegistry_Reveal_Test is ContributionTest {
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
}
