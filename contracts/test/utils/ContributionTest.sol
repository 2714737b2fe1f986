// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmission, IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { LicenseRegistry } from "src/datanet/LicenseRegistry.sol";
import { Test } from "test/utils/Test.sol";

/// @title ContributionTest
/// @notice Two contributors and some licences. This contract is the register of Datanets: there are eight, of which the sixth welcomes nobody. It
///         judges documents, too.
abstract contract ContributionTest is Test, IDatanetPolicy, IAdmission {
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

    function _admission(uint32 _commitSeq, uint64 _from) internal view {
        (uint64 from, uint64 until) = registry.admissionOf(_commitSeq);
        vm.assertEq(from, _from);
        vm.assertEq(until, _from + ADMISSION_TIME);
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

    /// @dev Bob is Alice's guardian, who prevails, and starts a recovery for another key and payee.
    function _recovery() internal returns (address fresh_) {
        fresh_ = _account("fresh");
        vm.prank(ALICE);
        contributors.proposeGuardian(0, IContributorRegistry.Guardian(BOB, 1 days, true));
        vm.prank(BOB);
        contributors.startRecovery(0, fresh_, fresh_);
    }
}
