// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { ModelRegistry } from "src/model/ModelRegistry.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { DatanetTest } from "test/utils/DatanetTest.sol";

/// @title ModelTest
/// @notice Three Datanets with a version each, and a model of Alice's.
abstract contract ModelTest is DatanetTest {
    ModelRegistry internal models;

    /// @dev Two Datanets that consent, and one that does not.
    uint64 internal first;
    uint64 internal second;
    uint64 internal unwilling;

    uint64 internal constant NOTICE = 3 days;
    uint64 internal constant BOND_TIME = 10 days;
    uint128 internal constant BOND = 5 ether;

    /// @dev All training weight is contributor 0's: a row W.
    bytes internal constant WEIGHT = abi.encodePacked("W", uint64(0), uint128(19));

    function setUp() public virtual override {
        super.setUp();
        licences.add("train, answer, for money", 7, "");
        licences.add("train alone", 1, "");
        first = _version(1, "first");
        second = _version(1, "second");
        unwilling = _version(2, "third");
        models = new ModelRegistry(registry, licences, NOTICE, BOND_TIME, BOND);
        vm.prank(ALICE);
        models.create("a model");
    }

    function _publication(
        IModelRegistry.Kind _kind,
        uint64[] memory _parents,
        uint64 _datanet
    ) internal view returns (IModelRegistry.Publication memory of_) {
        of_.kind = _kind;
        of_.parents = _parents;
        of_.corpus = new IModelRegistry.DatanetVersion[](1);
        of_.corpus[0] = IModelRegistry.DatanetVersion(_datanet, 0);
        of_.contentHash = "content";
        of_.boilerplateRoot = Trees.root(0, 0);
        (of_.weightRow, of_.weightProof) = (WEIGHT, abi.encodePacked(uint64(0), uint64(1)));
        of_.terms = IModelFacts.Terms(500, 0, IModelFacts.SplitTable(500, 2_500, 2_000, 1_000, 4_000));
        of_.payees = IModelRegistry.Payees(ALICE, BOB, CAROL, BOB);
        if (_kind != IModelRegistry.Kind.BASE) of_.payees.licensor = address(0);
        of_.gateway = CAROL;
        of_.settlement = address(this);
    }

    function _base() internal view returns (IModelRegistry.Publication memory of_) {
        return _publication(IModelRegistry.Kind.BASE, new uint64[](0), first);
    }

    function _parents(uint64 _one) internal pure returns (uint64[] memory parents_) {
        parents_ = new uint64[](1);
        parents_[0] = _one;
    }

    function _parents(uint64 _one, uint64 _other) internal pure returns (uint64[] memory parents_) {
        parents_ = new uint64[](2);
        (parents_[0], parents_[1]) = (_one, _other);
    }

    /// @dev Publishes, and waits until it is active.
    function _publish(IModelRegistry.Publication memory _of) internal returns (uint64 modelVersion_) {
        vm.prank(ALICE);
        modelVersion_ = models.publish{ value: BOND }(0, _of);
        vm.warp(block.timestamp + NOTICE);
    }

    function _leaf(uint64 _datanet) internal view returns (bytes32 hash_) {
        bytes32 root = registry.versionRootOf(_datanet, 0);
        return keccak256(abi.encodePacked(uint8(0), "V", _datanet, uint32(0), root));
    }
}
