// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Phrases } from "src/model/Phrases.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { ModelTest } from "test/utils/ModelTest.sol";

/// @title ModelRegistry_Test
/// @notice Versions of models: what they are made of, on which terms, and whose they are; on real Datanets.
contract ModelRegistry_Test is ModelTest {
    function test_create_succeeds() public {
        vm.expectEmit();
        emit IModelRegistry.ModelCreated(1, BOB, "another");
        vm.prank(BOB);
        vm.assertEq(models.create("another"), 1);
        vm.assertEq(models.ownerOf(1), BOB);
        vm.assertEq(models.models(), 2);
    }

    function test_publish_base_succeeds() public {
        IModelRegistry.Publication memory of_ = _base();
        bytes32 root = Trees.root(1, _leaf(first));
        uint64 from = uint64(block.timestamp) + NOTICE;
        IModelRegistry.Record memory expected;
        (expected.publisher, expected.bond, expected.activeFrom) = (ALICE, BOND, from);
        (expected.contentHash, expected.boilerplateRoot) = (of_.contentHash, of_.boilerplateRoot);
        (expected.corpusRoot, expected.settlement) = (root, address(this));
        expected.weightsRoot = Trees.sumRoot(1, keccak256(bytes.concat(hex"00", WEIGHT)), 19);
        expected.weightsTotal = 19;
        vm.expectEmit();
        emit IModelRegistry.VersionPublished(1, 0, ALICE, expected, of_);
        vm.prank(ALICE);
        vm.assertEq(models.publish{ value: BOND }(0, of_), 1);
        vm.snapshotGasLastCall("ModelRegistry", "publish, one Datanet");
        vm.assertFalse(models.isActive(1));
        vm.warp(from);
        vm.assertTrue(models.isActive(1));
        vm.assertEq(models.versions(), 1);
        vm.assertEq(models.corpusRootOf(1), root);
        vm.assertEq(models.boilerplateRootOf(1), of_.boilerplateRoot);
        vm.assertEq(models.gatewayOf(1), CAROL);
        vm.assertEq(models.payeesOf(1).tuner, BOB);
        vm.assertEq(keccak256(abi.encode(models.termsOf(1))), keccak256(abi.encode(models.termsOfOL2025())));
        vm.assertEq(models.corpusOf(1).length, 1);
        vm.assertEq(models.parentsOf(1).length, 0);
        (bytes32 weights, uint128 total, bool declared) = models.weightsOf(1);
        vm.assertEq(weights, expected.weightsRoot);
        vm.assertEq(total, 19);
        vm.assertFalse(declared);
        vm.assertEq(keccak256(abi.encode(models.recordOf(1))), keccak256(abi.encode(expected)));
    }

    /// @dev Two phrases, in order, and their root.
    function _phrases() internal pure returns (bytes memory phrases_, bytes32 root_) {
        bytes memory one = abi.encodePacked(bytes32(0), bytes32(0), bytes32(0), bytes32(uint256(1)));
        bytes memory other = abi.encodePacked(bytes32(0), bytes32(0), bytes32(0), bytes32(uint256(2)));
        bytes32 left = keccak256(bytes.concat(hex"00", "G", one));
        bytes32 right = keccak256(bytes.concat(hex"00", "G", other));
        return (bytes.concat(one, other), Trees.root(2, Trees.node(left, right)));
    }

    /// @dev A list that nobody has seen in time is none: nobody could attribute by it.
    function test_showPhrases_inTime_succeeds() public {
        (bytes memory phrases, bytes32 root) = _phrases();
        IModelRegistry.Publication memory of_ = _base();
        of_.boilerplateRoot = root;
        vm.prank(ALICE);
        uint64 shown = models.publish{ value: BOND }(0, of_);
        vm.prank(ALICE);
        uint64 hidden = models.publish{ value: BOND }(0, of_);
        vm.assertEq(models.boilerplateRootOf(shown), Trees.root(0, 0));
        vm.expectEmit();
        emit IModelRegistry.PhrasesShown(shown, phrases);
        vm.prank(BOB);
        models.showPhrases(shown, phrases);
        vm.snapshotGasLastCall("ModelRegistry", "showPhrases, two");
        vm.warp(block.timestamp + NOTICE);
        vm.assertEq(models.boilerplateRootOf(shown), root);
        vm.assertEq(models.boilerplateRootOf(hidden), Trees.root(0, 0));
        uint64 from = models.recordOf(hidden).activeFrom;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooLate.selector, from));
        models.showPhrases(hidden, phrases);
    }

    function test_showPhrases_others_reverts() public {
        (bytes memory phrases, bytes32 root) = _phrases();
        IModelRegistry.Publication memory of_ = _base();
        of_.boilerplateRoot = root;
        vm.prank(ALICE);
        uint64 version = models.publish{ value: BOND }(0, of_);
        vm.expectRevert(Phrases.Phrases_NoList.selector);
        models.showPhrases(version, bytes.concat(phrases, hex"00"));
        // Twice the same, and the higher one first: neighbours in it would show that something is absent that is there.
        vm.expectRevert(Phrases.Phrases_NoList.selector);
        models.showPhrases(version, bytes.concat(phrases, phrases));
        bytes memory again = bytes.concat(phrases, new bytes(128));
        vm.expectRevert(Phrases.Phrases_NoList.selector);
        models.showPhrases(version, again);
        vm.expectRevert(IModelRegistry.ModelRegistry_OtherPhrases.selector);
        models.showPhrases(version, new bytes(128));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 9));
        models.showPhrases(9, phrases);
    }

    /// @dev The base's Datanets come first, and each stands once.
    function test_publish_lineage_succeeds() public {
        uint64 base = _publish(_base());
        uint64 adapter = _publish(_publication(IModelRegistry.Kind.ADAPTER, _parents(base), second));
        bytes32 both = Trees.root(2, Trees.node(_leaf(first), _leaf(second)));
        vm.assertEq(models.corpusRootOf(adapter), both);
        vm.assertEq(models.recordOf(adapter).depth, 1);
        vm.assertEq(models.parentsOf(adapter)[0], base);
        uint64 merge = _publish(_publication(IModelRegistry.Kind.MERGE, _parents(base, adapter), first));
        vm.assertEq(models.corpusRootOf(merge), both);
        vm.assertEq(models.recordOf(merge).depth, 2);
        vm.assertEq(models.corpusOf(merge).length, 2);
    }

    function test_publish_lineage_reverts() public {
        uint64 base = _publish(_base());
        uint64 retired = _publish(_base());
        vm.prank(ALICE);
        models.retire(retired);
        vm.prank(ALICE);
        uint64 soon = models.publish{ value: BOND }(0, _base());
        IModelRegistry.Publication[7] memory wrong = [
            _publication(IModelRegistry.Kind.BASE, _parents(base), second),
            _publication(IModelRegistry.Kind.ADAPTER, new uint64[](0), second),
            _publication(IModelRegistry.Kind.ADAPTER, _parents(base, base), second),
            _publication(IModelRegistry.Kind.MERGE, _parents(base), second),
            _publication(IModelRegistry.Kind.MERGE, _parents(base, base), second),
            _publication(IModelRegistry.Kind.ADAPTER, _parents(retired), second),
            _publication(IModelRegistry.Kind.ADAPTER, _parents(soon), second)
        ];
        for (uint256 k; k < wrong.length; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(IModelRegistry.ModelRegistry_Lineage.selector);
            models.publish{ value: BOND }(0, wrong[k]);
        }
        IModelRegistry.Publication memory many = _publication(IModelRegistry.Kind.MERGE, new uint64[](9), second);
        vm.prank(ALICE);
        vm.expectRevert(IModelRegistry.ModelRegistry_Lineage.selector);
        models.publish{ value: BOND }(0, many);
    }

    /// @dev A base that owes some share to a licensor, with a tuner.
    function _owing(address _licensor, uint16 _share, address _tuner) internal returns (uint64 modelVersion_) {
        IModelRegistry.Publication memory of_ = _base();
        of_.terms.split = IModelFacts.SplitTable(_share, _tuner == address(0) ? 0 : 1_000, 0, 0, 0);
        of_.terms.split.data = 10_000 - of_.terms.split.licensor - of_.terms.split.tuner;
        (of_.payees.licensor, of_.payees.tuner) = (_licensor, _tuner);
        return _publish(of_);
    }

    function _equal(address[] memory _one, address[3] memory _other) internal pure {
        for (uint256 k; k < 3; ++k) {
            vm.assertEq(k < _one.length ? _one[k] : address(0), _other[k]);
        }
        vm.assertLe(_one.length, 3);
    }

    /// @dev Who licensed a base and who tuned what a version was made of are owed its licensor's share, each once, however far above.
    function test_licensorsOf_succeeds() public {
        uint64 base = _publish(_base());
        _equal(models.licensorsOf(base), [ALICE, address(0), address(0)]);
        IModelRegistry.Publication memory of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(base), second);
        of_.payees.tuner = CAROL;
        uint64 adapter = _publish(of_);
        _equal(models.licensorsOf(adapter), [ALICE, BOB, address(0)]);
        uint64 merge = _publish(_publication(IModelRegistry.Kind.MERGE, _parents(base, adapter), first));
        _equal(models.licensorsOf(merge), [ALICE, BOB, CAROL]);
        // Bob tuned the merge as well.
        uint64 last = _publish(_publication(IModelRegistry.Kind.ADAPTER, _parents(merge), first));
        _equal(models.licensorsOf(last), [ALICE, BOB, CAROL]);
    }

    /// @dev A base without a share owes nothing, whomever it names; what is made of it may owe something to its tuner.
    function test_licensorsOf_noShare_succeeds() public {
        uint64 free = _owing(ALICE, 0, address(0));
        _equal(models.licensorsOf(free), [address(0), address(0), address(0)]);
        uint64 tuned = _owing(ALICE, 0, CAROL);
        _equal(models.licensorsOf(tuned), [address(0), address(0), address(0)]);
        uint64 adapter = _publish(_publication(IModelRegistry.Kind.ADAPTER, _parents(tuned), first));
        _equal(models.licensorsOf(adapter), [CAROL, address(0), address(0)]);
        // With a share that nobody is owed there would be money that nobody gets.
        IModelRegistry.Publication memory of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(free), first);
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Terms.selector));
        of_.terms.split = IModelFacts.SplitTable(0, 2_500, 2_000, 1_000, 4_500);
        vm.assertEq(models.licensorsOf(_publish(of_)).length, 0);
    }

    /// @dev Of a version with parents the publisher neither names the licensor nor lowers the share of any parent.
    function test_publish_licensor_reverts() public {
        bytes memory terms = abi.encodeWithSelector(IModelRegistry.ModelRegistry_Terms.selector);
        uint64 base = _publish(_base());
        uint64 dear = _owing(CAROL, 501, BOB);
        IModelRegistry.Publication memory of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(base), second);
        of_.payees.licensor = ALICE;
        _refused(of_, terms);
        of_.payees.licensor = address(0);
        of_.terms.split = IModelFacts.SplitTable(499, 2_501, 2_000, 1_000, 4_000);
        _refused(of_, terms);
        of_ = _publication(IModelRegistry.Kind.MERGE, _parents(base, dear), second);
        _refused(of_, terms);
        of_.terms.split = IModelFacts.SplitTable(501, 2_499, 2_000, 1_000, 4_000);
        _equal(models.licensorsOf(_publish(of_)), [ALICE, BOB, CAROL]);
    }

    function test_publish_licensors_reverts() public {
        // Eight bases owe sixteen, and one of the next kind owes one more.
        uint64[] memory parents = new uint64[](8);
        for (uint160 k; k < 8; ++k) {
            parents[k] = _owing(address(1_000 + k), 500, address(2_000 + k));
        }
        IModelRegistry.Publication memory of_ = _publication(IModelRegistry.Kind.MERGE, parents, second);
        of_.payees.tuner = address(2_000);
        uint64 merge = _publish(of_);
        vm.assertEq(models.licensorsOf(merge).length, 16);
        of_ = _publication(IModelRegistry.Kind.ADAPTER, _parents(merge), second);
        vm.assertEq(models.licensorsOf(_publish(of_)).length, 16);
        parents = _parents(merge, _owing(address(3_000), 500, address(0)));
        _refused(
            _publication(IModelRegistry.Kind.MERGE, parents, second),
            abi.encodeWithSelector(IModelRegistry.ModelRegistry_Lineage.selector)
        );
    }

    function test_publish_tooDeep_reverts() public {
        uint64 last = _publish(_base());
        for (uint256 k; k < 8; ++k) {
            last = _publish(_publication(IModelRegistry.Kind.ADAPTER, _parents(last), second));
        }
        vm.assertEq(models.recordOf(last).depth, 8);
        vm.prank(ALICE);
        vm.expectRevert(IModelRegistry.ModelRegistry_Lineage.selector);
        models.publish{ value: BOND }(0, _publication(IModelRegistry.Kind.ADAPTER, _parents(last), second));
    }

    function test_publish_corpus_reverts() public {
        IModelRegistry.Publication memory of_ = _base();
        // A licence that does not consent, a version and a Datanet that are not there, and nothing at all.
        of_.corpus[0] = IModelRegistry.DatanetVersion(unwilling, 0);
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Corpus.selector, unwilling));
        of_.corpus[0] = IModelRegistry.DatanetVersion(first, 1);
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Corpus.selector, first));
        of_.corpus[0] = IModelRegistry.DatanetVersion(99, 0);
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Corpus.selector, 99));
        of_.corpus = new IModelRegistry.DatanetVersion[](0);
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Corpus.selector, 0));
        of_.corpus = new IModelRegistry.DatanetVersion[](65);
        for (uint32 k; k < 65; ++k) {
            of_.corpus[k] = IModelRegistry.DatanetVersion(first, k);
        }
        _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Corpus.selector, first));
    }

    function _refused(IModelRegistry.Publication memory _of, bytes memory _error) internal {
        vm.prank(ALICE);
        vm.expectRevert(_error);
        models.publish{ value: BOND }(0, _of);
    }

    function test_publish_terms_reverts() public {
        for (uint256 k; k < 10; ++k) {
            IModelRegistry.Publication memory of_ = _base();
            IModelFacts.SplitTable memory split = of_.terms.split;
            if (k == 0) split.data = 4_001;
            if (k == 1) (split.data, split.tuner) = (2_999, 3_501);
            if (k == 2) (split.licensor, split.tuner) = (3_001, 0);
            if (k == 3) of_.terms.platformBps = 0;
            if (k == 4) of_.terms.platformBps = 2_001;
            if (k == 5) of_.terms.retrievalBps = 3_001;
            if (k == 6) of_.payees.licensor = address(0);
            if (k == 7) of_.payees.tuner = address(0);
            if (k == 8) of_.payees.compute = address(0);
            if (k == 9) of_.payees.stakers = address(0);
            _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Terms.selector));
        }
        // Who gets nothing need not be named.
        IModelRegistry.Publication memory alone = _base();
        alone.terms.split = IModelFacts.SplitTable(0, 0, 0, 0, 10_000);
        alone.payees = IModelRegistry.Payees(address(0), address(0), address(0), address(0));
        vm.prank(ALICE);
        models.publish{ value: BOND }(0, alone);
    }

    function test_publish_invalid_reverts() public {
        for (uint256 k; k < 4; ++k) {
            IModelRegistry.Publication memory of_ = _base();
            if (k == 0) of_.contentHash = 0;
            if (k == 1) of_.boilerplateRoot = 0;
            if (k == 2) of_.gateway = address(0);
            if (k == 3) of_.settlement = address(0);
            _refused(of_, abi.encodeWithSelector(IModelRegistry.ModelRegistry_Invalid.selector));
        }
    }

    /// @dev A row W of some weight, and that it is the first of two, of which the other has some, too.
    function _weighing(uint128 _weight, uint128 _other) internal view returns (IModelRegistry.Publication memory of_) {
        of_ = _base();
        of_.weightRow = abi.encodePacked("W", uint64(0), _weight);
        of_.weightProof = abi.encodePacked(uint64(0), uint64(2), bytes32("other"), _other);
    }

    /// @dev Root and sum are the tree's own, whichever row they are computed from.
    function test_publish_weights_succeeds() public {
        IModelRegistry.Publication memory of_ = _weighing(19, 10 ** 15 - 19);
        bytes32 leaf = keccak256(bytes.concat(hex"00", of_.weightRow));
        vm.prank(ALICE);
        models.publish{ value: BOND }(0, of_);
        (bytes32 root, uint128 total,) = models.weightsOf(1);
        vm.assertEq(root, Trees.sumRoot(2, Trees.sumNode(leaf, 19, "other", 10 ** 15 - 19), 10 ** 15));
        vm.assertEq(total, 10 ** 15);
    }

    /// @dev No sum of zero or beyond 10^15, no row of nothing, and nothing that is no row or no proof.
    function test_publish_weights_reverts() public {
        bytes memory invalid = abi.encodeWithSelector(IModelRegistry.ModelRegistry_Invalid.selector);
        _refused(_weighing(0, 0), invalid);
        _refused(_weighing(0, 19), invalid);
        _refused(_weighing(19, 10 ** 15 - 18), invalid);
        IModelRegistry.Publication memory of_ = _base();
        of_.weightRow = abi.encodePacked("N", uint64(0), uint128(19));
        _refused(of_, abi.encodeWithSelector(Leaves.Leaves_NoLeaf.selector));
        of_ = _base();
        of_.weightProof = "";
        _refused(of_, abi.encodeWithSelector(Trees.Trees_Proof.selector));
    }

    function test_publish_byAnother_reverts() public {
        vm.prank(BOB);
        vm.expectRevert(IModelRegistry.ModelRegistry_NotOwner.selector);
        models.publish{ value: BOND }(0, _base());
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 1));
        models.publish{ value: BOND }(1, _base());
        // The token's owner of now.
        vm.prank(ALICE);
        models.transferFrom(ALICE, BOB, 0);
        vm.prank(BOB);
        models.publish{ value: BOND }(0, _base());
    }

    function test_publish_declared_succeeds() public {
        IModelRegistry.Publication memory of_ = _base();
        of_.declared = true;
        vm.prank(ALICE);
        models.publish{ value: BOND }(0, of_);
        (,, bool declared) = models.weightsOf(1);
        vm.assertTrue(declared);
        vm.prank(ALICE);
        models.publish{ value: BOND }(0, _base());
        (,, declared) = models.weightsOf(2);
        vm.assertFalse(declared);
        vm.assertEq(models.recordOf(1).bond, BOND);
        vm.assertEq(models.recordOf(2).bond, BOND);
        vm.assertEq(address(models).balance, 2 * BOND);
    }

    function test_returnBond_succeeds() public {
        vm.prank(ALICE);
        models.publish{ value: BOND }(0, _base());
        // Locked while the version answers, and for a time after.
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooEarly.selector, type(uint64).max));
        models.returnBond(1);
        vm.prank(ALICE);
        models.retire(1);
        uint64 from = uint64(block.timestamp) + BOND_TIME;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooEarly.selector, from));
        models.returnBond(1);
        // To retire again moves nothing.
        vm.warp(from - 1);
        vm.prank(ALICE);
        models.retire(1);
        vm.warp(from);
        uint256 before = ALICE.balance;
        vm.expectEmit();
        emit IModelRegistry.BondReturned(1, ALICE, BOND);
        models.returnBond(1);
        models.returnBond(1);
        vm.assertEq(ALICE.balance, before + BOND);
    }

    function test_publish_bond_reverts() public {
        uint256[3] memory values = [uint256(0), BOND - 1, BOND + 1];
        for (uint256 k; k < 3; ++k) {
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_Bond.selector, BOND, values[k]));
            models.publish{ value: values[k] }(0, _base());
        }
    }

    function test_setGateway_succeeds() public {
        _publish(_base());
        vm.prank(BOB);
        vm.expectRevert(IModelRegistry.ModelRegistry_NotOwner.selector);
        models.setGateway(1, BOB);
        vm.startPrank(ALICE);
        vm.expectRevert(IModelRegistry.ModelRegistry_Invalid.selector);
        models.setGateway(1, address(0));
        vm.expectEmit();
        emit IModelRegistry.GatewayChanged(1, BOB);
        models.setGateway(1, BOB);
        vm.assertEq(models.gatewayOf(1), BOB);
    }

    /// @dev A retired version answers no more, and what it was published with stays.
    function test_retire_succeeds() public {
        _publish(_base());
        vm.prank(BOB);
        vm.expectRevert(IModelRegistry.ModelRegistry_NotOwner.selector);
        models.retire(1);
        vm.expectEmit();
        emit IModelRegistry.VersionRetired(1);
        vm.prank(ALICE);
        models.retire(1);
        vm.assertFalse(models.isActive(1));
        vm.assertEq(models.corpusRootOf(1), Trees.root(1, _leaf(first)));
        vm.assertEq(models.termsOf(1).platformBps, 500);
    }

    function test_views_unknown_succeeds() public {
        // A root of zero is how the verifier learns that there is none.
        vm.assertEq(models.corpusRootOf(1), 0);
        vm.assertEq(models.boilerplateRootOf(1), 0);
        bytes memory unknown = abi.encodeWithSelector(IModelRegistry.ModelRegistry_Unknown.selector, 1);
        vm.expectRevert(unknown);
        models.termsOf(1);
        vm.expectRevert(unknown);
        models.payeesOf(1);
        vm.expectRevert(unknown);
        models.isActive(1);
        vm.expectRevert(unknown);
        models.recordOf(1);
        vm.expectRevert(unknown);
        models.corpusOf(1);
        vm.expectRevert(unknown);
        models.parentsOf(1);
        vm.expectRevert(unknown);
        models.licensorsOf(1);
        vm.expectRevert(unknown);
        models.gatewayOf(1);
    }

    /// @dev No terms that anybody can publish cross the bounds.
    function testFuzz_terms_succeeds(uint16[5] memory _split, uint16 _platform, uint16 _retrieval) public {
        IModelRegistry.Publication memory of_ = _base();
        uint256 whole;
        for (uint256 k; k < 5; ++k) {
            _split[k] = uint16(_split[k] % 5_000);
            whole += _split[k];
        }
        // Often the whole, so that other bounds decide.
        if (whole < 10_000) _split[4] += uint16(10_000 - whole);
        of_.terms.split = IModelFacts.SplitTable(_split[0], _split[1], _split[2], _split[3], _split[4]);
        (of_.terms.platformBps, of_.terms.retrievalBps) = (_platform % 2_400, _retrieval % 4_000);
        vm.prank(ALICE);
        try models.publish{ value: BOND }(0, of_) returns (uint64 modelVersion) {
            IModelFacts.Terms memory terms = models.termsOf(modelVersion);
            IModelFacts.SplitTable memory split = terms.split;
            uint256 sum = uint256(split.licensor) + split.tuner + split.compute + split.stakers + split.data;
            vm.assertEq(sum, 10_000);
            vm.assertGe(split.data, 3_000);
            vm.assertLe(split.licensor, 3_000);
            vm.assertLe(terms.retrievalBps, 3_000);
            vm.assertGt(terms.platformBps, 0);
            vm.assertLe(terms.platformBps, 2_000);
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(IModelRegistry.ModelRegistry_Terms.selector));
        }
    }
}
