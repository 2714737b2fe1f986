// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAdmissionProofs } from "interfaces/datanet/IAdmissionProofs.sol";
import { IAdmissionStatements } from "interfaces/datanet/IAdmissionStatements.sol";
import { AdmissionTest } from "test/utils/AdmissionTest.sol";
import { Texts } from "test/utils/Texts.sol";

/// @title EarlierTest
/// @notice Documents beside earlier ones. Bob's first contribution has a text of 200 words; Alice's come after it.
abstract contract EarlierTest is AdmissionTest {
    /// @dev Bob's.
    uint32 internal constant FIRST = 1;
    uint64 internal constant TEXT = uint64(FIRST) << 32;

    bytes4 internal constant NO_FAULT = IAdmissionProofs.Admission_NoFault.selector;
    bytes4 internal constant NOT_SHOWN = IAdmissionStatements.Admission_NotShown.selector;
    bytes4 internal constant OTHER = IAdmissionStatements.Admission_Other.selector;

    function setUp() public virtual override {
        super.setUp();
        Texts.Document memory of_ = _original(Texts.words(1, 200), FIRST, 0);
        of_.contributor = 1;
        _write(of_);
        _contribute(BOB);
    }

    /// @dev So many words of Bob's text, and others behind them.
    function _part(uint256 _theirs, uint256 _seed, uint256 _own) internal pure returns (bytes memory ids_) {
        return bytes.concat(Texts.cut(Texts.words(1, 200), 0, 16 * _theirs), Texts.words(_seed, _own));
    }

    /// @dev Until everything that was stated before is settled.
    function _settle() internal {
        vm.warp(block.timestamp + WINDOW + TIME);
    }

    /// @dev Half of Bob's text, as Alice's original.
    function _copy(uint256 _seed) internal returns (uint32 commitSeq_, uint64 seq_) {
        _write(_original(_part(100, _seed, 100), _next(), 0));
        commitSeq_ = _contribute(ALICE);
        seq_ = uint64(commitSeq_) << 32;
    }
}
