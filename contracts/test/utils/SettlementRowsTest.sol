// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionFacts, IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { DemandVerifier } from "src/pay/attribution/DemandVerifier.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { PaidAnswers } from "test/mocks/Economy.sol";
import { SettlementTest } from "test/utils/SettlementTest.sol";

/// @title SettlementRowsTest
/// @notice A settlement with the real judges, and postings with the rows of two contributors, to whom all of the pool goes: the first is Alice, the second is Bob.
abstract contract SettlementRowsTest is SettlementTest {
    PaidAnswers internal paid;
    EpochVerifier internal verifier;
    DemandVerifier internal demands;

    function setUp() public virtual override {
        paid = new PaidAnswers();
        // Nothing here is about models and what they are made of.
        IModelFacts models = IModelFacts(address(1));
        verifier = new EpochVerifier(paid, models, IContributionFacts(address(1)));
        demands = new DemandVerifier(paid, models);
        super.setUp();
    }

    function _settlement(Settlement.Parameters memory _with) internal override returns (Settlement settlement_) {
        IPayableAI payable_ = IPayableAI(address(payments));
        return new Settlement(payable_, contributors, vault, accumulator, verifier, demands, _with);
    }

    function _leaf(bytes memory _encoded) internal pure returns (bytes32 hash_) {
        return keccak256(bytes.concat(hex"00", _encoded));
    }

    function _row(uint64 _of, uint128 _sum, uint128 _earned, bytes32 _root) internal pure returns (bytes memory row_) {
        return abi.encodePacked("P", _of, _sum, _earned, _root);
    }

    /// @dev The row of who has earned nothing in a range.
    function _none(uint64 _of, uint128 _sum) internal pure returns (bytes memory row_) {
        return _row(_of, _sum, 0, Trees.sumRoot(0, 0, 0));
    }

    /// @dev What a row says was earned since the beginning.
    function _sum(bytes memory _of) internal pure returns (uint128 sum_) {
        assembly ("memory-safe") {
            sum_ := shr(128, mload(add(_of, 41)))
        }
    }

    function _top(bytes memory _first, bytes memory _second) internal pure returns (Proofs.SumTop memory top_) {
        bytes32 hash = Trees.sumNode(_leaf(_first), _sum(_first), _leaf(_second), _sum(_second));
        return Proofs.SumTop(2, Proofs.SumNode(hash, _sum(_first) + _sum(_second)));
    }

    /// @dev The proof that a row stands at its place, beside the other.
    function _place(uint64 _at, bytes memory _other) internal pure returns (bytes memory proof_) {
        return abi.encodePacked(_at, uint64(2), _leaf(_other), _sum(_other));
    }

    function _opening(
        uint64 _at,
        bytes memory _of,
        bytes memory _other
    ) internal pure returns (Proofs.RowOpening memory opening_) {
        return Proofs.RowOpening(_of, _place(_at, _other));
    }

    function _shown(
        uint64 _at,
        bytes memory _of,
        bytes memory _other
    ) internal pure returns (Proofs.LeafOpening memory opening_) {
        return Proofs.LeafOpening(_of, _sum(_of), _place(_at, _other));
    }

    /// @dev A leaf alone in its tree.
    function _alone(
        bytes memory _of,
        uint128 _adds
    ) internal pure returns (bytes32 root_, Proofs.PlaceOpening memory opening_) {
        opening_.leaf = new Proofs.LeafOpening[](1);
        opening_.leaf[0] = Proofs.LeafOpening(_of, _adds, abi.encodePacked(uint64(0), uint64(1)));
        return (Trees.sumRoot(1, _leaf(_of), _adds), opening_);
    }

    function _rows(
        uint64 _k,
        uint64 _parent,
        bytes memory _first,
        bytes memory _second
    ) internal view returns (ISettlement.Posting memory of_) {
        of_ = _posting(_k, _parent, "rows");
        (of_.models, of_.modelsTop, of_.trainSum) = (0, 0, 0);
        Proofs.SumTop memory top = _top(_first, _second);
        (of_.payoutsTop, of_.payoutSum) = (top.top.hash, top.top.sum);
    }

    function _put(address _by, ISettlement.Posting memory _of) internal returns (uint64 candidate_) {
        uint256 bond = settlement.bondOf(_of.k, _of.parent);
        vm.prank(_by);
        candidate_ = settlement.post{ value: bond }(_of, DATA);
        vm.roll(block.number + 1);
    }

    function _what(
        IDemandVerifier.What _kind,
        uint64 _a
    ) internal pure returns (IDemandVerifier.Demand memory demand_) {
        return IDemandVerifier.Demand(_kind, _a, 0, 0);
    }

    function _ask(uint64 _candidate, IDemandVerifier.Demand memory _for) internal {
        vm.prank(CAROL);
        settlement.demand{ value: FEE }(_candidate, _for);
    }

    function _tell(uint64 _candidate, IDemandVerifier.Demand memory _of, bytes memory _response) internal {
        vm.prank(BOB);
        settlement.answer(_candidate, _of, _response);
    }

    /// @dev Commits to a proof and shows it a block later.
    function _show(address _by, uint64 _candidate, bytes memory _proof) internal returns (uint8 fault_) {
        settlement.commitFault(settlement.faultHash(_candidate, _by, _proof, "salt"));
        vm.roll(block.number + 1);
        vm.prank(_by);
        return settlement.prove(_candidate, _proof, "salt");
    }
}
