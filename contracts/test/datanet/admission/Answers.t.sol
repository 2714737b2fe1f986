// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { AdmissionParts } from "src/datanet/admission/AdmissionParts.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Sketches } from "src/pay/attribution/Sketches.sol";
import { DemandTest } from "test/utils/DemandTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title Admission_Answers_Test
/// @notice What counts as shown.
contract Admission_Answers_Test is DemandTest {
    /// @dev Another document, one of which something else was committed to, or bytes that are none.
    function test_answer_document_reverts() public {
        IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, 0, 0);
        AdmissionParts.Placed memory placed = _placed(1 << 32);
        bytes4 notShown = IAdmissionStatements.Admission_NotShown.selector;
        bytes4 encoding = IAdmissionStatements.Admission_Encoding.selector;
        _notShown(
            demand,
            abi.encode(AdmissionParts.DocumentResponse(_placed(1 << 32 | 1), _content(1 << 32 | 1).proof)),
            notShown
        );
        _notShown(demand, abi.encode(AdmissionParts.DocumentResponse(placed, _content(1 << 32 | 1).proof)), notShown);
        placed.document[149] = 0;
        _notShown(demand, abi.encode(AdmissionParts.DocumentResponse(placed, _content(1 << 32).proof)), notShown);
        placed.document[0] = "E";
        _notShown(demand, abi.encode(AdmissionParts.DocumentResponse(placed, _content(1 << 32).proof)), encoding);
        _notShown(demand, hex"00", encoding);
        _notShown(demand, abi.encode(33, 0, 0, 0), encoding);
        // Nothing that is not within the bytes.
        vm.expectRevert();
        admission.answer(demand, abi.encode(32, 1 << 200, 0));
    }

    /// @dev A document that has others' words than those that were committed to is not shown by anything.
    function test_answer_otherContent_reverts() public {
        Texts.Document memory other = _original(Texts.words(9, 100), 1, 0);
        _restate(commitSeq, other);
        IAdmissionDemands.Demand memory demand = _ask(DOCUMENT, 0, 0);
        _notShown(demand, _response(demand), IAdmissionStatements.Admission_NotShown.selector);
        // Nor by what would have been committed to.
        _contents[1][0] = Texts.contentOf(other);
        _notShown(demand, _response(demand), IAdmissionStatements.Admission_NotShown.selector);
    }

    /// @dev Another chunk, too few words, none where there is one, and one where there is none.
    function test_answer_chunk_reverts() public {
        IAdmissionDemands.Demand memory demand = _ask(CHUNK, 0, 1);
        bytes4 notShown = IAdmissionStatements.Admission_NotShown.selector;
        AdmissionParts.ChunkResponse memory response =
            AdmissionParts.ChunkResponse(_placed(1 << 32), _chunkOpenings(1 << 32));
        Proofs.ChunkOpening[] memory one = new Proofs.ChunkOpening[](1);
        _notShown(demand, abi.encode(response), notShown);
        one[0] = response.chunk[0];
        response.chunk = one;
        _notShown(demand, abi.encode(response), notShown);
        one[0] = _chunkOpenings(1 << 32)[1];
        one[0].chunk[37] = 0;
        _notShown(demand, abi.encode(response), Leaves.Leaves_NoLeaf.selector);
        response.chunk = new Proofs.ChunkOpening[](0);
        _notShown(demand, abi.encode(response), notShown);
        demand = _ask(CHUNK, 0, 4);
        response.chunk = one;
        _notShown(demand, abi.encode(response), notShown);
    }

    /// @dev Chunks that do not make as many words as the document says can not be shown.
    function test_answer_otherChunks_reverts() public {
        // Leaves that say other numbers of words than the 100 that there are chunks of.
        uint16[3] memory words = [uint16(90), 110, 130];
        for (uint256 k; k < 3; ++k) {
            uint32 next = _next();
            Texts.Document memory of_ = _original(Texts.words(k + 20, 100), next, 0);
            _documents[next].push(of_);
            _contents[next].push(_withWords(Texts.contentOf(of_), 10, words[k]));
            _stated[next].push(_withWords(Texts.leaf(of_), 26, words[k]));
            commitSeq = _contribute(ALICE);
            _begin(commitSeq);
            _answered(_ask(DOCUMENT, 0, 0));
            IAdmissionDemands.Demand memory demand = _ask(CHUNK, 0, k == 0 ? 2 : 3);
            bytes memory response = _response(demand);
            _notShown(demand, response, IAdmissionStatements.Admission_NotShown.selector);
        }
    }

    function _withWords(bytes memory _leaf, uint256 _ptr, uint16 _words) internal pure returns (bytes memory leaf_) {
        leaf_ = bytes.concat(Texts.cut(_leaf, 0, _ptr), bytes2(_words), Texts.cut(_leaf, _ptr + 2, _leaf.length));
    }

    /// @dev Another sketch, and bytes that are no sketch though they are what the document names.
    function test_answer_sketch_reverts() public {
        IAdmissionDemands.Demand memory demand = _ask(SKETCH, 0, 0);
        _notShown(
            demand,
            abi.encode(AdmissionParts.SketchResponse(_placed(1 << 32), _sketchOf(1 << 32 | 1))),
            IAdmissionStatements.Admission_NotShown.selector
        );
        Texts.Document memory of_ = _original(Texts.words(30, 100), 2, 0);
        of_.sketchHash = Texts.sketchHash("no sketch");
        _write(of_);
        commitSeq = _contribute(ALICE);
        _begin(commitSeq);
        demand = _ask(SKETCH, 0, 0);
        _notShown(
            demand,
            abi.encode(AdmissionParts.SketchResponse(_placed(2 << 32), "no sketch")),
            Sketches.Sketches_NoSketch.selector
        );
    }
}
