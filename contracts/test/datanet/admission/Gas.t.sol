// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title Admission_Gas_Test
/// @notice What transactions cost, calldata with it: of contributions of 1,000 documents of 512 words, the longest that there are. Everything that a call touches
///         is cold.
contract Admission_Gas_Test is AdmissionTest {
    uint32 internal constant FIRST = 1;
    uint32 internal constant SECOND = 2;
    uint32 internal constant LAST = 3;
    uint64 internal constant EARLIER = uint64(FIRST) << 32 | 500;

    mapping(uint8 kind => bytes) internal _proofs;
    IAdmissionDemands.Demand[3] internal _open;
    bytes[3] internal _responses;
    IAdmissionDemands.Demand internal _next_;

    function setUp() public override {
        super.setUp();
        _fill(FIRST);
        _put(_original(Texts.words(1, 512), FIRST, 500));
        _contribute(ALICE);
        _end(FIRST);
        _fill(SECOND);
        Texts.Document memory half = _half(1);
        _put(half);
        for (uint32 k = 2; k < 10; ++k) {
            _put(_wrong(k, half));
        }
        _contents[SECOND][3] = "something else";
        _contribute(ALICE);
        _fill(LAST);
        _stated[LAST].pop();
        _contribute(ALICE);
        _begin(SECOND);
        _proofs[1] = _countProof(LAST);
        _proofs[2] = _leafProof(_seq(2));
        _proofs[3] = _contentProof(_seq(3));
        _proofs[4] = _sketchProof(_seq(4));
        _proofs[5] = _nearerProof(_seq(5), EARLIER);
        _proofs[6] = _goneProof(_seq(6));
        _proofs[7] = _containmentProof(_seq(7), EARLIER);
        _proofs[8] = _rootProof(_seq(8), EARLIER);
        _proofs[9] = _sketchProof(_seq(9));
        _ask();
        for (uint8 k = 1; k < 10; ++k) {
            admission.commitProof(admission.proofHash(k == 1 ? LAST : SECOND, CAROL, _proofs[k], "salt"));
        }
        vm.roll(block.number + 1);
    }

    /// @dev 1,000 leaves, of which nothing is shown but their hashes.
    function _fill(uint32 _commitSeq) internal {
        for (uint256 k; k < 1_000; ++k) {
            _stated[_commitSeq].push("another");
            _contents[_commitSeq].push("another");
            _documents[_commitSeq].push();
        }
    }

    function _put(Texts.Document memory _of) internal {
        (uint32 commitSeq, uint32 index) = (uint32(_of.seq >> 32), uint32(_of.seq));
        _documents[commitSeq][index] = _of;
        (_stated[commitSeq][index], _contents[commitSeq][index]) = (Texts.leaf(_of), Texts.contentOf(_of));
    }

    function _seq(uint32 _index) internal pure returns (uint64 seq_) {
        return uint64(SECOND) << 32 | _index;
    }

    /// @dev Half of the earlier text.
    function _half(uint32 _index) internal view returns (Texts.Document memory of_) {
        bytes memory ids = bytes.concat(Texts.cut(Texts.words(1, 512), 0, 16 * 256), Texts.words(9, 256));
        return _derived(ids, SECOND, _index, _documents[FIRST][500]);
    }

    /// @dev The document at a place, which shows what the proof of that kind asks for.
    function _wrong(uint32 _kind, Texts.Document memory _right) internal pure returns (Texts.Document memory of_) {
        of_ = Texts.Document(
            _seq(_kind), 0, 0, _right.ids, _right.sketchHash, _right.parentSeq, _right.rootSeq, _right.containBps, 2
        );
        if (_kind == 2) of_.contributor = 1;
        // The longest sketch that there is, of which it names another.
        if (_kind == 4) of_.ids = _rising();
        if (_kind == 9) of_.ids = Texts.words(3, 512);
        if (_kind == 5) (of_.parentSeq, of_.rootSeq, of_.containBps) = (of_.seq, of_.seq, 0);
        if (_kind == 6) of_.parentSeq = of_.rootSeq = uint64(FIRST) << 32 | 1_000;
        if (_kind == 7) of_.containBps = 3_999;
        if (_kind == 8) of_.rootSeq = 0;
    }

    /// @dev 512 words, of which nearly each window keeps another gram: the hashes rise.
    function _rising() internal pure returns (bytes memory ids_) {
        ids_ = new bytes(16 * 512);
        assembly ("memory-safe") {
            let ptr := add(ids_, 32)
            let below := 0
            for { let k := 3 } lt(k, 512) { k := add(k, 1) } {
                let next := add(ptr, mul(16, k))
                for { let attempt := 1 } 1 { attempt := add(attempt, 1) } {
                    // The word of this number, and zeros that the next one is written over.
                    mstore(next, shl(128, or(shl(64, k), attempt)))
                    let gram := shr(192, keccak256(sub(next, 48), 64))
                    if and(gt(gram, below), lt(sub(gram, below), shl(55, 1))) {
                        below := gram
                        break
                    }
                }
            }
        }
    }

    /// @dev Something of each kind is demanded, and more.
    function _ask() internal {
        _open[0] = _demand(SECOND, IAdmissionDemands.What.DOCUMENT, 1, 0);
        _open[1] = _demand(SECOND, IAdmissionDemands.What.CHUNK, 1, 15);
        _open[2] = _demand(SECOND, IAdmissionDemands.What.SKETCH, 1, 0);
        _next_ = _demand(SECOND, IAdmissionDemands.What.SKETCH, 7, 0);
        for (uint256 k; k < 3; ++k) {
            IAdmissionDemands.Demand memory demand = _open[k];
            _responses[k] = _response(demand);
            vm.prank(CAROL);
            admission.demand{ value: FEE }(demand);
        }
    }

    function test_demand_gas_succeeds() public {
        IAdmissionDemands.Demand memory demand = _next_;
        vm.prank(CAROL);
        admission.demand{ value: FEE }(demand);
        _snapshot("demand", abi.encodeCall(admission.demand, (demand)), 150_000);
    }

    function test_answer_gas_document_succeeds() public {
        _answered(0, "answer, a document");
    }

    function test_answer_gas_chunk_succeeds() public {
        _answered(1, "answer, a chunk");
    }

    function test_answer_gas_sketch_succeeds() public {
        _answered(2, "answer, a sketch");
    }

    function _answered(uint256 _which, string memory _name) internal {
        IAdmissionDemands.Demand memory demand = _open[_which];
        bytes memory response = _responses[_which];
        vm.prank(BOB);
        admission.answer(demand, response);
        _snapshot(_name, abi.encodeCall(admission.answer, (demand, response)), 200_000);
    }

    function test_expelByDemand_gas_succeeds() public {
        IAdmissionDemands.Demand memory demand = _open[0];
        vm.warp(block.timestamp + THIRD);
        vm.prank(BOB);
        admission.expelByDemand(demand);
        _snapshot("expelByDemand", abi.encodeCall(admission.expelByDemand, (demand)), 250_000);
    }

    function test_prove_gas_leaf_succeeds() public {
        _proven(2, "prove, a leaf", 250_000);
    }

    function test_prove_gas_count_succeeds() public {
        _proven(1, "prove, a count", 250_000);
    }

    function test_prove_gas_content_succeeds() public {
        _proven(3, "prove, a content", 250_000);
    }

    function test_prove_gas_sketch_succeeds() public {
        _proven(9, "prove, a sketch", 1_000_000);
    }

    function test_prove_gas_longestSketch_succeeds() public {
        _proven(4, "prove, the longest sketch", 1_500_000);
    }

    function test_prove_gas_nearer_succeeds() public {
        _proven(5, "prove, a nearer one", 400_000);
    }

    function test_prove_gas_gone_succeeds() public {
        _proven(6, "prove, a parent that is not there", 250_000);
    }

    function test_prove_gas_containment_succeeds() public {
        _proven(7, "prove, another containment", 400_000);
    }

    function test_prove_gas_root_succeeds() public {
        _proven(8, "prove, another root", 250_000);
    }

    function _proven(uint8 _kind, string memory _name, uint256 _most) internal {
        bytes memory proof = _proofs[_kind];
        uint32 commitSeq = _kind == 1 ? LAST : SECOND;
        vm.prank(CAROL);
        vm.assertTrue(admission.prove(commitSeq, proof, "salt"));
        _snapshot(_name, abi.encodeCall(admission.prove, (commitSeq, proof, "salt")), _most);
    }

    function test_commitProof_gas_succeeds() public {
        admission.commitProof("hash");
        _snapshot("commitProof", abi.encodeCall(admission.commitProof, ("hash")), 50_000);
    }

    function _snapshot(string memory _name, bytes memory _data, uint256 _most) internal {
        uint256 gas = _transactionGas(_data);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("Admission", _name, gas);
        vm.assertLe(gas, _most);
    }
}
