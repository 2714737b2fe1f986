// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionDemands } from "interfaces/datanet/IAdmissionDemands.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title DemandTest
/// @notice A contribution of three documents, of 100, 3 and 512 words, of which anything can be asked for.
abstract contract DemandTest is AdmissionTest {
    uint32 internal commitSeq;

    IAdmissionDemands.What internal constant DOCUMENT = IAdmissionDemands.What.DOCUMENT;
    IAdmissionDemands.What internal constant CHUNK = IAdmissionDemands.What.CHUNK;
    IAdmissionDemands.What internal constant SKETCH = IAdmissionDemands.What.SKETCH;

    function setUp() public virtual override {
        super.setUp();
        _write(_original(Texts.words(1, 100), 1, 0));
        _write(_original(Texts.words(2, 3), 1, 1));
        _write(_original(Texts.words(3, 512), 1, 2));
        commitSeq = _contribute(ALICE);
        _begin(commitSeq);
    }

    function _ask(address _who, IAdmissionDemands.Demand memory _what) internal returns (bytes32 id_) {
        vm.prank(_who);
        return admission.demand{ value: FEE }(_what);
    }

    function _ask(
        IAdmissionDemands.What _what,
        uint32 _index,
        uint8 _chunk
    ) internal returns (IAdmissionDemands.Demand memory demand_) {
        demand_ = _demand(commitSeq, _what, _index, _chunk);
        _ask(CAROL, demand_);
    }

    function _answered(IAdmissionDemands.Demand memory _what) internal {
        bytes memory response = _response(_what);
        vm.prank(BOB);
        admission.answer(_what, response);
    }

    function _notShown(IAdmissionDemands.Demand memory _what, bytes memory _with, bytes4 _because) internal {
        vm.expectRevert(_because);
        admission.answer(_what, _with);
    }
}
