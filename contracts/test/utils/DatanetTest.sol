// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { DatanetRegistry } from "src/datanet/DatanetRegistry.sol";
import { LicenseRegistry } from "src/datanet/LicenseRegistry.sol";
import { Clear } from "test/mocks/Economy.sol";
import { VotesToken } from "test/mocks/VotesToken.sol";
import { Test } from "test/utils/Test.sol";

/// @title DatanetTest
/// @notice The registers of contributors, licences, contributions and Datanets, and what comes before a version.
abstract contract DatanetTest is Test {
    ContributorRegistry internal contributors;
    LicenseRegistry internal licences;
    ContributionRegistry internal contributions;
    Clear internal admission;
    DatanetRegistry internal registry;
    VotesToken internal token;

    address internal immutable CAROL = _account("carol");

    uint64 internal constant WINDOW = 36 hours;
    uint64 internal constant ADMISSION_TIME = 3 days;
    uint64 internal constant DELAY = 1 days;
    bytes internal constant CID = hex"0155122000000000000000000000000000000000000000000000000000000000000000aa";

    function setUp() public virtual {
        contributors = new ContributorRegistry();
        licences = new LicenseRegistry();
        admission = new Clear();
        // Each knows the other's address before it is there.
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        contributions = new ContributionRegistry(
            contributors,
            licences,
            DatanetRegistry(next),
            admission,
            ContributionRegistry.Parameters(WINDOW, ADMISSION_TIME, 30 days, 3)
        );
        registry = new DatanetRegistry(contributions, licences, DELAY);
        token = new VotesToken();
        vm.prank(CAROL);
        contributors.register(CAROL);
        vm.warp(1_000_000);
        vm.roll(100);
    }

    function _config(IDatanetRegistry.Policy _policy) internal view returns (IDatanetRegistry.Config memory config_) {
        config_.domain = "cooking";
        config_.policy = _policy;
        config_.isOpen = true;
        if (_policy == IDatanetRegistry.Policy.COUNCIL) {
            config_.members = new address[](3);
            (config_.members[0], config_.members[1], config_.members[2]) = (ALICE, BOB, CAROL);
            config_.quorum = 2;
        }
        if (_policy == IDatanetRegistry.Policy.TOKEN) {
            config_.votes = IVotes(address(token));
            config_.quorum = 100;
        }
    }

    /// @dev Alice's.
    function _create(IDatanetRegistry.Policy _policy) internal returns (uint64 datanet_) {
        vm.prank(ALICE);
        return registry.create(_config(_policy));
    }

    /// @dev A contribution of Carol's that can be accepted.
    function _contribution(uint64 _datanet, bytes32 _root) internal returns (uint32 commitSeq_) {
        return _contribution(_datanet, _root, 0);
    }

    function _contribution(uint64 _datanet, bytes32 _root, uint32 _licence) internal returns (uint32 commitSeq_) {
        IContributionRegistry.Batch memory batch = IContributionRegistry.Batch({
            contentRoot: "content",
            datanet: _datanet,
            contributor: 0,
            documents: 1,
            size: 100,
            licence: _licence,
            kinds: 1,
            parent: 0,
            isInline: false
        });
        vm.startPrank(CAROL);
        commitSeq_ = contributions.commit(contributions.commitHashOf(CAROL, batch, CID, "salt"));
        contributions.reveal{ value: 300 }(commitSeq_, batch, CID, "salt", _root);
        vm.stopPrank();
        vm.warp(block.timestamp + WINDOW + ADMISSION_TIME);
    }

    function _leaf(uint32 _commitSeq, bytes32 _root) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encodePacked(uint8(0), "B", _commitSeq, _root));
    }

    /// @dev A version of a new Datanet of Alice's with a licence.
    function _version(uint32 _licence, bytes32 _root) internal returns (uint64 datanet_) {
        IDatanetRegistry.Config memory config = _config(IDatanetRegistry.Policy.INDIVIDUAL);
        config.licence = _licence;
        vm.prank(ALICE);
        datanet_ = registry.create(config);
        uint32 commitSeq = _contribution(datanet_, _root);
        vm.prank(ALICE);
        registry.accept(datanet_, commitSeq, _root);
        vm.warp(block.timestamp + DELAY);
        registry.publish(datanet_);
    }
}
