// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { DatanetTest } from "test/utils/DatanetTest.sol";

/// @title Clock
/// @notice A token that says what time it is, and nothing of votes.
contract Clock {
    function clock() external pure returns (uint48 clock_) {
        return 100;
    }
}

/// @title DatanetRegistry_Test
/// @notice Who decides for a Datanet, what it accepts, and its versions; with the real registers beside it.
contract DatanetRegistry_Test is DatanetTest {
    function test_create_succeeds() public {
        IDatanetRegistry.Config memory config = _config(IDatanetRegistry.Policy.COUNCIL);
        vm.expectEmit();
        emit IDatanetRegistry.Created(0, ALICE, config);
        vm.prank(ALICE);
        vm.assertEq(registry.create(config), 0);
        vm.assertEq(registry.count(), 1);
        vm.assertEq(registry.ownerOf(0), ALICE);
        vm.assertEq(registry.configOf(0).members.length, 3);
        vm.assertEq(registry.versionsOf(0), 0);
        (uint64 batches, bytes32 root) = registry.batchesOf(0);
        vm.assertEq(batches, 0);
        vm.assertEq(root, Trees.root(0, 0));
        vm.assertEq(registry.versionRootOf(0, 0), 0);
    }

    function test_create_config_reverts() public {
        for (uint256 k; k < 15; ++k) {
            IDatanetRegistry.Policy policy = IDatanetRegistry.Policy(k < 5 ? 0 : k < 11 || k == 14 ? 1 : 2);
            IDatanetRegistry.Config memory config = _config(policy);
            if (k == 0) config.domain = "";
            if (k == 1) config.licence = 1;
            if (k == 2) config.quorum = 1;
            if (k == 3) config.members = new address[](1);
            if (k == 4 || k == 5) config.votes = IVotes(address(token));
            if (k == 6 || k == 11) config.quorum = 0;
            if (k == 7) config.quorum = 4;
            if (k == 8) config.members = new address[](0);
            if (k == 9) config.members[2] = ALICE;
            if (k == 10) config.members = new address[](33);
            if (k == 12) config.votes = IVotes(address(0));
            if (k == 13) config.members = new address[](1);
            if (k == 14) config.members[1] = address(0);
            vm.expectRevert(IDatanetRegistry.DatanetRegistry_Config.selector);
            registry.create(config);
        }
    }

    function test_views_unknown_reverts() public {
        bytes memory unknown = abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_Unknown.selector, 0);
        vm.expectRevert(unknown);
        registry.configOf(0);
        vm.expectRevert(unknown);
        registry.publish(0);
        vm.expectRevert(unknown);
        registry.checkpoint(0);
        vm.expectRevert(unknown);
        registry.checkpointOf(0);
        vm.expectRevert(unknown);
        registry.accept(0, 1, "first");
        vm.expectRevert(unknown);
        registry.revoke(0, "decision");
        vm.expectRevert(unknown);
        registry.setMembers(0, new address[](1), 1);
        vm.assertFalse(registry.mayContribute(0, 0));
    }

    function test_accept_individual_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        uint32 commitSeq = _contribution(datanet, "first");
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_NoSay.selector, BOB));
        registry.accept(datanet, commitSeq, "first");
        // Whoever has the token decides.
        vm.prank(ALICE);
        registry.transferFrom(ALICE, BOB, datanet);
        vm.expectEmit();
        emit IDatanetRegistry.BatchAccepted(datanet, commitSeq, "first", 0);
        vm.prank(BOB);
        vm.assertTrue(registry.accept(datanet, commitSeq, "first"));
        vm.snapshotGasLastCall("DatanetRegistry", "accept, by an individual");
        vm.assertTrue(contributions.recordOf(commitSeq).isAccepted);
        (uint64 batches, bytes32 root) = registry.batchesOf(datanet);
        vm.assertEq(batches, 1);
        vm.assertEq(root, Trees.root(1, _leaf(commitSeq, "first")));
    }

    function test_accept_council_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        uint32 commitSeq = _contribution(datanet, "first");
        vm.startPrank(ALICE);
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
        // One has one voice, and one is not enough.
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_Twice.selector, ALICE));
        registry.accept(datanet, commitSeq, "first");
        vm.stopPrank();
        address stranger = _account("stranger");
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_NoSay.selector, stranger));
        registry.accept(datanet, commitSeq, "first");
        vm.prank(BOB);
        vm.assertTrue(registry.accept(datanet, commitSeq, "first"));
        vm.assertTrue(contributions.recordOf(commitSeq).isAccepted);
    }

    /// @dev What was not decided in time begins anew; and the same can be decided again.
    function test_decide_late_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        vm.prank(ALICE);
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.warp(block.timestamp + 30 days);
        vm.prank(BOB);
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.prank(ALICE);
        vm.assertTrue(registry.setOpen(datanet, false));
        vm.assertFalse(registry.configOf(datanet).isOpen);
        vm.prank(CAROL);
        vm.assertFalse(registry.setOpen(datanet, false));
    }

    /// @dev An approval of before the contrary was decided does not count after it.
    function test_decide_contrary_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        vm.startPrank(ALICE);
        registry.setOpen(datanet, true);
        registry.setOpen(datanet, false);
        registry.setWelcome(datanet, 0, false);
        registry.setWelcome(datanet, 0, true);
        vm.stopPrank();
        vm.startPrank(BOB);
        vm.assertTrue(registry.setOpen(datanet, false));
        vm.assertTrue(registry.setWelcome(datanet, 0, true));
        vm.stopPrank();
        vm.startPrank(CAROL);
        vm.assertFalse(registry.setOpen(datanet, true));
        vm.assertFalse(registry.setWelcome(datanet, 0, false));
        vm.stopPrank();
        vm.assertTrue(registry.mayContribute(datanet, 0));
        vm.assertFalse(registry.configOf(datanet).isOpen);
        // Who was for it before says so anew.
        vm.prank(ALICE);
        vm.assertTrue(registry.setOpen(datanet, true));
    }

    function test_accept_token_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.TOKEN);
        uint32 commitSeq = _contribution(datanet, "first");
        token.mint(ALICE, 60);
        token.mint(BOB, 39);
        vm.roll(110);
        vm.expectEmit();
        bytes memory call = abi.encodeCall(registry.accept, (datanet, commitSeq, "first"));
        emit IDatanetRegistry.Approved(datanet, keccak256(call), ALICE, 60, call);
        vm.prank(ALICE);
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
        // What is bought or moved now does not count.
        token.mint(CAROL, 1_000);
        vm.prank(ALICE);
        token.transfer(BOB, 60);
        vm.roll(120);
        vm.prank(CAROL);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_NoSay.selector, CAROL));
        registry.accept(datanet, commitSeq, "first");
        vm.prank(BOB);
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
        vm.assertFalse(contributions.recordOf(commitSeq).isAccepted);
        // A new question, with the votes of now.
        vm.warp(block.timestamp + 30 days);
        vm.prank(CAROL);
        vm.assertTrue(registry.accept(datanet, commitSeq, "first"));
    }

    function _members(address _one, address _other) internal pure returns (address[] memory members_) {
        members_ = new address[](2);
        (members_[0], members_[1]) = (_one, _other);
    }

    /// @dev Who is in no more has no say, what they were for does not count, and those who stay say it anew.
    function test_setMembers_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        bytes32 closing = keccak256(abi.encodeCall(registry.setOpen, (datanet, false)));
        address dave = _account("dave");
        vm.startPrank(ALICE);
        registry.setOpen(datanet, false);
        vm.assertFalse(registry.setMembers(datanet, _members(BOB, dave), 2));
        // With another quorum it is another decision.
        vm.assertFalse(registry.setMembers(datanet, _members(BOB, dave), 1));
        vm.stopPrank();
        vm.startPrank(BOB);
        vm.expectEmit();
        emit IDatanetRegistry.MembersChanged(datanet, _members(BOB, dave), 2);
        vm.assertTrue(registry.setMembers(datanet, _members(BOB, dave), 2));
        vm.assertEq(registry.configOf(datanet).members.length, 2);
        vm.assertEq(registry.configOf(datanet).quorum, 2);
        // Alice's word for it does not count.
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.stopPrank();
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_NoSay.selector, ALICE));
        registry.setOpen(datanet, false);
        _notFor(datanet, closing, ALICE);
        vm.stopPrank();
        vm.prank(dave);
        vm.assertTrue(registry.setOpen(datanet, false));
    }

    /// @dev The words of those who stay are of before, too.
    function test_setMembers_undecided_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        bytes32 closing = keccak256(abi.encodeCall(registry.setOpen, (datanet, false)));
        vm.startPrank(BOB);
        registry.setOpen(datanet, false);
        registry.setMembers(datanet, _members(BOB, CAROL), 2);
        vm.stopPrank();
        vm.prank(ALICE);
        registry.setMembers(datanet, _members(BOB, CAROL), 2);
        vm.prank(BOB);
        _notFor(datanet, closing, BOB);
        vm.prank(CAROL);
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.prank(BOB);
        vm.assertTrue(registry.setOpen(datanet, false));
    }

    /// @dev The same rules as at creation, before anybody's word counts; and of a council alone.
    function test_setMembers_reverts() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        address[] memory many = new address[](33);
        for (uint160 k; k < 33; ++k) {
            many[k] = address(k + 1);
        }
        vm.startPrank(ALICE);
        bytes4 config = IDatanetRegistry.DatanetRegistry_Config.selector;
        vm.expectRevert(config);
        registry.setMembers(datanet, _members(BOB, CAROL), 0);
        vm.expectRevert(config);
        registry.setMembers(datanet, _members(BOB, CAROL), 3);
        vm.expectRevert(config);
        registry.setMembers(datanet, _members(BOB, BOB), 1);
        vm.expectRevert(config);
        registry.setMembers(datanet, _members(BOB, address(0)), 1);
        vm.expectRevert(config);
        registry.setMembers(datanet, many, 1);
        vm.stopPrank();
        for (uint256 k; k < 2; ++k) {
            datanet = _create(k == 0 ? IDatanetRegistry.Policy.INDIVIDUAL : IDatanetRegistry.Policy.TOKEN);
            vm.prank(ALICE);
            vm.expectRevert(config);
            registry.setMembers(datanet, _members(BOB, CAROL), 1);
        }
    }

    /// @dev What a holder is for counts until it is decided, or taken back.
    function test_revoke_council_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        bytes32 decision = keccak256(abi.encodeCall(registry.setOpen, (datanet, false)));
        vm.startPrank(ALICE);
        registry.setOpen(datanet, false);
        vm.expectEmit();
        emit IDatanetRegistry.Revoked(datanet, decision, ALICE, 0);
        registry.revoke(datanet, decision);
        vm.stopPrank();
        vm.prank(BOB);
        vm.assertFalse(registry.setOpen(datanet, false));
        // One can be for it again.
        vm.prank(ALICE);
        vm.assertTrue(registry.setOpen(datanet, false));
    }

    function test_revoke_token_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.TOKEN);
        bytes32 decision = keccak256(abi.encodeCall(registry.setOpen, (datanet, false)));
        token.mint(ALICE, 60);
        token.mint(BOB, 39);
        token.mint(CAROL, 40);
        vm.roll(110);
        vm.prank(ALICE);
        registry.setOpen(datanet, false);
        vm.prank(BOB);
        registry.setOpen(datanet, false);
        // As many as were counted in, whatever the caller has now.
        vm.startPrank(ALICE);
        token.transfer(BOB, 60);
        vm.expectEmit();
        emit IDatanetRegistry.Revoked(datanet, decision, ALICE, 39);
        registry.revoke(datanet, decision);
        vm.stopPrank();
        vm.prank(CAROL);
        vm.assertFalse(registry.setOpen(datanet, false));
    }

    /// @dev Nothing of somebody else's, nothing twice, and nothing that was decided, was dropped or is over.
    function test_revoke_reverts() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        bytes32 closing = keccak256(abi.encodeCall(registry.setOpen, (datanet, false)));
        bytes32 opening = keccak256(abi.encodeCall(registry.setOpen, (datanet, true)));
        vm.startPrank(ALICE);
        registry.setOpen(datanet, true);
        registry.setOpen(datanet, false);
        registry.revoke(datanet, closing);
        _notFor(datanet, closing, ALICE);
        registry.setOpen(datanet, false);
        vm.stopPrank();
        vm.startPrank(BOB);
        _notFor(datanet, closing, BOB);
        registry.setOpen(datanet, false);
        _notFor(datanet, closing, BOB);
        vm.stopPrank();
        vm.startPrank(ALICE);
        _notFor(datanet, opening, ALICE);
        registry.setOpen(datanet, true);
        vm.warp(block.timestamp + 30 days);
        _notFor(datanet, opening, ALICE);
    }

    function _notFor(uint64 _datanet, bytes32 _decision, address _who) internal {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_NotFor.selector, _who));
        registry.revoke(_datanet, _decision);
    }

    /// @dev When votes are counted is not for who has next to none of them to say.
    function test_decide_dust_reverts() public {
        IDatanetRegistry.Config memory config = _config(IDatanetRegistry.Policy.TOKEN);
        config.quorum = 101;
        uint64 datanet = registry.create(config);
        token.mint(ALICE, 1);
        token.mint(BOB, 2);
        token.mint(CAROL, 98);
        vm.roll(110);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_TooFew.selector, 2, 1));
        registry.setOpen(datanet, false);
        vm.prank(BOB);
        vm.assertFalse(registry.setOpen(datanet, false));
        // Every vote counts of what was begun.
        vm.prank(ALICE);
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.prank(CAROL);
        vm.assertTrue(registry.setOpen(datanet, false));
    }

    /// @dev No Datanet is created that could never decide anything: with no contract, one without a clock, one without votes of the past, one that has just
    ///      begun to count.
    function test_create_deafToken_reverts() public {
        IDatanetRegistry.Config memory config = _config(IDatanetRegistry.Policy.TOKEN);
        config.votes = IVotes(ALICE);
        vm.expectRevert();
        registry.create(config);
        config.votes = IVotes(address(licences));
        vm.expectRevert();
        registry.create(config);
        config.votes = IVotes(address(new Clock()));
        vm.expectRevert();
        registry.create(config);
        config.votes = IVotes(address(token));
        vm.roll(0);
        vm.expectRevert();
        registry.create(config);
        vm.roll(1);
        registry.create(config);
    }

    function test_setWelcome_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        vm.assertTrue(registry.mayContribute(datanet, 0));
        vm.startPrank(ALICE);
        vm.expectEmit();
        emit IDatanetRegistry.OpenChanged(datanet, false);
        registry.setOpen(datanet, false);
        vm.assertFalse(registry.mayContribute(datanet, 0));
        vm.expectEmit();
        emit IDatanetRegistry.WelcomeChanged(datanet, 0, true);
        registry.setWelcome(datanet, 0, true);
        vm.assertTrue(registry.mayContribute(datanet, 0));
        vm.assertFalse(registry.mayContribute(datanet, 1));
        registry.setWelcome(datanet, 0, false);
        vm.assertFalse(registry.mayContribute(datanet, 0));
    }

    /// @dev Who is welcome is for the council to say, and an approval is for one contributor and one answer alone.
    function test_setWelcome_council_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        vm.startPrank(ALICE);
        vm.assertFalse(registry.setOpen(datanet, false));
        vm.assertFalse(registry.setWelcome(datanet, 0, true));
        vm.stopPrank();
        vm.startPrank(BOB);
        vm.assertTrue(registry.setOpen(datanet, false));
        vm.assertFalse(registry.setWelcome(datanet, 1, true));
        vm.assertFalse(registry.setWelcome(datanet, 0, false));
        vm.assertFalse(registry.mayContribute(datanet, 0));
        vm.assertTrue(registry.setWelcome(datanet, 0, true));
        vm.stopPrank();
        vm.assertTrue(registry.mayContribute(datanet, 0));
        vm.assertFalse(registry.mayContribute(datanet, 1));
    }

    function test_publish_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        uint32 first = _contribution(datanet, "first");
        vm.prank(ALICE);
        registry.accept(datanet, first, "first");
        uint64 from = uint64(block.timestamp) + DELAY;
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_TooEarly.selector, from));
        registry.publish(datanet);
        vm.warp(from);
        bytes32 root = Trees.root(1, _leaf(first, "first"));
        vm.expectEmit();
        emit IDatanetRegistry.Published(datanet, 0, root, 1);
        vm.assertEq(registry.publish(datanet), 0);
        vm.snapshotGasLastCall("DatanetRegistry", "publish");
        vm.assertEq(registry.versionRootOf(datanet, 0), root);
        vm.expectRevert(IDatanetRegistry.DatanetRegistry_Unchanged.selector);
        registry.publish(datanet);
        // The next holds both; the first stays as it was.
        uint32 second = _contribution(datanet, "second");
        vm.prank(ALICE);
        registry.accept(datanet, second, "second");
        vm.warp(block.timestamp + DELAY);
        vm.assertEq(registry.publish(datanet), 1);
        bytes32 both = Trees.root(2, Trees.node(_leaf(first, "first"), _leaf(second, "second")));
        vm.assertEq(registry.versionRootOf(datanet, 1), both);
        vm.assertEq(registry.versionRootOf(datanet, 0), root);
        vm.assertEq(registry.versionsOf(datanet), 2);
    }

    /// @dev A Datanet of Alice's, and contributions 1 to n that it can accept; their leaves B.
    function _busy(uint256 _n) internal returns (uint64 datanet_, bytes32[] memory leaves_) {
        datanet_ = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        leaves_ = new bytes32[](_n);
        for (uint256 k; k < _n; ++k) {
            leaves_[k] = _leaf(_contribution(datanet_, bytes32(k + 1)), bytes32(k + 1));
        }
    }

    function _accept(uint64 _datanet, uint32 _commitSeq) internal {
        vm.prank(ALICE);
        registry.accept(_datanet, _commitSeq, bytes32(uint256(_commitSeq)));
    }

    /// @dev Who accepts all the time puts no version off: a checkpoint is published a delay later, whatever came since, and holds nothing younger.
    function test_checkpoint_steadyAcceptance_succeeds() public {
        (uint64 datanet, bytes32[] memory leaves) = _busy(5);
        uint64 start = uint64(block.timestamp);
        _accept(datanet, 1);
        vm.warp(start + DELAY / 2);
        _accept(datanet, 2);
        bytes32 two = Trees.root(2, Trees.node(leaves[0], leaves[1]));
        uint64 from = start + DELAY / 2 + DELAY;
        // It is as old as the youngest that it holds.
        vm.warp(start + DELAY / 2 + 1 hours);
        vm.expectEmit();
        emit IDatanetRegistry.Checkpointed(datanet, two, 2, from);
        vm.prank(BOB);
        registry.checkpoint(datanet);
        vm.snapshotGasLastCall("DatanetRegistry", "checkpoint");
        (uint64 batches, bytes32 root, uint64 end) = registry.checkpointOf(datanet);
        vm.assertEq(batches, 2);
        vm.assertEq(root, two);
        vm.assertEq(end, from);
        vm.warp(start + DELAY);
        _accept(datanet, 3);
        // Nobody makes a newer one of it.
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_Checkpointed.selector, from));
        registry.checkpoint(datanet);
        vm.warp(from - 1);
        _accept(datanet, 4);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_TooEarly.selector, from));
        registry.publish(datanet);
        vm.warp(from);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_Checkpointed.selector, from));
        registry.checkpoint(datanet);
        vm.expectEmit();
        emit IDatanetRegistry.Published(datanet, 0, two, 2);
        vm.assertEq(registry.publish(datanet), 0);
        vm.assertEq(registry.versionRootOf(datanet, 0), two);
        // One is published once; the next goes on from it.
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_TooEarly.selector, from - 1 + DELAY));
        registry.publish(datanet);
        registry.checkpoint(datanet);
        vm.warp(from + 1 hours);
        _accept(datanet, 5);
        vm.warp(from - 1 + DELAY);
        vm.assertEq(registry.publish(datanet), 1);
        bytes32 four = Trees.node(Trees.node(leaves[0], leaves[1]), Trees.node(leaves[2], leaves[3]));
        vm.assertEq(registry.versionRootOf(datanet, 1), Trees.root(4, four));
        vm.warp(from + 1 hours + DELAY);
        vm.assertEq(registry.publish(datanet), 2);
        vm.assertEq(registry.versionRootOf(datanet, 2), Trees.root(5, Trees.node(four, leaves[4])));
    }

    /// @dev After a pause everything is published, and a checkpoint that held less says nothing more.
    function test_checkpoint_passedOver_succeeds() public {
        (uint64 datanet, bytes32[] memory leaves) = _busy(3);
        uint64 start = uint64(block.timestamp);
        _accept(datanet, 1);
        registry.checkpoint(datanet);
        vm.warp(start + DELAY / 2);
        _accept(datanet, 2);
        vm.warp(start + DELAY / 2 + DELAY);
        registry.publish(datanet);
        vm.assertEq(registry.versionRootOf(datanet, 0), Trees.root(2, Trees.node(leaves[0], leaves[1])));
        vm.expectRevert(IDatanetRegistry.DatanetRegistry_Unchanged.selector);
        registry.checkpoint(datanet);
        _accept(datanet, 3);
        uint64 from = uint64(block.timestamp) + DELAY;
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_TooEarly.selector, from));
        registry.publish(datanet);
        registry.checkpoint(datanet);
        (uint64 batches,,) = registry.checkpointOf(datanet);
        vm.assertEq(batches, 3);
    }

    /// @dev In any order of calls no version holds a batch that is younger than the delay, and each holds those before it.
    function testFuzz_publish_succeeds(uint8[24] memory _calls) public {
        (uint64 datanet,) = _busy(8);
        uint64[9] memory acceptedAt;
        bytes32[9] memory roots;
        uint64 accepted;
        uint64 published;
        for (uint256 k; k < 24; ++k) {
            vm.warp(block.timestamp + uint256(_calls[k] >> 2) * 20 minutes);
            if (_calls[k] & 1 == 0 && accepted < 8) {
                _accept(datanet, uint32(++accepted));
                acceptedAt[accepted] = uint64(block.timestamp);
                (, roots[accepted]) = registry.batchesOf(datanet);
            }
            if (_calls[k] & 2 == 0) {
                try registry.checkpoint(datanet) { } catch { }
            }
            try registry.publish(datanet) returns (uint32 version) {
                bytes32 root = registry.versionRootOf(datanet, version);
                uint64 batches = published + 1;
                while (roots[batches] != root) ++batches;
                vm.assertLe(batches, accepted);
                vm.assertLe(acceptedAt[batches] + DELAY, block.timestamp);
                published = batches;
            } catch { }
        }
        vm.warp(block.timestamp + DELAY);
        if (published < accepted) registry.publish(datanet);
    }

    function test_publish_empty_reverts() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        vm.expectRevert(IDatanetRegistry.DatanetRegistry_Unchanged.selector);
        registry.publish(datanet);
    }

    /// @dev A batch goes to the Datanet that it was revealed for, once.
    function test_accept_anothers_reverts() public {
        uint64 one = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        uint64 other = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        uint32 commitSeq = _contribution(one, "first");
        vm.startPrank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(other, commitSeq, "first");
        registry.accept(one, commitSeq, "first");
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(one, commitSeq, "first");
    }

    /// @dev No word is kept for what is not there: not revealed, in its window, elsewhere, or not welcome.
    function test_accept_notAcceptable_reverts() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        uint64 other = _create(IDatanetRegistry.Policy.COUNCIL);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Unknown.selector, 1));
        registry.accept(datanet, 1, "first");
        uint32 hidden = contributions.commit("hash");
        vm.stopPrank();
        uint64 from = uint64(block.timestamp) + WINDOW + ADMISSION_TIME;
        uint32 commitSeq = _contribution(datanet, "first");
        vm.startPrank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, hidden)
        );
        registry.accept(datanet, hidden, "first");
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(other, commitSeq, "first");
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, from));
        registry.accept(datanet, commitSeq, "first");
        vm.warp(from);
        registry.setOpen(datanet, false);
        vm.stopPrank();
        vm.startPrank(BOB);
        registry.setOpen(datanet, false);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotWelcome.selector, datanet, 0)
        );
        registry.accept(datanet, commitSeq, "first");
        registry.setWelcome(datanet, 0, true);
        vm.stopPrank();
        vm.startPrank(ALICE);
        registry.setWelcome(datanet, 0, true);
        // The first word for it.
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
    }

    /// @dev A word is for documents: what was stated anew is decided anew, and cannot be accepted while it is judged.
    function test_accept_restated_succeeds() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        uint32 commitSeq = _contribution(datanet, "first");
        vm.prank(ALICE);
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
        vm.prank(CAROL);
        contributions.restate(commitSeq, "others");
        vm.startPrank(BOB);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_NotAcceptable.selector, commitSeq)
        );
        registry.accept(datanet, commitSeq, "first");
        uint64 until = uint64(block.timestamp) + ADMISSION_TIME;
        vm.expectRevert(abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_TooEarly.selector, until));
        registry.accept(datanet, commitSeq, "others");
        vm.warp(until);
        vm.assertFalse(registry.accept(datanet, commitSeq, "others"));
        vm.stopPrank();
        vm.prank(ALICE);
        vm.assertTrue(registry.accept(datanet, commitSeq, "others"));
        (, bytes32 root) = registry.batchesOf(datanet);
        vm.assertEq(root, Trees.root(1, _leaf(commitSeq, "others")));
    }

    /// @dev No word for what is contested.
    function test_accept_contested_reverts() public {
        uint64 datanet = _create(IDatanetRegistry.Policy.COUNCIL);
        uint32 commitSeq = _contribution(datanet, "first");
        admission.contest(commitSeq, true);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(IContributionRegistry.ContributionRegistry_Contested.selector, commitSeq)
        );
        registry.accept(datanet, commitSeq, "first");
        admission.contest(commitSeq, false);
        vm.prank(ALICE);
        vm.assertFalse(registry.accept(datanet, commitSeq, "first"));
    }

    /// @dev Who decides for a Datanet welcomes nobody but themselves, and brings what they learned from a reveal: it comes second, wherever it is.
    function test_accept_keptOut_succeeds() public {
        uint64 greedy = _create(IDatanetRegistry.Policy.INDIVIDUAL);
        vm.prank(ALICE);
        registry.setOpen(greedy, false);
        uint32 commitSeq = _contribution(greedy, "first");
        vm.startPrank(ALICE);
        contributors.register(ALICE);
        registry.setWelcome(greedy, 1, true);
        vm.assertGt(contributions.commit("copy"), commitSeq);
        vm.stopPrank();
        vm.prank(BOB);
        uint64 fair = registry.create(_config(IDatanetRegistry.Policy.INDIVIDUAL));
        vm.prank(CAROL);
        contributions.redirect(commitSeq, fair, "first");
        vm.prank(BOB);
        vm.assertTrue(registry.accept(fair, commitSeq, "first"));
        vm.assertEq(contributions.recordOf(commitSeq).committedAt, 1_000_000);
    }

    /// @dev Who uses a Datanet by its licence may use all of it.
    function test_accept_licence_reverts() public {
        licences.add("train and answer", 3, "");
        licences.add("train", 1, "");
        licences.add("all", 31, "");
        IDatanetRegistry.Config memory config = _config(IDatanetRegistry.Policy.INDIVIDUAL);
        config.licence = 1;
        vm.prank(ALICE);
        uint64 datanet = registry.create(config);
        vm.assertEq(registry.licenceOf(datanet), 1);
        uint32 less = _contribution(datanet, "less", 2);
        uint32 more = _contribution(datanet, "more", 3);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.DatanetRegistry_Licence.selector, 2));
        registry.accept(datanet, less, "less");
        vm.assertTrue(registry.accept(datanet, more, "more"));
    }
}
