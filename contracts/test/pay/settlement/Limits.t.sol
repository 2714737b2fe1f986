// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IDatanetFacts, IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { SettlementRowsTest } from "test/utils/SettlementRowsTest.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title Settlement_RewardLimits_Test
/// @notice Who has the reward is not always who found the fault. The candidate is overturned all the same, and half of its bond is destroyed.
contract Settlement_RewardLimits_Test is SettlementTest {
    uint64 internal candidate;
    bytes internal proof;

    function setUp() public override {
        super.setUp();
        candidate = _post(BOB, _cut(10 ether), 0, "wrong");
        proof = _proof(candidate, 2);
    }

    function _showBy(address _by) internal {
        vm.prank(_by);
        settlement.prove(candidate, proof, "salt");
    }

    function _commitBy(address _by) internal {
        settlement.commitFault(settlement.faultHash(candidate, _by, proof, "salt"));
    }

    function _refused(address _by) internal {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Settlement_NotOpen.selector, candidate));
        _showBy(_by);
    }

    /// @dev Who orders transactions sees Carol's proof, keeps it back for a block, commits to it and is first: here Alice.
    function test_prove_keptBackBySequencer_isNotPrevented() external {
        _commitBy(CAROL);
        vm.roll(block.number + 1);
        // Carol's transaction with the proof is there to be seen, and is not taken.
        _commitBy(ALICE);
        vm.roll(block.number + 1);
        _showBy(ALICE);
        _refused(CAROL);
        vm.assertEq(settlement.creditOf(ALICE), BOND / 2);
        vm.assertEq(settlement.creditOf(CAROL), 0);
        _is(candidate, ISettlement.Status.FAULTED);
    }

    /// @dev Who posts something wrong knows the fault, and has committed to it before anybody has found it. When Carol commits he shows it himself: she has
    ///      nothing, and he has lost half of his bond instead of all of it.
    function test_prove_byThePosterFirst_isNotPrevented() external {
        uint256 before = BOB.balance;
        _commitBy(BOB);
        vm.roll(block.number + 1);
        _commitBy(CAROL);
        _showBy(BOB);
        vm.roll(block.number + 1);
        _refused(CAROL);
        vm.assertEq(settlement.creditOf(CAROL), 0);
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, before + BOND / 2);
    }

    /// @dev The same by a demand that the poster makes first and does not answer: half of the bond is the poster's again.
    function test_faultByDemand_ofThePosters_isNotPrevented() external {
        uint256 before = BOB.balance;
        vm.prank(BOB);
        settlement.demand{ value: FEE }(candidate, _demand(0));
        vm.expectRevert(ISettlement.Settlement_Demanded.selector);
        vm.prank(CAROL);
        settlement.demand{ value: FEE }(candidate, _demand(0));
        _passL1(WINDOW / 6);
        settlement.faultByDemand(candidate, _demand(0));
        settlement.withdraw(BOB);
        vm.assertEq(BOB.balance, before + BOND / 2);
    }
}

/// @title Settlement_BondLimits_Test
/// @notice What a bond does not cover.
contract Settlement_BondLimits_Test is SettlementRowsTest {
    uint64 internal k;
    uint64 internal right;
    bytes internal hers;
    bytes internal stolen;

    function setUp() public override {
        super.setUp();
        k = _cut(40_000 ether);
        hers = _row(0, 40_000 ether, 40_000 ether, "hers");
        stolen = _row(1, 40_000 ether + 1, 1, "his");
        right = _put(ALICE, _rows(k, 0, hers, _none(1, 0)));
    }

    /// @dev Bob says that all is his, and when nobody has looked it is.
    function _take() internal returns (uint256 bond_) {
        uint64 next = settlement.cuts() - 1;
        bond_ = settlement.bondOf(next, right);
        uint64 wrong = _put(BOB, _rows(next, right, _none(0, 0), stolen));
        _toL1(settlement.windowEndOf(wrong));
        if (settlement.finalOf(k) == 0) settlement.finalise(right);
        settlement.finalise(wrong);
        uint256 before = BOB.balance;
        vault.claim(next, stolen, _place(1, _none(0, 0)));
        vm.assertEq(BOB.balance, before + 40_000 ether + 1);
        vm.assertEq(settlement.creditOf(BOB), bond_);
    }

    /// @dev What nobody shows to be wrong counts, whatever it was bonded with: one who watches is enough, and one is needed.
    function test_finalise_nobodyLooks_isNotPrevented() external {
        _finalise(right);
        _cut(1);
        vm.assertEq(_take(), 10_000 ether);
    }

    /// @dev A bond follows what the vault has when the candidate is posted. Of what open ranges before will bring there it is a smaller part.
    function test_bondOf_behindLargeOpenRange_isLess() external {
        _cut(1);
        vm.assertEq(_take(), 2_500 ether);
        vm.assertEq(settlement.bondOf(k, 0), 10_000 ether);
    }
}

/// @title Facts
/// @notice One paid answer, which is open, one model version, and Datanet versions that a test publishes.
contract Facts is IPaidAnswers, IModelFacts, IDatanetFacts {
    bytes32 internal _paid;
    bytes32 internal _corpus;

    /// @inheritdoc IDatanetFacts
    mapping(uint64 datanet => mapping(uint32 version => bytes32)) public versionRootOf;

    function set(bytes32 _answer, bytes32 _root) external {
        (_paid, _corpus) = (_answer, _root);
    }

    function publish(uint64 _datanet, bytes32 _root) external {
        versionRootOf[_datanet][0] = _root;
    }

    /// @inheritdoc IPaidAnswers
    function paidOf(uint64) external view returns (bytes32 hash_) {
        return _paid;
    }

    /// @inheritdoc IPaidAnswers
    function publishedAt(uint64) external pure returns (uint64 timestamp_) {
        return 1;
    }

    /// @inheritdoc IModelFacts
    function corpusRootOf(uint64) external view returns (bytes32 root_) {
        return _corpus;
    }

    /// @inheritdoc IModelFacts
    function boilerplateRootOf(uint64) external pure returns (bytes32 root_) {
        return Trees.root(0, 0);
    }

    /// @inheritdoc IModelFacts
    function termsOf(uint64) external pure returns (Terms memory terms_) {
        return Terms(500, 0, SplitTable(0, 0, 0, 0, 10_000));
    }
}

/// @title Settlement_UnacceptedRoot_Test
/// @notice Bob's document is a copy of Alice's, which no Datanet has: an answer is made of the copy, and Alice is owed what Bob is paid.
contract Settlement_UnacceptedRoot_Test is SettlementRowsTest {
    uint128 internal constant POOL = 0.95 ether;
    bytes internal constant ALONE = hex"00000000000000000000000000000001";

    Facts internal facts;
    IAttributionVerifier.Epoch internal epoch;

    /// @dev The first document of a contribution, whole of another one's.
    function _document(uint32 _commit, uint64 _of, uint16 _bps) internal pure returns (bytes memory leaf_) {
        bytes memory head = abi.encodePacked("D", uint64(_commit) << 32, _of, uint8(0), uint64(0), uint16(8));
        uint64 root = uint64(1) << 32;
        bytes memory tail = abi.encodePacked(root, root, _bps, uint32(0), bytes32(0), bytes4(0));
        return bytes.concat(head, "text", bytes28(0), "sketch", bytes26(0), tail);
    }

    /// @dev A document alone in its batch, and that in its Datanet.
    function _opened(
        uint64 _datanet,
        uint32 _commit,
        bytes memory _of
    ) internal pure returns (Proofs.DocumentOpening memory opening_, bytes32 root_) {
        bytes memory batch = abi.encodePacked("B", _commit, Trees.root(1, _leaf(_of)));
        root_ = Trees.root(1, _leaf(batch));
        bytes memory version = abi.encodePacked("V", _datanet, uint32(0), root_);
        opening_ = Proofs.DocumentOpening(_of, ALONE, batch, ALONE, version);
    }

    /// @dev An answer of eight words of Bob's copy, for which his row has all of its data pool.
    function _paidToCopy() internal returns (Proofs.PartProof memory proof_) {
        facts = new Facts();
        verifier = new EpochVerifier(facts, facts, facts);
        bytes memory answer = bytes.concat(
            abi.encodePacked("R", uint64(0), MODEL, ALICE, uint128(1 ether), uint32(1), uint32(8), uint8(1)),
            abi.encodePacked(keccak256(hex"05"), bytes32("output"), uint32(8))
        );
        bytes memory tile = abi.encodePacked("T", uint32(0), uint8(8), uint8(0), uint64(2) << 32, uint16(0));
        bytes32 tiling = Trees.sumRoot(1, _leaf(tile), uint128(8) << 64 | 8);
        bytes memory row = abi.encodePacked("A", uint64(0), tiling, uint32(1), POOL);
        bytes memory earning = abi.encodePacked("E", uint64(0), uint32(0), uint8(0), POOL);
        bytes memory his = _row(1, POOL, POOL, Trees.sumRoot(1, _leaf(earning), POOL));
        Proofs.SumTop memory top = _top(_none(0, 0), his);
        (Proofs.DocumentOpening memory copy,) = _opened(0, 2, _document(2, 1, 10_000));
        facts.set(_leaf(answer), Trees.root(1, _leaf(copy.version)));
        (epoch.end, epoch.cutAt, epoch.contributors) = (1, 1, 2);
        epoch.answersRoot = Trees.root(1, _leaf(row));
        epoch.payoutRoot = Trees.sumRoot(2, top.top.hash, POOL);
        proof_.payout = _opening(1, his, _none(0, 0));
        proof_.part.answer = Proofs.AnswerOpening(answer, row, ALONE);
        proof_.part.tile = Proofs.TileOpening(tile, ALONE);
        proof_.part.source = Proofs.SourceOpening(copy, ALONE);
        proof_.earning = Proofs.RowOpening(earning, ALONE);
    }

    /// @dev As long as no version of a Datanet has the root nothing says whose it is, and there is no proof that another is paid; once one has it there is.
    function test_verify_rootInNoVersion_isNotShown() external {
        Proofs.PartProof memory proof = _paidToCopy();
        (Proofs.DocumentOpening memory root, bytes32 versionRoot) = _opened(1, 1, _document(1, 0, 0));
        proof.part.paid = new Proofs.DocumentOpening[](1);
        proof.part.paid[0] = root;
        bytes memory encoded = bytes.concat(hex"90", abi.encode(proof));
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_NotShown.selector);
        verifier.verify(epoch, encoded);
        facts.publish(1, versionRoot);
        vm.assertEq(verifier.verify(epoch, encoded), 9);
    }
}
